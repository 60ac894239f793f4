// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/session_keeper.h"

#include "core/io/session.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <csignal>

namespace uc {

namespace {
constexpr int kAutosaveMs = 5000;
const QString kEnding = QStringLiteral(".undercurrent");
}  // namespace

SessionKeeper::SessionKeeper(Workspace& workspace, EngineHost& host, const QString& folder,
                             std::function<std::string()> layout, QObject* parent)
    : QObject(parent), m_workspace(workspace), m_host(host), m_folder(folder), m_layout(std::move(layout)) {
  m_timer.setSingleShot(true);
  m_timer.setInterval(kAutosaveMs);
  connect(&m_timer, &QTimer::timeout, this, &SessionKeeper::autosave);
  connect(&workspace, &Workspace::edited, this, [this] {
    m_hasUnsaved = true;
    if (!m_timer.isActive()) m_timer.start();
  });
}

SessionKeeper::~SessionKeeper() {
  m_autosaveJob.cancel();
  QFile::remove(ownFile());
}

QString SessionKeeper::ownFile() const {
  return QDir(m_folder).filePath(QString::number(QCoreApplication::applicationPid()) + kEnding);
}

Session SessionKeeper::session() const {
  Session session = m_workspace.session();
  session.layout = m_layout ? m_layout() : std::string();
  session.unknown = m_unknown;
  return session;
}

void SessionKeeper::save(const QString& path) {
  const QString file = path.endsWith(kEnding) ? path : path + kEnding;
  EngineHost::Job<bool> job;
  job.work = [session = session(), file](const Feedback&) {
    saveSession(file.toStdString(), session);
    return true;
  };
  job.done = [this, file](bool) {
    m_path = file;
    m_hasUnsaved = false;
    Q_EMIT saved(file);
  };
  job.failed = [this](const Error& error) { Q_EMIT failed(error); };
  m_host.start(m_saveJob, std::move(job));
}

void SessionKeeper::open(const QString& path) {
  EngineHost::Job<Session> job;
  job.work = [path](const Feedback&) { return openSession(path.toStdString()); };
  job.done = [this, path](const Session& session) {
    m_path = path.startsWith(m_folder) ? QString() : path;
    m_unknown = session.unknown;
    m_workspace.restore(session);
    m_hasUnsaved = false;
    Q_EMIT opened(session);
  };
  job.failed = [this](const Error& error) { Q_EMIT failed(error); };
  m_host.start(m_openJob, std::move(job));
}

// A failure here is not told: the user asked for nothing, and the next change tries again.
void SessionKeeper::autosave() {
  if (!m_workspace.active().hasModel()) return;
  EngineHost::Job<bool> job;
  job.work = [session = session(), file = ownFile(), folder = m_folder](const Feedback&) {
    QDir().mkpath(folder);
    saveSession(file.toStdString(), session);
    return true;
  };
  m_host.start(m_autosaveJob, std::move(job));
}

QStringList SessionKeeper::leftovers() const {
  QStringList result;
  const QDir folder(m_folder);
  for (const QFileInfo& file : folder.entryInfoList({QLatin1Char('*') + kEnding}, QDir::Files, QDir::Time)) {
    const qint64 program = file.completeBaseName().toLongLong();
    const bool isRunning = program > 0 && ::kill(static_cast<pid_t>(program), 0) == 0;
    if (!isRunning) result << file.absoluteFilePath();
  }
  return result;
}

QString SessionKeeper::leftover() const { return leftovers().value(0); }

void SessionKeeper::discardLeftovers() {
  for (const QString& file : leftovers()) QFile::remove(file);
}

}  // namespace uc
