// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/views.h"
#include "widgets/badge.h"
#include "widgets/rich_line.h"

#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QWidget>

namespace uc {

/// The 2 px under a pane's header that fill while something runs.
class ProgressLine : public QWidget {
  Q_OBJECT

 public:
  explicit ProgressLine(QWidget* parent) : QWidget(parent) { setFixedHeight(2); }
  void setFraction(double fraction);  // below 0: nothing runs

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  double m_fraction = -1;
};

/// "Out of date: the input changed" over the lower edge of the picture, with the button that mends it.
class StaleTag : public QWidget {
  Q_OBJECT

 public:
  explicit StaleTag(QWidget* parent);
  void announce(const QString& reason);
  void place();

 Q_SIGNALS:
  void updateWanted();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QLabel* m_words;
  QPushButton* m_update;
};

/// Where a pane stands among the others.
struct PanePlace {
  int index = 0, count = 1;
  bool isActive = true, isSolo = false, isLinked = true;
};

/// The line over a pane: its letter where there are several, what it shows, badge, and the pane's buttons.
class PaneHeader : public QWidget {
  Q_OBJECT

 public:
  explicit PaneHeader(QWidget* parent);
  void setPlace(const PanePlace& place);
  /// The view's icon and name; a failure has its own.
  void setView(View view, const QString& words, bool isFailed);
  /// Drops words that do not fit a pane of that width.
  void setRoom(int width);
  QString letter() const;
  RichLine& title() { return *m_title; }
  Badge& badge() { return *m_badge; }
  QToolButton& viewButton() { return *m_view; }

 Q_SIGNALS:
  void linkToggled();
  void soloToggled();
  void closeWanted();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  PanePlace m_place;
  bool m_isFailed = false;
  QLabel* m_name;
  RichLine* m_title;
  Badge* m_badge;
  QToolButton *m_link, *m_solo, *m_close, *m_view;
};

/// Of resources/icons.
QString iconOf(View view);

}  // namespace uc
