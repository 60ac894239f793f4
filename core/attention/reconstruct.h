// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/operators.h"

namespace uc {

/// What `reconstruct` says (operators.h) of an output that was rebuilt elsewhere: [L, D] of all lanes, in the
/// layer's type.
Reconstruction compareOutput(const LayerFactors& layer, const at::Tensor& rebuilt, const LaneSpan& lanes);

}  // namespace uc
