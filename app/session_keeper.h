// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <functional>

namespace uc {

/// Saves and opens sessions on the worker, and keeps the one that is open safe: a few seconds after a change
/// it is written to a folder of the program's own, one file for each running program, which goes when the
/// program ends in order. What a crash left behind is found there by the next start. GUI thread.
class SessionKeeper : public QObject {
  Q_OBJECT

 public:
  /// `folder` is made when it is first needed. `layout` gives the window's own part of a session.
  SessionKeeper(Workspace& workspace, EngineHost& host, const QString& folder,
                std::function<std::string()> layout, QObject* parent = nullptr);
  ~SessionKeeper() override;

  void save(const QString& path);
  void open(const QString& path);
  QString path() const { return m_path; }  // of the last save or opening; empty: none yet
  bool hasUnsaved() const { return m_hasUnsaved; }

  /// The newest session that a program which is gone has left; empty: none.
  QString leftover() const;
  /// Forgets all that was left.
  void discardLeftovers();

 Q_SIGNALS:
  void saved(const QString& path);
  void opened(const uc::Session& session);
  void failed(const uc::Error& error);

 private:
  QStringList leftovers() const;
  QString ownFile() const;
  void autosave();
  Session session() const;

  Workspace& m_workspace;
  EngineHost& m_host;
  QString m_folder, m_path;
  std::function<std::string()> m_layout;
  bool m_hasUnsaved = false;
  std::string m_unknown;  // of the session that is open
  QTimer m_timer;
  LatestJob m_saveJob, m_openJob, m_autosaveJob;
};

}  // namespace uc
