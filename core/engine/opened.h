// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_parts.h"
#include "core/attention/operators.h"
#include "core/attention/operators_gpu.h"
#include "core/attention/single_signed.h"
#include "core/engine/engine.h"
#include "core/io/tokenizer.h"
#include "core/models/model.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
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
  /// The smallest budget that runs and factors are held to: the program itself needs more, and a budget set
  /// for the size of maps must not forbid every input.
  int64_t leastBudget = int64_t{256} << 20;
  std::unique_ptr<GpuOperators> gpu;  // where maps are computed; none: on the CPU

  int64_t valueBytes() const { return isDouble ? 8 : 4; }
};

/// The factors of some neighboring lanes of a layer, with the arrays that `has` says. Lane d of the layer is
/// lane d − has.firstLane of them, and token t is token t − has.firstToken.
struct LaneSlab {
  int64_t layer = 0;
  FactorNeeds has;
  std::shared_ptr<const LayerFactors> factors;
  std::shared_ptr<SignedMean> signedMean;  // of the factors
};

/// A run with its trace, as deep as it was asked for, and the factors looked at last. Everything but tokens()
/// and notices() is the worker's alone.
class TracedRun : public Run {
 public:
  const Tokens& tokens() const override { return m_tokens; }
  std::vector<std::string> notices() const override;

  TracedRun(const OpenedModel& opened, const Input& input, const Feedback& feedback);

  /// The trace, run to the end.
  const Trace& complete(const OpenedModel& opened, const Feedback& feedback) const;

  /// At least what is needed, all of it at once: of a short input the whole layer, of a long one the lanes
  /// and tokens beside those asked for as well, so that stepping through them seldom waits. Recomputed when
  /// it is not among the last ones, which stay within a quarter of the budget. Throws Failure when it does
  /// not fit into the budget.
  LaneSlab slab(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs,
                const Feedback& feedback) const;

  /// The same when all that is needed may be more than fits at once: work() gets one part of the lanes after
  /// the other, in order, `part` saying which.
  using SlabWork =
      std::function<void(const LaneSlab& slab, const FactorNeeds& part, const Feedback& feedback)>;
  void forSlabs(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs, const Feedback& feedback,
                const SlabWork& work) const;

  /// How many neighboring lanes each of forSlabs' parts has, but for the last.
  int64_t lanesAtOnce(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs) const;

  /// Multiply-adds, roughly, that forSlabs takes before work() has all it asks for; 0: it is kept. Runs
  /// nothing.
  double costOf(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs) const;

 private:
  void extend(const OpenedModel& opened, int64_t layer, const Feedback& feedback) const;
  void publishNotices() const;
  bool isKept(int64_t layer, const FactorNeeds& needs) const;
  void makeRoom(int64_t bytes) const;

  Tokens m_tokens;
  std::vector<std::string> m_inputNotices;
  mutable std::mutex m_mutex;  // of the notices of the trace
  mutable std::vector<std::string> m_traceNotices;
  mutable Trace m_trace;
  mutable std::list<LaneSlab> m_slabs;  // last used first
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
std::vector<Prediction> predict(const OpenedModel& opened, const TracedRun& run, int64_t top,
                                const Feedback& feedback);
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
std::vector<LaneStatistics> measureLanes(const OpenedModel& opened, const TracedRun& run, int64_t layer,
                                         const Feedback& feedback);

/// How many neighboring lanes of a layer share a scan.
int64_t lanesAScan(const ModelInfo& info, int64_t layer);
/// Every array of some lanes, and of those that share their scans.
FactorNeeds needsOf(const ModelInfo& info, int64_t layer, const LaneSpan& lanes);

/// "17 GB", "3.9 MB".
std::string bytesText(int64_t bytes);

/// Throws Failure when the layer is out of range.
void checkLayerNumber(const ModelInfo& info, int64_t layer);

}  // namespace uc
