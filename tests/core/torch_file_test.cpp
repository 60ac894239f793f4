// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/convert.h"
#include "core/io/weights_file.h"
#include "tests/support/failure.h"
#include "tests/support/pickles.h"
#include "tests/support/refusal.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/zips.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace uc {
namespace {

using test::failureOf;
using test::MemorySource;
using test::Refusal;
using test::TemporaryFolder;
using test::zipFile;
using test::ZipPart;
namespace pkl = test::pkl;

std::string data(const std::string& name) { return std::string(TEST_DATA) + "/containers/" + name; }

std::vector<double> valuesOf(const Checkpoint& checkpoint, const TensorInfo& info) {
  std::vector<double> values(static_cast<size_t>(info.count()));
  checkpoint.read(info, std::span<double>(values));
  return values;
}

/// What NAME.json says of NAME.pth. Whole tensors, and every row of them.
void expectAsSaved(const std::string& name) {
  const Json facts = readJson(data(name + ".json"));
  const auto checkpoint = Checkpoint::open(data(name + ".pth"));
  std::vector<std::string> names, expected;
  for (const TensorInfo& info : checkpoint->tensors()) names.push_back(info.name);
  for (const Json& fact : facts["tensors"]) {
    expected.push_back(fact["name"]);
    SCOPED_TRACE(expected.back());
    const TensorInfo* info = checkpoint->find(expected.back());
    ASSERT_NE(info, nullptr);
    if (fact["values"].is_null()) {
      EXPECT_EQ(info->dtype, Dtype::Other);
      std::vector<float> room(static_cast<size_t>(info->count()));
      EXPECT_THROW(checkpoint->read(*info, std::span<float>(room)), Failure);
      continue;
    }
    const std::vector<double> values = fact["values"];
    EXPECT_EQ(info->shape, fact["shape"].get<std::vector<int64_t>>());
    EXPECT_EQ(valuesOf(*checkpoint, *info), values);
    if (info->shape.empty()) continue;
    const size_t width = info->shape[0] == 0 ? 0 : values.size() / static_cast<size_t>(info->shape[0]);
    for (int64_t row = 0; row < info->shape[0]; ++row) {
      std::vector<float> part(width);
      checkpoint->readRows(*info, row, 1, std::span<float>(part));
      for (size_t i = 0; i < width; ++i) {
        EXPECT_EQ(part[i], static_cast<float>(values[static_cast<size_t>(row) * width + i]));
      }
    }
  }
  EXPECT_EQ(names, expected);
}

TEST(TorchFile, ReadsEveryKindOfTensor) { expectAsSaved("views"); }
TEST(TorchFile, ReadsProtocolFour) { expectAsSaved("protocol4"); }
TEST(TorchFile, ReadsATrainingCheckpoint) { expectAsSaved("training"); }

TEST(TorchFile, TellsTheArgumentsOfATraining) {
  const Json facts = readJson(data("training.json"));
  const auto checkpoint = Checkpoint::open(data("training.pth"));
  ASSERT_TRUE(checkpoint->arguments().has_value());
  EXPECT_EQ(*checkpoint->arguments(), facts["arguments"]);
  EXPECT_FALSE(Checkpoint::open(data("views.pth"))->arguments().has_value());
}

TEST(TorchFile, NamesTheElementTypes) {
  const auto checkpoint = Checkpoint::open(data("views.pth"));
  const std::map<std::string, Dtype> dtypes{
      {"plain", Dtype::F32},  {"one_by_one", Dtype::BF16}, {"half", Dtype::F16},
      {"double", Dtype::F64}, {"long", Dtype::I64},        {"int", Dtype::I32},
      {"byte", Dtype::U8},    {"bool", Dtype::Bool},       {"char", Dtype::Other}};
  for (const auto& [name, dtype] : dtypes) EXPECT_EQ(checkpoint->find(name)->dtype, dtype) << name;
  EXPECT_EQ(checkpoint->find("char")->dtypeName, "CharStorage");
  EXPECT_EQ(checkpoint->find("sparse")->dtypeName, "torch._utils._rebuild_sparse_tensor");
  EXPECT_EQ(checkpoint->find("repeated")->dtypeName, "FloatStorage, repeated along a dimension");
  const Error error = failureOf([&] { valuesOf(*checkpoint, *checkpoint->find("sparse")); });
  EXPECT_NE(error.where.find("tensor \"sparse\""), std::string::npos);
}

TEST(TorchFile, CountsSharedValuesOnce) {
  const auto checkpoint = Checkpoint::open(data("views.pth"));
  const auto sizes = [&](const std::vector<std::string>& names) {
    std::vector<const TensorInfo*> tensors;
    for (const std::string& name : names) tensors.push_back(checkpoint->find(name));
    std::vector<uint64_t> values;
    for (const StoredSize& size : storedSizes(tensors)) {
      EXPECT_EQ(size.bytes, size.values * 4);
      values.push_back(size.values);
    }
    return values;
  };
  EXPECT_EQ(sizes({"plain", "tied"}), (std::vector<uint64_t>{24, 0}));
  EXPECT_EQ(sizes({"plain", "transposed", "rows", "tied_part"}), (std::vector<uint64_t>{24, 0, 0, 0}));
  EXPECT_EQ(sizes({"rows", "tied_part"}), (std::vector<uint64_t>{12, 6}));  // rows 1, 2 and 2, 3
  EXPECT_EQ(sizes({"scalar", "empty", "plain"}), (std::vector<uint64_t>{1, 0, 24}));
  EXPECT_EQ(sizes({"every_other"}), std::vector<uint64_t>{12});
}

// Files made here.

/// A tensor of F32 [2, 3] in data/0.
pkl::Tensor small() { return {"FloatStorage", "0", 6, 0, {2, 3}, {3, 1}}; }
std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * 4};
}
const std::string kSmallData = floats({1, 2, 3, 4, 5, 6});

std::unique_ptr<WeightsFile> open(const std::string& bytes) {
  return openTorchFile(std::make_unique<MemorySource>(bytes, "w.pth"));
}
std::string archive(const std::string& root, const std::vector<std::string>& storages = {kSmallData}) {
  return zipFile(test::torchParts(pkl::file(root), storages));
}
std::vector<std::string> namesOf(const std::string& root) {
  const std::unique_ptr<WeightsFile> file = open(archive(root));
  std::vector<std::string> names;
  for (const TensorInfo& info : file->tensors()) names.push_back(info.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(TorchFile, FindsTheDictionaryOfTensors) {
  const std::string weights = pkl::dict({{"w", pkl::tensor(small())}});
  const std::string other = pkl::dict({{"other", pkl::tensor(small())}});
  EXPECT_EQ(namesOf(weights), Names{"w"});
  EXPECT_EQ(namesOf(pkl::ordered({{"w", pkl::tensor(small())}, {"step", pkl::integer(3)}})), Names{"w"});
  for (const char* key : {"model", "state_dict", "model_state_dict", "module"}) {
    EXPECT_EQ(namesOf(pkl::dict({{"model_ema", other}, {"epoch", "N"}, {key, weights}})), Names{"w"}) << key;
  }
  EXPECT_EQ(namesOf(pkl::dict({{"state_dict", other}, {"model", weights}})), Names{"w"});
  EXPECT_EQ(namesOf(pkl::dict({{"model", pkl::dict({{"depth", "N"}})}, {"state_dict", weights}})),
            Names{"w"});
  EXPECT_EQ(namesOf(pkl::dict({{"model", pkl::dict({{"state_dict", weights}})}})), Names{"w"});
  EXPECT_EQ(namesOf(pkl::dict({{"loss", pkl::tensor(small())}, {"model", weights}})), Names{"w"});
}

TEST(TorchFile, TakesWrappersOffTheNames) {
  EXPECT_EQ(namesOf(pkl::dict({{"module.a.module.b", pkl::tensor(small())},
                               {"_orig_mod.module.c", pkl::tensor(small())},
                               {"module.", pkl::tensor(small())}})),
            (Names{"a.module.b", "c", "module."}));
}

TEST(TorchFile, LeavesAloneWhatItDoesNotNeed) {
  const std::string broken = pkl::call(pkl::global("torch._utils", "_rebuild_tensor_v2"), {});
  const std::string hostile = pkl::call(pkl::global("os", "system"), {pkl::text("false")});
  EXPECT_EQ(namesOf(pkl::dict({{"optimizer", pkl::dict({{"m", broken}})},
                               {"scaler", hostile},
                               {"model", pkl::dict({{"w", pkl::tensor(small())}, {"hook", hostile}})}})),
            Names{"w"});
}

TEST(TorchFile, ReadsPlainArgumentsOnly) {
  const std::string args =
      pkl::object(pkl::global("argparse", "Namespace"),
                  pkl::dict({{"model", pkl::text("tiny")},
                             {"size", pkl::integer(7)},
                             {"size", pkl::integer(224)},
                             {"bad", pkl::text("\xFF")},
                             {"path", pkl::call(pkl::global("pathlib", "PosixPath"), {pkl::text("out")})},
                             {"lr", pkl::number(0.5)}}));
  const std::string model = pkl::dict({{"w", pkl::tensor(small())}});
  const auto file = open(archive(pkl::dict({{"model", model}, {"args", args}})));
  ASSERT_TRUE(file->arguments());
  EXPECT_EQ(file->arguments()->dump(), R"({"model":"tiny","size":224,"lr":0.5})");
  const auto plain = open(archive(pkl::dict({{"model", model}, {"args", pkl::dict({{"a", "N"}})}})));
  EXPECT_EQ(plain->arguments()->dump(), R"({"a":null})");
  EXPECT_FALSE(open(archive(pkl::dict({{"model", model}, {"args", pkl::text("x")}})))->arguments());
}

TEST(TorchFile, HoldsArgumentsToALimit) {
  const std::string text = pkl::text(std::string(100'000, 'x'));
  std::vector<std::pair<std::string, std::string>> items{{"a", text + std::string("q\0", 2)}};
  for (int i = 0; i < 1000; ++i) items.emplace_back("b" + std::to_string(i), std::string("h\0", 2));
  const auto file = open(
      archive(pkl::dict({{"args", pkl::dict(items)}, {"model", pkl::dict({{"w", pkl::tensor(small())}})}})));
  EXPECT_LT(file->arguments()->dump().size(), 1'200'000u);
}

TEST(TorchFile, ReadsAPackedArchive) {
  std::vector<ZipPart> parts = test::torchParts(
      pkl::file(pkl::dict(
          {{"w", pkl::tensor(small())}, {"t", pkl::tensor({"FloatStorage", "0", 6, 1, {2, 2}, {1, 3}})}})),
      {kSmallData});
  for (ZipPart& part : parts) part.isDeflated = true;
  const TemporaryFolder folder;
  const auto checkpoint = Checkpoint::open(folder.write("w.pth", zipFile(parts)));
  EXPECT_EQ(valuesOf(*checkpoint, *checkpoint->find("w")), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(valuesOf(*checkpoint, *checkpoint->find("t")), (std::vector<double>{2, 5, 3, 6}));
  std::vector<float> row(3);
  checkpoint->readRows(*checkpoint->find("w"), 1, 1, std::span<float>(row));
  EXPECT_EQ(row, (std::vector<float>{4, 5, 6}));
}

TEST(TorchFile, ReadsElementsFarApart) {
  std::vector<float> values(500'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const std::string root =
      pkl::dict({{"t", pkl::tensor({"FloatStorage", "0", 500'000, 3, {5, 2, 3}, {1, 200'000, 7000}})}});
  const TemporaryFolder folder;
  const auto checkpoint = Checkpoint::open(folder.write("w.pth", archive(root, {floats(values)})));
  std::vector<double> expected;
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 2; ++j) {
      for (int k = 0; k < 3; ++k) expected.push_back(3 + i + 200'000 * j + 7000 * k);
    }
  }
  EXPECT_EQ(valuesOf(*checkpoint, *checkpoint->find("t")), expected);
}

TEST(TorchFile, ChecksAStorageWhenItIsFirstRead) {
  std::vector<ZipPart> parts =
      test::torchParts(pkl::file(pkl::dict({{"w", pkl::tensor(small())}})), {kSmallData});
  parts[2].sum = 1;
  const TemporaryFolder folder;
  const auto checkpoint = Checkpoint::open(folder.write("w.pth", zipFile(parts)));
  std::vector<float> row(3);
  for (int i = 0; i < 2; ++i) {
    const Error error =
        failureOf([&] { checkpoint->readRows(*checkpoint->find("w"), 0, 1, std::span<float>(row)); });
    test::expectRefusal(error, "checksum", "entry \"archive/data/0\"");
  }
}

TEST(TorchFile, SaysThatTheFileBecameShorter) {
  const TemporaryFolder folder;
  const auto path = folder.write("w.pth", archive(pkl::dict({{"w", pkl::tensor(small())}})));
  const auto checkpoint = Checkpoint::open(path);
  std::filesystem::resize_file(path, 100);
  test::expectRefusal(failureOf([&] { valuesOf(*checkpoint, *checkpoint->find("w")); }), "became shorter",
                      path.string());
}

std::string fileOf(const std::string& name) { return readFile(data(name), 100'000); }

/// An archive with one tensor, changed.
template <typename Function>
std::string with(Function change) {
  pkl::Tensor changed = small();
  change(changed);
  return archive(pkl::dict({{"w", pkl::tensor(changed)}}));
}

/// An archive with one tensor whose storage is found by this reference.
std::string withStorage(const std::string& reference) {
  return archive(pkl::dict({{"w", pkl::call(pkl::global("torch._utils", "_rebuild_tensor_v2"),
                                            {reference, pkl::integer(0), pkl::numbers({6}), pkl::numbers({1}),
                                             pkl::boolean(false), pkl::dict({})})}}));
}

std::vector<Refusal> archiveRefusals() {
  const std::string good = pkl::file(pkl::dict({{"w", pkl::tensor(small())}}));
  const auto parts = [&] { return test::torchParts(good, {kSmallData}); };
  const auto plus = [&](const std::string& name, const std::string& content) {
    std::vector<ZipPart> result = parts();
    result.push_back({});
    result.back().name = name;
    result.back().content = content;
    return zipFile(result);
  };
  const auto order = [&](const std::string& text) {
    std::vector<ZipPart> result = parts();
    result[1].content = text;
    return zipFile(result);
  };
  std::vector<ZipPart> bare = parts();
  bare.erase(bare.begin());
  std::string cut = zipFile(parts());
  cut.resize(cut.size() / 2);
  return {
      {"Empty", "", "The file is empty"},
      {"Other", "GGUF....", "it is no zip archive"},
      {"LfsPointer", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
      {"Legacy", "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.", "format of PyTorch before 1.6"},
      {"CutOff", cut, "no end record"},
      {"NoPickle", zipFile(bare), "holds no data.pkl"},
      {"TwoPickles", plus("other/data.pkl", good), "more than one data.pkl"},
      {"TorchScript", fileOf("script.pt"), "TorchScript program"},
      {"Code", plus("archive/code/a.py", ""), "TorchScript program"},
      {"BigEndian", order("big"), "big-endian"},
      {"OtherEndian", order("middle\n"), "byte order is \"middle\\n\""},
      {"WholeModule", fileOf("module.pth"), "holds a Python object"},
      {"WithoutSums", fileOf("without_sums.pth"), "checksum"},
      {"OneTensor", archive(pkl::tensor(small())), "holds one tensor"},
      {"AList", archive(pkl::list({pkl::tensor(small())})), "holds no dictionary of tensors"},
      {"NoTensors",
       archive(pkl::dict({{"epoch", "N"}, {"model_ema", pkl::dict({{"w", pkl::tensor(small())}})}})),
       "holds no tensors"},
      {"EmptyDictionary", archive("}"), "holds no tensors"},
      {"HoldsItself", archive(std::string("}q\0", 3) + pkl::text("model") + std::string("h\0s", 3)),
       "holds no tensors"},
      {"BrokenPickle", zipFile(test::torchParts("\x80\x02}", {})), "The pickle ends too early"},
  };
}

std::vector<Refusal> storageRefusals() {
  const auto storage = [](const std::vector<std::string>& parts) {
    return withStorage(pkl::reference(pkl::tuple(parts)));
  };
  const std::string name = pkl::text("storage"), type = pkl::global("torch", "FloatStorage"),
                    key = pkl::text("0"), device = pkl::text("cpu"), count = pkl::integer(6);
  const std::string twice =
      pkl::dict({{"a", pkl::tensor(small())}, {"b", pkl::tensor({"IntStorage", "0", 6, 0, {6}, {1}})}});
  return {
      {"NoStorage", with([](pkl::Tensor& t) { t.key = "7"; }), "data/7 is not in the file"},
      {"StorageTooShort", with([](pkl::Tensor& t) { t.count = 7; }), "has 24 bytes, not 7 elements of 4"},
      {"StorageTooLong", with([](pkl::Tensor& t) { t.count = 5; }), "has 24 bytes, not 5 elements of 4"},
      {"StorageOfHalves", with([](pkl::Tensor& t) { t.storage = "HalfStorage"; }),
       "has 24 bytes, not 6 elements of 2"},
      {"StorageHuge", with([](pkl::Tensor& t) { t.count = int64_t{1} << 62; }),
       "not 4611686018427387904 elements"},
      {"StorageNegative", with([](pkl::Tensor& t) { t.count = -6; }), "storage has a negative size"},
      {"TwoTypesOfAStorage", archive(twice), "disagree about their storage"},
      {"KeyClimbs", with([](pkl::Tensor& t) { t.key = "../data/0"; }), "is not in the file"},
      {"NoReference", withStorage(pkl::tuple({name, type, key, device, count})),
       "does not say where its storage is"},
      {"ReferenceToOther", storage({pkl::text("module"), type, key, device, count}),
       "does not say where its storage is"},
      {"ReferenceTooShort", storage({name, type, key, device}), "does not say where its storage is"},
      {"ReferenceWithoutKey", storage({name, type, count, device, count}),
       "does not say where its storage is"},
      {"ReferenceWithoutType", storage({name, key, key, device, count}), "does not say where its storage is"},
  };
}

std::vector<Refusal> shapeRefusals() {
  return {
      {"NegativeFirst", with([](pkl::Tensor& t) { t.first = -1; }), "begins before its storage"},
      {"NegativeSize", with([](pkl::Tensor& t) {
         t.shape = {-2, 3};
       }),
       "shape is negative"},
      {"NegativeStride", with([](pkl::Tensor& t) {
         t.strides = {-3, 1};
       }),
       "strides is negative"},
      {"StridesMissing", with([](pkl::Tensor& t) { t.strides = {1}; }), "has 2 dimensions but 1 strides"},
      {"FirstTooLarge", with([](pkl::Tensor& t) { t.first = 1; }),
       "reaches beyond its storage of 6 elements"},
      {"SizeTooLarge", with([](pkl::Tensor& t) {
         t.shape = {3, 3};
       }),
       "reaches beyond its storage"},
      {"StrideTooLarge", with([](pkl::Tensor& t) {
         t.strides = {4, 1};
       }),
       "reaches beyond its storage"},
      {"ShapeOverflows", with([](pkl::Tensor& t) {
         t.shape = {int64_t{1} << 33, int64_t{1} << 33}, t.strides = {0, 0};
       }),
       "reaches beyond its storage"},
      {"StrideOverflows", with([](pkl::Tensor& t) {
         t.strides = {INT64_MAX, INT64_MAX};
       }),
       "reaches beyond its storage"},
      {"TooManyDimensions", with([](pkl::Tensor& t) { t.shape = t.strides = std::vector<int64_t>(65, 1); }),
       "more than 64 dimensions"},
      {"ShapeOfText",
       archive(pkl::dict({{"w", pkl::call(pkl::global("torch._utils", "_rebuild_tensor_v2"),
                                          {pkl::storage("FloatStorage", "0", 6), pkl::integer(0),
                                           pkl::tuple({pkl::text("2")}), pkl::numbers({1}), "N", "N"})}})),
       "shape is not a tuple of whole numbers"},
      {"TooFewValues",
       archive(pkl::dict({{"w", pkl::call(pkl::global("torch._utils", "_rebuild_tensor_v2"),
                                          {pkl::storage("FloatStorage", "0", 6), pkl::integer(0)})}})),
       "described by too few values"},
      {"SameName", archive(pkl::dict({{"w", pkl::tensor(small())}, {"module.w", pkl::tensor(small())}})),
       "have the same name"},
      {"NameNoText", archive(pkl::dict({{"w\xFF", pkl::tensor(small())}})), "not valid UTF-8"},
  };
}

class RefusedTorchFile : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedTorchFile, SaysWhy) {
  test::expectRefusal(failureOf([] { open(GetParam().bytes); }), GetParam().message, "w.pth");
}

INSTANTIATE_TEST_SUITE_P(Archive, RefusedTorchFile, testing::ValuesIn(archiveRefusals()), test::nameOf);
INSTANTIATE_TEST_SUITE_P(Storage, RefusedTorchFile, testing::ValuesIn(storageRefusals()), test::nameOf);
INSTANTIATE_TEST_SUITE_P(Shape, RefusedTorchFile, testing::ValuesIn(shapeRefusals()), test::nameOf);

TEST(TorchFile, ListsTheKeysWhereItFindsNoTensors) {
  const Error error = failureOf([] { open(archive(pkl::dict({{"epoch", "N"}, {"a\nb", "N"}}))); });
  EXPECT_EQ(error.where, "w.pth, keys \"epoch\", \"a\\nb\"");
}

TEST(TorchFile, TakesNoMoreThanItsLimitOfTensors) {
  std::string items = pkl::text("a") + pkl::tensor(small()) + std::string("q\0", 2);
  for (int i = 0; i < 200'000; ++i) items += pkl::text(std::to_string(i)) + std::string("h\0", 2);
  test::expectRefusal(failureOf([&] { open(archive("}(" + items + "u")); }), "more than 200,000 tensors",
                      "w.pth");
}

TEST(TorchFile, SurvivesEveryChangeOfItsPickle) {
  const std::string args =
      pkl::object(pkl::global("argparse", "Namespace"), pkl::dict({{"lr", pkl::number(1.0)}}));
  const std::string model = pkl::ordered(
      {{"w", pkl::tensor(small())}, {"t", pkl::tensor({"FloatStorage", "0", 6, 1, {2, 2}, {1, 3}})}});
  const std::string good = pkl::file(pkl::dict({{"model", model}, {"args", args}}));
  int opened = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char change : {'\x01', '\x10', '\x80', '\xFF'}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ change);
      try {
        const auto file = open(zipFile(test::torchParts(changed, {kSmallData})));
        ++opened;
        for (size_t i = 0; i < file->tensors().size(); ++i) {
          std::vector<std::byte> bytes(static_cast<size_t>(file->tensors()[i].bytes));
          if (elementSize(file->tensors()[i].dtype) != 0) file->read(i, 0, bytes);
        }
      } catch (const Failure&) {
      }
    }
  }
  EXPECT_GT(opened, 100);  // changes of names and numbers; most others are refused
}

}  // namespace
}  // namespace uc
