// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/merge.h"
#include "core/attention/pooled.h"
#include "core/attention/pooled_sample.h"
#include "core/attention/reconstruct.h"
#include "core/engine/map_time.h"
#include "core/engine/opened.h"
#include "core/engine/slabs.h"
#include "core/models/weights.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace uc {

namespace {

constexpr double kExact = 1e-5;  // relative error up to which a reconstruction counts as exact

LaneSpan spanOf(const ModelInfo& info, const MapId& id) {
  const LaneChoice& lanes = id.lanes;
  if (lanes.kind == LaneChoice::Kind::Lane) return {lanes.index, lanes.index + 1, std::nullopt};
  const int64_t count = info.lanesOf(id.layer);
  if (lanes.kind == LaneChoice::Kind::All) return {0, count, lanes.merge};
  const int64_t size = count / *info.headsOf(id.layer);
  return {lanes.index * size, (lanes.index + 1) * size, lanes.merge};
}

MapTerms termsOf(const MapId& id) {
  return {id.factors.factors, id.direction, id.factors.convention == Convention::Exact};
}

Window windowOf(const MapPart& part, int64_t tokens) {
  const auto end = [&](const TokenRange& range) { return range.end == -1 ? tokens : range.end; };
  return {part.rows.begin, end(part.rows), part.cols.begin, end(part.cols), part.pool, part.pooling};
}

int64_t resultBytes(const Window& window, int64_t pool, int64_t valueBytes) {
  return pooledSize(window.row1 - window.row0, pool) * pooledSize(window.col1 - window.col0, pool) *
         valueBytes;
}

void checkSize(const OpenedModel& opened, const MapId& id, const Window& window, int64_t tokens) {
  const int64_t bytes = resultBytes(window, window.pool, opened.valueBytes());
  if (bytes <= opened.budget) return;
  const int64_t largest = std::max(window.row1 - window.row0, window.col1 - window.col0);
  int64_t pool = window.pool + 1;
  while (pool < largest && resultBytes(window, pool, opened.valueBytes()) > opened.budget) ++pool;
  fail("The map does not fit in memory.",
       fmt::format("layer {}, {} tokens: needs {}, limit {}", id.layer, grouped(tokens), bytesText(bytes),
                   bytesText(opened.budget)),
       fmt::format("Use --pool {}, a smaller part, or raise the memory limit.", pool));
}

// One notice for all of them (conventions.md 9).
std::vector<std::string> missingFactors(const OpenedModel& opened, const MapId& id) {
  if (id.factors.convention != Convention::Custom) return {};
  Factors missing;
  for (const Factor factor : allFactors()) {
    const bool isMissing = id.factors.factors.has(factor) && !opened.info.factorsOf(id.layer).has(factor);
    if (isMissing) missing = missing.with(factor);
  }
  if (missing == Factors{}) return {};
  return {fmt::format("A layer of kind {} has no {}: left out.",
                      opened.info.kinds[static_cast<size_t>(id.layer)], factorList(missing))};
}

// On the device when the model was opened for one; what that cannot do, on the CPU.
template <typename T>
MatrixOf<T> tileOf(const OpenedModel& opened, const LayerFactors& layer, const MapQuery& query,
                   const Window& window, const Feedback& feedback) {
  if (opened.gpu) {
    if (std::optional<MatrixOf<T>> map = opened.gpu->tile<T>(layer, query, window, feedback))
      return *std::move(map);
  }
  return cutWindow<T>(layer, query, window, feedback);
}

AnyMatrix anyTile(const OpenedModel& opened, const LayerFactors& layer, const MapQuery& query,
                  const Window& window, const Feedback& feedback) {
  if (opened.isDouble) return tileOf<double>(opened, layer, query, window, feedback);
  return tileOf<float>(opened, layer, query, window, feedback);
}

AnyMatrix anySample(const OpenedModel& opened, const LayerFactors& layer, const MapQuery& query,
                    const Window& window, int64_t kept, const Feedback& feedback) {
  if (opened.isDouble) return sampledTile<double>(layer, query, window, kept, feedback);
  return sampledTile<float>(layer, query, window, kept, feedback);
}

// Whether the map is the exact one: every term that the layer has, directions with their share.
bool isAllOf(const ModelInfo& info, int64_t layer, const MapTerms& shown) {
  const Factors available = info.factorsOf(layer);
  if (shown.factors.has(Factor::NoStep) && available.has(Factor::NoStep)) return false;
  if (info.isBidirectional && !(shown.direction == Direction::Both && shown.hasShare)) return false;
  const std::vector<Factor>& all = allFactors();
  return std::all_of(all.begin(), all.end(), [&](Factor factor) {
    return factor == Factor::NoStep || !available.has(factor) || shown.factors.has(factor);
  });
}

AnyMatrix anyMap(const OpenedModel& opened, const TracedRun& run, int64_t layer, const MapQuery& query,
                 const Window& window, const Feedback& feedback) {
  return cutLanes(opened, run, layer, query, window, feedback,
                  [&](const LaneSlab& slab, const MapQuery& own, const Window& here, const Feedback& partly) {
                    return anyTile(opened, *slab.factors, own, here, partly);
                  });
}

// Of the directions that are shown. The second one counts from the last token.
std::vector<double> decaysOf(const LayerFactors& layer, int64_t lane, int64_t t, Direction direction) {
  std::vector<double> result(static_cast<size_t>(layer.tokens), 0.0);
  if (!layer.backward || direction != Direction::Backward) {
    const std::vector<double> earlier = decayProducts(layer, lane, t);
    std::copy(earlier.begin(), earlier.end(), result.begin());
  }
  if (layer.backward && direction != Direction::Forward) {
    const std::vector<double> later = decayProducts(*layer.backward, lane, layer.tokens - 1 - t);
    std::copy(later.begin(), later.end(), result.rbegin());
  }
  return result;
}

// Σ a² and Σ (a − b)² over entries that are both finite.
struct Difference {
  double square = 0.0, change = 0.0;

  void add(const AnyMatrix& shown, const AnyMatrix* other) {
    std::visit([&](const auto& matrix) { addAll(matrix, other); }, shown);
  }
  double share() const {
    if (change == 0.0) return 0.0;
    return square == 0.0 ? std::numeric_limits<double>::infinity() : std::sqrt(change / square);
  }

 private:
  template <typename T>
  void addAll(const MatrixOf<T>& shown, const AnyMatrix* other) {
    const MatrixOf<T>* second = other == nullptr ? nullptr : &std::get<MatrixOf<T>>(*other);
    for (size_t i = 0; i < shown.values.size(); ++i) {
      const double a = static_cast<double>(shown.values[i]);
      const double b = second == nullptr ? 0.0 : static_cast<double>(second->values[i]);
      if (!std::isfinite(a) || !std::isfinite(b)) continue;
      square += a * a;
      change += (a - b) * (a - b);
    }
  }
};

// The whole map of a short input; eight bands of 32 rows, evenly spaced, of a long one, whose merges take
// longer.
std::vector<Window> sampledWindows(int64_t tokens, const LaneSpan& lanes) {
  constexpr int64_t kBands = 8, kBandRows = 32;
  if (tokens <= (lanes.merge ? 512 : 1024)) return {{0, tokens, 0, tokens, 1}};
  std::vector<Window> result;
  for (int64_t band = 0; band < kBands; ++band) {
    const int64_t first = (tokens - kBandRows) * band / (kBands - 1);
    result.push_back({first, first + kBandRows, 0, tokens, 1});
  }
  return result;
}

Factors switched(Factors factors, Factor factor) {
  return factors.has(factor) ? factors.without(factor) : factors.with(factor);
}

}  // namespace

MapResult cutMap(const OpenedModel& opened, const TracedRun& run, const MapRequest& request,
                 const Feedback& feedback) {
  const MapId& id = request.id;
  const int64_t L = run.tokens().size();
  checkMap(opened.info, id, request.part, L);
  const Window window = windowOf(request.part, L);
  checkSize(opened, id, window, L);
  const MapQuery query{spanOf(opened.info, id), termsOf(id), request.timesInput};
  if (request.onlyTime) return timeOf(opened, run, request, query, window);
  feedback.report(0.0, fmt::format("Preparing layer {}", id.layer));

  MapResult result;
  int64_t kept = window.pool;
  const bool isInBands = isCutInBands(opened, run, id.layer, query, window);
  bool samplesColumns = false;
  std::string onCpu;  // why a part of the map was not made on the device
  const auto cut = [&](const LaneSlab& slab, const MapQuery& own, const Window& here,
                       const Feedback& partly) {
    samplesColumns = isThinned(*slab.factors);
    const std::optional<EqualMap> mean = slab.signedMean->of(*slab.factors, own);
    const LayerFactors& factors = mean ? mean->layer : *slab.factors;
    const MapQuery& asked = mean ? mean->query : own;
    if (request.maySample && !isInBands && !opened.gpu) {
      const double share = static_cast<double>(own.lanes.count()) / static_cast<double>(query.lanes.count());
      kept = std::min(kept, keptOf(factors, asked, here, share * request.patience));
    }
    const auto start = std::chrono::steady_clock::now();
    AnyMatrix values = kept < here.pool ? anySample(opened, factors, asked, here, kept, partly)
                                        : anyTile(opened, factors, asked, here, partly);
    result.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (opened.gpu && !opened.gpu->notice().empty()) onCpu = opened.gpu->notice();
    return values;
  };
  result.values = cutLanes(opened, run, id.layer, query, window, feedback, cut);
  result.stride = pooledSize(window.pool, kept);
  result.id = id;
  result.row0 = window.row0;
  result.row1 = window.row1;
  result.col0 = window.col0;
  result.col1 = window.col1;
  result.pool = window.pool;
  result.pooling = window.pooling;
  result.attended = attendedIn(opened.info.isBidirectional, id.direction);
  result.isUnsigned = isUnsigned(id.lanes);
  result.notices = missingFactors(opened, id);
  if (kept < window.pool) {
    result.notices.push_back(fmt::format(
        "Sampled: {} of {} rows of each cell{}, so that spikes may be missed. On the command line, "
        "map --pool {} takes all of them.",
        kept, window.pool, samplesColumns ? ", and as many columns" : "", window.pool));
  }
  if (!onCpu.empty()) result.notices.push_back(onCpu);
  return result;
}

RowResult cutRow(const OpenedModel& opened, const TracedRun& run, const MapId& id, int64_t t,
                 const Feedback& feedback) {
  const int64_t L = run.tokens().size();
  if (t < 0 || t >= L)
    fail("There is no such row.", fmt::format("row {}", t), fmt::format("Choose a row, 0 … {}.", L - 1));
  checkMap(opened.info, id, {{t, t + 1}, {0, L}, 1}, L);

  RowResult result;
  result.row = t;
  MapQuery query{spanOf(opened.info, id), termsOf(id), true};  // the weights of tokens need x
  result.share.assign(static_cast<size_t>(L), 0.0);
  const auto cut = [&](const LaneSlab& slab, const MapQuery& own, const Window& here,
                       const Feedback& partly) {
    MergedRow merged = mergedRow(*slab.factors, own, here.row0, partly);
    const auto lanes = static_cast<double>(own.lanes.count());
    for (size_t s = 0; s < merged.weights.size(); ++s) result.share[s] += lanes * merged.weights[s];
    Matrix64 row(1, L);
    row.values = std::move(merged.values);
    return AnyMatrix(std::move(row));
  };
  const Window all{t, t + 1, 0, L, 1};
  const AnyMatrix row = cutLanes(opened, run, id.layer, query, all, feedback.part(0.0, 0.9), cut);
  result.alpha = std::get<Matrix64>(row).values;
  double sum = 0.0;
  for (const double value : result.share) sum += value;
  for (double& value : result.share) value = sum == 0.0 ? 0.0 : value / sum;
  if (!query.lanes.merge && !opened.info.isSoftmax(id.layer)) {
    const LaneSlab slab =
        run.slab(opened, id.layer, needsOf(opened.info, id.layer, query, all), feedback.part(0.9, 1.0));
    result.decay = decaysOf(*slab.factors, within(slab, query).lanes.first, t, id.direction);
  }
  return result;
}

namespace {

// The output that all lanes of a layer have by its products on the device, compared with the layer's own;
// nothing where there is no device, and with a notice when it cannot.
std::optional<Reconstruction> rebuiltOnDevice(const OpenedModel& opened, const LayerFactors& layer,
                                              const MapTerms& terms, const LaneSpan& lanes,
                                              std::vector<std::string>& notices, const Feedback& feedback) {
  if (!opened.gpu) return std::nullopt;
  const std::optional<at::Tensor> y = opened.gpu->apply(layer, terms, layer.x, true, feedback);
  if (y) return compareOutput(layer, *y, lanes);
  notices = {opened.gpu->notice()};
  return std::nullopt;
}

}  // namespace

LayerCheck checkLayer(const OpenedModel& opened, const TracedRun& run, int64_t layer,
                      const Feedback& feedback) {
  checkLayerNumber(opened.info, layer);
  Reconstruction check;
  std::vector<std::string> notices;
  const FactorNeeds all{0, opened.info.lanesOf(layer)};
  run.forSlabs(opened, layer, all, feedback,
               [&](const LaneSlab& slab, const FactorNeeds& part, const Feedback& partly) {
                 Reconstruction own = verifyLayer(*slab.factors, partly);
                 const LaneSpan every{0, slab.factors->lanes, std::nullopt};
                 // Products on the device are another way, which is verified too.
                 const auto there =
                     rebuiltOnDevice(opened, *slab.factors, exactTerms(), every, notices, partly);
                 if (there) own.error = larger(own.error, there->error);
                 own.relative = own.error == 0.0 ? 0.0 : own.error / own.scale;
                 check = part.firstLane == 0 ? own : joined(check, own);
               });
  return {layer,          opened.info.kinds[static_cast<size_t>(layer)],
          check.error,    check.scale,
          check.relative, std::move(notices)};
}

BadgeResult judge(const OpenedModel& opened, const TracedRun& run, const MapId& id,
                  const Feedback& feedback) {
  checkMap(opened.info, id, {}, run.tokens().size());
  const LaneSpan lanes = spanOf(opened.info, id);
  const MapTerms shown = termsOf(id);
  BadgeResult result;
  const auto rebuilt = [&](const MapTerms& terms, const Feedback& half) {
    Reconstruction all;
    run.forSlabs(opened, id.layer, needsOf(opened.info, id.layer, lanes), half,
                 [&](const LaneSlab& slab, const FactorNeeds& part, const Feedback& partly) {
                   const LaneSpan here{std::max(lanes.first, part.firstLane) - slab.has.firstLane,
                                       std::min(lanes.last, part.lastLane) - slab.has.firstLane};
                   // One lane costs less here than copying its layer.
                   std::optional<Reconstruction> there;
                   if (lanes.merge)
                     there = rebuiltOnDevice(opened, *slab.factors, terms, here, result.notices, partly);
                   const Reconstruction own =
                       there ? *there : reconstruct(*slab.factors, terms, here, partly);
                   all = part.firstLane <= lanes.first ? own : joined(all, own);
                 });
    return all;
  };
  const Reconstruction own = rebuilt(exactTerms(), feedback.part(0.0, 0.5));

  result.lanes = lanes.last - lanes.first;
  result.relative = own.relative;
  result.share = own.share;
  if (!(std::isfinite(own.error) && std::isfinite(own.scale) && own.relative <= kExact)) {
    result.state = BadgeResult::State::NotExact;
  } else if (!isAllOf(opened.info, id.layer, shown)) {
    result.state = BadgeResult::State::Part;
    result.share = rebuilt(shown, feedback.part(0.5, 1.0)).share;
  }
  return result;
}

std::vector<FactorMove> factorMoves(const OpenedModel& opened, const TracedRun& run, const MapId& id,
                                    const Feedback& feedback) {
  const int64_t L = run.tokens().size();
  checkMap(opened.info, id, {}, L);
  const Factors available = opened.info.factorsOf(id.layer);
  const LaneSpan lanes = spanOf(opened.info, id);
  const MapTerms shown = termsOf(id);
  std::vector<FactorMove> result;
  for (const Factor factor : allFactors()) {
    const bool isIdle = factor == Factor::NoStep && !shown.factors.has(Factor::Scan);
    if (available.has(factor) && !isIdle) result.push_back({factor, 0.0});
  }
  std::vector<Difference> differences(result.size());
  for (const Window& window : sampledWindows(L, lanes)) {
    const AnyMatrix map =
        anyMap(opened, run, id.layer, {lanes, shown, false}, window, feedback.part(0.0, 0.1));
    for (size_t i = 0; i < result.size(); ++i) {
      feedback.checkpoint();
      MapTerms other = shown;
      other.factors = switched(shown.factors, result[i].factor);
      if (!other.factors.has(Factor::Scan) && !other.factors.has(Factor::Skip)) {
        differences[i].add(map, nullptr);  // nothing is left
        continue;
      }
      const AnyMatrix changed =
          anyMap(opened, run, id.layer, {lanes, other, false}, window, feedback.part(0.1, 1.0));
      differences[i].add(map, &changed);
    }
  }
  for (size_t i = 0; i < result.size(); ++i) result[i].share = differences[i].share();
  return result;
}

}  // namespace uc
