// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QWidget>

namespace uc {

/// Shown while something is dragged over the window: a frame and one sentence that says what was recognized.
class DropOverlay : public QWidget {
  Q_OBJECT

 public:
  explicit DropOverlay(QWidget* parent);
  /// Covers the parent and says what would happen on release.
  void announce(const QString& title, const QString& text, bool isAccepted);
  QString title() const { return m_title; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QString m_title, m_text;
  bool m_isAccepted = true;
};

}  // namespace uc
