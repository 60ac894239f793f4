// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What follows once a map is shown, in the order of what is looked at first: row, badge, moves, checks.
#include "app/document.h"

#include <algorithm>

namespace uc {

void Document::startBadge() {
  m_isChecking = true;
  Q_EMIT badgeChanged();
  EngineHost::Job<BadgeResult> job;
  job.work = [engine = m_source->engine(), run = m_source->run(), id = m_view.map](const Feedback& feedback) {
    return engine->badge(run, id, feedback);
  };
  job.done = [this](BadgeResult badge) {
    m_isChecking = false;
    m_badge = badge;
    Q_EMIT badgeChanged();
    startMoves();
  };
  job.failed = [this](const Error& error) {
    m_isChecking = false;
    Q_EMIT badgeChanged();
    Q_EMIT said(QString::fromStdString(error.what));
    startMoves();
  };
  m_host.start(m_badgeJob, std::move(job));
}

void Document::startMoves() {
  // of all lanes of a book they would take minutes
  if (m_isLong && m_view.map.lanes.kind != LaneChoice::Kind::Lane) return;
  EngineHost::Job<std::vector<FactorMove>> job;
  job.work = [engine = m_source->engine(), run = m_source->run(), id = m_view.map](const Feedback& feedback) {
    return engine->moves(run, id, feedback);
  };
  job.done = [this](std::vector<FactorMove> moves) {
    m_moves = std::move(moves);
    m_areMovesKnown = true;
    Q_EMIT movesChanged();
    warmLayer(1);
    m_source->verifyWhenCheap();
  };
  job.failed = [this](const Error& error) {
    m_areMovesKnown = true;  // as far as they can be
    Q_EMIT said(QString::fromStdString(error.what));
  };
  m_host.start(m_movesJob, std::move(job));
}

// One entry of a neighbor's map: with that the engine has its factors, which are most of what a step to it
// takes.
void Document::warmLayer(int64_t step) {
  MapId id = m_view.map;
  id.layer += step;
  id.lanes = {};
  if (m_isLong || id.layer < 0 || id.layer >= info().layers) {
    if (step > 0) warmLayer(-step);
    return;
  }
  EngineHost::Job<bool> job;
  job.work = [engine = m_source->engine(), run = m_source->run(), id](const Feedback& feedback) {
    engine->map(run, {id, {{0, 1}, {0, 1}, 1}}, feedback);
    return true;
  };
  job.done = [this, step](bool) {
    if (step > 0) warmLayer(-step);
  };
  m_host.start(m_warmJob, std::move(job));
}

void Document::requestRow(int64_t row) {
  if (!isRunCurrent() || !isMapCurrent() || row < 0 || row >= tokens()->size()) return;
  if (m_rows.count(row) != 0 || m_requestedRow == row) return;
  m_requestedRow = row;
  EngineHost::Job<RowResult> job;
  job.work = [engine = m_source->engine(), run = m_source->run(), id = m_view.map,
              row](const Feedback& feedback) { return engine->row(run, id, row, feedback); };
  job.done = [this](RowResult result) {
    constexpr size_t kMostRows = 64, kMostValues = size_t{1} << 22;
    const size_t most =
        std::clamp<size_t>(kMostValues / std::max<size_t>(result.alpha.size(), 1), 1, kMostRows);
    if (m_rows.size() >= most) m_rows.clear();
    m_requestedRow = std::nullopt;
    m_rows[result.row] = std::move(result);
    Q_EMIT readOutChanged();
  };
  job.failed = [this](const Error& error) {
    m_requestedRow = std::nullopt;
    Q_EMIT said(QString::fromStdString(error.what));
  };
  m_host.start(m_rowJob, std::move(job));
}

}  // namespace uc
