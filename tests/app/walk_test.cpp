// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// Walks through the real program on a real X display: what a user sees and does, from the outside.
#include "core/io/session.h"
#include "tests/support/desktop.h"
#include "tests/support/program.h"
#include "widgets/paint/figure.h"

#include <gtest/gtest.h>

#include <set>

namespace uc::test {

namespace {

const std::string kModelDialog = "Open a model";
const std::string kExportDialog = "Export figure";
const std::string kSaveDialog = "Save the figure";
constexpr const char* kTextModel = TEST_DATA "/mamba/hf-text";

bool isDifferent(const QImage& a, const QImage& b) { return a != b; }

int colorsOf(const QImage& image) {
  std::set<QRgb> colors;
  for (int y = 0; y < image.height(); y += 3)
    for (int x = 0; x < image.width(); x += 3) colors.insert(image.pixel(x, y));
  return static_cast<int>(colors.size());
}

double lightnessOf(const QImage& image) {
  double sum = 0.0;
  for (int y = 0; y < image.height(); y += 3)
    for (int x = 0; x < image.width(); x += 3) sum += qGray(image.pixel(x, y));
  return sum / (((image.height() + 2) / 3) * ((image.width() + 2) / 3));
}

class Walk : public testing::Test {
 protected:
  /// Starts the program and waits for its first map, with the keyboard in its window.
  void start(const std::vector<std::string>& arguments = {}) {
    desktop.start(arguments);
    ASSERT_TRUE(desktop.focus("Undercurrent"));
    ASSERT_TRUE(desktop.awaitMap([](const ParsedView&) { return true; }));
    ASSERT_TRUE(eventually([&] { return !desktop.lines("painted ").empty(); }));
  }

  /// A part of the screen well inside the heatmap.
  QRect heatmap() { return {desktop.at(0.36, 0.3), desktop.at(0.5, 0.6)}; }

  void back() { ASSERT_TRUE(desktop.focus("Undercurrent$")); }

  /// Whatever was done, the program ends by its own will and has no complaint.
  void TearDown() override {
    if (desktop.hasWindow("Undercurrent$")) {
      back();
      desktop.press("ctrl+q");
      EXPECT_EQ(desktop.exitStatus(), 0);
    }
    EXPECT_EQ(desktop.warnings(), "");
  }

  Desktop desktop;
};

}  // namespace

TEST_F(Walk, OpensOnTheDemoWithItsMapDrawn) {
  start();
  EXPECT_EQ(desktop.mainTitle(), "demo:mamba – Undercurrent");
  const ParsedView map = desktop.map();
  EXPECT_EQ(map.origin.model, "demo:mamba");
  EXPECT_FALSE(map.origin.text.value_or("").empty());
  EXPECT_GT(colorsOf(desktop.settledShot("demo").copy(heatmap())), 8) << "the heatmap is blank";
}

TEST_F(Walk, WheelZoomsAndDragPansAndUndoTakesBoth) {
  start();
  const QPoint from = desktop.at(0.42, 0.5);
  desktop.pointAt(from);
  const QImage whole = desktop.settledShot("pointed at").copy(heatmap());
  for (int i = 0; i < 3; ++i) desktop.click(4);
  ASSERT_TRUE(desktop.awaitView([](const ParsedView& shown) { return !shown.view.viewport.isWhole(); }));
  EXPECT_TRUE(eventually([&] { return isDifferent(whole, desktop.shot().copy(heatmap())); }));
  desktop.settledShot("zoomed");  // all three turns are in it
  const Viewport zoomed = desktop.view().view.viewport;

  desktop.drag(from, from + QPoint(60, 40));
  ASSERT_TRUE(desktop.awaitView([&](const ParsedView& shown) {
    return shown.view.viewport.left < zoomed.left && shown.view.viewport.top < zoomed.top;
  }));
  desktop.settledShot("panned");
  const Viewport panned = desktop.view().view.viewport;
  EXPECT_DOUBLE_EQ(panned.width, zoomed.width);

  desktop.press("ctrl+r");
  ASSERT_TRUE(desktop.awaitView([](const ParsedView& shown) { return shown.view.viewport.isWhole(); }));
  desktop.press("ctrl+z");
  EXPECT_TRUE(desktop.awaitView([&](const ParsedView& shown) { return shown.view.viewport == panned; }));
}

TEST_F(Walk, KeysStepLayersLanesSignAndNormalization) {
  start();
  const ViewState first = desktop.map().view;
  const int64_t way = first.map.layer == 0 ? 1 : -1;
  desktop.press(way > 0 ? "Down" : "Up");
  EXPECT_TRUE(desktop.awaitMap(
      [&](const ParsedView& shown) { return shown.view.map.layer == first.map.layer + way; }));
  desktop.press("Right");
  EXPECT_TRUE(desktop.awaitMap(
      [&](const ParsedView& shown) { return shown.view.map.lanes.index == first.map.lanes.index + 1; }));
  desktop.press("a");
  EXPECT_TRUE(desktop.awaitMap(
      [](const ParsedView& shown) { return shown.view.display.normalization == Normalization::Abs; }));
  desktop.press("n");
  EXPECT_TRUE(desktop.awaitMap(
      [](const ParsedView& shown) { return shown.view.display.normalization == Normalization::MinMax; }));
  desktop.settledShot("stepped");
  for (int i = 0; i < 4; ++i) desktop.press("ctrl+z");
  EXPECT_TRUE(desktop.awaitMap([&](const ParsedView& shown) {
    return shown.view.map == first.map && shown.view.display.normalization == first.display.normalization;
  }));
}

TEST_F(Walk, ClickLocksAndEscapeUnlocks) {
  start();
  const auto opening = desktop.view().view.locked;
  desktop.pointAt(desktop.at(0.36, 0.6));
  desktop.click();
  ASSERT_TRUE(desktop.awaitView(
      [&](const ParsedView& shown) { return shown.view.locked && shown.view.locked != opening; }));
  desktop.settledShot("locked");
  // the first Escape may stop a check that is under way
  EXPECT_TRUE(eventually([&] {
    desktop.press("Escape");
    return !desktop.view().view.locked;
  }));
}

TEST_F(Walk, TypedInputRunsAgainAndTheExportedFigureRemembersIt) {
  start();
  const std::string words = "It is a truth universally acknowledged";
  desktop.press("shift+F6");  // from the pane to the input
  desktop.press("ctrl+a");
  desktop.type(words);
  ASSERT_TRUE(desktop.awaitMap([&](const ParsedView& shown) { return shown.origin.text == words; }));
  desktop.settledShot("typed");

  const std::filesystem::path file = desktop.folder() / "figure.png";
  desktop.press("ctrl+shift+e");
  ASSERT_TRUE(desktop.focus(kExportDialog));
  desktop.settledShot("export");
  desktop.press("Return");
  ASSERT_TRUE(desktop.answerFileDialog(kSaveDialog, file.string()));
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(file); }));
  const QByteArray bytes = QByteArray::fromStdString(readBytes(file));
  ASSERT_TRUE(bytes.startsWith("\x89PNG\r\n"));
  EXPECT_GT(colorsOf(QImage::fromData(bytes)), 8);
  const std::string embedded = embeddedView(bytes);
  ASSERT_FALSE(embedded.empty());
  const ParsedView remembered = parseView(embedded, "figure.png");
  EXPECT_EQ(remembered.origin.text, words);
  EXPECT_EQ(remembered.view, desktop.view().view);
  EXPECT_TRUE(eventually([&] { return !desktop.hasWindow(kExportDialog); }));
}

TEST_F(Walk, OpensAnotherModelAndKeepsItWhenTheNextIsBroken) {
  start();
  desktop.press("ctrl+o");
  ASSERT_TRUE(desktop.answerFileDialog(kModelDialog, std::string(kTextModel) + "/config.json"));
  ASSERT_TRUE(desktop.awaitMap([](const ParsedView& shown) { return shown.origin.model == kTextModel; }));
  EXPECT_EQ(desktop.mainTitle(), "hf-text – Undercurrent");
  desktop.settledShot("second model");

  const std::string weights = readBytes(std::filesystem::path(kTextModel) / "model.safetensors");
  desktop.folder().write("broken/model.safetensors", weights.substr(0, weights.size() / 2));
  const auto config = desktop.folder().write("broken/config.json",
                                             readBytes(std::filesystem::path(kTextModel) / "config.json"));
  back();
  desktop.press("ctrl+o");
  ASSERT_TRUE(desktop.answerFileDialog(kModelDialog, config.string()));
  ASSERT_TRUE(eventually([&] { return !desktop.lines("failed ").empty(); }));
  EXPECT_EQ(desktop.mainTitle(), "hf-text – Undercurrent");
  desktop.settledShot("broken model");
  back();
  desktop.press("Down");
  EXPECT_TRUE(desktop.awaitMap(
      [](const ParsedView& shown) { return shown.origin.model == kTextModel && shown.view.map.layer == 1; }));

  desktop.press("ctrl+o");
  ASSERT_TRUE(desktop.focus(kModelDialog));
  desktop.press("Escape");
  EXPECT_TRUE(eventually([&] { return !desktop.hasWindow(kModelDialog); }));
  EXPECT_EQ(desktop.view().origin.model, kTextModel);
}

TEST_F(Walk, StartsOnABrokenModelWithTheReason) {
  const auto config = desktop.folder().write("broken/config.json", "{");
  desktop.start({config.parent_path().string()});
  ASSERT_TRUE(desktop.focus("Undercurrent"));
  EXPECT_TRUE(eventually([&] { return !desktop.lines("failed ").empty(); }));
  EXPECT_EQ(desktop.mainTitle(), "Undercurrent");
  desktop.settledShot("nothing opened");
}

TEST(Start, ShowsTheTextOfTheCommandLineInEitherTheme) {
  std::map<std::string, double> lightness;
  for (const auto& [name, choice] : {std::pair("light", "1"), std::pair("dark", "2")}) {
    Desktop themed({{"appearance/theme", choice}, {"welcome/closed", "true"}});
    themed.start({"demo:mamba", "--text", "Elinor saw that Elinor was seen."});
    ASSERT_TRUE(themed.focus("Undercurrent"));
    ASSERT_TRUE(themed.awaitMap(
        [](const ParsedView& shown) { return shown.origin.text->starts_with("Elinor saw"); }));
    ASSERT_TRUE(eventually([&] { return !themed.lines("painted ").empty(); }));
    themed.resize(1280, 800);
    ASSERT_TRUE(eventually([&] { return themed.at(1, 1) == QPoint(1280, 800); }));
    lightness[name] = lightnessOf(themed.settledShot(std::string("1280x800 ") + name));
    themed.press("ctrl+q");
    EXPECT_EQ(themed.exitStatus(), 0);
    EXPECT_EQ(themed.warnings(), "");
  }
  EXPECT_GT(lightness["light"], lightness["dark"] + 60);
}

}  // namespace uc::test
