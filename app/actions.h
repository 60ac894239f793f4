// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/action_table.h"

#include <QAction>
#include <QActionGroup>
#include <QHash>
#include <QMenuBar>
#include <QObject>
#include <QToolBar>

#include <functional>
#include <set>

namespace uc {

/// The QActions of the table, with their menus. Owns nothing of what they do: the window gives each a
/// function.
class Actions : public QObject {
  Q_OBJECT

 public:
  explicit Actions(QObject* parent);

  QAction* operator[](const QString& id) const;
  /// What an action does; checkable ones of a group call it when they become the checked one, others at each
  /// click.
  void on(const QString& id, std::function<void()> run);
  bool hasHandler(const QString& id) const { return m_handled.count(id) != 0; }

  void fillMenus(QMenuBar* bar);
  /// Gives the pane's keys to the pane and the others to the window.
  void attach(QWidget* window, QWidget* pane);
  /// Which needs are met now: the others' actions turn gray and say why in their tool tip.
  void setMet(const std::set<Need>& met);
  /// Checks an action without running it.
  void setChecked(const QString& id, bool isChecked);
  /// "Undo zoom": the words now, with the tool tip that follows.
  void setWords(const QString& id, const QString& words);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void describe(const ActionSpec& spec, QAction* action) const;

  QHash<QString, QAction*> m_actions;
  std::set<QString> m_handled;
  std::set<Need> m_met;
};

}  // namespace uc
