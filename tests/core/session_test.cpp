// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/session.h"

#include "core/io/json.h"
#include "core/values/error.h"
#include "tests/support/failure.h"

#include <gtest/gtest.h>

#include <fstream>

namespace uc {
namespace {

namespace fs = std::filesystem;

class SessionTest : public testing::Test {
 protected:
  SessionTest() : folder(fs::path(testing::TempDir()) / "session_test") {
    fs::remove_all(folder);
    fs::create_directories(folder / "models" / "m");
  }
  ~SessionTest() override { fs::remove_all(folder); }

  /// Two models, three panes that each chose something of every kind, pins, links, a layout.
  Session everything() const {
    Session session;
    session.sources.resize(2);
    session.sources[0].origin.model = (folder / "models" / "m").string();
    session.sources[0].origin.text = "one two";
    session.sources[0].sha256 = "ab12";
    session.sources[1].origin.model = "demo:vision";
    session.sources[1].origin.image = (folder / "cat.png").string();
    session.panes.list.resize(3);
    ViewState& graph = session.panes.list[0].view;
    graph.view = View::Graph;
    graph.graph = {GraphChoice::Keep::Top, 5, 3};
    graph.strip = {true, 4, Granularity::Word};
    graph.interventions = {{Intervention::Kind::RemoveWrite, 2, 7, Factor::Gate},
                           {Intervention::Kind::MuteLane, 3, 5, Factor::Gate},
                           {Intervention::Kind::MuteFactor, 4, 0, Factor::Convolution}};
    ViewState& overlay = session.panes.list[1].view;
    session.panes.list[1].source = 1;
    overlay.view = View::Overlay;
    overlay.overlay = {9, Interpolation::Bilinear, Blend::Mask, 0.75, true, false};
    ViewState& atlas = session.panes.list[2].view;
    atlas.atlas.x = "entropy";
    atlas.atlas.brush = AtlasChoice::Brush{0.5, 1.5, 2, 3};
    atlas.atlas.roles = Roles{}.with(Role::Window).with(Role::Dead);
    atlas.atlas.firstLayer = 2;
    atlas.atlas.leastHalfLife = 3;
    atlas.state.showWrite = false;
    session.panes.active = 2;
    session.panes.pinned[1] = session.panes.list[1];
    session.panes.hasDifference = true;
    session.panes.links.range = false;
    session.layout = "AAEC";
    return session;
  }

  fs::path folder;
};

TEST_F(SessionTest, BringsBackAllThatWasSaved) {
  const Session session = everything();
  std::ofstream(folder / "cat.png") << "x";
  saveSession(folder / "s.undercurrent", session);
  EXPECT_EQ(openSession(folder / "s.undercurrent"), session);
}

TEST_F(SessionTest, NamesWhatLiesBesideItFromThere) {
  const Json json = parseJson(sessionJson(everything(), folder), "s");
  EXPECT_EQ(json["model"]["path"], "models/m");
  EXPECT_EQ(json["model"]["sha256"], "ab12");
  EXPECT_EQ(json["inputs"][1]["image"], "cat.png");
  EXPECT_EQ(json["inputs"][1]["model"]["path"], "demo:vision");
  const Json elsewhere = parseJson(sessionJson(everything(), folder / "models" / "m" / "deep"), "s");
  EXPECT_EQ(elsewhere["model"]["path"], (folder / "models" / "m").string());
}

TEST_F(SessionTest, AFolderThatWasMovedIsFoundWhereItIsNow) {
  saveSession(folder / "s.undercurrent", everything());
  const fs::path moved = folder.string() + "_moved";
  fs::remove_all(moved);
  fs::rename(folder, moved);
  EXPECT_EQ(openSession(moved / "s.undercurrent").sources[0].origin.model, (moved / "models/m").string());
  fs::remove_all(moved);
}

TEST_F(SessionTest, KeepsWhatANewerVersionWrote) {
  Json json = parseJson(sessionJson(everything(), {}), "s");
  json["notes"] = {{"by", "someone"}};
  const Session session = parseSession(json.dump(), "s", {});
  const Json again = parseJson(sessionJson(session, {}), "s");
  EXPECT_EQ(again["notes"]["by"], "someone");
  EXPECT_EQ(again["panes"], json["panes"]);
}

TEST_F(SessionTest, APaneOfAViewThatIsNotKnownIsRefusedInWords) {
  Json json = parseJson(sessionJson(everything(), {}), "s");
  json["panes"][0]["view"] = "hologram";
  const Error error = test::failureOf([&] { parseSession(json.dump(), "s.undercurrent", {}); });
  EXPECT_EQ(error.what, "The field view cannot be read.");
  EXPECT_EQ(error.where, "s.undercurrent");
}

TEST_F(SessionTest, WhatDoesNotFitTogetherIsRefused) {
  const auto refused = [&](const std::function<void(Json&)>& edit) {
    Json json = parseJson(sessionJson(everything(), {}), "s");
    edit(json);
    return test::failureOf([&] { parseSession(json.dump(), "s", {}); }).what;
  };
  EXPECT_EQ(refused([](Json& json) { json["panes"][0]["source"] = 2; }), "The field source cannot be read.");
  EXPECT_EQ(refused([](Json& json) { json["panes"][0]["source"] = -1; }), "The field source cannot be read.");
  EXPECT_EQ(refused([](Json& json) { json["panes"] = Json::array(); }), "The field panes cannot be read.");
  EXPECT_EQ(
      refused([](Json& json) { json["panes"].push_back(json["panes"][0]), json["panes"].push_back(1); }),
      "The field panes cannot be read.");
  EXPECT_EQ(refused([](Json& json) { json["undercurrent"] = 2; }),
            "The session is of a version that is not known.");
  EXPECT_EQ(refused([](Json& json) { json["panes"][1]["overlay"]["opacity"] = 2; }),
            "The field opacity cannot be read.");
  EXPECT_EQ(refused([](Json& json) { json["inputs"] = Json::array({1}); }),
            "The field inputs cannot be read.");
}

TEST_F(SessionTest, AnActivePaneThatIsNotThereIsTheLast) {
  Json json = parseJson(sessionJson(everything(), {}), "s");
  json["active"] = 17;
  EXPECT_EQ(parseSession(json.dump(), "s", {}).panes.active, 2);
}

TEST_F(SessionTest, AFailedSaveLeavesTheOldOne) {
  saveSession(folder / "s.undercurrent", everything());
  EXPECT_THROW(saveSession(folder / "missing" / "s.undercurrent", Session{everything()}), Failure);
  EXPECT_EQ(openSession(folder / "s.undercurrent").panes.list.size(), 3U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 2);
}

}  // namespace
}  // namespace uc
