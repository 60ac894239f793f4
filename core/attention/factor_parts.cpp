// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/factor_parts.h"

#include "core/attention/large_pages.h"

#include <ATen/ATen.h>

#include <array>
#include <cassert>
#include <utility>
#include <vector>

namespace uc {

namespace {

enum class Axis { Groups, Scans, Lanes };
enum class Use { Scan, Scale, Input, Output };

// One array of LayerFactors: what its axis behind the tokens, or its first where it has no tokens, counts.
struct Field {
  at::Tensor LayerFactors::*tensor;
  bool hasTokens;
  Axis axis;
  Use use;
};

constexpr std::array kFields = {
    Field{&LayerFactors::query, true, Axis::Groups, Use::Scan},
    Field{&LayerFactors::key, true, Axis::Groups, Use::Scan},
    Field{&LayerFactors::step, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::rate, false, Axis::Scans, Use::Scan},
    Field{&LayerFactors::logDecay, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::removeKey, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::removeWrite, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::logKey, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::logNormalizer, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::diagonal, true, Axis::Scans, Use::Scan},
    Field{&LayerFactors::rowScale, true, Axis::Lanes, Use::Scale},
    Field{&LayerFactors::columnScale, true, Axis::Lanes, Use::Scale},
    Field{&LayerFactors::taps, false, Axis::Lanes, Use::Scan},
    Field{&LayerFactors::convBias, false, Axis::Lanes, Use::Scan},
    Field{&LayerFactors::skip, false, Axis::Lanes, Use::Scan},
    Field{&LayerFactors::additive, true, Axis::Lanes, Use::Output},
    Field{&LayerFactors::x, true, Axis::Lanes, Use::Input},
    Field{&LayerFactors::y, true, Axis::Lanes, Use::Output},
};

bool isWanted(Use use, const FactorNeeds& needs) {
  switch (use) {
    case Use::Scan:
      return true;
    case Use::Scale:
      return needs.hasScales;
    case Use::Input:
      return needs.hasInput;
    case Use::Output:
      return needs.hasOutput;
  }
  return true;
}

// Scans [first, last) of C read groups c · G / C: whole groups, one group, or, where they begin or end inside
// of one, a group of its own for each scan.
at::Tensor groupsOf(const at::Tensor& all, int64_t scans, int64_t first, int64_t last) {
  const int64_t groups = all.size(1), aGroup = scans / groups;
  const int64_t begin = first / aGroup, end = (last - 1) / aGroup + 1;
  if (end - begin == 1 || (first % aGroup == 0 && last % aGroup == 0)) return all.slice(1, begin, end);
  std::vector<int64_t> list;
  for (int64_t scan = first; scan < last; ++scan) list.push_back(scan / aGroup);
  return all.index_select(1, at::tensor(list, all.options().dtype(at::kLong)));
}

}  // namespace

bool FactorNeeds::covers(const FactorNeeds& other) const {
  return firstLane <= other.firstLane && other.lastLane <= lastLane && (hasScales || !other.hasScales) &&
         (hasInput || !other.hasInput) && (hasOutput || !other.hasOutput) && firstToken <= other.firstToken &&
         other.lastToken <= lastToken;
}

LayerFactors partOf(const LayerFactors& layer, const FactorNeeds& needs) {
  const int64_t aScan = layer.lanes / layer.scans;
  assert(0 <= needs.firstLane && needs.firstLane < needs.lastLane && needs.lastLane <= layer.lanes);
  assert(needs.firstLane % aScan == 0 && needs.lastLane % aScan == 0);
  const int64_t firstScan = needs.firstLane / aScan, lastScan = needs.lastLane / aScan;
  LayerFactors result = layer;
  result.lanes = needs.lanes();
  result.scans = lastScan - firstScan;
  for (const Field& field : kFields) {
    at::Tensor& tensor = result.*field.tensor;
    if (!tensor.defined()) continue;
    if (!isWanted(field.use, needs)) {
      tensor = at::Tensor();
    } else if (needs.lanes() != layer.lanes) {
      const int64_t axis = field.hasTokens ? 1 : 0;
      if (field.axis == Axis::Groups) {
        tensor = groupsOf(tensor, layer.scans, firstScan, lastScan);
      } else if (field.axis == Axis::Scans) {
        tensor = tensor.slice(axis, firstScan, lastScan);
      } else {
        tensor = tensor.slice(axis, needs.firstLane, needs.lastLane);
      }
      tensor = tensor.contiguous();
    }
  }
  if (layer.backward) result.backward = std::make_shared<LayerFactors>(partOf(*layer.backward, needs));
  return result;
}

LayerFactors onCpu(LayerFactors layer) {
  for (const Field& field : kFields) {
    at::Tensor& tensor = layer.*field.tensor;
    if (tensor.defined()) tensor = tensor.cpu();
  }
  if (layer.backward) layer.backward = std::make_shared<LayerFactors>(onCpu(*layer.backward));
  return layer;
}

LayerFactors tokensOf(LayerFactors layer, int64_t first, int64_t last) {
  assert(!layer.backward && 0 <= first && first < last && last <= layer.tokens);
  for (const Field& field : kFields) {
    at::Tensor& tensor = layer.*field.tensor;
    if (tensor.defined() && field.hasTokens && tensor.size(0) == layer.tokens)
      tensor = tensor.slice(0, first, last);
  }
  layer.tokens = last - first;
  return layer;
}

int64_t bytesOf(const LayerFactors& layer) {
  int64_t bytes = layer.backward ? bytesOf(*layer.backward) : 0;
  for (const Field& field : kFields) {
    const at::Tensor& tensor = layer.*field.tensor;
    if (tensor.defined()) bytes += static_cast<int64_t>(tensor.nbytes());
  }
  return bytes;
}

void FactorsOfChunks::add(const LayerFactors& chunk) {
  assert(!chunk.backward && m_filled + chunk.tokens <= m_tokens);
  if (m_filled == 0) {
    m_result = chunk;
    m_result.tokens = m_tokens;
    if (chunk.tokens == m_tokens) {
      m_filled = m_tokens;
      return;
    }
  }
  for (const Field& field : kFields) {
    const at::Tensor& from = chunk.*field.tensor;
    at::Tensor& into = m_result.*field.tensor;
    if (!into.defined() || !field.hasTokens) continue;
    if (m_filled == 0) {
      if (from.size(0) != chunk.tokens) continue;  // the same decay for every token
      std::vector<int64_t> shape = from.sizes().vec();
      shape[0] = m_tokens;
      into = at::empty(shape, from.options());
      preferLargePages(into.data_ptr(), into.nbytes());
    }
    if (into.size(0) != m_tokens) continue;
    into.slice(0, m_filled, m_filled + chunk.tokens).copy_(from);
  }
  m_filled += chunk.tokens;
}

LayerFactors FactorsOfChunks::take() {
  assert(m_filled == m_tokens);
  return std::exchange(m_result, {});
}

}  // namespace uc
