// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/actions.h"

#include "widgets/widget_theme.h"

#include <QApplication>
#include <QEvent>
#include <QMenu>
#include <QSignalBlocker>
#include <QWidget>

namespace uc {

namespace {

QMenu* submenu(QMenu* menu, const QString& title, bool startsSection) {
  for (QAction* action : menu->actions())
    if (action->menu() && action->menu()->title() == title) return action->menu();
  if (startsSection && !menu->isEmpty()) menu->addSeparator();
  return menu->addMenu(title);
}

}  // namespace

Actions::Actions(QObject* parent) : QObject(parent) {
  QCoreApplication::instance()->installEventFilter(this);
  QHash<QString, QActionGroup*> groups;
  for (const ActionSpec& spec : actionTable()) {
    auto* action = new QAction(spec.words, this);
    action->setObjectName(spec.id);
    action->setShortcuts(spec.keys);
    action->setShortcutContext(spec.isInPane ? Qt::WidgetWithChildrenShortcut : Qt::WindowShortcut);
    action->setCheckable(spec.isCheckable);
    action->setMenuRole(QAction::NoRole);
    if (!spec.icon.isEmpty()) action->setIcon(themeIcon(spec.icon));
    action->setIconVisibleInMenu(false);  // words line up; icons are the toolbar's
    if (!spec.group.isEmpty()) {
      QActionGroup*& group = groups[spec.group];
      if (!group) group = new QActionGroup(this);
      group->addAction(action);
    }
    m_actions.insert(spec.id, action);
    describe(spec, action);
  }
}

bool Actions::eventFilter(QObject*, QEvent* event) {
  // The focus stays in the pane while a menu is open: its letters and arrows are the menu's then.
  if (event->type() != QEvent::ShortcutOverride || !QApplication::activePopupWidget()) return false;
  event->accept();
  return true;
}

QAction* Actions::operator[](const QString& id) const { return m_actions.value(id); }

void Actions::on(const QString& id, std::function<void()> run) {
  m_handled.insert(id);
  connect(m_actions.value(id), &QAction::triggered, this, [run = std::move(run)] { run(); });
}

void Actions::fillMenus(QMenuBar* bar) {
  for (const QString& title : menuTitles()) bar->addMenu(QLatin1Char('&') + title);
  const QList<QAction*> tops = bar->actions();
  const QStringList titles = menuTitles();
  for (const ActionSpec& spec : actionTable()) {
    const QStringList path = spec.menu.split(QLatin1Char('/'));
    QMenu* menu = tops[titles.indexOf(path.first())]->menu();
    // a section that begins with a submenu is one of the menu around it
    QMenu* inner = path.size() > 1 ? submenu(menu, path[1], spec.startsSection) : menu;
    if (spec.startsSection && !inner->isEmpty()) inner->addSeparator();
    menu = inner;
    menu->addAction(m_actions.value(spec.id));
    menu->setToolTipsVisible(true);
  }
}

void Actions::attach(QWidget* window, QWidget* pane) {
  for (const ActionSpec& spec : actionTable())
    (spec.isInPane ? pane : window)->addAction(m_actions.value(spec.id));
}

void Actions::describe(const ActionSpec& spec, QAction* action) const {
  QString tip = action->text();
  if (!spec.keys.isEmpty())
    tip += QStringLiteral("  ") + spec.keys.first().toString(QKeySequence::NativeText);
  if (!action->isEnabled()) tip += QLatin1Char('\n') + whyUnavailable(spec.need);
  action->setToolTip(tip);
}

void Actions::setMet(const std::set<Need>& met) {
  m_met = met;
  for (const ActionSpec& spec : actionTable()) {
    QAction* action = m_actions.value(spec.id);
    if (spec.need == Need::File) continue;  // each recent file by itself
    action->setEnabled(spec.need == Need::Nothing || met.count(spec.need) != 0);
    describe(spec, action);
  }
}

void Actions::setChecked(const QString& id, bool isChecked) {
  QAction* action = m_actions.value(id);
  if (!action || action->isChecked() == isChecked) return;
  // an exclusive group keeps one checked; a custom set of factors is none of its conventions
  QActionGroup* group = action->actionGroup();
  if (group && !isChecked) group->setExclusionPolicy(QActionGroup::ExclusionPolicy::None);
  action->setChecked(isChecked);
  if (group) group->setExclusionPolicy(QActionGroup::ExclusionPolicy::Exclusive);
}

void Actions::setWords(const QString& id, const QString& words) {
  QAction* action = m_actions.value(id);
  if (action->text() == words) return;
  action->setText(words);
  for (const ActionSpec& spec : actionTable())
    if (spec.id == id) describe(spec, action);
}

}  // namespace uc
