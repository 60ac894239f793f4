// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/opened.h"

#include "core/models/weights.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace uc {

namespace {

// The smallest budget that runs and factors are held to: the program itself needs more, and a budget set for
// the size of maps must not forbid every input.
constexpr int64_t kLeastBudget = int64_t{256} << 20;
constexpr int64_t kChunk = 2048;      // tokens that a model works on at a time
constexpr int64_t kChunkArrays = 10;  // [chunk, D] arrays that a block holds

void requireMemory(const OpenedModel& opened, int64_t bytes, int64_t tokens) {
  const int64_t limit = std::max(opened.budget, kLeastBudget);
  if (bytes <= limit) return;
  fail("The input does not fit in memory.",
       fmt::format("{} tokens: needs {}, limit {}", grouped(tokens), bytesText(bytes), bytesText(limit)),
       "Use a shorter input, cut it with --max-tokens, or raise the memory limit.");
}

int64_t runBytes(const OpenedModel& opened, int64_t tokens) {
  const ModelInfo& info = opened.info;
  return (tokens * info.width * (info.layers + 1) + std::min(tokens, kChunk) * info.lanes * kChunkArrays) *
         opened.valueBytes();
}

int64_t bytesOf(const LayerFactors& factors) {
  int64_t bytes = factors.backward ? bytesOf(*factors.backward) : 0;
  for (const at::Tensor* tensor :
       {&factors.query, &factors.key, &factors.step, &factors.rate, &factors.logDecay, &factors.removeKey,
        &factors.removeWrite, &factors.logKey, &factors.logNormalizer, &factors.diagonal, &factors.rowScale,
        &factors.columnScale, &factors.taps, &factors.convBias, &factors.skip, &factors.additive, &factors.x,
        &factors.y}) {
    if (tensor->defined()) bytes += static_cast<int64_t>(tensor->nbytes());
  }
  return bytes;
}

}  // namespace

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
    runPicture(opened, input, feedback);
    return;
  }
  if (count == 0) fail("The input has no tokens.", "", "Enter at least one token.");
  if (input.maxTokens > 0 && count > input.maxTokens) {
    m_tokens = tokenize(opened, input);
    m_notices.push_back(
        fmt::format("Input cut to {} of {} tokens.", grouped(input.maxTokens), grouped(count)));
  }
  requireMemory(opened, runBytes(opened, m_tokens.size()), m_tokens.size());
  m_trace = opened.model->run(m_tokens.ids(), feedback);
  m_notices.insert(m_notices.end(), m_trace.notices.begin(), m_trace.notices.end());
}

void TracedRun::runPicture(const OpenedModel& opened, const Input& input, const Feedback& feedback) {
  const int64_t count = m_tokens.size();
  if (input.maxTokens > 0 && count > input.maxTokens) {
    m_notices.push_back(fmt::format("A picture is not cut: all its {} tokens are used.", grouped(count)));
  }
  requireMemory(opened, runBytes(opened, count), count);
  feedback.report(0.0, "Reading the picture");
  m_trace = opened.model->run(pixelsOf(opened, input), feedback);
  m_notices.insert(m_notices.end(), m_trace.notices.begin(), m_trace.notices.end());
}

std::shared_ptr<const LayerFactors> TracedRun::factors(const OpenedModel& opened, int64_t layer,
                                                       const Feedback& feedback) const {
  const auto found = std::find_if(m_factors.begin(), m_factors.end(),
                                  [&](const auto& entry) { return entry.first == layer; });
  if (found != m_factors.end()) {
    m_factors.splice(m_factors.begin(), m_factors, found);
    return m_factors.front().second;
  }
  const int64_t L = m_tokens.size();
  requireMemory(opened, L * opened.info.lanes * kChunkArrays * opened.valueBytes(), L);
  m_factors.emplace_front(
      layer, std::make_shared<const LayerFactors>(opened.model->factors(m_trace, layer, feedback)));
  int64_t bytes = 0;
  for (auto entry = m_factors.begin(); entry != m_factors.end();) {
    bytes += bytesOf(*entry->second);
    entry =
        bytes > opened.budget / 4 && entry != m_factors.begin() ? m_factors.erase(entry) : std::next(entry);
  }
  return m_factors.front().second;
}

}  // namespace uc
