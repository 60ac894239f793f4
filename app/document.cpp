// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/document.h"

#include "app/view_steps.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {
constexpr int kIdleMs = 300;
}

Document::Document(EngineHost& host, std::shared_ptr<Source> source, QObject* parent)
    : QObject(parent), m_host(host), m_source(std::move(source)) {
  m_idle.setSingleShot(true);
  m_idle.setInterval(kIdleMs);
  connect(&m_idle, &QTimer::timeout, this, &Document::resumeExtras);
  m_dressing.setSingleShot(true);
  connect(&m_dressing, &QTimer::timeout, this, &Document::showTiles);
  for (auto signal : {&Document::viewChanged, &Document::contentChanged, &Document::tilesChanged,
                      &Document::readOutChanged})
    connect(this, signal, this, [this] { m_readOut.reset(); });
  connectSource();
}

Document::~Document() = default;

// ---- source

void Document::connectSource() {
  Source* source = m_source.get();
  connect(source, &Source::opening, this, [this] {
    if (!hasModel()) setPhase(Phase::Loading);
  });
  connect(source, &Source::modelChanged, this, &Document::modelOpened);
  connect(source, &Source::openFailed, this, [this](const Error& error) {
    if (!hasModel()) setFailed(error);
    Q_EMIT openFailed(error);
  });
  connect(source, &Source::inputFailed, this, [this](const Error& error) {
    cancelExtras();
    setFailed(error);
  });
  connect(source, &Source::runStarted, this, &Document::runStarted);
  connect(source, &Source::runFinished, this, &Document::adoptRun);
  connect(source, &Source::runFailed, this, &Document::setFailed);
  connect(source, &Source::cancelled, this, &Document::wasCancelled);
  connect(source, &Source::inputReplaced, this, &Document::inputReplaced);
  connect(source, &Source::pictureChanged, this, &Document::pictureChanged);
  connect(source, &Source::predictionsChanged, this, &Document::predictionsChanged);
  connect(source, &Source::checksChanged, this, &Document::checksChanged);
  connect(source, &Source::statisticsChanged, this, &Document::statisticsChanged);
  connect(source, &Source::progressed, this, &Document::progressed);
  connect(source, &Source::said, this, &Document::said);
}

void Document::setSource(std::shared_ptr<Source> source) {
  if (source == m_source) return;
  m_source->disconnect(this);
  cancelExtras();
  forgetResults();
  m_source = std::move(source);
  connectSource();
  for (auto changed : {&Document::modelChanged, &Document::inputReplaced, &Document::pictureChanged,
                       &Document::predictionsChanged, &Document::checksChanged, &Document::statisticsChanged,
                       &Document::contentChanged})
    Q_EMIT(this->*changed)();
  if (isRunCurrent())
    adoptRun();
  else
    setPhase(m_source->isBusy() || m_source->isWaiting() ? Phase::Loading
             : hasModel()                                ? Phase::Empty
                                                         : Phase::NoModel);
}

void Document::modelOpened() {
  cancelExtras();
  forgetResults();
  if (m_source->firstView()) m_view = *m_source->firstView();
  m_isLong = m_source->isRestored();  // what was saved is shown as it was
  Q_EMIT modelChanged();
  Q_EMIT viewChanged();
  Q_EMIT contentChanged();
}

void Document::runStarted() {
  cancelExtras();
  if (!m_content) setPhase(Phase::Loading);
}

void Document::adoptRun() {
  const auto content = m_content;
  forgetResults();
  Q_EMIT movesChanged();
  if (!m_source->run()) {
    setPhase(Phase::Empty);
    Q_EMIT tokensChanged();
    Q_EMIT contentChanged();
    Q_EMIT badgeChanged();
    return;
  }
  m_content = content;  // the last picture stays until the new one is there
  const ViewState fitting = opened(fitted(m_view, info(), tokens()->size()));
  if (!(fitting == m_view)) {
    m_view = fitting;
    Q_EMIT viewChanged();
  }
  Q_EMIT tokensChanged();
  refreshMap();
}

void Document::wasCancelled(const QString& reason, bool wasLate) {
  if (!hasModel()) return setPhase(Phase::NoModel);
  if (!wasLate) return;
  cancelExtras();
  setStale(reason);
  Q_EMIT badgeChanged();
}

// ---- view

void Document::change(const QString& words, const ViewState& view, bool joins) {
  if (view == m_view) return;
  const ViewState before = m_view;
  applyView(view);
  Q_EMIT edited(words, before, joins);
}

void Document::applyView(const ViewState& view) {
  // a step may be older than the input: it must fit what there is now
  const ViewState next = hasModel() ? fitted(view, info(), tokens() ? tokens()->size() : INT64_MAX) : view;
  const bool isLockMoved = next.locked != m_view.locked;
  m_view = next;
  Q_EMIT viewChanged();
  refreshMap();
  if (!isLockMoved) return;
  if (m_view.locked && !m_hovered) requestRow(m_view.locked->row);
  Q_EMIT readOutChanged();
}

void Document::setSharedExtent(std::optional<ValueRange> extent) {
  if (extent == m_sharedExtent) return;
  m_sharedExtent = extent;
  if (isRunCurrent() && isMapCurrent()) buildContent();
}

void Document::setHovered(std::optional<Cell> cell) {
  if (cell == m_hovered) return;
  m_hovered = cell;
  Q_EMIT hoverChanged();
  if (const auto shown = m_hovered ? m_hovered : m_view.locked) requestRow(shown->row);
  Q_EMIT readOutChanged();
}

std::optional<ReadOut> Document::currentReadOut() const {
  if (!m_readOut) m_readOut = makeReadOut();
  return *m_readOut;
}

std::optional<ReadOut> Document::makeReadOut() const {
  const auto cell = m_hovered ? m_hovered : m_view.locked;
  if (!cell || !m_content) return std::nullopt;
  const int64_t tokens = m_content->tokens.size();
  if (cell->row >= tokens || cell->col >= tokens) return std::nullopt;
  const bool isSameMap = m_contentMap && m_map && m_contentMap->id == m_map->id;
  const auto row = isSameMap ? m_rows.find(cell->row) : m_rows.end();
  return readOut(*m_content, m_tiled.isEmpty() ? *m_content : m_tiled.contentAt(*cell),
                 row == m_rows.end() ? nullptr : &row->second, m_contentView, *cell,
                 !m_hovered || m_hovered == m_view.locked);
}

ViewState Document::shownView() const {
  ViewState shown = m_contentView;
  shown.viewport = m_view.viewport;
  shown.locked = m_view.locked;
  return shown;
}

std::optional<Cell> Document::strongestIn(int64_t row) const {
  if (!m_content || m_content->grid.pool != 1) return std::nullopt;
  const MapGrid& grid = m_content->grid;
  if (row < grid.row0 || row >= grid.row1) return std::nullopt;
  const int64_t i = row - grid.row0;
  std::optional<Cell> best;
  float most = -1;
  for (int64_t j = 0; j < m_content->map.cols; ++j) {
    const float value = std::abs(m_content->map.at(i, j));
    if (!grid.isAttended(i, j) || grid.col0 + j == row || !(value > most)) continue;
    most = value;
    best = Cell{row, grid.col0 + j};
  }
  return best;
}

// ---- what others ask

QString Document::tokenText(int64_t token) const {
  const QStringList& texts = m_source->tokenTexts();
  return token >= 0 && token < texts.size() ? texts[token] : QString();
}

std::vector<QString> Document::notices() const {
  std::vector<QString> result;
  const auto add = [&result](const std::vector<std::string>& notices) {
    for (const std::string& notice : notices) result.push_back(QString::fromStdString(notice));
  };
  add(info().notices);
  if (m_source->run()) add(m_source->run()->notices());
  if (m_map) add(m_map->notices);
  if (m_badge) add(m_badge->notices);
  return result;
}

// ---- phases

void Document::setPhase(Phase phase) {
  m_phase = phase;
  if (phase != Phase::Failed) m_error = {};
  if (phase != Phase::Stale) m_staleReason.clear();
  Q_EMIT phaseChanged();
}

void Document::setFailed(const Error& error) {
  setPhase(Phase::Failed);
  m_error = error;
  Q_EMIT phaseChanged();
}

void Document::setStale(const QString& reason) {
  m_phase = Phase::Stale;
  m_error = {};
  m_staleReason = reason;
  Q_EMIT phaseChanged();
}

QString Document::progressText() const {
  constexpr qint64 kQuickMs = 300;  // what is done by then needs no words
  const qint64 elapsed = job().elapsedMs();
  if (!isBusy() || elapsed < kQuickMs) return {};
  QStringList parts;
  if (!stage().isEmpty()) parts << stage();
  if (progress() > 0.02) {
    const double left = static_cast<double>(elapsed) / 1e3 * (1.0 - progress()) / progress();
    parts << tr("%1 %").arg(std::lround(progress() * 100.0))
          << tr("%1 s left").arg(left, 0, 'f', left < 10 ? 1 : 0);
  }
  return parts.join(QStringLiteral(" · "));
}

void Document::cancelExtras() {
  for (LatestJob* job :
       {&m_mapJob, &m_contentJob, &m_badgeJob, &m_rowJob, &m_movesJob, &m_warmJob, &m_graphJob})
    job->cancel();
  cancelTiles(m_tiled.stop());
  m_isMapping = m_isChecking = false;
  m_requestedRow = std::nullopt;
  m_graphKey = {};
}

void Document::cancel() {
  const bool wasMapping = m_isMapping;
  const QString reason = wasMapping ? m_progress.cancelledWords() : tr("cancelled");
  cancelExtras();
  m_source->cancel();
  if (hasModel() && m_phase != Phase::Stale && (wasMapping || m_phase == Phase::Loading)) setStale(reason);
  Q_EMIT progressed();
  Q_EMIT badgeChanged();
}

void Document::update() {
  if (!m_source->update()) refreshMap();
}

void Document::forgetResults() {
  m_map.reset();
  m_content.reset();
  m_contentMap.reset();
  cancelTiles(m_tiled.stop());
  m_tiled.clear();
  m_graph.reset();
  m_badge.reset();
  m_moves.clear();
  m_areMovesKnown = false;
  m_rows.clear();
  m_hovered.reset();
  m_readOut.reset();
}

}  // namespace uc
