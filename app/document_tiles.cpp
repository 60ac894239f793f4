// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What lies on the map of a long input where one looks closer: asked for, one tile after the other, as one
// moves.
#include "app/document.h"

#include <algorithm>
#include <cmath>

namespace uc {

void Document::setPlotPixels(double pixels) {
  if (pixels == m_plotPixels) return;
  m_plotPixels = pixels;
  lookAtTiles();
}

void Document::lookAtTiles() {
  if (m_tiled.isEmpty() || !isRunCurrent() || !isMapCurrent()) return;
  cancelTiles(m_tiled.look(m_view.viewport, m_plotPixels));
  showTiles();
  startTiles();
  if (!m_tiled.server().isIdle()) pauseExtras();
}

// Whoever looks around must not wait for what nobody looks at.
void Document::pauseExtras() {
  m_rowJob.cancel();
  m_requestedRow = std::nullopt;
  m_badgeJob.cancel();
  m_movesJob.cancel();
  m_warmJob.cancel();
  m_source->holdPredictions();
  m_idle.start();
}

void Document::resumeExtras() {
  if (!isRunCurrent() || !isMapCurrent()) return;
  if (!m_tiled.server().isIdle()) return m_idle.start();
  if (const auto cell = m_hovered ? m_hovered : m_view.locked) requestRow(cell->row);
  if (!m_badge && m_isChecking)
    startBadge();
  else if (m_badge && !m_areMovesKnown)
    startMoves();
  m_source->releasePredictions();
}

void Document::startTiles() {
  for (TileJob& slot : m_tileJobs) {
    if (slot.key) continue;
    const auto key = m_tiled.server().next();
    if (!key) return;
    slot.key = key;
    EngineHost::Job<TilePointer> job;
    job.work = [engine = m_source->engine(), run = m_source->run(), key = *key,
                part = tilePart(*key, tokens()->size())](const Feedback& feedback) {
      return std::make_shared<const MapResult>(
          engine->map(run, {key.id, part, key.timesInput, part.pool > 1}, feedback));
    };
    job.done = [this, &slot](TilePointer tile) {
      m_tiled.server().arrived(*std::exchange(slot.key, std::nullopt), std::move(tile));
      startTiles();
      showTiles();
      if (m_tiled.server().isIdle()) Q_EMIT readOutChanged();
    };
    job.failed = [this, &slot](const Error& error) {
      m_tiled.server().failed(*std::exchange(slot.key, std::nullopt));
      Q_EMIT said(QString::fromStdString(error.what));
      startTiles();
    };
    m_host.start(slot.job, std::move(job));
  }
}

void Document::showTiles() {
  if (m_tiled.isEmpty()) return;
  const bool isOther = m_tiled.dress();
  if (m_tiled.owesTiles()) m_dressing.start(0);
  if (isOther) {
    m_content = m_tiled.content();
    Q_EMIT contentChanged();
    Q_EMIT readOutChanged();
    return;
  }
  Q_EMIT tilesChanged();
}

void Document::cancelTiles(const std::vector<TileKey>& keys) {
  for (TileJob& slot : m_tileJobs) {
    if (!slot.key || std::find(keys.begin(), keys.end(), *slot.key) == keys.end()) continue;
    slot.job.cancel();
    slot.key.reset();
  }
}

std::shared_ptr<const MapResult> Document::map() const {
  if (!m_tiled.isEmpty())
    if (auto shown = m_tiled.shownMap()) return std::make_shared<const MapResult>(std::move(*shown));
  return m_map;
}

QString Document::detail() const {
  if (!m_tiled.isEmpty()) return m_tiled.detail();
  return m_content ? tr("1 : 1, exact") : QString();
}

}  // namespace uc
