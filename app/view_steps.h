// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/model_info.h"
#include "core/values/view_state.h"

#include <QString>

namespace uc {

/// What a key or a chooser does to a view. Pure functions: the document makes undo steps of their results.

/// A view of a newly opened model: the command line's defaults.
ViewState openingView();

/// Layer `view` + `delta`, kept inside the model.
ViewState withLayerStep(ViewState view, const ModelInfo& info, int64_t delta);

/// Other lanes. Going from a merge to one lane switches to raw signed values on a diverging map with a
/// symmetric range; going back restores the defaults of merges.
ViewState withLanes(ViewState view, const LaneChoice& lanes);

/// The lane (or head, where heads are what one steps through) `delta` further. Under a merge it enters lane
/// 0, which `said` then tells.
ViewState withLaneStep(ViewState view, const ModelInfo& info, int64_t delta, QString* said);

/// One factor on or off. Turning off both the scan and the skip leaves no map: the view comes back unchanged
/// and `said` tells why.
ViewState withFactor(ViewState view, Factor factor, bool isOn, QString* said);

ViewState withNormalization(ViewState view, Normalization normalization);
Normalization nextNormalization(Normalization normalization);

/// What must change in a view so that it fits a model and an input of `tokens` tokens.
ViewState fitted(ViewState view, const ModelInfo& info, int64_t tokens);

/// What the outline calls a layer's kind: "RG-LRU" for "rg-lru".
QString kindTitle(const std::string& kind);

/// "Layer 3 · lane 345 · unified · raw signed"
QString paneTitle(const ViewState& view);

QString toQString(std::string_view text);

}  // namespace uc
