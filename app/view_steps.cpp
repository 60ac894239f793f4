// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/view_steps.h"

#include "widgets/paint/color_scale.h"

#include <QCoreApplication>

#include <algorithm>

namespace uc {

namespace {

QString words(const char* text) { return QCoreApplication::translate("ViewSteps", text); }

bool stepsHeads(const ViewState& view, const ModelInfo& info) {
  const size_t layer = static_cast<size_t>(view.map.layer);
  const bool isSoftmax = layer < info.kinds.size() && info.kinds[layer] == "attention";
  return info.heads && (isSoftmax || view.map.lanes.kind == LaneChoice::Kind::Head);
}

}  // namespace

QString toQString(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

ViewState openingView() { return {}; }

ViewState withLayerStep(ViewState view, const ModelInfo& info, int64_t delta) {
  view.map.layer = std::clamp<int64_t>(view.map.layer + delta, 0, std::max<int64_t>(0, info.layers - 1));
  return view;
}

ViewState withLanes(ViewState view, const LaneChoice& lanes) {
  const bool wasOne = view.map.lanes.kind == LaneChoice::Kind::Lane,
             isOne = lanes.kind == LaneChoice::Kind::Lane;
  view.map.lanes = lanes;
  if (wasOne != isOne) {
    view.display.normalization = Normalization::Raw;
    view.display.colorMap = std::nullopt;
    view.display.isReversed = false;
    view.display.range = std::nullopt;
  }
  return view;
}

ViewState withLaneStep(ViewState view, const ModelInfo& info, int64_t delta, QString* said) {
  LaneChoice lanes = view.map.lanes;
  if (stepsHeads(view, info)) {
    const int64_t from = lanes.kind == LaneChoice::Kind::Head ? lanes.index + delta : 0;
    if (lanes.kind != LaneChoice::Kind::Head) lanes.merge = Merge::Mean;
    lanes.kind = LaneChoice::Kind::Head;
    lanes.index = std::clamp<int64_t>(from, 0, *info.heads - 1);
    return withLanes(std::move(view), lanes);
  }
  if (lanes.kind != LaneChoice::Kind::Lane) {
    if (said) *said = words("Left the merge: showing lane 0.");
    return withLanes(std::move(view), {LaneChoice::Kind::Lane, 0, lanes.merge});
  }
  lanes.index = std::clamp<int64_t>(lanes.index + delta, 0, std::max<int64_t>(0, info.lanes - 1));
  return withLanes(std::move(view), lanes);
}

ViewState withFactor(ViewState view, Factor factor, bool isOn, QString* said) {
  Factors factors = view.map.factors.factors;
  factors = isOn ? factors.with(factor) : factors.without(factor);
  if (!factors.has(Factor::Scan)) factors = factors.without(Factor::NoStep);
  if (!factors.has(Factor::Scan) && !factors.has(Factor::Skip)) {
    if (said) *said = words("Without the scan and the skip there is no map.");
    return view;
  }
  view.map.factors = custom(factors);
  // a set that a convention names is that convention, but for `exact`, which also halves Vim's directions
  for (Convention convention : {Convention::Unified, Convention::ScanOnly, Convention::NoStep})
    if (named(convention).factors == factors) view.map.factors = named(convention);
  return view;
}

ViewState withNormalization(ViewState view, Normalization normalization) {
  if (view.display.normalization == normalization) return view;
  view.display.normalization = normalization;
  view.display.range = std::nullopt;  // a range is in shown units, and those changed
  view.display.colorMap = std::nullopt;
  return view;
}

Normalization nextNormalization(Normalization normalization) {
  const auto& all = allNormalizations();
  auto found = std::find(all.begin(), all.end(), normalization);
  return found == all.end() || found + 1 == all.end() ? all.front() : *(found + 1);
}

ViewState fitted(ViewState view, const ModelInfo& info, int64_t tokens) {
  view.map.layer = std::clamp<int64_t>(view.map.layer, 0, std::max<int64_t>(0, info.layers - 1));
  LaneChoice& lanes = view.map.lanes;
  if (lanes.kind == LaneChoice::Kind::Lane)
    lanes.index = std::clamp<int64_t>(lanes.index, 0, std::max<int64_t>(0, info.lanes - 1));
  if (lanes.kind == LaneChoice::Kind::Head && info.heads)
    lanes.index = std::clamp<int64_t>(lanes.index, 0, *info.heads - 1);
  if (lanes.kind == LaneChoice::Kind::Head && !info.heads) lanes = {LaneChoice::Kind::All, 0, lanes.merge};
  if (view.locked && (view.locked->row >= tokens || view.locked->col >= tokens)) view.locked = std::nullopt;
  const Viewport& shown = view.viewport;
  if (!shown.isWhole() &&
      (shown.left >= static_cast<double>(tokens) || shown.top >= static_cast<double>(tokens)))
    view.viewport = {};
  return view;
}

QString paneTitle(const ViewState& view) {
  const QString between = QStringLiteral(" · ");
  return words("Layer %1").arg(view.map.layer) + between + toQString(title(view.map.lanes)) + between +
         toQString(title(view.map.factors)) + between +
         normalizationTitle(view.display.normalization, isUnsigned(view.map.lanes));
}

}  // namespace uc
