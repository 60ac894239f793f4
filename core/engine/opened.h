// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"
#include "core/engine/engine.h"
#include "core/io/tokenizer.h"
#include "core/models/model.h"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace uc {

/// What an opened model consists of; immutable but for the weights that the model reads when needed.
struct OpenedModel {
  std::unique_ptr<Model> model;
  std::unique_ptr<const Tokenizer> tokenizer;  // none: ids only
  std::optional<Error> tokenizerError;         // why there is none although there is a file
  ModelInfo info;
  bool isDouble = false;
  int64_t budget = 0;  // bytes

  int64_t valueBytes() const { return isDouble ? 8 : 4; }
};

/// A run with its trace and the factors of the layers looked at last.
class TracedRun : public Run {
 public:
  const Tokens& tokens() const override { return m_tokens; }
  const std::vector<std::string>& notices() const override { return m_notices; }
  const Trace& trace() const { return m_trace; }

  TracedRun(const OpenedModel& opened, const Input& input, const Feedback& feedback);

  /// Recomputed when they are not among the last ones, which stay within a quarter of the budget.
  std::shared_ptr<const LayerFactors> factors(const OpenedModel& opened, int64_t layer,
                                              const Feedback& feedback) const;

 private:
  void runPicture(const OpenedModel& opened, const Input& input, const Feedback& feedback);

  Tokens m_tokens;
  std::vector<std::string> m_notices;
  Trace m_trace;
  mutable std::list<std::pair<int64_t, std::shared_ptr<const LayerFactors>>> m_factors;  // last used first
};

/// The functions of Engine on these two, without the translation of exceptions (engine.cpp).
Tokens tokenize(const OpenedModel& opened, const Input& input);
/// Throws Failure when a vision model is given no picture, or another one is given one.
void checkInputKind(const OpenedModel& opened, const Input& input);
/// A vision model's input file, brought to its size: [3, H, W] in the compute type. Throws Failure.
at::Tensor pixelsOf(const OpenedModel& opened, const Input& input);
/// The same before it is normalized.
Picture pictureOf(const OpenedModel& opened, const Input& input);
Tokens pictureTokens(const VisionInfo& vision);
/// The label, or "class 17".
std::string classLabel(const VisionInfo& vision, int64_t id);
std::vector<Prediction> predict(const OpenedModel& opened, const TracedRun& run, int64_t top);
AnyMatrix allLogits(const OpenedModel& opened, const TracedRun& run, const Feedback& feedback);
std::vector<Prediction> generate(const OpenedModel& opened, const TracedRun& run,
                                 const GenerateOptions& options, const Feedback& feedback);
MapResult cutMap(const OpenedModel& opened, const TracedRun& run, const MapRequest& request,
                 const Feedback& feedback);
RowResult cutRow(const OpenedModel& opened, const TracedRun& run, const MapId& id, int64_t t,
                 const Feedback& feedback);
LayerCheck checkLayer(const OpenedModel& opened, const TracedRun& run, int64_t layer,
                      const Feedback& feedback);
BadgeResult judge(const OpenedModel& opened, const TracedRun& run, const MapId& id, const Feedback& feedback);
std::vector<FactorMove> factorMoves(const OpenedModel& opened, const TracedRun& run, const MapId& id,
                                    const Feedback& feedback);

/// "17 GB", "3.9 MB".
std::string bytesText(int64_t bytes);

/// Throws Failure when the layer is out of range.
void checkLayerNumber(const ModelInfo& info, int64_t layer);

}  // namespace uc
