// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/weights_index.h"

#include "tests/support/failure.h"
#include "tests/support/pickles.h"
#include "tests/support/refusal.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/zips.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace uc {
namespace {

namespace fs = std::filesystem;
using test::failureOf;
using test::Refusal;
using test::TemporaryFolder;
namespace pkl = test::pkl;

const std::string kIndex = "model.safetensors.index.json";

/// A safetensors file of one-element F32 tensors.
std::string safetensors(const std::vector<std::pair<std::string, float>>& tensors) {
  std::string header = "{", data;
  for (const auto& [name, value] : tensors) {
    header += (data.empty() ? "\"" : ",\"") + name + R"(":{"dtype":"F32","shape":[1],"data_offsets":[)" +
              std::to_string(data.size()) + "," + std::to_string(data.size() + 4) + "]}";
    data.append(reinterpret_cast<const char*>(&value), 4);
  }
  header += "}";
  std::string length;
  for (int i = 0; i < 8; ++i) length += static_cast<char>((header.size() >> (8 * i)) & 0xFF);
  return length + header + data;
}

/// A .bin of one-element tensors, all of one storage.
std::string torchFile(const std::vector<std::string>& names, float value) {
  std::vector<std::pair<std::string, std::string>> items;
  for (const std::string& name : names) {
    items.emplace_back(name, pkl::tensor({"FloatStorage", "0", 1, 0, {1}, {1}}));
  }
  return test::zipFile(
      test::torchParts(pkl::file(pkl::dict(items)), {std::string(reinterpret_cast<const char*>(&value), 4)}));
}

std::string indexOf(const std::vector<std::pair<std::string, std::string>>& map) {
  Json json;
  json["metadata"]["total_size"] = 8;
  for (const auto& [name, file] : map) json["weight_map"][name] = file;
  return json.dump();
}

float valueOf(const Checkpoint& checkpoint, const std::string& name) {
  float value = 0;
  checkpoint.read(*checkpoint.find(name), std::span<float>(&value, 1));
  return value;
}

/// A folder with two shards and an index of these tensors.
void writeModel(const TemporaryFolder& folder, const std::vector<std::pair<std::string, std::string>>& map) {
  folder.write("m/s1.safetensors", safetensors({{"a", 1.0f}, {"b", 2.0f}}));
  folder.write("m/s2.safetensors", safetensors({{"c", 3.0f}}));
  folder.write("m/" + kIndex, indexOf(map));
}

const std::vector<std::pair<std::string, std::string>> kWhole{
    {"c", "s2.safetensors"}, {"a", "s1.safetensors"}, {"b", "s1.safetensors"}};

TEST(WeightsIndex, OpensShardsOfSafetensors) {
  const TemporaryFolder folder;
  writeModel(folder, kWhole);
  folder.write("m/config.json", R"({"a":1})");
  for (const fs::path& path : {folder / "m", folder / ("m/" + kIndex)}) {
    const auto checkpoint = Checkpoint::open(path);
    ASSERT_EQ(checkpoint->tensors().size(), 3u);
    EXPECT_EQ(valueOf(*checkpoint, "a"), 1.0f);
    EXPECT_EQ(valueOf(*checkpoint, "b"), 2.0f);
    EXPECT_EQ(valueOf(*checkpoint, "c"), 3.0f);
    EXPECT_EQ(fs::path(checkpoint->find("c")->file).filename(), "s2.safetensors");
    EXPECT_TRUE(checkpoint->config().has_value());
  }
}

TEST(WeightsIndex, OpensShardsOfTorch) {
  const TemporaryFolder folder;
  folder.write("x.bin", torchFile({"a", "tied"}, 1.0f));
  folder.write("y.bin", torchFile({"b"}, 2.0f));
  folder.write("pytorch_model.bin.index.json", indexOf({{"a", "x.bin"}, {"tied", "x.bin"}, {"b", "y.bin"}}));
  const auto checkpoint = Checkpoint::open(folder.path());
  EXPECT_EQ(valueOf(*checkpoint, "tied"), 1.0f);
  EXPECT_EQ(valueOf(*checkpoint, "b"), 2.0f);
  std::vector<const TensorInfo*> tensors{checkpoint->find("a"), checkpoint->find("b"),
                                         checkpoint->find("tied")};
  uint64_t values = 0;
  for (const StoredSize& size : storedSizes(tensors)) values += size.values;
  EXPECT_EQ(values, 2u);  // tied within a file, never across files
}

TEST(WeightsIndex, KeepsTensorsThatItDoesNotName) {
  const TemporaryFolder folder;
  writeModel(folder, {{"a", "s1.safetensors"}, {"c", "s2.safetensors"}});
  EXPECT_EQ(valueOf(*Checkpoint::open(folder / "m"), "b"), 2.0f);
}

TEST(WeightsIndex, FollowsTheLinksOfAHuggingFaceCache) {
  const TemporaryFolder folder;
  const std::string repository = "hub/models--owner--name/";
  folder.write(repository + "blobs/0a", safetensors({{"a", 1.0f}}));
  folder.write(repository + "blobs/0b", indexOf({{"a", "s.safetensors"}}));
  const fs::path snapshot = folder / (repository + "snapshots/main");
  fs::create_directories(snapshot);
  fs::create_symlink("../../blobs/0a", snapshot / "s.safetensors");
  fs::create_symlink("../../blobs/0b", snapshot / kIndex);
  EXPECT_EQ(valueOf(*Checkpoint::open(snapshot), "a"), 1.0f);
  fs::create_symlink(snapshot, folder / "short");
  EXPECT_EQ(valueOf(*Checkpoint::open(folder / "short"), "a"), 1.0f);

  fs::remove(snapshot / "s.safetensors");
  folder.write("hub/models--owner--other/blobs/0a", safetensors({{"a", 9.0f}}));
  fs::create_symlink("../../../models--owner--other/blobs/0a", snapshot / "s.safetensors");
  test::expectRefusal(failureOf([&] { Checkpoint::open(snapshot); }), "link out of the model's folder",
                      "s.safetensors");
}

TEST(WeightsIndex, FollowsLinksInsideTheFolderOnly) {
  const TemporaryFolder folder;
  folder.write("m/real.safetensors", safetensors({{"a", 1.0f}}));
  folder.write("outside.safetensors", safetensors({{"a", 9.0f}}));
  folder.write("m/" + kIndex, indexOf({{"a", "link.safetensors"}}));
  fs::create_symlink("real.safetensors", folder / "m/link.safetensors");
  EXPECT_EQ(valueOf(*Checkpoint::open(folder / "m"), "a"), 1.0f);
  for (const fs::path& target : {fs::path("../outside.safetensors"), folder / "outside.safetensors"}) {
    fs::remove(folder / "m/link.safetensors");
    fs::create_symlink(target, folder / "m/link.safetensors");
    test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }), "link out of the model's folder",
                        "link.safetensors");
  }
}

TEST(WeightsIndex, SaysWhichFileIsMissingOrNone) {
  const TemporaryFolder folder;
  writeModel(folder, kWhole);
  fs::remove(folder / "m/s2.safetensors");
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }), "that the index names is missing",
                      "s2.safetensors");
  fs::create_directories(folder / "m/s2.safetensors");
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }), "a folder, not a regular file",
                      "s2.safetensors");
  fs::remove(folder / "m/s2.safetensors");
  fs::create_symlink("none", folder / "m/s2.safetensors");
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }),
                      "link points to a file that does not", "s2.safetensors");
}

TEST(WeightsIndex, NamesATensorThatIsNotInItsFile) {
  const TemporaryFolder folder;
  writeModel(folder, {{"a", "s1.safetensors"}, {"b", "s2.safetensors"}});
  const Error error = failureOf([&] { Checkpoint::open(folder / "m"); });
  test::expectRefusal(error, "not in the file that the index names, s2.safetensors", "tensor \"b\"");
  writeModel(folder, {{"a", "s1.safetensors"}, {"none", "s2.safetensors"}});
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }), "not in the file",
                      "tensor \"none\"");
}

TEST(WeightsIndex, RefusesATensorInTwoFiles) {
  const TemporaryFolder folder;
  writeModel(folder, kWhole);
  folder.write("m/s2.safetensors", safetensors({{"c", 3.0f}, {"a", 1.0f}}));
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }),
                      "in two files of the index, s1.safetensors and s2.safetensors", "tensor \"a\"");
}

TEST(WeightsIndex, NamesABrokenShard) {
  const TemporaryFolder folder;
  writeModel(folder, kWhole);
  folder.write("m/s2.safetensors", "12345");
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder / "m"); }), "shorter than 8 bytes",
                      "s2.safetensors");
}

std::vector<Refusal> refusals() {
  const auto naming = [](const std::string& file) { return indexOf({{"a", file}}); };
  const std::string plain = "not a plain file name";
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 513; ++i) many.emplace_back("t" + std::to_string(i), std::to_string(i) + ".bin");
  return {
      {"NoJson", "weights", "JSON"},
      {"NoObject", "[]", "The index is not a JSON object"},
      {"NoMap", "{}", "has no `weight_map`"},
      {"MapNoObject", R"({"weight_map":[]})", "is not an object"},
      {"MapEmpty", R"({"weight_map":{}})", "is empty"},
      {"FileNoText", R"({"weight_map":{"a":1}})", "names no file for a tensor"},
      {"SameTensorTwice", R"({"weight_map":{"a":"x.bin","a":"y.bin"}})", "appears twice"},
      {"Climbing", naming("../x.safetensors"), plain},
      {"Absolute", naming("/etc/x.safetensors"), plain},
      {"InAFolder", naming("a/x.safetensors"), plain},
      {"Backslash", naming("a\\x.safetensors"), plain},
      {"Nul", naming(std::string("a\0.safetensors", 14)), plain},
      {"NoName", naming(""), plain},
      {"TheFolder", naming(".."), plain},
      {"LongName", naming(std::string(300, 'x') + ".bin"), plain},
      {"NoWeights", naming("passwords.txt"), "none of weights"},
      {"TooManyFiles", indexOf(many), "more than 512 files"},
  };
}

class RefusedIndex : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedIndex, SaysWhy) {
  const TemporaryFolder folder;
  folder.write(kIndex, GetParam().bytes);
  test::expectRefusal(failureOf([&] { Checkpoint::open(folder.path()); }), GetParam().message, kIndex);
}

INSTANTIATE_TEST_SUITE_P(Index, RefusedIndex, testing::ValuesIn(refusals()), test::nameOf);

}  // namespace
}  // namespace uc
