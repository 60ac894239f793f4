// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QDockWidget>
#include <QHBoxLayout>
#include <QLabel>
#include <QWidget>

namespace uc {

/// A dock's title: 27 px, words at the left, room for a line and controls of the dock's own, a cross at the
/// right. Dragging and double-clicking work as on a native title.
class DockTitle : public QWidget {
  Q_OBJECT

 public:
  explicit DockTitle(QDockWidget* dock);
  /// Room between the words and the cross.
  QHBoxLayout* room() const { return m_room; }
  QSize sizeHint() const override { return {100, 27}; }
  QSize minimumSizeHint() const override { return {60, 27}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QHBoxLayout* m_room;
};

}  // namespace uc
