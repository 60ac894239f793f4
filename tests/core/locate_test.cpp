// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/device.h"
#include "core/engine/engine.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace uc {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::EditedModel;
using test::failureOf;
using test::TemporaryFolder;

std::string folder(const std::string& name) { return std::string(TEST_DATA) + "/mamba/" + name; }

/// Sets an environment variable for one test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : m_name(name) {
    if (const char* old = std::getenv(name)) m_old = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (m_old) {
      ::setenv(m_name, m_old->c_str(), 1);
    } else {
      ::unsetenv(m_name);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* m_name;
  std::optional<std::string> m_old;
};

TEST(Locate, AnExistingPathWins) {
  const TemporaryFolder place;
  EditedModel(folder("hf-tied")).save(place / "demo:mamba");
  const fs::path before = fs::current_path();
  fs::current_path(place.path());
  const auto engine = Engine::open("demo:mamba", {}, {});
  fs::current_path(before);
  EXPECT_EQ(engine->info().width, 24);
}

TEST(Locate, FindsModelsOfTheHuggingFaceCache) {
  const TemporaryFolder place;
  const Environment hub("HF_HUB_CACHE", (place / "hub").string()), home("HF_HOME", (place / "home").string()),
      user("HOME", (place / "user").string());
  const fs::path repository = place / "home/hub/models--state-spaces--tiny";
  EditedModel(folder("hf-tied")).save(repository / "snapshots" / "abc");
  EXPECT_EQ(Engine::open("state-spaces/tiny", {}, {})->info().name, "state-spaces/tiny");

  EditedModel(folder("hf-untied-bias")).save(repository / "snapshots" / "def");
  const Error error = failureOf([] { Engine::open("state-spaces/tiny", {}, {}); });
  EXPECT_TRUE(contains(error.where, "abc, def"));

  place.write("home/hub/models--state-spaces--tiny/refs/main", "def\n");
  EXPECT_EQ(Engine::open("state-spaces/tiny", {}, {})->info().width, 20);

  place.write("home/hub/models--state-spaces--tiny/refs/main", "../../../evil");
  EXPECT_TRUE(contains(failureOf([] { Engine::open("state-spaces/tiny", {}, {}); }).where, "abc, def"));
  EXPECT_FALSE(failureOf([] { Engine::open("state-spaces/absent", {}, {}); }).what.empty());
}

TEST(Locate, FollowsTheLinksOfASnapshot) {
  const TemporaryFolder place;
  const Environment hub("HF_HUB_CACHE", place.path().string());
  const fs::path repository = place / "models--a--b";
  EditedModel(folder("hf-tied")).save(repository / "blobs");
  fs::create_directories(repository / "snapshots" / "main1");
  for (const char* file : {"config.json", "model.safetensors"}) {
    fs::create_symlink(fs::path("../../blobs") / file, repository / "snapshots" / "main1" / file);
  }
  EXPECT_EQ(Engine::open("a/b", {}, {})->info().width, 24);
}

TEST(Locate, AnUnknownModelIsAnError) {
  EXPECT_TRUE(contains(failureOf([] { Engine::open("nowhere-at-all", {}, {}); }).where, "nowhere-at-all"));
  EXPECT_FALSE(failureOf([] { Engine::open("", {}, {}); }).what.empty());
  EXPECT_TRUE(contains(failureOf([] { demoFolder("../../etc"); }).where, "demo:../../etc"));
}

TEST(Device, TheCpuComesFirst) {
  const std::vector<Device> found = devices();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].kind, "cpu");
  EXPECT_GT(found[0].memoryMb, 0);
  EXPECT_GT(found[0].matrixGflops, 0.0);
  EXPECT_FALSE(requireDevice("cpu").has_value());
  for (const char* device : {"cuda:99", "cuda:x", "cuda:", "gpu", ""}) {
    EXPECT_FALSE(failureOf([&] { requireDevice(device); }).what.empty()) << device;
  }
}

TEST(Device, VersionsNameEveryPart) {
  std::vector<std::string> names;
  for (const auto& [name, version] : versions()) {
    names.push_back(name);
    EXPECT_FALSE(version.empty()) << name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"program", "LibTorch", "CUDA", "CPU", "BLAS"}));
}

TEST(Demo, OpensOnAViewThatFitsIt) {
  const auto engine = Engine::open("demo:mamba", {}, {});
  EXPECT_EQ(engine->info().name, "demo:mamba");
  EXPECT_TRUE(fs::path(engine->info().path).is_absolute());
  EXPECT_TRUE(engine->info().notices.empty());

  const DemoOpening opening = demoOpening("mamba");
  const RunHandle run = engine->run({opening.text, {}, 0}, {});
  EXPECT_TRUE(run->notices().empty());
  const MapId id{opening.layer,
                 {LaneChoice::Kind::Lane, opening.lane, Merge::Mean},
                 named(Convention::Unified),
                 Direction::Both};
  EXPECT_NO_THROW(checkMap(engine->info(), id, {}, run->tokens().size()));
  EXPECT_LT(opening.row, run->tokens().size());
  EXPECT_LE(opening.col, opening.row);
  EXPECT_LE(engine->verify(run, opening.layer, {}).relative, 1e-5);
}

// Log normalizers and RWKV-4's sums are in double: in float32 both made entries 5e-6 wrong.
TEST(Demo, NormalizedLayersAreRebuiltWithinRounding) {
  std::ifstream file(std::string(SOURCE_FOLDER) + "/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const char* name : {"demo:rwkv", "demo:griffin"}) {
    const auto engine = Engine::open(name, {}, {});
    const RunHandle run = engine->run({text, {}, 0}, {});
    for (int64_t layer = 0; layer < engine->info().layers; ++layer) {
      const LayerCheck check = engine->verify(run, layer, {});
      if (check.kind != "rg-lru") {
        EXPECT_LE(check.relative, check.kind == "rwkv4" ? 2e-7 : 1e-6)
            << name << ", layer " << layer << ", " << run->tokens().size();
      }
    }
  }
}

TEST(Demo, AnUnknownOneIsAnsweredWithTheOnesThereAre) {
  const Error error = failureOf([] { Engine::open("demo:nonsense", {}, {}); });
  EXPECT_EQ(error.where, "demo:nonsense");
  EXPECT_TRUE(contains(error.todo, "demo:mamba"));
}

}  // namespace
}  // namespace uc
