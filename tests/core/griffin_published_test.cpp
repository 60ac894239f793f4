// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/model.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace uc {
namespace {

using test::TemporaryFolder;

/// The published models' tensors, without numbers: the file is a hole.
ModelInfo published(int64_t layers, int64_t E, int64_t heads, int64_t feed) {
  const int64_t V = 256000, F = feed / 2, P = E / heads;
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes = {{"model.embed_tokens.weight", {V, E}},
                                                                      {"model.final_norm.weight", {E}}};
  for (int64_t i = 0; i < layers; ++i) {
    const std::string block = "model.layers." + std::to_string(i) + ".", mixer = block + "temporal_block.";
    const auto linear = [&](const std::string& name, int64_t rows, int64_t columns) {
      shapes.push_back({name + ".weight", {rows, columns}});
      shapes.push_back({name + ".bias", {rows}});
    };
    shapes.push_back({block + "temporal_pre_norm.weight", {E}});
    shapes.push_back({block + "channel_pre_norm.weight", {E}});
    linear(block + "mlp_block.gate_proj", F, E);
    linear(block + "mlp_block.up_proj", F, E);
    linear(block + "mlp_block.down_proj", E, F);
    if (i % 3 == 2) {
      shapes.push_back({mixer + "q_proj.weight", {E, E}});
      shapes.push_back({mixer + "k_proj.weight", {P, E}});
      shapes.push_back({mixer + "v_proj.weight", {P, E}});
      linear(mixer + "o_proj", E, E);
      continue;
    }
    linear(mixer + "linear_x", E, E);
    linear(mixer + "linear_y", E, E);
    linear(mixer + "linear_out", E, E);
    shapes.push_back({mixer + "conv_1d.weight", {E, 1, 4}});
    shapes.push_back({mixer + "conv_1d.bias", {E}});
    shapes.push_back({mixer + "rg_lru.recurrent_param", {E}});
    for (const char* gate : {"rg_lru.input_gate", "rg_lru.recurrent_gate"}) {
      shapes.push_back({mixer + gate + "_weight", {heads, P, P}});
      shapes.push_back({mixer + gate + "_bias", {heads, P}});
    }
  }
  Json header = Json::object();
  uint64_t end = 0;
  for (const auto& [name, shape] : shapes) {
    uint64_t bytes = 2;
    for (const int64_t size : shape) bytes *= static_cast<uint64_t>(size);
    header[name] = {{"dtype", "BF16"}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
    end += bytes;
  }
  const std::string text = header.dump();
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(text.size() >> (8 * i) & 0xFF);
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.write("model.safetensors", file + text);
  std::filesystem::resize_file(path, 8 + text.size() + end);
  folder.write("config.json", Json{{"model_type", "recurrent_gemma"},
                                   {"hidden_size", E},
                                   {"intermediate_size", feed},
                                   {"num_attention_heads", heads},
                                   {"num_key_value_heads", 1},
                                   {"num_hidden_layers", layers}}
                                  .dump());
  return openModel(Checkpoint::open(folder.path()), ComputeType::Float32, int64_t{1} << 30)->info();
}

TEST(GriffinPublished, HasItsParameters) {
  const ModelInfo two = published(26, 2560, 10, 15360);
  EXPECT_EQ(two.parameters, 2'682'862'080);
  EXPECT_EQ(two.dtype, "bfloat16");
  EXPECT_EQ(two.heads, 10);
  EXPECT_EQ(published(38, 4096, 16, 24576).parameters, 8'579'977'216);
}

}  // namespace
}  // namespace uc
