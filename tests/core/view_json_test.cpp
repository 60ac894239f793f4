// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"
#include "core/io/session.h"
#include "core/values/error.h"
#include "tests/support/failure.h"

#include <gtest/gtest.h>

namespace uc {

namespace {

ViewState everything() {
  ViewState view;
  view.map.layer = 12;
  view.map.lanes = {LaneChoice::Kind::Head, 3, Merge::L2};
  view.map.factors = custom({Factor::Scan, Factor::Skip});
  view.map.direction = Direction::Backward;
  view.part = {{2, 40}, {0, 30}, 4};
  view.display.normalization = Normalization::SignedLog;
  view.display.colorMap = ColorMap::Vik;
  view.display.isReversed = true;
  view.display.range = ValueRange{-0.25, 0.1};
  view.display.gamma = 0.5;
  view.viewport = {1.5, 2.25, 10, 20};
  view.locked = Cell{7, 3};
  view.showGrid = true;
  return view;
}

std::string refusal(const std::string& json) {
  const Error error = test::failureOf([&] { parseView(json, "figure.png"); });
  EXPECT_EQ(error.where.substr(0, 10), "figure.png");
  return error.what;
}

TEST(ViewJson, HasThePinnedKeysInTheirOrder) {
  const ViewOrigin origin{"demo:mamba", "float32", "Hi", {}};
  const std::string json = viewJson(origin, {});
  EXPECT_EQ(
      json.substr(0, json.find(",\"version\"")),
      R"({"model":"demo:mamba","layer":0,"merge":"mean-abs","map":"unified","direction":"both","pool":1,)"
      R"("dtype":"float32")");
  EXPECT_EQ(parseJson(json, "")["input"].dump(), R"({"text":"Hi"})");
}

TEST(ViewJson, NamesLaneHeadAndFactors) {
  ViewState view;
  view.map.lanes = {LaneChoice::Kind::Lane, 345, Merge::Mean};
  Json json = parseJson(viewJson({}, view), "");
  EXPECT_EQ(json["lane"], 345);
  EXPECT_FALSE(json.contains("merge"));
  json = parseJson(viewJson({}, everything()), "");
  EXPECT_EQ(json["head"], 3);
  EXPECT_EQ(json["merge"], "l2");
  EXPECT_EQ(json["factors"], "scan,skip");
  EXPECT_FALSE(json.contains("map"));
}

TEST(ViewJson, ReadsBackWhatItWrote) {
  const ViewOrigin origin{"/models/a b", "float64", std::nullopt, {5, 0, 77}};
  const ParsedView parsed = parseView(viewJson(origin, everything()), "figure.png");
  EXPECT_EQ(parsed.view, everything());
  EXPECT_EQ(parsed.origin.model, origin.model);
  EXPECT_EQ(parsed.origin.dtype, "float64");
  EXPECT_EQ(parsed.origin.ids, origin.ids);
  EXPECT_FALSE(parsed.origin.text.has_value());
  const ParsedView plain = parseView(viewJson({"m", "float32", "é\n\"", {}}, {}), "figure.png");
  EXPECT_EQ(plain.view, ViewState{});
  EXPECT_EQ(plain.origin.text, "é\n\"");
}

TEST(ViewJson, PrefersIdsToATextThatIsNotUtf8) {
  const ParsedView parsed = parseView(viewJson({"m", "float32", "\xff", {1, 2}}, {}), "figure.png");
  EXPECT_FALSE(parsed.origin.text.has_value());
  EXPECT_EQ(parsed.origin.ids, (std::vector<int64_t>{1, 2}));
}

TEST(ViewJson, MissingKeysKeepDefaultsAndUnknownOnesDoNoHarm) {
  const ParsedView parsed = parseView(R"({"later":[1],"head":2,"input":{},"part":{"more":1}})", "figure.png");
  EXPECT_EQ(parsed.view.map.lanes, (LaneChoice{LaneChoice::Kind::Head, 2, Merge::Mean}));
  EXPECT_EQ(parsed.view.part, MapPart{});
  EXPECT_EQ(parsed.view.display, Display{});
}

TEST(ViewJson, RefusesFieldsItCannotRead) {
  EXPECT_EQ(refusal("[]"), "This is not a session.");
  for (const auto& [json, field] :
       std::vector<std::pair<std::string, std::string>>{{R"({"layer":"3"})", "layer"},
                                                        {R"({"layer":1.5})", "layer"},
                                                        {R"({"layer":18446744073709551615})", "layer"},
                                                        {R"({"lane":[]})", "lane"},
                                                        {R"({"merge":"most"})", "merge"},
                                                        {R"({"map":"custom"})", "map"},
                                                        {R"({"factors":"scan,"})", "factors"},
                                                        {R"({"direction":3})", "direction"},
                                                        {R"({"pool":0})", "pool"},
                                                        {R"({"model":7})", "model"},
                                                        {R"({"input":[]})", "input"},
                                                        {R"({"input":{"ids":[1,"2"]}})", "ids"},
                                                        {R"({"part":{"rows":[1]}})", "rows"},
                                                        {R"({"look":{"norm":"x"}})", "norm"},
                                                        {R"({"look":{"colormap":"x"}})", "colormap"},
                                                        {R"({"look":{"gamma":0}})", "gamma"},
                                                        {R"({"look":{"range":[1,1]}})", "range"},
                                                        {R"({"look":{"range":[NaN,1]}})", "range"},
                                                        {R"({"look":{"grid":1}})", "grid"},
                                                        {R"({"look":{"locked":[1,2,3]}})", "locked"},
                                                        {R"({"look":{"viewport":[1,2,3]}})", "viewport"}}) {
    EXPECT_EQ(refusal(json), "The field " + field + " cannot be read.") << json;
  }
}

TEST(ViewCommand, SpellsAllThatMatters) {
  EXPECT_EQ(
      viewCommand({"demo:mamba", "float32", "it's 1", {}}, {}, "map.npy"),
      R"(undercurrent-cli map demo:mamba --text 'it'\''s 1' --layer 0 --merge mean-abs --map unified -o map.npy)");
  EXPECT_EQ(viewCommand({"my model", "float64", std::nullopt, {1, 2}}, everything(), "a.npz"),
            "undercurrent-cli map 'my model' --ids 1,2 --layer 12 --head 3 --merge l2 --factors scan,skip "
            "--direction backward --rows 2:40 --cols 0:30 --pool 4 --dtype float64 -o a.npz");
}

TEST(ViewCommand, GivesTheLookForPictures) {
  const std::string command = viewCommand({"m", "float32", "", {}}, everything(), "a.svg");
  EXPECT_NE(command.find(" --text '' "), std::string::npos);
  EXPECT_NE(command.find(" --norm signed-log --range=-0.25,0.1 --gamma 0.5 --colormap vik-r -o a.svg"),
            std::string::npos)
      << command;
}

TEST(ViewCommand, AnOpenRangeEndsWithTheIds) {
  ViewState view;
  view.part.rows.begin = 2;
  const std::string command = viewCommand({"m", "float32", std::nullopt, {7, 8, 9}}, view, "a.npy");
  EXPECT_NE(command.find(" --rows 2:3 "), std::string::npos) << command;
}

TEST(ViewCommand, NothingIsTakenForAnOption) {
  const std::string command = viewCommand({"-m", "float32", "-x", {}}, {}, "-a.npy");
  EXPECT_EQ(command.find("undercurrent-cli map ./-m --text=-x "), 0u) << command;
  EXPECT_NE(command.find(" -o ./-a.npy"), std::string::npos) << command;
}

TEST(ViewJson, AFigureCarriesASessionOfOnePane) {
  ViewOrigin origin;
  origin.model = "demo:mamba";
  origin.text = "one two";
  ViewState view;
  view.map.layer = 3;
  view.map.lanes = {LaneChoice::Kind::Lane, 18, Merge::Mean};
  const std::string session = figureSession(origin, view);
  const Json json = parseJson(session, "figure");
  EXPECT_EQ(json["undercurrent"], 1);
  EXPECT_EQ(json["model"]["path"], "demo:mamba");
  EXPECT_EQ(json["inputs"][0]["text"], "one two");
  EXPECT_EQ(json["panes"][0], parseJson(viewJson(origin, view), "view"));
  const ParsedView parsed = parseView(session, "figure");
  EXPECT_EQ(parsed.view.map.layer, 3);
  EXPECT_EQ(parsed.origin.text, "one two");
}

TEST(ViewJson, ASessionOfAnotherVersionOrWithoutPanesIsRefused) {
  EXPECT_THROW(parseView("{\"undercurrent\":2,\"panes\":[{}]}", "f"), Failure);
  EXPECT_THROW(parseView("{\"undercurrent\":1,\"panes\":[]}", "f"), Failure);
  EXPECT_THROW(parseView("{\"undercurrent\":1}", "f"), Failure);
}

TEST(ViewJson, APictureIsKeptWithItsWayToTheModelsSize) {
  ViewOrigin origin;
  origin.model = "vim";
  origin.image = "cat's.png";
  origin.preprocess = "squash";
  const ViewOrigin read = parseView(figureSession(origin, {}), "figure").origin;
  EXPECT_EQ(read.image, origin.image);
  EXPECT_EQ(read.preprocess, "squash");
  EXPECT_FALSE(read.text);
  EXPECT_NE(figureSession(origin, {}).find(R"("inputs":[{"image":"cat's.png","preprocess":"squash"}])"),
            std::string::npos);
  EXPECT_NE(viewCommand(origin, {}, "map.npy").find(R"(--image 'cat'\''s.png' --preprocess squash)"),
            std::string::npos);
}

}  // namespace

}  // namespace uc
