// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"
#include "core/values/error.h"

#include <fmt/format.h>

namespace uc {

namespace {

void checkLanes(const ModelInfo& info, const MapId& id) {
  const LaneChoice& lanes = id.lanes;
  const std::optional<int64_t> heads = info.headsOf(id.layer);
  if (lanes.kind == LaneChoice::Kind::Lane && info.isSoftmax(id.layer)) {
    fail("This layer has heads, not lanes.", fmt::format("layer {}, softmax attention", id.layer),
         fmt::format("Choose a head, 0 … {}, or merge over all heads.", heads.value_or(1) - 1));
  }
  if (lanes.kind == LaneChoice::Kind::Lane && (lanes.index < 0 || lanes.index >= info.lanesOf(id.layer))) {
    fail("There is no such lane.", fmt::format("lane {}", lanes.index),
         fmt::format("Choose a lane, 0 … {}.", info.lanesOf(id.layer) - 1));
  }
  if (lanes.kind != LaneChoice::Kind::Head) return;
  if (!heads) {
    fail("This layer has lanes, not heads.", fmt::format("layer {}, {}", id.layer, info.family),
         fmt::format("Choose a lane, 0 … {}, or merge over all lanes.", info.lanesOf(id.layer) - 1));
  }
  if (lanes.index < 0 || lanes.index >= *heads) {
    fail("There is no such head.", fmt::format("head {}", lanes.index),
         fmt::format("Choose a head, 0 … {}.", *heads - 1));
  }
}

void checkRange(const char* word, const TokenRange& range, int64_t tokens) {
  const int64_t end = range.end == -1 ? tokens : range.end;
  const std::string where = fmt::format("{} {}:{} of {} tokens", word, range.begin, end, tokens);
  if (range.begin < 0 || range.begin > tokens || end < 0 || end > tokens) {
    fail(fmt::format("The range of {} is outside the input.", word), where,
         fmt::format("Choose a range within 0:{}.", tokens));
  }
  if (range.begin >= end) {
    fail(fmt::format("The range of {} is empty.", word), where,
         fmt::format("Choose a range within 0:{}.", tokens));
  }
}

}  // namespace

void checkMap(const ModelInfo& info, const MapId& id, const MapPart& part, int64_t tokens) {
  if (id.layer < 0 || id.layer >= info.layers) {
    fail("There is no such layer.", fmt::format("layer {}", id.layer),
         fmt::format("Choose a layer, 0 … {}.", info.layers - 1));
  }
  checkLanes(info, id);
  if (id.direction == Direction::Backward && !info.isBidirectional) {
    fail("This model has no backward direction.", fmt::format("{}, a causal model", info.family),
         "Choose forward or both.");
  }
  if (!info.isSoftmax(id.layer) && !id.factors.factors.has(Factor::Scan) &&
      !id.factors.factors.has(Factor::Skip)) {
    fail("There is no map without the scan and the skip path.",
         fmt::format("factors {}", factorList(id.factors.factors)), "Add scan or skip.");
  }
  if (tokens < 1) fail("The input has no tokens.", "", "Enter at least one token.");
  checkRange("rows", part.rows, tokens);
  checkRange("columns", part.cols, tokens);
  if (part.pool < 1) fail("The pool is too small.", fmt::format("pool {}", part.pool), "Choose 1 or more.");
}

}  // namespace uc
