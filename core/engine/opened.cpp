// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/opened.h"

#include "core/models/weights.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace uc {

namespace {

constexpr int64_t kChunkArrays = 10;  // [chunk, D] arrays that a block holds
// Inputs of one chunk are run at once: that is quick, and tells whether the numbers are finite.
constexpr int64_t kRunAtOnce = kChunkTokens;
// What one lane's neighbors may take: stepping through lanes is then seldom a wait.
constexpr int64_t kNeighborBytes = int64_t{256} << 20;
// A window needs the tokens from its first column to its last row; what lies beside it is looked at next.
constexpr int64_t kTokenGrid = 2 * kChunkTokens;

int64_t limitOf(const OpenedModel& opened) { return std::max(opened.budget, opened.leastBudget); }

// Each of what is kept between two questions, residual streams and factors, takes at most that much.
int64_t keptBytes(const OpenedModel& opened) { return limitOf(opened) / 4; }

int64_t chunkBytes(const OpenedModel& opened, int64_t tokens) {
  return std::min(tokens, kChunkTokens) * std::max(opened.info.lanes, opened.info.attentionLanes) *
         kChunkArrays * opened.valueBytes();
}

// How many arrays [L, lanes] make up α: step, key, decay … (LayerFactors).
int64_t scanArrays(const std::string& kind) {
  static const std::map<std::string, int64_t> arrays = {{"mamba", 1},  {"vim", 1},       {"mamba2", 0},
                                                        {"rg-lru", 2}, {"attention", 2}, {"rwkv4", 4},
                                                        {"rwkv5", 2},  {"rwkv6", 3},     {"rwkv7", 5}};
  const auto found = arrays.find(kind);
  return found == arrays.end() ? 5 : found->second;
}

// Of the factors in `needs`: the arrays of its lanes, and the query and key that all lanes share.
// `tokens` are those of the input.
int64_t factorBytes(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs, int64_t tokens) {
  const ModelInfo& info = opened.info;
  const int64_t aLane = scanArrays(info.kinds[static_cast<size_t>(layer)]) + (needs.hasScales ? 2 : 0) +
                        (needs.hasInput ? 1 : 0) + (needs.hasOutput ? 2 : 0);
  const int64_t directions = info.isBidirectional ? 2 : 1;
  return needs.tokensOf(tokens) * (needs.lanes() * aLane + 2 * info.state) * directions * opened.valueBytes();
}

// Of the needs' arrays, how many lanes from `first` on fit into `bytes`: whole scans, at least one.
int64_t fittingLanes(const OpenedModel& opened, int64_t layer, FactorNeeds needs, int64_t tokens,
                     int64_t bytes) {
  const int64_t aScan = lanesAScan(opened.info, layer);
  needs.firstLane = 0;
  needs.lastLane = opened.info.lanesOf(layer);
  while (needs.lastLane > aScan && factorBytes(opened, layer, needs, tokens) > bytes)
    needs.lastLane = std::max(needs.lastLane / 2 / aScan, int64_t{1}) * aScan;
  return needs.lastLane;
}

// What is made when `needs` are asked for: the whole layer when it is small, else a slab of a fixed grid of
// lanes, or, of needs that span more, only what they name. Tokens are of a grid of their own.
FactorNeeds widened(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs, int64_t tokens) {
  const int64_t D = opened.info.lanesOf(layer);
  FactorNeeds slab;
  slab.firstToken = needs.firstToken / kTokenGrid * kTokenGrid;
  if (needs.lastOf(tokens) <= tokens - kTokenGrid)
    slab.lastToken = (needs.lastToken + kTokenGrid - 1) / kTokenGrid * kTokenGrid;
  // What takes a scan over all tokens is made when it is asked for.
  slab.hasOutput = needs.hasOutput;
  if (slab.tokensOf(tokens) < tokens) slab.hasScales = needs.hasScales;
  const int64_t width =
      fittingLanes(opened, layer, slab, tokens, std::min(kNeighborBytes, keptBytes(opened)));
  slab.firstLane = needs.firstLane / width * width;
  slab.lastLane = std::min(slab.firstLane + width, D);
  if (slab.covers(needs)) return slab;
  FactorNeeds own = needs;
  std::tie(own.firstToken, own.lastToken) = std::tie(slab.firstToken, slab.lastToken);
  return own;
}

// Whether so few tokens are run for these factors that it is no loss when their way through the layers before
// is not kept.
bool isShort(int64_t layer, const FactorNeeds& needs, int64_t tokens) {
  return (layer == 0 ? needs.tokensOf(tokens) : needs.lastOf(tokens)) <= tokens / 8;
}

// `aToken` of the bytes grow with the input.
void requireMemory(const OpenedModel& opened, int64_t bytes, int64_t aToken, int64_t tokens) {
  const int64_t limit = limitOf(opened);
  if (bytes <= limit) return;
  const int64_t fitting = std::max<int64_t>((limit - (bytes - tokens * aToken)) / aToken, 1);
  fail("The input does not fit in memory.",
       fmt::format("{} tokens: needs {}, limit {}", grouped(tokens), bytesText(bytes), bytesText(limit)),
       fmt::format("Cut it with --max-tokens {}, or raise the memory limit.", fitting));
}

}  // namespace

int64_t lanesAScan(const ModelInfo& info, int64_t layer) {
  const std::optional<int64_t> heads = info.headsOf(layer);
  return heads ? info.lanesOf(layer) / *heads : 1;
}

FactorNeeds needsOf(const ModelInfo& info, int64_t layer, const LaneSpan& lanes) {
  const int64_t aScan = lanesAScan(info, layer);
  return {lanes.first / aScan * aScan, ((lanes.last - 1) / aScan + 1) * aScan};
}

std::string bytesText(int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  for (const auto& [unit, size] : {std::pair("GB", 1e9), std::pair("MB", 1e6), std::pair("kB", 1e3)}) {
    if (value >= size) return fmt::format("{:.{}f} {}", value / size, value < 10 * size ? 1 : 0, unit);
  }
  return fmt::format("{} bytes", bytes);
}

void checkLayerNumber(const ModelInfo& info, int64_t layer) {
  if (layer >= 0 && layer < info.layers) return;
  fail("There is no such layer.", fmt::format("layer {}", layer),
       fmt::format("Choose a layer, 0 … {}.", info.layers - 1));
}

TracedRun::TracedRun(const OpenedModel& opened, const Input& input, const Feedback& feedback) {
  Input whole = input;
  whole.maxTokens = 0;
  m_tokens = tokenize(opened, whole);
  const int64_t count = m_tokens.size();
  if (opened.info.vision) {
    if (input.maxTokens > 0 && count > input.maxTokens) {
      m_inputNotices.push_back(
          fmt::format("A picture is not cut: all its {} tokens are used.", grouped(count)));
    }
    feedback.report(0.0, "Reading the picture");
    m_trace = opened.model->begin(pixelsOf(opened, input), keptBytes(opened));
  } else {
    if (count == 0) fail("The input has no tokens.", "", "Enter at least one token.");
    if (input.maxTokens > 0 && count > input.maxTokens) {
      m_tokens = tokenize(opened, input);
      m_inputNotices.push_back(
          fmt::format("Input cut to {} of {} tokens.", grouped(input.maxTokens), grouped(count)));
    }
    m_trace = opened.model->begin(m_tokens.ids(), keptBytes(opened));
  }
  const int64_t chunk = chunkBytes(opened, m_tokens.size());
  requireMemory(opened, chunk, chunk / std::min(m_tokens.size(), kChunkTokens), m_tokens.size());
  feedback.checkpoint();
  if (m_tokens.size() <= kRunAtOnce) extend(opened, opened.info.layers, feedback);
}

std::vector<std::string> TracedRun::notices() const {
  const std::lock_guard lock(m_mutex);
  std::vector<std::string> result = m_inputNotices;
  result.insert(result.end(), m_traceNotices.begin(), m_traceNotices.end());
  return result;
}

void TracedRun::extend(const OpenedModel& opened, int64_t layer, const Feedback& feedback) const {
  opened.model->extend(m_trace, layer, feedback);
  publishNotices();
}

void TracedRun::publishNotices() const {
  const std::lock_guard lock(m_mutex);
  m_traceNotices = m_trace.notices;
}

const Trace& TracedRun::complete(const OpenedModel& opened, const Feedback& feedback) const {
  extend(opened, opened.info.layers, feedback);
  return m_trace;
}

LaneSlab TracedRun::slab(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs,
                         const Feedback& feedback) const {
  if (isKept(layer, needs)) return m_slabs.front();
  const int64_t L = m_tokens.size();
  const FactorNeeds made = widened(opened, layer, needs, L);
  const int64_t bytes = factorBytes(opened, layer, made, L);
  requireMemory(opened, bytes + chunkBytes(opened, L), bytes / made.tokensOf(L), L);
  std::erase_if(m_slabs, [&](const LaneSlab& kept) { return kept.layer == layer && made.covers(kept.has); });
  makeRoom(keptBytes(opened) - bytes);
  if (!isShort(layer, made, L)) extend(opened, layer, feedback.part(0.0, 0.5));
  LaneSlab slab{layer, made, nullptr, std::make_shared<SignedMean>()};
  slab.factors = std::make_shared<const LayerFactors>(
      opened.model->factors(m_trace, layer, made, feedback.part(0.5, 1.0)));
  publishNotices();
  m_slabs.push_front(slab);
  return slab;
}

// Whether there is a slab with all that; then it is the one used last.
bool TracedRun::isKept(int64_t layer, const FactorNeeds& needs) const {
  const auto found = std::find_if(m_slabs.begin(), m_slabs.end(), [&](const LaneSlab& kept) {
    return kept.layer == layer && kept.has.covers(needs);
  });
  if (found == m_slabs.end()) return false;
  m_slabs.splice(m_slabs.begin(), m_slabs, found);
  return true;
}

// Keeps of the factors looked at last what fits into so many bytes.
void TracedRun::makeRoom(int64_t bytes) const {
  for (auto kept = m_slabs.begin(); kept != m_slabs.end();) {
    bytes -= bytesOf(*kept->factors) + kept->signedMean->bytes();
    kept = bytes < 0 ? m_slabs.erase(kept) : std::next(kept);
  }
}

int64_t TracedRun::lanesAtOnce(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs) const {
  if (isKept(layer, needs)) return needs.lanes();
  return fittingLanes(opened, layer, needs, m_tokens.size(), keptBytes(opened));
}

void TracedRun::forSlabs(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs,
                         const Feedback& feedback, const SlabWork& work) const {
  const int64_t width = lanesAtOnce(opened, layer, needs);
  for (int64_t first = needs.firstLane; first < needs.lastLane; first += width) {
    FactorNeeds part = needs;
    part.firstLane = first;
    part.lastLane = std::min(first + width, needs.lastLane);
    const auto share = [&](int64_t lane) {
      return static_cast<double>(lane - needs.firstLane) / static_cast<double>(needs.lanes());
    };
    const double begin = share(part.firstLane), end = share(part.lastLane), made = (2 * begin + end) / 3;
    const LaneSlab own = slab(opened, layer, part, feedback.part(begin, made));
    work(own, part, feedback.part(made, end));
  }
}

double TracedRun::costOf(const OpenedModel& opened, int64_t layer, const FactorNeeds& needs) const {
  const auto isCovered = [&](const LaneSlab& kept) { return kept.layer == layer && kept.has.covers(needs); };
  if (std::any_of(m_slabs.begin(), m_slabs.end(), isCovered)) return 0.0;
  const ModelInfo& info = opened.info;
  const int64_t L = m_tokens.size(), width = fittingLanes(opened, layer, needs, L, keptBytes(opened));
  const auto slabs = static_cast<double>((needs.lanes() + width - 1) / width);
  const auto blockWeights =
      static_cast<double>(info.parameters - info.vocabulary * info.width) / static_cast<double>(info.layers);
  int64_t from = layer;  // the last place that is kept, or will be
  while (from > 0 && !m_trace.hidden[static_cast<size_t>(from)].defined()) --from;
  const FactorNeeds made = widened(opened, layer, needs, L);
  const auto before = static_cast<double>((layer - from) * made.lastOf(L));
  const auto tokens = static_cast<double>(layer == 0 ? made.tokensOf(L) : made.lastOf(L));
  return slabs * blockWeights * (before + tokens);
}

}  // namespace uc
