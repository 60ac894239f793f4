// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The document's jobs up to the map: opening, running, cutting out what is visible.
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
constexpr int64_t kTopPredictions = 10;
constexpr int64_t kLongTokens = 8192;  // conventions.md 12

HeatmapSource sourceOf(const MapResult& map, const QStringList& tokens, const ModelInfo& info) {
  HeatmapSource source;
  source.values = floatValues(map.values);
  source.grid = gridOf(map);
  source.isUnsigned = map.isUnsigned;
  source.tokens = tokens;
  source.modelName = QString::fromStdString(info.name);
  source.dtype = QStringLiteral("float32");
  return source;
}

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

struct Document::Opened {
  std::shared_ptr<const Engine> engine;
  std::optional<DemoOpening> opening;
  int threads = 0;
};

/// A run with what the window shows of its tokens, made on the worker: a book has many.
struct Document::Ran {
  RunHandle run;
  QStringList texts;
};

void Document::open(const OpenRequest& request) {
  m_isOpening = true;
  m_failedOpening.reset();
  if (!m_engine) setPhase(Phase::Loading);
  EngineHost::Job<Opened> job;
  job.work = [host = &m_host, model = request.model](const Feedback& feedback) {
    const EngineFunctions& engine = host->functions();
    Opened opened;
    opened.engine = engine.open(model.toStdString(), OpenOptions{}, feedback);
    opened.threads = engine.threads();
    const QString demo = QStringLiteral("demo:");
    if (model.startsWith(demo)) opened.opening = engine.demoOpening(model.mid(demo.size()).toStdString());
    return opened;
  };
  job.done = [this, request](Opened opened) { adopt(std::move(opened), request); };
  job.failed = [this, request](const Error& error) {
    m_isOpening = false;
    m_failedOpening = request;
    if (!m_engine) setFailed(error);
    Q_EMIT progressed();
    Q_EMIT openFailed(error);
  };
  job.progress = progressReporter();
  m_host.start(m_openJob, std::move(job));
}

void Document::adopt(Opened opened, const OpenRequest& request) {
  m_isOpening = false;
  m_debounce.stop();
  m_runJob.cancel();
  cancelExtras();
  forgetResults();
  m_engine = opened.engine;
  m_info = m_engine->info();
  m_model = request.model;
  m_threads = opened.threads;
  m_history.clear();
  takeInput(opened, request);
  Q_EMIT modelChanged();
  Q_EMIT inputReplaced();
  Q_EMIT pictureChanged();
  Q_EMIT viewChanged();
  Q_EMIT contentChanged();
  Q_EMIT predictionsChanged();
  Q_EMIT checksChanged();
  startRun();
}

void Document::takeInput(const Opened& opened, const OpenRequest& request) {
  m_view = openingView();
  m_isLong = request.view.has_value();  // what was saved is shown as it was
  m_image.clear();
  m_picture = {};
  m_preprocess = QStringLiteral("official");
  if (request.view) {
    m_view = request.view->view;
    m_hasIds = !request.view->origin.text.has_value();
    m_ids = request.view->origin.ids;
    m_text = QString::fromStdString(request.view->origin.text.value_or(std::string()));
    m_image = QString::fromStdString(request.view->origin.image.value_or(std::string()));
    m_preprocess = QString::fromStdString(request.view->origin.preprocess);
    return;
  }
  if (opened.opening) {
    const DemoOpening& opening = *opened.opening;
    m_text = QString::fromStdString(opening.text);
    m_image = QString::fromStdString(opening.image.value_or(std::string()));
    m_hasIds = false;
    m_view.map.layer = opening.layer;
    if (!isVision()) m_view = withLanes(m_view, {LaneChoice::Kind::Lane, opening.lane, Merge::MeanAbs});
    if (opening.row >= 0 && opening.col >= 0 && !request.text) m_view.locked = Cell{opening.row, opening.col};
  }
  if (request.image) m_image = *request.image;
  if (request.text) {
    m_text = *request.text;
    m_hasIds = false;
  }
}

void Document::startRun() {
  if (!m_engine) return;
  m_debounce.stop();
  cancelExtras();
  m_isRunning = true;
  m_isRunCurrent = false;
  if (!m_content) setPhase(Phase::Loading);
  if (isVision() && m_image.isEmpty()) {
    m_runJob.cancel();
    adoptRun({});
    return;
  }
  if (isVision()) startPicture();
  EngineHost::Job<Ran> job;
  job.work = [engine = m_engine, input = input()](const Feedback& feedback) {
    Ran ran;
    if (engine->tokenize(input).size() == 0) return ran;
    ran.run = engine->run(input, feedback);
    for (const Token& token : ran.run->tokens().list)
      ran.texts << (token.text ? QString::fromStdString(*token.text) : QString::number(token.id));
    return ran;
  };
  job.done = [this](Ran ran) { adoptRun(std::move(ran)); };
  job.failed = [this](const Error& error) {
    m_isRunning = false;
    setFailed(error);
    Q_EMIT progressed();
  };
  job.progress = progressReporter();
  m_host.start(m_runJob, std::move(job));
}

void Document::adoptRun(Ran ran) {
  m_isRunning = false;
  const auto content = m_content;
  forgetResults();
  m_run = std::move(ran.run);
  m_tokenTexts = std::move(ran.texts);
  m_isRunCurrent = true;
  Q_EMIT movesChanged();
  Q_EMIT checksChanged();
  if (!m_run) {
    setPhase(Phase::Empty);
    Q_EMIT tokensChanged();
    Q_EMIT contentChanged();
    Q_EMIT predictionsChanged();
    Q_EMIT badgeChanged();
    Q_EMIT progressed();
    return;
  }
  m_content = content;  // the last picture stays until the new one is there
  const ViewState fitting = opened(fitted(m_view, m_info, m_run->tokens().size()));
  if (!(fitting == m_view)) {
    m_view = fitting;
    Q_EMIT viewChanged();
  }
  Q_EMIT tokensChanged();
  m_isPredictionOwed = true;
  refreshMap();
}

// They need all layers of the model, a map only those below it: they come after the map.
void Document::startPredictions() {
  m_isPredictionOwed = false;
  EngineHost::Job<std::vector<Prediction>> job;
  job.work = [engine = m_engine, run = m_run](const Feedback& feedback) {
    return engine->predict(run, kTopPredictions, feedback);
  };
  job.done = [this](std::vector<Prediction> predictions) {
    m_predictions = std::move(predictions);
    Q_EMIT predictionsChanged();
  };
  job.failed = [this](const Error& error) { Q_EMIT said(QString::fromStdString(error.what)); };
  m_host.start(m_predictJob, std::move(job));
}

void Document::deferPredictions() {
  m_predictJob.cancel();
  if (m_predictions.empty()) m_isPredictionOwed = true;
}

// Other merges are not exact when they are pooled, or take long.
ViewState Document::opened(ViewState view) {
  const bool isLong = m_run->tokens().size() > kLongTokens;
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
  auto content =
      std::make_shared<HeatmapContent>(heatmapContent(sourceOf(*shown, m_tokenTexts, m_info), view));
  content->shown = m_tiled.normalized(content->map, content->grid, shown->isUnsigned);
  content->legend = m_content->legend;
  return content;
}

MapPart Document::wholePart() const {
  MapPart part;
  part.pool = std::max<int64_t>(1, (m_run->tokens().size() + kMostCells - 1) / kMostCells);
  return part;
}

// Another layer is first shown coarsely, and the rest follows: whoever leafs through layers need not wait.
// Not of a long input, whose factors may have to be made anew for each of both.
MapPart Document::firstPart() const {
  MapPart part = wholePart();
  const int64_t tokens = m_run->tokens().size();
  const bool isOther = m_map && m_map->id.layer != m_view.map.layer;
  if (isOther && kShortTokens < tokens && tokens <= kLongTokens &&
      m_view.map.lanes.kind != LaneChoice::Kind::Lane)
    part.pool = std::max(part.pool, (tokens + kCoarseCells - 1) / kCoarseCells);
  return part;
}

bool Document::isMapCurrent() const {
  return m_map && m_map->id == m_view.map && m_isMapTimesInput == timesInput() && isMapWhole();
}

void Document::refreshMap() {
  if (!m_run || !m_isRunCurrent) return;
  if (isMapCurrent())
    buildContent();
  else if (!m_isMapping || m_mapping != std::pair(m_view.map, timesInput()))
    startMap();
}

void Document::startMap() {
  m_contentJob.cancel();
  cancelTiles(m_tiled.stop());
  deferPredictions();
  m_badgeJob.cancel();
  m_movesJob.cancel();
  m_rowJob.cancel();
  m_warmJob.cancel();
  m_requestedRow = std::nullopt;
  m_badge.reset();
  Q_EMIT badgeChanged();
  m_isMapping = true;
  m_mapping = {m_view.map, timesInput()};
  askMap(firstPart());
}

void Document::askMap(const MapPart& part) {
  EngineHost::Job<std::shared_ptr<const MapResult>> job;
  job.work = [engine = m_engine, run = m_run, whole = wholePart(),
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
    if (m_isPredictionOwed) startPredictions();
    Q_EMIT progressed();
  };
  job.progress = progressReporter();
  m_host.start(m_mapJob, std::move(job));
}

void Document::adoptMap(std::shared_ptr<const MapResult> result, bool times) {
  m_map = std::move(result);
  m_isMapTimesInput = times;
  m_rows.clear();
  m_moves.clear();
  Q_EMIT movesChanged();
  if (!isMapWhole()) {
    askMap(wholePart());
    return buildContent();
  }
  buildContent();
  if (const auto cell = m_hovered ? m_hovered : m_view.locked) requestRow(cell->row);
  startBadge();
  if (m_isPredictionOwed) startPredictions();
}

bool Document::isContentCurrent() const {
  return m_content && m_contentMap == m_map && m_contentView.display == m_view.display &&
         m_contentView.showGrid == m_view.showGrid;
}

void Document::buildContent() {
  if (isContentCurrent()) {
    mapArrived();
    lookAtTiles();
    return;
  }
  const auto make = [map = m_map, tokens = m_tokenTexts, info = m_info, view = m_view] {
    auto content = std::make_shared<HeatmapContent>(heatmapContent(sourceOf(*map, tokens, info), view));
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
  if (m_map->pool > 1)
    m_tiled.setWhole(m_map, m_content, view.display, m_isMapTimesInput, m_run->tokens().size());
  else
    m_tiled.clear();
  mapArrived();
  Q_EMIT contentChanged();
  Q_EMIT readOutChanged();
  lookAtTiles();
}

void Document::mapArrived() {
  m_isMapping = m_isMapping && !isMapWhole();
  if (m_phase != Phase::Ready) setPhase(Phase::Ready);
  Q_EMIT progressed();
}

}  // namespace uc
