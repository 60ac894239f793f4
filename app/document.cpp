// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/document.h"

#include "app/view_steps.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {
constexpr int kDebounceMs = 250;
constexpr int kIdleMs = 300;
}  // namespace

Document::Document(EngineHost& host, QObject* parent) : QObject(parent), m_host(host) {
  m_debounce.setSingleShot(true);
  m_debounce.setInterval(kDebounceMs);
  connect(&m_debounce, &QTimer::timeout, this, &Document::startRun);
  m_idle.setSingleShot(true);
  m_idle.setInterval(kIdleMs);
  connect(&m_idle, &QTimer::timeout, this, &Document::resumeExtras);
  for (auto signal : {&Document::viewChanged, &Document::contentChanged, &Document::tilesChanged,
                      &Document::readOutChanged})
    connect(this, signal, this, [this] { m_readOut.reset(); });
}

Document::~Document() = default;

bool Document::isDemo() const { return m_model.startsWith(QLatin1String("demo:")); }

// ---- input

void Document::setText(const QString& text) {
  if (!m_hasIds && text == m_text) return;
  m_text = text;
  m_hasIds = false;
  inputEdited();
}

void Document::setIds(std::vector<int64_t> ids) {
  if (m_hasIds && ids == m_ids) return;
  m_ids = std::move(ids);
  m_hasIds = true;
  inputEdited();
}

void Document::replaceText(const QString& text) {
  setText(text);
  Q_EMIT inputReplaced();
}

void Document::setInputError(const Error& error) {
  m_debounce.stop();
  m_runJob.cancel();
  m_isRunning = m_isRunCurrent = false;
  cancelExtras();
  setFailed(error);
}

void Document::inputEdited() {
  if (!m_engine || isVision()) return;
  m_isRunCurrent = false;
  m_continueJob.cancel();  // it was about the input as it stood
  m_debounce.start();
}

// ---- view

void Document::change(const QString& words, const ViewState& view, bool joins) {
  if (view == m_view) return;
  m_history.record(words, m_view, view, joins);
  applyView(view);
}

void Document::undo() {
  if (m_history.canUndo()) applyView(m_history.undo());
}

void Document::redo() {
  if (m_history.canRedo()) applyView(m_history.redo());
}

void Document::applyView(const ViewState& view) {
  // a step may be older than the input: it must fit what there is now
  const ViewState next = m_engine ? fitted(view, m_info, m_run ? m_run->tokens().size() : INT64_MAX) : view;
  const bool isLockMoved = next.locked != m_view.locked;
  m_view = next;
  Q_EMIT viewChanged();
  refreshMap();
  if (!isLockMoved) return;
  if (m_view.locked && !m_hovered) requestRow(m_view.locked->row);
  Q_EMIT readOutChanged();
}

void Document::setHovered(std::optional<Cell> cell) {
  if (cell == m_hovered) return;
  m_hovered = cell;
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
  return token >= 0 && token < m_tokenTexts.size() ? m_tokenTexts[token] : QString();
}

std::vector<QString> Document::notices() const {
  std::vector<QString> result;
  const auto add = [&result](const std::vector<std::string>& notices) {
    for (const std::string& notice : notices) result.push_back(QString::fromStdString(notice));
  };
  add(m_info.notices);
  if (m_run) add(m_run->notices());
  if (m_map) add(m_map->notices);
  if (m_badge) add(m_badge->notices);
  return result;
}

ViewOrigin Document::origin() const {
  ViewOrigin origin;
  origin.model = m_model.toStdString();
  if (isVision()) {
    origin.image = m_image.toStdString();
    origin.preprocess = m_preprocess.toStdString();
  } else if (m_hasIds)
    origin.ids = m_ids;
  else
    origin.text = m_text.toStdString();
  return origin;
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

std::function<void(double, const QString&)> Document::progressReporter() {
  m_progress = 0.0;
  m_stage.clear();
  m_jobTime.start();
  Q_EMIT progressed();
  return [this](double fraction, const QString& stage) {
    m_progress = fraction;
    m_stage = stage;
    Q_EMIT progressed();
  };
}

QString Document::progressText() const {
  constexpr qint64 kQuickMs = 300;  // what is done by then needs no words
  if (!isBusy() || !m_jobTime.isValid() || m_jobTime.elapsed() < kQuickMs) return {};
  QStringList parts;
  if (!m_stage.isEmpty()) parts << m_stage;
  if (m_progress > 0.02) {
    const double left = static_cast<double>(m_jobTime.elapsed()) / 1e3 * (1.0 - m_progress) / m_progress;
    parts << tr("%1 %").arg(std::lround(m_progress * 100.0))
          << tr("%1 s left").arg(left, 0, 'f', left < 10 ? 1 : 0);
  }
  return parts.join(QStringLiteral(" · "));
}

void Document::cancelExtras() {
  for (LatestJob* job : {&m_predictJob, &m_mapJob, &m_contentJob, &m_badgeJob, &m_rowJob, &m_movesJob,
                         &m_verifyJob, &m_continueJob, &m_warmJob})
    job->cancel();
  cancelTiles(m_tiled.stop());
  m_isMapping = m_isVerifying = m_isChecking = false;
  m_requestedRow = std::nullopt;
}

void Document::cancel() {
  const bool wasOpening = m_isOpening, wasLate = m_isRunning || m_isMapping || m_debounce.isActive();
  const QString at =
      m_progress > 0.0 ? tr("cancelled at %1 %").arg(std::lround(m_progress * 100.0)) : tr("cancelled");
  m_debounce.stop();
  m_openJob.cancel();
  m_runJob.cancel();
  cancelExtras();
  m_isOpening = m_isRunning = false;
  if (wasOpening) {
    Q_EMIT said(tr("Opening was cancelled."));
    if (!m_engine) setPhase(Phase::NoModel);
  }
  if (m_engine && (wasLate || (wasOpening && !m_content))) setStale(at);
  Q_EMIT progressed();
  Q_EMIT badgeChanged();
}

void Document::update() {
  if (m_failedOpening && !m_engine) {
    const OpenRequest request = *m_failedOpening;
    open(request);
  } else if (m_engine && !m_isRunCurrent) {
    startRun();
  } else {
    refreshMap();
  }
}

void Document::forgetResults() {
  m_run.reset();
  m_isRunCurrent = false;
  m_tokenTexts.clear();
  m_predictions.clear();
  m_map.reset();
  m_content.reset();
  m_contentMap.reset();
  cancelTiles(m_tiled.stop());
  m_tiled.clear();
  m_badge.reset();
  m_moves.clear();
  m_rows.clear();
  m_checks.clear();
  m_hovered.reset();
  m_readOut.reset();
}

}  // namespace uc
