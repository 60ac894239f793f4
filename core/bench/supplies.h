// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/bench/random_model.h"
#include "core/engine/engine.h"

#include <memory>
#include <optional>

namespace uc::bench {

/// What several rows need and what takes long to make: made when first asked for, gone with the object.
class Supplies {
 public:
  explicit Supplies(bool isFull) : m_isFull(isFull) {}

  /// Whether baselines are to be measured as a whole.
  bool isFull() const { return m_isFull; }

  /// The folder of a random model of Mamba-130m's shape.
  const std::filesystem::path& folder(const Feedback& feedback);
  const Engine& engine(const Feedback& feedback);  // that model, opened
  const RunHandle& run(const Feedback& feedback);  // of 1,024 tokens
  /// Those tokens, the same every time.
  static Input input();

 private:
  bool m_isFull;
  std::optional<RandomModel> m_model;
  std::shared_ptr<const Engine> m_engine;
  RunHandle m_run;
};

}  // namespace uc::bench
