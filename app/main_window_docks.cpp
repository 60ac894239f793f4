// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The window's docks and their layout.
#include "app/main_window.h"
#include "widgets/dock_title.h"

#include <QGuiApplication>
#include <QScreen>
#include <QShowEvent>

namespace uc {

namespace {

/// Widths of the left and right docks for a window (look.md §8).
std::pair<int, int> dockWidths(int window) {
  if (window >= 2000) return {300, 340};
  if (window >= 1400) return {252, 292};
  return {216, 264};
}

}  // namespace

QDockWidget* MainWindow::addDock(const QString& id, const QString& title, QWidget* content,
                                 Qt::DockWidgetArea area) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(id);
  dock->setWidget(content);
  dock->setTitleBarWidget(new DockTitle(dock));
  addDockWidget(area, dock);
  return dock;
}

void MainWindow::buildDocks() {
  // the strip lies under the pane only
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  setDockNestingEnabled(true);
  m_outline = new ModelOutline(this);
  m_input = new InputPanel(m_document, this);
  m_stripPanel = new StripPanel(m_document, this);
  m_inspector = new Inspector(m_document, this);
  connect(m_input, &InputPanel::pictureWanted, this, &MainWindow::choosePicture);
  m_input->edit().setAcceptDrops(false);  // a file dropped there is for the window
  m_outlineDock =
      addDock(QStringLiteral("dock.outline"), tr("Model outline"), m_outline, Qt::LeftDockWidgetArea);
  m_inputDock = addDock(QStringLiteral("dock.input"), tr("Input"), m_input, Qt::LeftDockWidgetArea);
  m_stripDock =
      addDock(QStringLiteral("dock.strip"), tr("Token strip"), m_stripPanel, Qt::BottomDockWidgetArea);
  m_inspectorDock =
      addDock(QStringLiteral("dock.inspector"), tr("Inspector"), m_inspector, Qt::RightDockWidgetArea);
  splitDockWidget(m_outlineDock, m_inputDock, Qt::Vertical);
  for (QDockWidget* dock : {m_outlineDock, m_inputDock, m_inspectorDock}) dock->setMinimumWidth(200);
  m_stripDock->setMinimumHeight(84);
  auto* title = qobject_cast<DockTitle*>(m_stripDock->titleBarWidget());
  m_stripPanel->choice().setParent(title);
  title->room()->addWidget(&m_stripPanel->heading(), 1);
  title->room()->addWidget(&m_stripPanel->choice());
}

void MainWindow::connectDockActions() {
  for (QDockWidget* dock : {m_outlineDock, m_inputDock, m_stripDock, m_inspectorDock}) {
    const QString id = dock->objectName();
    m_actions.on(id, [this, dock, id] { dock->setVisible(m_actions[id]->isChecked()); });
    connect(dock, &QDockWidget::visibilityChanged, this,
            [this, dock, id] { m_actions.setChecked(id, !dock->isHidden()); });
    m_actions.setChecked(id, true);
  }
  m_actions.on(QStringLiteral("dock.reset"), [this] { defaultLayout(); });
}

void MainWindow::restoreLayout() {
  const QByteArray geometry = m_settings.value(QStringLiteral("window/geometry")).toByteArray();
  if (!geometry.isEmpty() && restoreGeometry(geometry)) {
    m_isLaidOut = restoreState(m_settings.value(QStringLiteral("window/layout")).toByteArray());
    return;
  }
  const QScreen* screen = QGuiApplication::primaryScreen();
  const QSize room = screen ? screen->availableSize() : QSize(1440, 900);
  resize(std::clamp(room.width(), 1024, 1440), std::clamp(room.height(), 680, 900));
}

void MainWindow::defaultLayout() {
  for (QDockWidget* dock : {m_outlineDock, m_inputDock, m_stripDock, m_inspectorDock}) {
    dock->setFloating(false);
    dock->show();
  }
  // A small window is the map's: outline and input wait behind their entries in the View menu.
  constexpr int kRoomForLeft = 1200;
  for (QDockWidget* dock : {m_outlineDock, m_inputDock}) dock->setVisible(width() >= kRoomForLeft);
  addDockWidget(Qt::LeftDockWidgetArea, m_outlineDock);
  splitDockWidget(m_outlineDock, m_inputDock, Qt::Vertical);
  addDockWidget(Qt::BottomDockWidgetArea, m_stripDock);
  addDockWidget(Qt::RightDockWidgetArea, m_inspectorDock);
  const auto [left, right] = dockWidths(width());
  resizeDocks({m_outlineDock, m_inspectorDock}, {left, right}, Qt::Horizontal);
  const int tall = height() - 90;
  resizeDocks({m_outlineDock, m_inputDock}, {tall * 45 / 100, tall * 55 / 100}, Qt::Vertical);
  resizeDocks({m_stripDock}, {122}, Qt::Vertical);
}

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (m_isLaidOut) return;
  m_isLaidOut = true;
  defaultLayout();
  m_pane->setFocus();
}

}  // namespace uc
