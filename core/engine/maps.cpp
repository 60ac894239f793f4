// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/opened.h"
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

AnyMatrix anyTile(const OpenedModel& opened, const LayerFactors& layer, const MapQuery& query,
                  const Window& window, const Feedback& feedback) {
  if (opened.isDouble) return tile<double>(layer, query, window, feedback);
  return tile<float>(layer, query, window, feedback);
}

// Whether the map is the exact one: every term that the layer has, directions with their share.
bool isAllOf(const LayerFactors& layer, const MapTerms& shown) {
  if (shown.factors.has(Factor::NoStep) && layer.available.has(Factor::NoStep)) return false;
  if (layer.backward && !(shown.direction == Direction::Both && shown.hasShare)) return false;
  const std::vector<Factor>& all = allFactors();
  return std::all_of(all.begin(), all.end(), [&](Factor factor) {
    return factor == Factor::NoStep || !layer.available.has(factor) || shown.factors.has(factor);
  });
}

template <typename T>
std::vector<double> oneRow(const LayerFactors& layer, const MapQuery& query, int64_t t,
                           const Feedback& feedback) {
  const MatrixOf<T> row = tile<T>(layer, query, {t, t + 1, 0, layer.tokens, 1}, feedback);
  return {row.values.begin(), row.values.end()};
}

std::vector<double> anyRow(const OpenedModel& opened, const LayerFactors& layer, const MapQuery& query,
                           int64_t t, const Feedback& feedback) {
  return opened.isDouble ? oneRow<double>(layer, query, t, feedback)
                         : oneRow<float>(layer, query, t, feedback);
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
  feedback.report(0.0, fmt::format("Preparing layer {}", id.layer));
  const std::shared_ptr<const LayerFactors> layer = run.factors(opened, id.layer, feedback);

  MapResult result;
  const auto start = std::chrono::steady_clock::now();
  const MapQuery query{spanOf(opened.info, id), termsOf(id), request.timesInput};
  result.values = anyTile(opened, *layer, query, window, feedback.part(0.1, 1.0));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
  return result;
}

RowResult cutRow(const OpenedModel& opened, const TracedRun& run, const MapId& id, int64_t t,
                 const Feedback& feedback) {
  const int64_t L = run.tokens().size();
  if (t < 0 || t >= L)
    fail("There is no such row.", fmt::format("row {}", t), fmt::format("Choose a row, 0 … {}.", L - 1));
  checkMap(opened.info, id, {{t, t + 1}, {0, L}, 1}, L);
  const std::shared_ptr<const LayerFactors> layer = run.factors(opened, id.layer, feedback);

  RowResult result;
  result.row = t;
  MapQuery query{spanOf(opened.info, id), termsOf(id), false};
  result.alpha = anyRow(opened, *layer, query, t, feedback);
  // A mean over the lanes has the same shares as a sum.
  if (query.lanes.merge) query.lanes.merge = Merge::MeanAbs;
  query.timesInput = true;
  result.share = anyRow(opened, *layer, query, t, feedback);
  double sum = 0.0;
  for (double& value : result.share) sum += value = std::abs(value);
  for (double& value : result.share) value = sum == 0.0 ? 0.0 : value / sum;
  if (!query.lanes.merge && layer->kind != ScanKind::Softmax) {
    result.decay = decaysOf(*layer, query.lanes.first, t, id.direction);
  }
  return result;
}

LayerCheck checkLayer(const OpenedModel& opened, const TracedRun& run, int64_t layer,
                      const Feedback& feedback) {
  checkLayerNumber(opened.info, layer);
  const Reconstruction check = verifyLayer(*run.factors(opened, layer, feedback), feedback);
  return {layer, opened.info.kinds[static_cast<size_t>(layer)], check.error, check.scale, check.relative};
}

BadgeResult judge(const OpenedModel& opened, const TracedRun& run, const MapId& id,
                  const Feedback& feedback) {
  checkMap(opened.info, id, {}, run.tokens().size());
  const std::shared_ptr<const LayerFactors> layer = run.factors(opened, id.layer, feedback);
  const LaneSpan lanes = spanOf(opened.info, id);
  const Reconstruction own = reconstruct(*layer, exactTerms(), lanes, feedback.part(0.0, 0.5));
  const MapTerms shown = termsOf(id);

  BadgeResult result;
  result.lanes = lanes.last - lanes.first;
  result.relative = own.relative;
  result.share = own.share;
  if (!(std::isfinite(own.error) && std::isfinite(own.scale) && own.relative <= kExact)) {
    result.state = BadgeResult::State::NotExact;
  } else if (!isAllOf(*layer, shown)) {
    result.state = BadgeResult::State::Part;
    result.share = reconstruct(*layer, shown, lanes, feedback.part(0.5, 1.0)).share;
  }
  return result;
}

std::vector<FactorMove> factorMoves(const OpenedModel& opened, const TracedRun& run, const MapId& id,
                                    const Feedback& feedback) {
  const int64_t L = run.tokens().size();
  checkMap(opened.info, id, {}, L);
  const std::shared_ptr<const LayerFactors> layer = run.factors(opened, id.layer, feedback);
  const LaneSpan lanes = spanOf(opened.info, id);
  const MapTerms shown = termsOf(id);
  std::vector<FactorMove> result;
  for (const Factor factor : allFactors()) {
    const bool isIdle = factor == Factor::NoStep && !shown.factors.has(Factor::Scan);
    if (layer->available.has(factor) && !isIdle) result.push_back({factor, 0.0});
  }
  std::vector<Difference> differences(result.size());
  for (const Window& window : sampledWindows(L, lanes)) {
    const AnyMatrix map = anyTile(opened, *layer, {lanes, shown, false}, window, feedback.part(0.0, 0.1));
    for (size_t i = 0; i < result.size(); ++i) {
      feedback.checkpoint();
      MapTerms other = shown;
      other.factors = switched(shown.factors, result[i].factor);
      if (!other.factors.has(Factor::Scan) && !other.factors.has(Factor::Skip)) {
        differences[i].add(map, nullptr);  // nothing is left
        continue;
      }
      const AnyMatrix changed =
          anyTile(opened, *layer, {lanes, other, false}, window, feedback.part(0.1, 1.0));
      differences[i].add(map, &changed);
    }
  }
  for (size_t i = 0; i < result.size(); ++i) result[i].share = differences[i].share();
  return result;
}

}  // namespace uc
