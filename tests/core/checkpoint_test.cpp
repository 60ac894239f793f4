// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/checkpoint.h"

#include "tests/support/failure.h"
#include "tests/support/pickles.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/zips.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace uc {
namespace {

using test::failureOf;
using test::TemporaryFolder;

/// A safetensors file with a header of this text.
std::string container(const std::string& header, const std::string& data) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>((header.size() >> (8 * i)) & 0xFF);
  return file + header + data;
}

template <typename T>
std::string bytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// A file with the tensor "t" of these elements, behind `before` bytes of another one so that its place is
/// odd.
std::string single(const std::string& dtype, size_t count, const std::string& data, size_t before = 0) {
  const auto text = [](size_t number) { return std::to_string(number); };
  return container(R"({"front":{"dtype":"U8","shape":[)" + text(before) + R"(],"data_offsets":[0,)" +
                       text(before) + R"(]},"t":{"dtype":")" + dtype + R"(","shape":[)" + text(count) +
                       R"(],"data_offsets":[)" + text(before) + "," + text(before + data.size()) + "]}}",
                   std::string(before, 'f') + data);
}

template <typename T>
std::vector<T> readAll(const Checkpoint& checkpoint, std::string_view name) {
  const TensorInfo* info = checkpoint.find(name);
  if (info == nullptr) return {};
  std::vector<T> values(static_cast<size_t>(info->count()));
  checkpoint.read(*info, std::span<T>(values));
  return values;
}

template <typename T, typename Raw>
std::vector<T> converted(const std::string& dtype, const std::vector<Raw>& elements) {
  const TemporaryFolder folder;
  const auto path = folder.write("t.safetensors", single(dtype, elements.size(), bytesOf(elements), 1));
  return readAll<T>(*Checkpoint::open(path), "t");
}

const std::string kSmall = single("F32", 2, bytesOf<float>({1.5f, -2.0f}));

TEST(Checkpoint, OpensAFolder) {
  const TemporaryFolder folder;
  folder.write("m/config.json", R"({"model_type":"mamba"})");
  folder.write("m/model.safetensors", kSmall);
  const auto checkpoint = Checkpoint::open(folder / "m");
  EXPECT_EQ(checkpoint->name(), "m");
  EXPECT_EQ(checkpoint->folder(), folder / "m");
  ASSERT_TRUE(checkpoint->config().has_value());
  EXPECT_EQ(checkpoint->config()->at("model_type"), "mamba");
  ASSERT_EQ(checkpoint->tensors().size(), 2u);
  EXPECT_EQ(checkpoint->find("t")->shape, std::vector<int64_t>{2});
  EXPECT_EQ(checkpoint->find("none"), nullptr);
  EXPECT_EQ(readAll<float>(*checkpoint, "t"), (std::vector<float>{1.5f, -2.0f}));
}

TEST(Checkpoint, NamesAFolderThatIsGivenWithASlash) {
  const TemporaryFolder folder;
  folder.write("m/model.safetensors", kSmall);
  EXPECT_EQ(Checkpoint::open(folder / "m/")->name(), "m");
  EXPECT_EQ(Checkpoint::open(folder / "m/.")->name(), "m");
}

TEST(Checkpoint, OpensAFolderWithoutConfig) {
  const TemporaryFolder folder;
  folder.write("model.safetensors", kSmall);
  EXPECT_FALSE(Checkpoint::open(folder.path())->config().has_value());
}

TEST(Checkpoint, OpensASingleFileAndTheConfigBesideIt) {
  const TemporaryFolder folder;
  folder.write("config.json", R"({"a":1})");
  const auto checkpoint = Checkpoint::open(folder.write("w.safetensors", kSmall));
  EXPECT_EQ(checkpoint->name(), "w.safetensors");
  EXPECT_EQ(checkpoint->folder(), folder.path());
  EXPECT_TRUE(checkpoint->config().has_value());
}

TEST(Checkpoint, FollowsLinksAsACacheOfTheHubHasThem) {
  const TemporaryFolder folder;
  folder.write("blobs/0a1b", kSmall);
  folder.write("blobs/0c1d", "{}");
  std::filesystem::create_directories(folder / "snapshots/x");
  std::filesystem::create_symlink("../../blobs/0a1b", folder / "snapshots/x/model.safetensors");
  std::filesystem::create_symlink("../../blobs/0c1d", folder / "snapshots/x/config.json");
  const auto checkpoint = Checkpoint::open(folder / "snapshots/x");
  EXPECT_EQ(checkpoint->tensors().size(), 2u);
  EXPECT_TRUE(checkpoint->config().has_value());
}

TEST(Checkpoint, SaysThatALinkPointsToNothing) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("none", folder / "model.safetensors");
  EXPECT_EQ(failureOf([&] { Checkpoint::open(folder.path()); }).what,
            "The link points to a file that does not exist.");
}

TEST(Checkpoint, SaysThatAPathIsMissing) {
  const TemporaryFolder folder;
  const Error error = failureOf([&] { Checkpoint::open(folder / "none"); });
  EXPECT_EQ(error.what, "There is no such file or folder.");
  EXPECT_EQ(error.where, (folder / "none").string());
}

TEST(Checkpoint, SaysWhatAFolderLacks) {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  const Error error = failureOf([&] { Checkpoint::open(folder.path()); });
  EXPECT_EQ(error.what, "The folder holds no weights.");
  EXPECT_EQ(error.where, folder.path().string());
}

/// What torch.save writes of the tensor "t" [1] with this value.
std::string torchFile(float value) {
  const std::string root = test::pkl::dict({{"t", test::pkl::tensor({"FloatStorage", "0", 1, 0, {1}, {1}})}});
  return test::zipFile(test::torchParts(test::pkl::file(root), {bytesOf<float>({value})}));
}

TEST(Checkpoint, OpensTheFirstOfAFoldersFiles) {
  const TemporaryFolder folder;
  const auto opened = [&] { return readAll<float>(*Checkpoint::open(folder.path()), "t")[0]; };
  folder.write("other.pth", torchFile(1));
  EXPECT_EQ(opened(), 1);
  folder.write("x.bin", torchFile(2));
  folder.write("pytorch_model.bin.index.json", R"({"weight_map":{"t":"x.bin"}})");
  EXPECT_EQ(opened(), 2);
  folder.write("pytorch_model.bin", torchFile(3));
  EXPECT_EQ(opened(), 3);
  folder.write("y.safetensors", single("F32", 1, bytesOf<float>({4})));
  folder.write("model.safetensors.index.json", R"({"weight_map":{"t":"y.safetensors"}})");
  EXPECT_EQ(opened(), 4);
  folder.write("model.safetensors", single("F32", 1, bytesOf<float>({5})));
  EXPECT_EQ(opened(), 5);
}

TEST(Checkpoint, OpensASingleFileOfAnyContainer) {
  for (const std::string ending : {"pth", "pt", "bin"}) {
    const TemporaryFolder folder;
    const auto path = folder.write("w." + ending, torchFile(7));
    EXPECT_EQ(readAll<float>(*Checkpoint::open(path), "t"), std::vector<float>{7});
    EXPECT_EQ(readAll<float>(*Checkpoint::open(folder.path()), "t"), std::vector<float>{7});
  }
}

TEST(Checkpoint, ListsSeveralFilesOfAFolder) {
  const TemporaryFolder folder;
  for (const char* name : {"b.pth", "a.safetensors", "c.bin", "d.pt", "e.pth"}) folder.write(name, "x");
  const Error error = failureOf([&] { Checkpoint::open(folder.path()); });
  EXPECT_EQ(error.what, "The folder holds several files of weights: a.safetensors, b.pth, c.bin, d.pt ….");
  EXPECT_EQ(error.where, folder.path().string());
}

TEST(Checkpoint, UsesAConfigOnlyWhereItIsTheFilesOwn) {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  const auto path = folder.write("a.pth", torchFile(1));
  EXPECT_TRUE(Checkpoint::open(path)->config().has_value());
  const auto usual = folder.write("pytorch_model.bin", torchFile(1));
  EXPECT_FALSE(Checkpoint::open(path)->config().has_value());
  EXPECT_TRUE(Checkpoint::open(usual)->config().has_value());
}

TEST(Checkpoint, RefusesAFileOfAnotherKind) {
  const TemporaryFolder folder;
  const Error error = failureOf([&] { Checkpoint::open(folder.write("w.gguf", "x")); });
  EXPECT_EQ(error.what, "This is not a file of weights that can be read.");
  EXPECT_NE(error.todo.find(".pth"), std::string::npos);
}

TEST(Checkpoint, RefusesWhatIsNoRegularFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(failureOf([] { Checkpoint::open("/dev/zero"); }).what, "This is a device, not a regular file.");
  std::filesystem::create_directories(folder / "a/model.safetensors");
  EXPECT_EQ(failureOf([&] { Checkpoint::open(folder / "a"); }).what, "This is a folder, not a regular file.");
  ASSERT_EQ(::mkfifo((folder / "p.safetensors").c_str(), 0600), 0);
  EXPECT_EQ(failureOf([&] { Checkpoint::open(folder / "p.safetensors"); }).what,
            "This is a pipe, not a regular file.");
}

TEST(Checkpoint, RefusesAConfigThatIsNoObject) {
  const TemporaryFolder folder;
  folder.write("model.safetensors", kSmall);
  const auto path = folder.write("config.json", "[1]");
  const Error error = failureOf([&] { Checkpoint::open(folder.path()); });
  EXPECT_EQ(error.what, "The configuration is not a JSON object.");
  EXPECT_EQ(error.where, path.string());
}

TEST(Checkpoint, RefusesAConfigThatIsBrokenDeepOrLong) {
  const TemporaryFolder folder;
  folder.write("model.safetensors", kSmall);
  const auto what = [&](const std::string& config) {
    folder.write("config.json", config);
    return failureOf([&] { Checkpoint::open(folder.path()); }).what;
  };
  EXPECT_EQ(what(R"({"a":1,"a":2})"), "The key \"a\" appears twice.");
  EXPECT_EQ(what("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"),
            "The JSON is nested more than 64 levels deep.");
  EXPECT_EQ(what("{}" + std::string(1 << 20, ' ')), "The file is longer than 1048576 bytes.");
  std::filesystem::remove(folder / "config.json");
  std::filesystem::create_symlink("/dev/zero", folder / "config.json");
  EXPECT_EQ(failureOf([&] { Checkpoint::open(folder.path()); }).what,
            "This is a device, not a regular file.");
}

TEST(Checkpoint, NamesTheFileOfABrokenHeader) {
  const TemporaryFolder folder;
  const auto path = folder.write("model.safetensors", "12345");
  const Error error = failureOf([&] { Checkpoint::open(folder.path()); });
  EXPECT_EQ(error.what, "The file is shorter than 8 bytes.");
  EXPECT_EQ(error.where, path.string());
}

TEST(Checkpoint, ReadsAHeaderOfAMillionBytes) {
  const TemporaryFolder folder;
  const auto path = folder.write("w.safetensors", container("{" + std::string(1 << 20, ' ') + "}", ""));
  EXPECT_TRUE(Checkpoint::open(path)->tensors().empty());
}

TEST(Checkpoint, SaysThatTheFileBecameShorter) {
  const TemporaryFolder folder;
  const std::string whole = single("F16", 500'000, std::string(1'000'000, 'h'));
  const auto path = folder.write("w.safetensors", whole);
  const auto checkpoint = Checkpoint::open(path);
  std::filesystem::resize_file(path, whole.size() - 1);
  const Error error = failureOf([&] { readAll<float>(*checkpoint, "t"); });
  EXPECT_EQ(error.what, "The file became shorter while it was open.");
  EXPECT_EQ(error.where, path.string());
}

TEST(Checkpoint, SaysWhichTensorCannotBeReadAsNumbers) {
  const TemporaryFolder folder;
  const auto path = folder.write("w.safetensors", single("F8_E4M3", 2, "ab"));
  const auto checkpoint = Checkpoint::open(path);
  const Error error = failureOf([&] { readAll<float>(*checkpoint, "t"); });
  EXPECT_EQ(error.what, "The tensor's dtype F8_E4M3 cannot be read as numbers.");
  EXPECT_EQ(error.where, path.string() + ", tensor \"t\"");
  EXPECT_EQ(readAll<float>(*checkpoint, "front").size(), 0u);
}

TEST(Checkpoint, RefusesRoomOfAnotherSize) {
  const TemporaryFolder folder;
  const auto checkpoint = Checkpoint::open(folder.write("w.safetensors", kSmall));
  std::vector<float> values(3);
  EXPECT_THROW(checkpoint->read(*checkpoint->find("t"), std::span<float>(values)), Failure);
}

TEST(Checkpoint, ReadsRows) {
  const TemporaryFolder folder;
  const std::string data = bytesOf<uint16_t>({0x3F80, 0x4000, 0x4040, 0x4080, 0x40A0, 0x40C0});
  const auto path = folder.write(
      "w.safetensors", container(R"({"t":{"dtype":"BF16","shape":[3,2],"data_offsets":[0,12]}})", data));
  const auto checkpoint = Checkpoint::open(path);
  const TensorInfo& info = *checkpoint->find("t");
  std::vector<float> rows(4);
  checkpoint->readRows(info, 1, 2, std::span<float>(rows));
  EXPECT_EQ(rows, (std::vector<float>{3, 4, 5, 6}));
  checkpoint->readRows(info, 3, 0, std::span<float>());
  EXPECT_THROW(checkpoint->readRows(info, 2, 2, std::span<float>(rows)), Failure);
  EXPECT_THROW(checkpoint->readRows(info, -1, 2, std::span<float>(rows)), Failure);
  EXPECT_THROW(checkpoint->readRows(info, 0, 1, std::span<float>(rows)), Failure);
}

TEST(Checkpoint, ReadsAScalarAsOneRow) {
  const TemporaryFolder folder;
  const auto path = folder.write(
      "w.safetensors",
      container(R"({"t":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})", bytesOf<float>({2.5f})));
  const auto checkpoint = Checkpoint::open(path);
  double value = 0.0;
  checkpoint->readRows(*checkpoint->find("t"), 0, 1, std::span<double>(&value, 1));
  EXPECT_EQ(value, 2.5);
}

// Numbers, all read from an odd place in the file.

TEST(Checkpoint, ReadsFloatsBitForBit) {
  const std::vector<uint32_t> bits{0, 0x80000000, 0x3F800000, 0x7F800000, 0x7FC12345, 1, 0x7F7FFFFF};
  const std::vector<float> values = converted<float>("F32", bits);
  ASSERT_EQ(values.size(), bits.size());
  EXPECT_EQ(std::memcmp(values.data(), bits.data(), bits.size() * 4), 0);
  EXPECT_EQ(converted<double>("F32", std::vector<float>{0.1f})[0], static_cast<double>(0.1f));
}

TEST(Checkpoint, RoundsDoublesToTheNearestFloat) {
  const std::vector<double> values{0.1, 1.0 + 0x1p-25, 1.0 + 0x1.8p-24, -1e-46, 1e300, NAN};
  const std::vector<float> read = converted<float>("F64", values);
  EXPECT_EQ(read[0], 0.1f);
  EXPECT_EQ(read[1], 1.0f);
  EXPECT_EQ(read[2], 1.0f + 0x1p-23f);
  EXPECT_TRUE(read[3] == 0.0f && std::signbit(read[3]));
  EXPECT_EQ(read[4], INFINITY);
  EXPECT_TRUE(std::isnan(read[5]));
  EXPECT_EQ(converted<double>("F64", values)[1], values[1]);
}

TEST(Checkpoint, WidensEveryHalfExactly) {
  std::vector<uint16_t> bits(65536);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
  const std::vector<float> values = converted<float>("F16", bits);
  const std::vector<double> doubles = converted<double>("F16", bits);
  for (size_t i = 0; i < bits.size(); ++i) {
    const int exponent = (bits[i] >> 10) & 31;
    const int mantissa = bits[i] & 1023;
    double expected = exponent == 0    ? std::ldexp(mantissa, -24)
                      : exponent == 31 ? (mantissa == 0 ? INFINITY : NAN)
                                       : std::ldexp(1024 + mantissa, exponent - 25);
    if ((bits[i] & 0x8000) != 0) expected = -expected;
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(values[i]) && std::isnan(doubles[i])) << i;
    } else {
      ASSERT_EQ(values[i], expected) << i;
      ASSERT_EQ(doubles[i], expected) << i;
    }
    ASSERT_EQ(std::signbit(values[i]), (bits[i] & 0x8000) != 0) << i;
  }
}

TEST(Checkpoint, WidensBfloatsExactly) {
  const std::vector<uint16_t> bits{0x3F80, 0xC040, 0x7F80, 0xFF80, 0x7FC0, 0x0001, 0x8000};
  const std::vector<float> values = converted<float>("BF16", bits);
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], -3.0f);
  EXPECT_EQ(values[2], INFINITY);
  EXPECT_EQ(values[3], -INFINITY);
  EXPECT_TRUE(std::isnan(values[4]));
  EXPECT_EQ(values[5], 0x1p-133f);
  EXPECT_TRUE(values[6] == 0.0f && std::signbit(values[6]));
}

TEST(Checkpoint, ReadsIntegersAndBooleansAsNumbers) {
  EXPECT_EQ(converted<double>("I64", std::vector<int64_t>{-1, int64_t{1} << 53, INT64_MIN}),
            (std::vector<double>{-1.0, 0x1p53, -0x1p63}));
  EXPECT_EQ(converted<float>("I64", std::vector<int64_t>{16777217}), std::vector<float>{16777216.0f});
  EXPECT_EQ(converted<double>("I32", std::vector<int32_t>{-7, INT32_MAX}),
            (std::vector<double>{-7.0, 2147483647.0}));
  EXPECT_EQ(converted<float>("U8", std::vector<uint8_t>{0, 200, 255}), (std::vector<float>{0, 200, 255}));
  EXPECT_EQ(converted<float>("BOOL", std::vector<uint8_t>{0, 1, 2}), (std::vector<float>{0, 1, 1}));
}

TEST(Checkpoint, ConvertsATensorLargerThanItsBuffer) {
  std::vector<uint16_t> bits(400'001);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i % 0x7F80);
  const std::vector<float> values = converted<float>("BF16", bits);
  ASSERT_EQ(values.size(), bits.size());
  for (size_t i = 0; i < bits.size(); ++i) {
    uint32_t read = 0;
    std::memcpy(&read, &values[i], 4);
    ASSERT_EQ(read, static_cast<uint32_t>(bits[i]) << 16) << i;
  }
}

TEST(Shape, IsWrittenInBrackets) {
  EXPECT_EQ(shapeText(std::vector<int64_t>{1536, 16}), "[1536, 16]");
  EXPECT_EQ(shapeText({}), "[]");
}

TEST(Shape, IsCutWhereItIsVeryLong) {
  const std::vector<int64_t> shape(1'000'000, 7);
  const std::string text = shapeText(shape);
  EXPECT_LT(text.size(), 60u);
  EXPECT_EQ(text.substr(text.size() - 6), ", …]");
}

}  // namespace
}  // namespace uc
