// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/recent_files.h"

namespace uc {

namespace {
const QLatin1String kKey("recent/models");
}

RecentFiles::RecentFiles(QSettings& settings, QObject* parent)
    : QObject(parent), m_settings(settings), m_list(settings.value(kKey).toStringList().mid(0, kMost)) {}

void RecentFiles::add(const QString& model) {
  m_list.removeAll(model);
  m_list.prepend(model);
  m_list = m_list.mid(0, kMost);
  m_settings.setValue(kKey, m_list);
  Q_EMIT changed();
}

}  // namespace uc
