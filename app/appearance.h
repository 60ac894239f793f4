// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/theme.h"

#include <QObject>
#include <QString>

namespace uc {

/// The theme of the whole application: one style, one palette, one style sheet. "System" follows the
/// lightness of the palette that the platform gave at start.
class Appearance : public QObject {
  Q_OBJECT

 public:
  enum class Choice { System, Light, Dark };
  /// Once, right after the QApplication was made and before any widget.
  explicit Appearance(QObject* parent = nullptr);
  void choose(Choice choice);
  Choice choice() const { return m_choice; }
  const Theme& theme() const;

 Q_SIGNALS:
  void themeChanged();

 private:
  bool m_isPlatformDark;
  Choice m_choice = Choice::System;
};

/// "@name" in a style sheet replaced by the theme's colors.
QString themedSheet(QString sheet, const Theme& theme);

}  // namespace uc
