// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/engine_library.h"

#include <memory>
#include <string>
#include <vector>

namespace uc::test {

/// What a fake engine was asked for, counted on the worker and read after the jobs are delivered.
struct FakeCounts {
  int opened = 0, runs = 0, maps = 0, rows = 0, moves = 0;
  size_t mapsBeforePrediction = 0;   // of the last one
  std::vector<MapRequest> requests;  // of maps, in order
};

/// Engine functions with closed-form values and no LibTorch: 12 layers of 16 lanes, a token a word. α of lane
/// c in layer l is fakeAlpha(l, c, t, s). The model "broken" does not open; an input that holds "fail" does
/// not run; a model with "vision" in its name takes pictures (20 patches and a class token, files are not
/// read), of which "broken" ones do not run; one that holds "slow" runs until it is cancelled; layer 11's map
/// fails; mean-abs over all lanes is sampled where that is allowed and entries are pooled.
EngineFunctions fakeEngine(std::shared_ptr<FakeCounts> counts = std::make_shared<FakeCounts>());

double fakeAlpha(int64_t layer, int64_t lane, int64_t t, int64_t s);

}  // namespace uc::test
