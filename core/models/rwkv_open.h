// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/config_values.h"
#include "core/models/rwkv_names.h"
#include "core/models/weights.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// A claimed tensor in the shape that the formulas want: the file's may have more ones, or be its transpose.
/// Without `info` the model has none.
struct RwkvTensor {
  const TensorInfo* info = nullptr;
  std::vector<int64_t> shape;
  bool isTransposed = false;
};

/// What config.json says, where there is one.
struct RwkvConfig {
  std::optional<ConfigSize> vocabulary, width, lanes, hidden, layers, headSize;
  double epsilon = 1e-5;
  int64_t rescaleEvery = 0;  // 0: never
  bool isTied = false;
  bool hasNormBias = true;
};

struct RwkvNorm {
  RwkvTensor weight, bias;
};

/// What the blocks of all versions have beside their mixers. C width, A lanes, F width of the feed-forward.
struct RwkvBlock {
  RwkvNorm mixerNorm, feedNorm;   // [C]
  RwkvTensor output;              // [C, A], the mixer's
  RwkvTensor feedMixKey;          // [C]
  RwkvTensor feedMixReceptance;   // [C]; RWKV-4 to 6
  RwkvTensor feedKey, feedValue;  // [F, C], [C, F]
  RwkvTensor feedReceptance;      // [C, C]; RWKV-4 to 6
};

/// The claims of an RWKV model on its file: sizes come from the tensors, and a config that says otherwise is
/// refused with both numbers. Throws Failure naming the tensor or the config value.
class RwkvClaims {
 public:
  /// `version` is the one the file was opened as.
  RwkvClaims(Weights& weights, int64_t version);

  int64_t version() const { return m_names.version(); }
  RwkvNames::Style style() const { return m_names.style(); }
  const RwkvConfig& config() const { return m_config; }
  int64_t V = 0, C = 0, A = 0, F = 0, layers = 0;
  int64_t H = 0, N = 0;  // heads and their size, once setHeads() was called

  /// The whole model's and the blocks' common tensors.
  const RwkvTensor& embedding() const { return m_embedding; }
  const RwkvTensor& head() const { return m_head; }
  const RwkvNorm& firstNorm() const { return m_firstNorm; }  // none when folded into the embedding
  const RwkvNorm& lastNorm() const { return m_lastNorm; }
  const std::vector<RwkvBlock>& blocks() const { return m_blocks; }

  /// The tensor of a block under BlinkDL's name, null when there is none.
  const TensorInfo* find(int64_t layer, std::string_view tail) const;
  bool has(std::string_view tail) const;  // in any block
  const TensorInfo& need(int64_t layer, std::string_view tail) const;
  RwkvTensor claim(int64_t layer, std::string_view tail, const std::vector<int64_t>& shape);
  /// [rows, columns], multiplied as x · W; flash-linear-attention stores its transpose.
  RwkvTensor claimFactor(int64_t layer, std::string_view tail, int64_t rows, int64_t columns);
  /// As the file has it: of a shape that the family reads itself, or known and not used.
  RwkvTensor claimAsIs(int64_t layer, std::string_view tail);
  RwkvNorm claimNorm(int64_t layer, std::string_view tail);
  /// The size that most blocks have on the axis of a tensor, of which its shape has as many axes as it likes.
  int64_t most(std::string_view tail, size_t axis, int64_t divisor = 1) const;
  /// Sets H and N, where A = H · N, and holds them against the config. `tail` is the tensor that is named.
  void setHeads(int64_t heads, std::string_view tail);

 private:
  RwkvTensor claimNamed(const std::string& name, const std::vector<int64_t>& shape);
  void readConfig();
  void measure();
  void refuseWidths() const;
  void claimWhole();
  RwkvBlock claimBlock(int64_t layer);

  Weights& m_weights;
  RwkvNames m_names;
  RwkvConfig m_config;
  RwkvTensor m_embedding, m_head;
  RwkvNorm m_firstNorm, m_lastNorm;
  std::vector<RwkvBlock> m_blocks;
};

}  // namespace uc
