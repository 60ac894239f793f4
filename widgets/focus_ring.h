// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QPointer>
#include <QWidget>

namespace uc {

/// The focus ring of a window: 2 px in accent, 1 px outside the widget that has the focus, always visible,
/// also with the mouse. Large surfaces (property "largeFocus") get it inside their edge. One per window;
/// transparent for the mouse.
class FocusRing : public QWidget {
  Q_OBJECT

 public:
  explicit FocusRing(QWidget* window);
  QWidget* target() const { return m_target; }

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void follow(QWidget* widget);
  void place();
  static QWidget* ringed(QWidget* widget);

  QPointer<QWidget> m_target;
};

}  // namespace uc
