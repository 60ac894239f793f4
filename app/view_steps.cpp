// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/view_steps.h"

#include "widgets/paint/color_scale.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>

namespace uc {

namespace {

QString words(const char* text) { return QCoreApplication::translate("ViewSteps", text); }

// The model may have no layers yet, or fewer than the view's.
bool hasLayer(const ViewState& view, const ModelInfo& info) {
  return view.map.layer < static_cast<int64_t>(info.kinds.size());
}

bool stepsHeads(const ViewState& view, const ModelInfo& info) {
  if (!hasLayer(view, info) || !info.headsOf(view.map.layer)) return false;
  return info.isSoftmax(view.map.layer) || view.map.lanes.kind == LaneChoice::Kind::Head;
}

// The lanes that the layer has: a softmax layer is seen by heads, and layers may differ in both.
LaneChoice fittedLanes(LaneChoice lanes, const ModelInfo& info, int64_t layer) {
  const std::optional<int64_t> heads = info.headsOf(layer);
  const LaneChoice merged{LaneChoice::Kind::All, 0, lanes.merge};
  if (lanes.kind == LaneChoice::Kind::Head && !heads) return merged;
  if (lanes.kind == LaneChoice::Kind::Lane && info.isSoftmax(layer)) return merged;
  if (lanes.kind == LaneChoice::Kind::All) return lanes;
  const int64_t count = lanes.kind == LaneChoice::Kind::Head ? *heads : info.lanesOf(layer);
  lanes.index = std::clamp<int64_t>(lanes.index, 0, std::max<int64_t>(0, count - 1));
  return lanes;
}

}  // namespace

QString toQString(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

ViewState openingView() { return {}; }

ViewState withLayerStep(ViewState view, const ModelInfo& info, int64_t delta) {
  view.map.layer = std::clamp<int64_t>(view.map.layer + delta, 0, std::max<int64_t>(0, info.layers - 1));
  return fitted(std::move(view), info, INT64_MAX);
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
    lanes.index = std::clamp<int64_t>(from, 0, *info.headsOf(view.map.layer) - 1);
    return withLanes(std::move(view), lanes);
  }
  if (lanes.kind != LaneChoice::Kind::Lane) {
    if (said) *said = words("Left the merge: showing lane 0.");
    return withLanes(std::move(view), {LaneChoice::Kind::Lane, 0, lanes.merge});
  }
  lanes.index += delta;
  return fitted(withLanes(std::move(view), lanes), info, INT64_MAX);
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
  if (hasLayer(view, info)) {
    view = withLanes(std::move(view), fittedLanes(view.map.lanes, info, view.map.layer));
  }
  if (!info.isBidirectional) view.map.direction = Direction::Both;
  if (view.locked && (view.locked->row >= tokens || view.locked->col >= tokens)) view.locked = std::nullopt;
  const Viewport& shown = view.viewport;
  if (!shown.isWhole() &&
      (shown.left >= static_cast<double>(tokens) || shown.top >= static_cast<double>(tokens)))
    view.viewport = {};
  return view;
}

QString kindTitle(const std::string& kind) {
  static const std::map<std::string, QString> names = {
      {"mamba", QStringLiteral("Mamba")},   {"mamba2", QStringLiteral("Mamba-2")},
      {"rg-lru", QStringLiteral("RG-LRU")}, {"attention", words("Attention")},
      {"vim", QStringLiteral("Vim")},
  };
  const auto found = names.find(kind);
  if (found != names.end()) return found->second;
  QString title = QString::fromStdString(kind);
  return title.replace(QLatin1String("rwkv"), QLatin1String("RWKV-"));
}

QString paneTitle(const ViewState& view) {
  const QString between = QStringLiteral(" · ");
  return words("Layer %1").arg(view.map.layer) + between + toQString(title(view.map.lanes)) + between +
         toQString(title(view.map.factors)) + between +
         normalizationTitle(view.display.normalization, isUnsigned(view.map.lanes));
}

}  // namespace uc
