// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What follows once a map is shown, in the order of what is looked at first: row, badge, moves, checks.
#include "app/document.h"

#include <algorithm>

namespace uc {

namespace {
constexpr double kCheapCheck = 5e8;  // tokens² · lanes · layers that are verified without being asked
}

Input Document::input() const {
  Input result;
  if (isVision()) {
    result.image = m_image.toStdString();
    result.preprocess = m_preprocess.toStdString();
  } else if (m_hasIds) {
    result.ids = m_ids;
  } else {
    result.text = m_text.toStdString();
  }
  return result;
}

void Document::replaceImage(const QString& path) {
  m_image = path;
  m_picture = {};
  Q_EMIT inputReplaced();
  Q_EMIT pictureChanged();
  startRun();
}

// Read once more for the eye; what is wrong with it the run will say.
void Document::startPicture() {
  EngineHost::Job<Picture> job;
  job.work = [engine = m_engine, input = input()](const Feedback&) { return engine->picture(input); };
  job.done = [this](Picture picture) {
    m_picture = std::move(picture);
    Q_EMIT pictureChanged();
  };
  m_host.start(m_pictureJob, std::move(job));
}

void Document::startBadge() {
  m_isChecking = true;
  Q_EMIT badgeChanged();
  EngineHost::Job<BadgeResult> job;
  job.work = [engine = m_engine, run = m_run, id = m_view.map](const Feedback& feedback) {
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
  job.work = [engine = m_engine, run = m_run, id = m_view.map](const Feedback& feedback) {
    return engine->moves(run, id, feedback);
  };
  job.done = [this](std::vector<FactorMove> moves) {
    m_moves = std::move(moves);
    Q_EMIT movesChanged();
    warmLayer(1);
    verifyWhenCheap();
  };
  job.failed = [this](const Error& error) { Q_EMIT said(QString::fromStdString(error.what)); };
  m_host.start(m_movesJob, std::move(job));
}

// One entry of a neighbor's map: with that the engine has its factors, which are most of what a step to it
// takes.
void Document::warmLayer(int64_t step) {
  MapId id = m_view.map;
  id.layer += step;
  id.lanes = {};
  if (m_isLong || id.layer < 0 || id.layer >= m_info.layers) {
    if (step > 0) warmLayer(-step);
    return;
  }
  EngineHost::Job<bool> job;
  job.work = [engine = m_engine, run = m_run, id](const Feedback& feedback) {
    engine->map(run, {id, {{0, 1}, {0, 1}, 1}}, feedback);
    return true;
  };
  job.done = [this, step](bool) {
    if (step > 0) warmLayer(-step);
  };
  m_host.start(m_warmJob, std::move(job));
}

void Document::requestRow(int64_t row) {
  if (!m_run || !m_isRunCurrent || !isMapCurrent() || row < 0 || row >= m_run->tokens().size()) return;
  if (m_rows.count(row) != 0 || m_requestedRow == row) return;
  m_requestedRow = row;
  EngineHost::Job<RowResult> job;
  job.work = [engine = m_engine, run = m_run, id = m_view.map, row](const Feedback& feedback) {
    return engine->row(run, id, row, feedback);
  };
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

void Document::verify() {
  if (!m_run || !m_isRunCurrent) return;
  m_checks.clear();
  Q_EMIT checksChanged();
  verifyNext(0, false);
}

void Document::continueInput(int64_t count) {
  if (!m_run || !m_isRunCurrent) return;
  struct Continuation {
    std::vector<int64_t> ids;
    std::optional<std::string> text;
  };
  EngineHost::Job<Continuation> job;
  job.work = [engine = m_engine, run = m_run, count](const Feedback& feedback) {
    Continuation result;
    for (const Prediction& each : engine->generate(run, {count, 0.0, 0}, feedback))
      result.ids.push_back(each.id);
    result.text = engine->decode(result.ids);
    return result;
  };
  job.done = [this](Continuation more) {
    if (!m_hasIds && more.text) return replaceText(m_text + QString::fromStdString(*more.text));
    std::vector<int64_t> ids = m_run->tokens().ids();
    ids.insert(ids.end(), more.ids.begin(), more.ids.end());
    setIds(std::move(ids));
    Q_EMIT inputReplaced();
  };
  job.failed = [this](const Error& error) { Q_EMIT said(QString::fromStdString(error.what)); };
  m_host.start(m_continueJob, std::move(job));
}

void Document::verifyWhenCheap() {
  if (!m_checks.empty() || m_isVerifying) return;
  const double tokens = static_cast<double>(m_run->tokens().size());
  const double lanes = static_cast<double>(m_info.lanes) * static_cast<double>(m_info.layers);
  if (tokens * tokens * lanes < kCheapCheck) verifyNext(0, true);
}

void Document::verifyNext(int64_t layer, bool isQuiet) {
  m_isVerifying = !isQuiet && layer < m_info.layers;
  if (layer >= m_info.layers) {
    Q_EMIT progressed();
    return;
  }
  EngineHost::Job<LayerCheck> job;
  job.work = [engine = m_engine, run = m_run, layer](const Feedback& feedback) {
    return engine->verify(run, layer, feedback);
  };
  job.done = [this, layer, isQuiet](LayerCheck check) {
    m_checks.push_back(std::move(check));
    m_progress = static_cast<double>(layer + 1) / static_cast<double>(m_info.layers);
    m_stage = tr("Checking layer %1").arg(layer + 1);
    if (!isQuiet) Q_EMIT progressed();
    Q_EMIT checksChanged();
    verifyNext(layer + 1, isQuiet);
  };
  job.failed = [this](const Error& error) {
    m_isVerifying = false;
    Q_EMIT progressed();
    Q_EMIT said(QString::fromStdString(error.what));
  };
  m_host.start(m_verifyJob, std::move(job));
}

}  // namespace uc
