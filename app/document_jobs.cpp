// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The document's jobs up to the map: opening, running, cutting out what is visible.
#include "app/document.h"
#include "app/view_steps.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr int64_t kMostCells = 1024;          // a side of what is asked for at once
constexpr int64_t kImmediateCells = 1 << 16;  // cells that are normalized within a frame
constexpr int64_t kTopPredictions = 10;

Matrix asFloat(const AnyMatrix& values) {
  if (const auto* matrix = std::get_if<Matrix>(&values)) return *matrix;
  const auto& wide = std::get<Matrix64>(values);
  Matrix result(wide.rows, wide.cols);
  std::transform(wide.values.begin(), wide.values.end(), result.values.begin(),
                 [](double v) { return static_cast<float>(v); });
  return result;
}

HeatmapSource sourceOf(const MapResult& map, const std::vector<QString>& tokens, const ModelInfo& info) {
  HeatmapSource source;
  source.values = asFloat(map.values);
  source.grid = {map.row0,
                 map.row1,
                 map.col0,
                 map.col1,
                 map.pool,
                 map.attended == Attended::Earlier,
                 map.attended == Attended::Later};
  source.isUnsigned = map.isUnsigned;
  source.tokens = tokens;
  source.modelName = QString::fromStdString(info.name);
  source.dtype = QStringLiteral("float32");
  return source;
}

}  // namespace

struct Document::Opened {
  std::shared_ptr<const Engine> engine;
  std::optional<DemoOpening> opening;
  int threads = 0;
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
  EngineHost::Job<RunHandle> job;
  job.work = [engine = m_engine, input = input()](const Feedback& feedback) {
    if (engine->tokenize(input).size() == 0) return RunHandle();
    return engine->run(input, feedback);
  };
  job.done = [this](RunHandle run) { adoptRun(std::move(run)); };
  job.failed = [this](const Error& error) {
    m_isRunning = false;
    setFailed(error);
    Q_EMIT progressed();
  };
  job.progress = progressReporter();
  m_host.start(m_runJob, std::move(job));
}

void Document::adoptRun(RunHandle run) {
  m_isRunning = false;
  const auto content = m_content;
  forgetResults();
  m_run = std::move(run);
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
  for (const Token& token : m_run->tokens().list)
    m_tokenTexts.push_back(token.text ? QString::fromStdString(*token.text) : QString::number(token.id));
  const ViewState fitting = fitted(m_view, m_info, m_run->tokens().size());
  if (!(fitting == m_view)) {
    m_view = fitting;
    Q_EMIT viewChanged();
  }
  Q_EMIT tokensChanged();
  refreshMap();
  startPredictions();
}

void Document::startPredictions() {
  EngineHost::Job<std::vector<Prediction>> job;
  job.work = [engine = m_engine, run = m_run](const Feedback&) {
    return engine->predict(run, kTopPredictions);
  };
  job.done = [this](std::vector<Prediction> predictions) {
    m_predictions = std::move(predictions);
    Q_EMIT predictionsChanged();
  };
  job.failed = [this](const Error& error) { Q_EMIT said(QString::fromStdString(error.what)); };
  m_host.start(m_predictJob, std::move(job));
}

MapPart Document::wholePart() const {
  MapPart part;
  part.pool = std::max<int64_t>(1, (m_run->tokens().size() + kMostCells - 1) / kMostCells);
  return part;
}

std::optional<MapPart> Document::detailPart() const {
  const int64_t tokens = m_run->tokens().size(), coarse = wholePart().pool;
  const Viewport& shown = m_view.viewport;
  if (coarse == 1 || shown.isWhole()) return std::nullopt;
  const double span = std::max(shown.width, shown.height);
  const int64_t pool =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(span * 1.5 / static_cast<double>(kMostCells))));
  if (pool >= coarse) return std::nullopt;
  // a quarter more on each side, so that panning a little asks for nothing
  const auto range = [&](double from, double size) {
    const int64_t begin =
        std::clamp<int64_t>(static_cast<int64_t>(std::floor(from - size / 4)) / pool * pool, 0, tokens - 1);
    const int64_t end =
        std::clamp<int64_t>(static_cast<int64_t>(std::ceil(from + size * 1.25)), begin + 1, tokens);
    return TokenRange{begin, end};
  };
  return MapPart{range(shown.top, shown.height), range(shown.left, shown.width), pool};
}

bool Document::isWholeMapCurrent() const {
  return m_wholeMap && m_wholeMap->id == m_view.map && m_isMapTimesInput == timesInput();
}

void Document::refreshMap() {
  if (!m_run || !m_isRunCurrent) return;
  if (!isWholeMapCurrent()) {
    startMap(wholePart(), false);
    return;
  }
  const auto detail = detailPart();
  if (!detail) {
    if (m_map != m_wholeMap) m_mapJob.cancel(), m_isMapping = false;
    m_map = m_wholeMap;
    buildContent();
    return;
  }
  const Viewport& shown = m_view.viewport;
  const auto covers = [](int64_t begin, int64_t end, const TokenRange& wanted, double from, double size) {
    return static_cast<double>(begin) <= std::max(from, static_cast<double>(wanted.begin)) &&
           static_cast<double>(end) >= std::min(from + size, static_cast<double>(wanted.end));
  };
  const bool isInside = m_map && m_map->id == m_view.map &&
                        covers(m_map->row0, m_map->row1, detail->rows, shown.top, shown.height) &&
                        covers(m_map->col0, m_map->col1, detail->cols, shown.left, shown.width);
  if (isInside && m_map->pool <= detail->pool) {
    buildContent();
    return;
  }
  if (!isInside) m_map = m_wholeMap;
  buildContent();
  startMap(*detail, true);
}

void Document::startMap(const MapPart& part, bool isDetail) {
  m_contentJob.cancel();
  if (!isDetail) {
    m_badgeJob.cancel();
    m_movesJob.cancel();
    m_rowJob.cancel();
    m_requestedRow = std::nullopt;
    m_badge.reset();
    Q_EMIT badgeChanged();
  }
  m_isMapping = true;
  EngineHost::Job<std::shared_ptr<const MapResult>> job;
  job.work = [engine = m_engine, run = m_run, id = m_view.map, part,
              times = timesInput()](const Feedback& feedback) {
    return std::make_shared<const MapResult>(engine->map(run, {id, part, times}, feedback));
  };
  job.done = [this, isDetail, times = timesInput()](std::shared_ptr<const MapResult> result) {
    adoptMap(std::move(result), times, isDetail);
  };
  job.failed = [this](const Error& error) {
    m_isMapping = false;
    setFailed(error);
    Q_EMIT progressed();
  };
  job.progress = progressReporter();
  m_host.start(m_mapJob, std::move(job));
}

void Document::adoptMap(std::shared_ptr<const MapResult> result, bool times, bool isDetail) {
  m_map = result;
  if (!isDetail) {
    m_wholeMap = result;
    m_wholeContent.reset();
    m_isMapTimesInput = times;
    m_rows.clear();
    m_moves.clear();
    Q_EMIT movesChanged();
  }
  buildContent();
  if (isDetail) return;
  if (const auto cell = m_hovered ? m_hovered : m_view.locked) requestRow(cell->row);
  startBadge();
}

bool Document::isContentCurrent() const {
  return m_content && m_contentMap == m_map && m_contentView.display == m_view.display &&
         m_contentView.showGrid == m_view.showGrid;
}

void Document::buildContent() {
  if (isContentCurrent()) {
    mapArrived();
    return;
  }
  const auto make = [map = m_map, tokens = m_tokenTexts, info = m_info, view = m_view] {
    return std::make_shared<const HeatmapContent>(heatmapContent(sourceOf(*map, tokens, info), view));
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
  if (m_contentMap == m_wholeMap) {
    m_wholeContent = m_content;
    m_wholeDisplay = view.display;
  }
  mapArrived();
  Q_EMIT contentChanged();
  Q_EMIT readOutChanged();
}

void Document::mapArrived() {
  m_isMapping = false;
  if (m_phase != Phase::Ready) setPhase(Phase::Ready);
  Q_EMIT progressed();
}

}  // namespace uc
