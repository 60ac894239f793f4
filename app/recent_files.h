// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QObject>
#include <QSettings>
#include <QStringList>

namespace uc {

/// The last nine models that were opened, newest first, kept in the settings.
class RecentFiles : public QObject {
  Q_OBJECT

 public:
  static constexpr int kMost = 9;
  explicit RecentFiles(QSettings& settings, QObject* parent = nullptr);
  const QStringList& list() const { return m_list; }
  void add(const QString& model);

 Q_SIGNALS:
  void changed();

 private:
  QSettings& m_settings;
  QStringList m_list;
};

}  // namespace uc
