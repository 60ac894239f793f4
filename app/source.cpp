// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/source.h"

namespace uc {

namespace {
constexpr int kDebounceMs = 250;
}

Source::Source(EngineHost& host, QObject* parent) : QObject(parent), m_host(host) {
  m_debounce.setSingleShot(true);
  m_debounce.setInterval(kDebounceMs);
  connect(&m_debounce, &QTimer::timeout, this, &Source::startRun);
}

Source::~Source() = default;

bool Source::isDemo() const { return m_model.startsWith(QLatin1String("demo:")); }

// ---- input

void Source::setText(const QString& text) {
  if (!m_hasIds && text == m_text) return;
  m_text = text;
  m_hasIds = false;
  inputEdited();
}

void Source::setIds(std::vector<int64_t> ids) {
  if (m_hasIds && ids == m_ids) return;
  m_ids = std::move(ids);
  m_hasIds = true;
  inputEdited();
}

void Source::replaceText(const QString& text) {
  setText(text);
  Q_EMIT inputReplaced();
}

void Source::replaceImage(const QString& path) {
  m_image = path;
  m_picture = {};
  Q_EMIT inputReplaced();
  Q_EMIT pictureChanged();
  startRun();
}

void Source::setInputError(const Error& error) {
  m_debounce.stop();
  m_runJob.cancel();
  m_isRunning = m_isCurrent = false;
  cancelExtras();
  Q_EMIT inputFailed(error);
}

void Source::inputEdited() {
  if (!m_engine || isVision()) return;
  m_isCurrent = false;
  m_continueJob.cancel();  // it was about the input as it stood
  m_debounce.start();
}

Input Source::input() const {
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

ViewOrigin Source::origin() const {
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

// ---- jobs in general

void Source::cancelExtras() {
  for (LatestJob* job : {&m_predictJob, &m_verifyJob, &m_continueJob, &m_statisticsJob}) job->cancel();
  m_isVerifying = m_isGathering = false;
}

void Source::cancel() {
  const bool wasOpening = m_isOpening, wasLate = m_isRunning || m_debounce.isActive();
  const QString reason = isBusy() ? m_progress.cancelledWords() : tr("cancelled");
  m_debounce.stop();
  m_openJob.cancel();
  m_runJob.cancel();
  cancelExtras();
  m_isOpening = m_isRunning = false;
  if (wasOpening) Q_EMIT said(tr("Opening was cancelled."));
  Q_EMIT cancelled(reason, wasLate);
  Q_EMIT progressed();
}

bool Source::update() {
  if (m_failedOpening && !m_engine) {
    const OpenRequest request = *m_failedOpening;
    open(request);
    return true;
  }
  if (!m_engine || m_isCurrent) return false;
  startRun();
  return true;
}

void Source::forgetRun() {
  m_run.reset();
  m_isCurrent = false;
  m_tokenTexts.clear();
  m_predictions.clear();
  m_checks.clear();
  m_statistics.clear();
  m_statisticsLayers = 0;
}

}  // namespace uc
