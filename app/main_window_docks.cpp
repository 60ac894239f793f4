// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The window's docks and their layout.
#include "app/main_window.h"
#include "widgets/dock_title.h"
#include "widgets/paint/atlas_summary.h"

#include <QGuiApplication>
#include <QScreen>
#include <QShowEvent>
#include <QTabBar>

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
  m_input = new InputPanel(m_workspace, this);
  m_stripPanel = new StripPanel(m_workspace, this);
  m_inspector = new Inspector(m_workspace, this);
  connect(m_input, &InputPanel::pictureWanted, this, &MainWindow::choosePicture);
  m_input->edit().setAcceptDrops(false);  // a file dropped there is for the window
  m_outlineDock =
      addDock(QStringLiteral("dock.outline"), tr("Model outline"), m_outline, Qt::LeftDockWidgetArea);
  m_inputDock = addDock(QStringLiteral("dock.input"), tr("Input"), m_input, Qt::LeftDockWidgetArea);
  m_stripDock =
      addDock(QStringLiteral("dock.strip"), tr("Token strip"), m_stripPanel, Qt::BottomDockWidgetArea);
  m_atlas = new AtlasPanel(m_workspace, m_host, this);
  m_atlasDock = addDock(QStringLiteral("dock.atlas"), tr("Channel atlas"), m_atlas, Qt::BottomDockWidgetArea);
  m_inspectorDock =
      addDock(QStringLiteral("dock.inspector"), tr("Inspector"), m_inspector, Qt::RightDockWidgetArea);
  splitDockWidget(m_outlineDock, m_inputDock, Qt::Vertical);
  for (QDockWidget* dock : {m_outlineDock, m_inputDock, m_inspectorDock}) dock->setMinimumWidth(200);
  tabifyDockWidget(m_stripDock, m_atlasDock);
  m_stripDock->raise();
  m_stripDock->setMinimumHeight(84);
  connect(m_atlas, &AtlasPanel::lanesKnown, this, [this](const std::shared_ptr<const AtlasLanes>& lanes) {
    const auto prints = layerFingerprints(*lanes);
    for (size_t layer = 0; layer < prints.size(); ++layer)
      if (prints[layer]) m_outline->layers().setFingerprint(static_cast<int>(layer), *prints[layer]);
  });
  auto* title = qobject_cast<DockTitle*>(m_stripDock->titleBarWidget());
  for (QWidget* each : {&m_stripPanel->choice(), &m_stripPanel->granularity()}) each->setParent(title);
  title->room()->addWidget(&m_stripPanel->heading(), 1);
  title->room()->addWidget(&m_stripPanel->choice());
  title->room()->addWidget(&m_stripPanel->granularity());
}

void MainWindow::connectDockActions() {
  for (QDockWidget* dock : {m_outlineDock, m_inputDock, m_stripDock, m_atlasDock, m_inspectorDock}) {
    const QString id = dock->objectName();
    m_actions.on(id, [this, dock, id] {
      dock->setVisible(m_actions[id]->isChecked());
      if (m_actions[id]->isChecked()) dock->raise();
    });
    connect(dock, &QDockWidget::visibilityChanged, this, [this, dock, id] {
      m_actions.setChecked(id, !dock->isHidden());
      nameDockTabs();
    });
    m_actions.setChecked(id, dock != m_atlasDock);
  }
  m_atlasDock->hide();
  m_actions.on(QStringLiteral("dock.reset"), [this] { defaultLayout(); });
}

// Qt makes the tabs of docks that share a place when they do.
void MainWindow::nameDockTabs() {
  for (QTabBar* tabs : findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly))
    tabs->setAccessibleName(tr("Docks"));
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
  for (QDockWidget* dock : {m_outlineDock, m_inputDock, m_stripDock, m_atlasDock, m_inspectorDock}) {
    dock->setFloating(false);
    dock->show();
  }
  // A small window is the map's: outline and input wait behind their entries in the View menu.
  constexpr int kRoomForLeft = 1200;
  for (QDockWidget* dock : {m_outlineDock, m_inputDock}) dock->setVisible(width() >= kRoomForLeft);
  addDockWidget(Qt::LeftDockWidgetArea, m_outlineDock);
  splitDockWidget(m_outlineDock, m_inputDock, Qt::Vertical);
  addDockWidget(Qt::BottomDockWidgetArea, m_stripDock);
  tabifyDockWidget(m_stripDock, m_atlasDock);
  m_atlasDock->hide();
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
  nameDockTabs();
  pane().setFocus();
}

}  // namespace uc
