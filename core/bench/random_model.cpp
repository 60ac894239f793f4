// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/random_model.h"

#include "core/io/json.h"
#include "core/values/error.h"

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace uc::bench {
namespace {

/// How the values of a tensor are drawn.
struct Draw {
  double spread = 0.0, offset = 0.0;
  bool isRate = false;  // A_log: log 1 … log N in each row instead
};

struct Planned {
  std::string name;
  std::vector<int64_t> shape;
  Draw draw;
  int64_t count() const {
    return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  }
};

std::vector<Planned> plan(const MambaShape& shape) {
  const int64_t E = shape.width, D = shape.lanes, N = shape.state, R = shape.rank;
  std::vector<Planned> list{{"backbone.embeddings.weight", {shape.vocabulary, E}, {0.02}}};
  for (int64_t i = 0; i < shape.layers; ++i) {
    const std::string block = "backbone.layers." + std::to_string(i) + ".", mixer = block + "mixer.";
    list.push_back({block + "norm.weight", {E}, {0.0, 1.0}});
    list.push_back({mixer + "in_proj.weight", {2 * D, E}, {0.02}});
    list.push_back({mixer + "conv1d.weight", {D, 1, shape.taps}, {0.3}});
    list.push_back({mixer + "conv1d.bias", {D}, {0.1}});
    list.push_back({mixer + "x_proj.weight", {R + 2 * N, D}, {0.02}});
    list.push_back({mixer + "dt_proj.weight", {D, R}, {0.05}});
    list.push_back({mixer + "dt_proj.bias", {D}, {1.0, -4.5}});
    list.push_back({mixer + "A_log", {D, N}, {.isRate = true}});
    list.push_back({mixer + "D", {D}, {0.0, 1.0}});
    list.push_back({mixer + "out_proj.weight", {E, D}, {0.01}});
  }
  list.push_back({"backbone.norm_f.weight", {E}, {0.0, 1.0}});
  return list;
}

std::string headerOf(const std::vector<Planned>& list) {
  Json header = Json::object();
  int64_t end = 0;
  for (const Planned& tensor : list) {
    const int64_t begin = end;
    end += tensor.count() * static_cast<int64_t>(sizeof(float));
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

/// Normal numbers, a few thousand drawn once and used again and again: that takes no time, and no shape is a
/// multiple of their count.
class Values {
 public:
  Values() : m_normal(8191) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (float& value : m_normal) value = normal(random);
  }
  void fill(const Planned& tensor, std::vector<float>& out) {
    out.resize(static_cast<size_t>(tensor.count()));
    const auto spread = static_cast<float>(tensor.draw.spread),
               offset = static_cast<float>(tensor.draw.offset);
    const auto columns = static_cast<size_t>(tensor.shape.back());
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = tensor.draw.isRate ? std::log(static_cast<float>(i % columns + 1))
                                  : m_normal[m_next] * spread + offset;
      m_next = m_next + 1 == m_normal.size() ? 0 : m_next + 1;
    }
  }

 private:
  std::vector<float> m_normal;
  size_t m_next = 0;
};

void writeWeights(std::ostream& file, const std::vector<Planned>& list, const Feedback& feedback) {
  const std::string header = headerOf(list);
  const auto size = static_cast<uint64_t>(header.size());
  file.write(reinterpret_cast<const char*>(&size), sizeof size);
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  Values values;
  std::vector<float> numbers;
  for (const Planned& tensor : list) {
    feedback.checkpoint();
    values.fill(tensor, numbers);
    file.write(reinterpret_cast<const char*>(numbers.data()),
               static_cast<std::streamsize>(numbers.size() * sizeof(float)));
  }
}

std::string configOf(const MambaShape& shape) {
  return Json{{"model_type", "mamba"},
              {"vocab_size", shape.vocabulary},
              {"hidden_size", shape.width},
              {"num_hidden_layers", shape.layers},
              {"state_size", shape.state},
              {"conv_kernel", shape.taps},
              {"intermediate_size", shape.lanes},
              {"time_step_rank", shape.rank},
              {"layer_norm_epsilon", 1e-5},
              {"tie_word_embeddings", true}}
      .dump();
}

[[noreturn]] void failWriting(const std::filesystem::path& path) {
  fail("The random model of the bench could not be written.", path.string(),
       "Make room there, or set TMPDIR to another folder.");
}

}  // namespace

RandomModel::RandomModel(const MambaShape& shape, const Feedback& feedback) {
  std::string name = (std::filesystem::temp_directory_path() / "undercurrent-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) failWriting(name);
  m_folder = name;
  try {
    std::ofstream weights(m_folder / "model.safetensors", std::ios::binary);
    writeWeights(weights, plan(shape), feedback);
    std::ofstream config(m_folder / "config.json");
    config << configOf(shape);
    weights.close();
    config.close();
    if (!weights || !config) failWriting(m_folder);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove_all(m_folder, ignored);
    throw;
  }
}

RandomModel::~RandomModel() {
  std::error_code ignored;
  std::filesystem::remove_all(m_folder, ignored);
}

}  // namespace uc::bench
