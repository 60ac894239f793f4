// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The source's jobs: opening, running, and what follows from a run without a view.
#include "app/source.h"
#include "app/view_steps.h"

namespace uc {

namespace {
constexpr int64_t kTopPredictions = 10;
constexpr double kCheapCheck = 5e8;  // tokens² · lanes · layers that are verified without being asked
}  // namespace

struct Source::Opened {
  std::shared_ptr<const Engine> engine;
  std::optional<DemoOpening> opening;
  int threads = 0;
};

/// A run with what the window shows of its tokens, made on the worker: a book has many.
struct Source::Ran {
  RunHandle run;
  QStringList texts;
};

void Source::open(const OpenRequest& request) {
  m_isOpening = true;
  m_failedOpening.reset();
  Q_EMIT opening();
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
    Q_EMIT progressed();
    Q_EMIT openFailed(error);
  };
  job.progress = reporter();
  m_host.start(m_openJob, std::move(job));
}

bool Source::openElsewhere(const QString& model) {
  if (!m_failedOpening || !m_failedOpening->view) return false;
  OpenRequest request = *m_failedOpening;
  request.model = model;
  open(request);
  return true;
}

void Source::adopt(Opened opened, const OpenRequest& request) {
  m_isOpening = false;
  m_debounce.stop();
  m_runJob.cancel();
  cancelExtras();
  forgetRun();
  m_engine = opened.engine;
  m_info = m_engine->info();
  m_model = request.model;
  m_threads = opened.threads;
  takeInput(opened, request);
  Q_EMIT modelChanged();
  Q_EMIT inputReplaced();
  Q_EMIT pictureChanged();
  Q_EMIT predictionsChanged();
  Q_EMIT checksChanged();
  startRun();
}

void Source::takeInput(const Opened& opened, const OpenRequest& request) {
  ViewState first = openingView();
  m_isRestored = request.view.has_value();
  m_image.clear();
  m_picture = {};
  m_preprocess = QStringLiteral("official");
  if (request.view) {
    m_firstView = request.keepsViews ? std::nullopt : std::optional(request.view->view);
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
    first.map.layer = opening.layer;
    if (!isVision()) first = withLanes(first, {LaneChoice::Kind::Lane, opening.lane, Merge::MeanAbs});
    if (opening.row >= 0 && opening.col >= 0 && !request.text) first.locked = Cell{opening.row, opening.col};
  }
  m_firstView = first;
  if (request.image) m_image = *request.image;
  if (request.text) {
    m_text = *request.text;
    m_hasIds = false;
  }
}

void Source::startRun() {
  if (!m_engine) return;
  m_debounce.stop();
  cancelExtras();
  m_isRunning = true;
  m_isCurrent = false;
  Q_EMIT runStarted();
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
    Q_EMIT runFailed(error);
    Q_EMIT progressed();
  };
  job.progress = reporter();
  m_host.start(m_runJob, std::move(job));
}

void Source::adoptRun(Ran ran) {
  m_isRunning = false;
  forgetRun();
  m_run = std::move(ran.run);
  m_tokenTexts = std::move(ran.texts);
  m_isCurrent = true;
  m_isPredictionOwed = m_run != nullptr;
  Q_EMIT checksChanged();
  Q_EMIT runFinished();
  Q_EMIT statisticsChanged();
  if (!m_run) {
    Q_EMIT predictionsChanged();
    Q_EMIT progressed();
  }
}

// ---- what follows from a run

void Source::startPredictions() {
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

void Source::holdPredictions() {
  m_predictJob.cancel();
  if (m_run && m_predictions.empty()) m_isPredictionOwed = true;
}

void Source::releasePredictions() {
  if (m_isPredictionOwed && m_run && m_isCurrent) startPredictions();
}

// Read once more for the eye; what is wrong with it the run will say.
void Source::startPicture() {
  EngineHost::Job<Picture> job;
  job.work = [engine = m_engine, input = input()](const Feedback&) { return engine->picture(input); };
  job.done = [this](Picture picture) {
    m_picture = std::move(picture);
    Q_EMIT pictureChanged();
  };
  m_host.start(m_pictureJob, std::move(job));
}

void Source::continueInput(int64_t count) {
  if (!m_run || !m_isCurrent) return;
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

void Source::verify() {
  if (!m_run || !m_isCurrent) return;
  m_checks.clear();
  Q_EMIT checksChanged();
  verifyNext(0, false);
}

void Source::verifyWhenCheap() {
  if (!m_checks.empty() || m_isVerifying || !m_run) return;
  const double tokens = static_cast<double>(m_run->tokens().size());
  const double lanes = static_cast<double>(m_info.lanes) * static_cast<double>(m_info.layers);
  if (tokens * tokens * lanes < kCheapCheck) verifyNext(0, true);
}

void Source::verifyNext(int64_t layer, bool isQuiet) {
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
    m_progress.report(static_cast<double>(layer + 1) / static_cast<double>(m_info.layers),
                      tr("Checking layer %1").arg(layer + 1));
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

void Source::startStatistics() {
  if (m_isGathering || !m_run || !m_isCurrent || hasStatistics()) return;
  m_isGathering = true;
  statisticsNext();
}

void Source::statisticsNext() {
  EngineHost::Job<std::vector<LaneStatistics>> job;
  job.work = [engine = m_engine, run = m_run, layer = m_statisticsLayers](const Feedback& feedback) {
    return engine->statistics(run, layer, feedback);
  };
  job.done = [this](const std::vector<LaneStatistics>& lanes) {
    m_statistics.insert(m_statistics.end(), lanes.begin(), lanes.end());
    ++m_statisticsLayers;
    m_isGathering = m_statisticsLayers < m_info.layers;
    Q_EMIT statisticsChanged();
    if (m_isGathering) statisticsNext();
  };
  job.failed = [this](const Error& error) {
    m_isGathering = false;
    Q_EMIT said(QString::fromStdString(error.what));
  };
  m_host.start(m_statisticsJob, std::move(job));
}

}  // namespace uc
