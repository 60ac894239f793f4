// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The document's map: asked for, normalized, shown.
#include "app/document.h"
#include "app/view_steps.h"

#include <QCoreApplication>

#include <algorithm>

namespace uc {

namespace {

constexpr int64_t kMostCells = 1024;          // a side of what is asked for at once
constexpr int64_t kCoarseCells = 64;          // a side of what is shown first of another layer
constexpr int64_t kShortTokens = 256;         // whose whole map is there at once
constexpr double kCoarsePatience = 0.03;      // seconds
constexpr int64_t kImmediateCells = 1 << 16;  // cells that are normalized within a frame
constexpr int64_t kLongTokens = 8192;         // conventions.md 12

/// A coarse map, or the one of `whole` at once where the engine has no quick coarse one.
MapResult coarseOr(const MapPart& whole, const Engine& engine, const RunHandle& run, MapRequest request,
                   const Feedback& feedback) {
  request.patience = kCoarsePatience;
  request.onlyTime = true;
  const MapResult expected = engine.map(run, request, feedback);
  request.onlyTime = false;
  if (expected.stride > 1 || expected.seconds <= kCoarsePatience) return engine.map(run, request, feedback);
  return engine.map(run, {request.id, whole, request.timesInput, whole.pool > 1}, feedback);
}

/// What a legend must add of the pooled picture of a long input's map.
QString wholeWords(const MapResult& map, Normalization normalization) {
  QString words;
  if (map.stride > 1) words += QCoreApplication::translate("Document", ", sampled 1 : %1").arg(map.stride);
  if (map.pool > 1 && needsBasis(normalization))
    words += QCoreApplication::translate("Document", ", by the 1 : %1 overview").arg(map.pool);
  return words;
}

}  // namespace

HeatmapSource heatmapSource(const MapResult& map, const QStringList& tokens, const ModelInfo& info) {
  HeatmapSource source;
  source.values = floatValues(map.values);
  source.grid = gridOf(map);
  source.isUnsigned = map.isUnsigned;
  source.tokens = tokens;
  source.modelName = QString::fromStdString(info.name);
  source.dtype = QStringLiteral("float32");
  return source;
}

// Other merges are not exact when they are pooled, or take long.
ViewState Document::opened(ViewState view) {
  const bool isLong = tokens()->size() > kLongTokens;
  const bool wasLong = std::exchange(m_isLong, isLong);
  LaneChoice lanes = view.map.lanes;
  const bool isMoved =
      isLong && !wasLong && lanes.kind == LaneChoice::Kind::All && lanes.merge == Merge::MeanAbs;
  if (!isMoved) return view;
  lanes.merge = Merge::Mean;
  Q_EMIT said(tr("A long input: shown by the signed mean of its lanes, which is exact at every zoom."));
  return withLanes(std::move(view), lanes);
}

std::shared_ptr<const HeatmapContent> Document::figureContent() const {
  const auto shown = m_tiled.isEmpty() ? std::nullopt : m_tiled.shownMap();
  if (!shown) return m_content;
  ViewState view = m_contentView;
  view.viewport = m_view.viewport;
  view.display.range = m_content->scale.range();
  auto content = std::make_shared<HeatmapContent>(
      heatmapContent(heatmapSource(*shown, m_source->tokenTexts(), info()), view));
  content->shown = m_tiled.normalized(content->map, content->grid, shown->isUnsigned);
  content->legend = m_content->legend;
  content->isTrimmed = m_content->isTrimmed;
  return content;
}

MapPart Document::wholePart() const {
  MapPart part;
  part.pool = std::max<int64_t>(1, (tokens()->size() + kMostCells - 1) / kMostCells);
  if (part.pool > 1) part.pooling = m_view.part.pooling;
  return part;
}

// Another layer is first shown coarsely, and the rest follows: whoever leafs through layers need not wait.
// Not of a long input, whose factors may have to be made anew for each of both.
MapPart Document::firstPart() const {
  MapPart part = wholePart();
  const int64_t count = tokens()->size();
  const bool isOther = m_map && m_map->id.layer != m_view.map.layer;
  if (isOther && kShortTokens < count && count <= kLongTokens &&
      m_view.map.lanes.kind != LaneChoice::Kind::Lane)
    part.pool = std::max(part.pool, (count + kCoarseCells - 1) / kCoarseCells);
  return part;
}

bool Document::isMapWhole() const {
  const MapPart whole = wholePart();
  return m_map->pool == whole.pool && m_map->pooling == whole.pooling;
}

bool Document::isMapCurrent() const {
  return m_map && m_map->id == m_view.map && m_isMapTimesInput == timesInput() && isMapWhole();
}

void Document::refreshMap() {
  if (!isRunCurrent()) return;
  if (isMapCurrent())
    buildContent();
  else if (!m_isMapping || m_mapping != asked())
    startMap();
}

void Document::startMap() {
  m_contentJob.cancel();
  cancelTiles(m_tiled.stop());
  m_source->holdPredictions();
  m_badgeJob.cancel();
  m_movesJob.cancel();
  m_rowJob.cancel();
  m_warmJob.cancel();
  m_requestedRow = std::nullopt;
  m_badge.reset();
  Q_EMIT badgeChanged();
  m_isMapping = true;
  m_mapping = asked();
  askMap(firstPart());
}

void Document::askMap(const MapPart& part) {
  EngineHost::Job<std::shared_ptr<const MapResult>> job;
  job.work = [engine = m_source->engine(), run = m_source->run(), whole = wholePart(),
              request = MapRequest{m_view.map, part, timesInput(), part.pool > 1}](const Feedback& feedback) {
    const bool isCoarse = request.part.pool > whole.pool;
    return std::make_shared<const MapResult>(isCoarse ? coarseOr(whole, *engine, run, request, feedback)
                                                      : engine->map(run, request, feedback));
  };
  job.done = [this, times = timesInput()](std::shared_ptr<const MapResult> result) {
    adoptMap(std::move(result), times);
  };
  job.failed = [this](const Error& error) {
    m_isMapping = false;
    setFailed(error);
    m_source->releasePredictions();
    Q_EMIT progressed();
  };
  job.progress = reporter();
  m_host.start(m_mapJob, std::move(job));
}

void Document::adoptMap(std::shared_ptr<const MapResult> result, bool times) {
  m_map = std::move(result);
  m_isMapTimesInput = times;
  m_rows.clear();
  m_moves.clear();
  m_areMovesKnown = false;
  Q_EMIT movesChanged();
  if (!isMapWhole()) {
    askMap(wholePart());
    return buildContent();
  }
  buildContent();
  if (const auto cell = m_hovered ? m_hovered : m_view.locked) requestRow(cell->row);
  startBadge();
  m_source->releasePredictions();
}

bool Document::isContentCurrent() const {
  return m_content && m_contentMap == m_map && m_contentView.display == m_view.display &&
         m_contentExtent == m_sharedExtent && m_contentView.showGrid == m_view.showGrid;
}

void Document::buildContent() {
  if (isContentCurrent()) {
    mapArrived();
    lookAtTiles();
    return;
  }
  const auto make = [map = m_map, tokens = m_source->tokenTexts(), info = info(), view = m_view,
                     extent = m_sharedExtent] {
    HeatmapSource source = heatmapSource(*map, tokens, info);
    source.extent = extent;
    source.isOverview = tokens.size() > kLongTokens;
    auto content = std::make_shared<HeatmapContent>(heatmapContent(std::move(source), view));
    content->legend += wholeWords(*map, view.display.normalization);
    return std::shared_ptr<const HeatmapContent>(std::move(content));
  };
  const int64_t cells =
      std::visit([](const auto& values) { return values.rows * values.cols; }, m_map->values);
  if (cells <= kImmediateCells) {
    m_contentMap = m_map;
    showContent(make(), m_view);
    return;
  }
  EngineHost::Job<std::shared_ptr<const HeatmapContent>> job;
  job.work = [make](const Feedback&) { return make(); };
  job.done = [this, map = m_map, view = m_view](std::shared_ptr<const HeatmapContent> content) {
    m_contentMap = map;
    showContent(std::move(content), view);
  };
  job.failed = [this](const Error& error) { setFailed(error); };
  m_host.start(m_contentJob, std::move(job));
}

void Document::showContent(std::shared_ptr<const HeatmapContent> content, const ViewState& view) {
  m_content = std::move(content);
  m_contentView = view;
  m_contentExtent = m_sharedExtent;
  if (m_map->pool > 1)
    m_tiled.setWhole(m_map, m_content, view.display, m_isMapTimesInput, tokens()->size());
  else
    m_tiled.clear();
  mapArrived();
  Q_EMIT contentChanged();
  Q_EMIT readOutChanged();
  lookAtTiles();
}

void Document::mapArrived() {
  refreshGraph();
  m_isMapping = m_isMapping && !isMapWhole();
  if (m_phase != Phase::Ready) setPhase(Phase::Ready);
  Q_EMIT progressed();
}

}  // namespace uc
