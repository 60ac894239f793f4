// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"
#include "core/models/model.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/pickles.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/zips.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace uc {
namespace {

namespace fs = std::filesystem;
using test::EditedModel;
using test::failureOf;
using test::TemporaryFolder;
namespace pkl = test::pkl;

using Items = std::vector<std::pair<std::string, std::string>>;

EditedModel golden() { return EditedModel(std::string(TEST_DATA) + "/mamba/hf-tied"); }

std::unique_ptr<Model> opened(const fs::path& path) {
  return openModel(Checkpoint::open(path), ComputeType::Float32, int64_t{1} << 30);
}

at::Tensor logits(const Model& model) {
  const std::vector<int64_t> ids = {5, 60, 0, 33, 5, 12};
  return model.logits(model.run(ids, {}), 0, static_cast<int64_t>(ids.size()));
}

void expectSame(const Model& model) {
  const TemporaryFolder folder;
  golden().save(folder.path());
  const auto expected = opened(folder.path());
  EXPECT_TRUE(logits(model).equal(logits(*expected)));
  EXPECT_EQ(model.info().parameters, expected->info().parameters);
  EXPECT_EQ(model.info().bytes, expected->info().bytes);
}

/// The model's tensors as torch.save writes them, and their storages.
struct Saved {
  Items tensors;
  std::vector<std::string> storages;
};

Saved saved(const EditedModel& model, const std::string& prefix = "") {
  Saved result;
  for (const auto& [name, tensor] : model.tensors) {
    const auto count = static_cast<int64_t>(tensor.bytes.size() / sizeof(float));
    std::vector<int64_t> strides(tensor.shape.size(), 1);
    for (size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * tensor.shape[i];
    result.tensors.emplace_back(prefix + name,
                                pkl::tensor({"FloatStorage", std::to_string(result.storages.size()), count, 0,
                                             tensor.shape, strides}));
    result.storages.push_back(tensor.bytes);
  }
  return result;
}

std::string archive(const std::string& root, const std::vector<std::string>& storages) {
  return test::zipFile(test::torchParts(pkl::file(root), storages));
}

TEST(Containers, ATiedHeadCountsOnce) {
  Saved model = saved(golden());
  for (const auto& [name, tensor] : Items(model.tensors)) {
    if (name == "backbone.embeddings.weight") model.tensors.emplace_back("lm_head.weight", tensor);
  }
  const TemporaryFolder folder;
  folder.write("pytorch_model.bin", archive(pkl::ordered(model.tensors), model.storages));
  const auto reopened = opened(folder.path());
  EXPECT_TRUE(reopened->info().notices.empty());
  expectSame(*reopened);
}

TEST(Containers, ATrainingCheckpointOpens) {
  const Saved model = saved(golden(), "module.");
  const std::string args = pkl::object(pkl::global("argparse", "Namespace"), pkl::dict({{"lr", "N"}}));
  const TemporaryFolder folder;
  const auto path = folder.write(
      "w.pth", archive(pkl::dict({{"args", args}, {"model", pkl::dict(model.tensors)}}), model.storages));
  expectSame(*opened(path));
  EXPECT_EQ(Engine::open(path.string(), {}, {})->info().name, "w.pth");
}

TEST(Containers, ShardsOpenAndWhatIsNotUsedIsSaid) {
  EditedModel first = golden(), second = golden();
  Json map;
  for (const auto& [name, tensor] : golden().tensors) {
    const bool isFirst = map.size() % 2 == 0;
    map[name] = isFirst ? "x.safetensors" : "y.safetensors";
    (isFirst ? second : first).tensors.erase(name);
  }
  second.tensors["stray"] = {"F32", {1}, std::string(4, '\0')};
  const TemporaryFolder folder;
  first.save(folder / "x");
  second.save(folder / "y");
  fs::create_directories(folder / "m");
  for (const std::string name : {"x", "y"}) {
    fs::rename(folder / (name + "/model.safetensors"), folder / ("m/" + name + ".safetensors"));
  }
  fs::rename(folder / "x/config.json", folder / "m/config.json");
  folder.write("m/model.safetensors.index.json", Json({{"weight_map", map}}).dump());
  const auto model = opened(folder / "m");
  const std::vector<std::string> notices = model->info().notices;
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("not used: stray"), std::string::npos);
  golden().save(folder / "whole");
  EXPECT_TRUE(logits(*model).equal(logits(*opened(folder / "whole"))));
}

TEST(Containers, ANeededTensorOfAnUnknownKindIsNamed) {
  Saved model = saved(golden());
  for (auto& [name, tensor] : model.tensors) {
    if (name == "backbone.norm_f.weight") {
      tensor = pkl::call(pkl::global("torch._utils", "_rebuild_sparse_tensor"), {pkl::none()});
    }
  }
  model.tensors.emplace_back("unused", pkl::call(pkl::global("torch._utils", "_rebuild_qtensor"), {}));
  const TemporaryFolder folder;
  const auto path = folder.write("w.pth", archive(pkl::dict(model.tensors), model.storages));
  const Error error = failureOf([&] { opened(path); });
  EXPECT_EQ(error.what, "A tensor has a type that cannot be read.");
  EXPECT_EQ(error.where, "`backbone.norm_f.weight`, type torch._utils._rebuild_sparse_tensor");
}

}  // namespace
}  // namespace uc
