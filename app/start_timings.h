// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QObject>
#include <QWidget>

#include <functional>

namespace uc {

/// With UNDERCURRENT_TIMINGS set: one line on stderr once the first map is painted, "painted 0.31 s, map 1.20
/// s since process start".
class StartTimings : public QObject {
  Q_OBJECT

 public:
  /// `window`: whose first paint counts; `isMapShown`: whether what is painted now is a map.
  StartTimings(QWidget* window, QWidget* view, std::function<bool()> isMapShown);

 Q_SIGNALS:
  void firstPainted();  // the window is on the screen

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  QWidget* m_window;
  QWidget* m_view;
  std::function<bool()> m_isMapShown;
  double m_painted = 0.0;
  bool m_isDone = false;
};

}  // namespace uc
