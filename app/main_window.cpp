// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/main_window.h"

#include "app/view_steps.h"
#include "widgets/focus_ring.h"
#include "widgets/widget_theme.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QFileInfo>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace uc {

MainWindow::MainWindow(EngineHost& host, Appearance& appearance, QSettings& settings, FileDialogs dialogs)
    : m_host(host),
      m_appearance(appearance),
      m_settings(settings),
      m_dialogs(std::move(dialogs)),
      m_workspace(host),
      m_sessions(m_workspace, host, QFileInfo(settings.fileName()).dir().filePath(QStringLiteral("sessions")),
                 [this] { return saveState().toBase64().toStdString(); }),
      m_recent(settings),
      m_actions(this) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(tr("Undercurrent"));
  setMinimumSize(1024, 680);
  setAcceptDrops(true);
  setContextMenuPolicy(Qt::NoContextMenu);
  m_status = new StatusLine(m_workspace, this);
  setStatusBar(m_status);
  buildCenter();
  buildDocks();
  m_actions.fillMenus(menuBar());
  m_modelLabel = new QLabel(this);
  m_modelLabel->setProperty("role", QStringLiteral("small"));
  m_modelLabel->setContentsMargins(0, 0, 12, 0);
  // the menu bar does not follow a corner that grows
  m_modelLabel->setFixedSize(360, 25);
  m_modelLabel->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  menuBar()->setCornerWidget(m_modelLabel);
  m_actions.attach(this, m_grid);
  buildToolbar();
  m_drop = new DropOverlay(this);
  new FocusRing(this);
  connectFileActions();
  connectViewActions();
  connectMapActions();
  connectCompareActions();
  connectHelpActions();
  connectDockActions();
  connectSessions();
  connectFind();
  connectDocument();
  restoreLayout();
  showRecent();
  showModel();
  showView();
  updateActions();
  m_grid->setTheme(m_appearance.theme());
}

MainWindow::~MainWindow() {
  // docks tell that they vanish: now, while there are actions to uncheck
  hide();
}

void MainWindow::buildCenter() {
  auto* center = new QWidget(this);
  m_grid = new PaneGrid(m_workspace, center);
  m_welcomeBar = new NoticeBar(NoticeBar::Kind::Welcome, center);
  m_errorBar = new NoticeBar(NoticeBar::Kind::Error, center);
  m_restoreBar = new NoticeBar(NoticeBar::Kind::Welcome, center);
  auto* column = new QVBoxLayout(center);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_restoreBar);
  column->addWidget(m_welcomeBar);
  column->addWidget(m_errorBar);
  column->addWidget(m_grid, 1);
  setCentralWidget(center);
  buildBars();
  for (Pane* pane : m_grid->panes()) connectPane(pane);
  connect(m_grid, &PaneGrid::paneMade, this, &MainWindow::connectPane);
}

void MainWindow::connectPane(Pane* pane) {
  connect(pane, &Pane::openWanted, this, &MainWindow::chooseModel);
  connect(pane, &Pane::demoWanted, this, &MainWindow::openDemo);
  connect(pane, &Pane::inputWanted, this, [this] {
    if (document().isVision()) return choosePicture();
    m_inputDock->show();
    m_input->edit().setFocus();
  });
  connect(pane, &Pane::verifyWanted, this, [this] { m_actions[QStringLiteral("tools.verify")]->trigger(); });
  connect(pane, &Pane::contextMenuWanted, this, &MainWindow::showContextMenu);
  connect(pane, &Pane::detailChanged, m_status, &StatusLine::showDetail);
}

void MainWindow::buildBars() {
  m_errorBar->hide();
  m_welcomeBar->hide();
  m_welcomeBar->setText({}, tr("This is the demo model. Drop a model folder here or open one."));
  connect(m_welcomeBar->addAction(tr("Open model…")), &QAbstractButton::clicked, this,
          &MainWindow::chooseModel);
  connect(m_welcomeBar->addAction(tr("Show shortcuts")), &QAbstractButton::clicked, this,
          [this] { m_actions[QStringLiteral("help.shortcuts")]->trigger(); });
  connect(m_welcomeBar, &NoticeBar::dismissed, this,
          [this] { m_settings.setValue(QStringLiteral("welcome/closed"), true); });
}

void MainWindow::buildToolbar() {
  auto* bar = new QToolBar(tr("Toolbar"), this);
  bar->setObjectName(QStringLiteral("toolbar"));
  bar->setMovable(false);
  bar->setFixedHeight(40);
  bar->setIconSize(QSize(16, 16));
  bar->toggleViewAction()->setEnabled(false);
  m_chooser = new MapChooser(m_workspace, bar);
  const auto add = [&](const char* id) {
    QAction* action = m_actions[QString::fromLatin1(id)];
    bar->addAction(action);
    auto* button = qobject_cast<QToolButton*>(bar->widgetForAction(action));
    button->setFixedSize(28, 28);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(action->text());
  };
  for (const char* id : {"file.open", "edit.undo", "edit.redo"}) add(id);
  bar->addSeparator();
  bar->addWidget(m_chooser);
  bar->addSeparator();
  for (const char* id : {"compare.pinA", "compare.pinB", "compare.swap", "compare.difference"}) add(id);
  bar->addSeparator();
  for (const char* id : {"map.sign", "view.grid"}) add(id);
  bar->addSeparator();
  add("file.export");
  addToolBar(bar);
}

void MainWindow::connectDocument() {
  m_workspace.follow(this, &Document::modelChanged, &MainWindow::showModel);
  m_workspace.follow(this, &Document::viewChanged, &MainWindow::showView);
  for (auto signal : {&Document::viewChanged, &Document::contentChanged, &Document::phaseChanged,
                      &Document::progressed, &Document::readOutChanged, &Document::modelChanged})
    m_workspace.follow(this, signal, &MainWindow::updateActions);
  m_workspace.follow(this, &Document::openFailed, [this](const Error& error) {
    if (document().hasModel()) showError(error);  // else the pane tells
  });
  m_workspace.follow(this, &Document::contentChanged, [this] {
    // once a change: the same notice comes with every map
    const std::vector<QString> notices = document().notices();
    if (!notices.empty() && notices != m_notices) m_status->say(notices.back());
    m_notices = notices;
  });
  m_workspace.follow(this, &Document::checksChanged, [this] {
    m_outline->layers().clearChecks();
    for (const LayerCheck& check : document().source().checks())
      m_outline->layers().setCheck(static_cast<int>(check.layer), check.relative);
  });
  for (auto signal : {&Workspace::historyChanged, &Workspace::panesChanged, &Workspace::activeChanged,
                      &Workspace::pinsChanged})
    connect(&m_workspace, signal, this, &MainWindow::updateActions);
  connect(&m_workspace, &Workspace::pinsChanged, this, &MainWindow::showView);
  connect(m_outline, &ModelOutline::layerChosen, this,
          [this](int layer) { edit(tr("layer"), [layer](ViewState& view) { view.map.layer = layer; }); });
  connect(m_stripPanel, &StripPanel::cellHovered, this,
          [this](std::optional<Cell> cell) { document().setHovered(cell); });
  connect(&m_recent, &RecentFiles::changed, this, &MainWindow::showRecent);
}

void MainWindow::showModel() {
  const bool hasModel = document().hasModel();
  const ModelInfo& info = document().info();
  const QString name = hasModel ? QString::fromStdString(info.name) : QString();
  m_modelLabel->setText(m_modelLabel->fontMetrics().elidedText(name, Qt::ElideMiddle, 340));
  setWindowTitle(hasModel ? tr("%1 – Undercurrent").arg(name) : tr("Undercurrent"));
  std::vector<QString> kinds;
  for (const std::string& kind : info.kinds) kinds.push_back(kindTitle(kind));
  m_outline->layers().setKinds(std::move(kinds));
  if (!hasModel) return;
  m_errorBar->hide();
  m_outline->setCurrentLayer(static_cast<int>(document().view().map.layer));
  const bool isWelcome =
      document().source().isDemo() && !m_settings.value(QStringLiteral("welcome/closed"), false).toBool();
  m_welcomeBar->setVisible(isWelcome);
  if (!document().source().isDemo()) m_recent.add(document().source().modelName());
}

void MainWindow::showView() {
  const ViewState& view = document().view();
  m_outline->setCurrentLayer(static_cast<int>(view.map.layer));
  m_actions.setChecked(QStringLiteral("view.grid"), view.showGrid);
  m_actions.setChecked(QStringLiteral("map.sign"), view.display.normalization == Normalization::Abs);
  for (Normalization each : allNormalizations())
    m_actions.setChecked(QStringLiteral("normalization.") + toQString(name(each)),
                         each == view.display.normalization);
  for (Convention each : allConventions())
    m_actions.setChecked(QStringLiteral("convention.") + toQString(name(each)),
                         each == view.map.factors.convention);
  for (Factor each : allFactors())
    m_actions.setChecked(QStringLiteral("factor.") + toQString(name(each)),
                         view.map.factors.factors.has(each));
  m_actions.setChecked(QStringLiteral("compare.pinA"), m_workspace.pinned(0).has_value());
  m_actions.setChecked(QStringLiteral("compare.pinB"), m_workspace.pinned(1).has_value());
  m_actions.setChecked(QStringLiteral("compare.difference"), m_workspace.hasDifference());
  m_actions.setChecked(QStringLiteral("link.position"), m_workspace.links().position);
  m_actions.setChecked(QStringLiteral("link.crosshair"), m_workspace.links().crosshair);
  m_actions.setChecked(QStringLiteral("link.range"), m_workspace.links().range);
  const LaneChoice& lanes = view.map.lanes;
  m_actions.setChecked(QStringLiteral("lanes.one"), lanes.kind == LaneChoice::Kind::Lane);
  m_actions.setChecked(QStringLiteral("lanes.head"), lanes.kind == LaneChoice::Kind::Head);
  for (Merge each : allMerges())
    m_actions.setChecked(QStringLiteral("lanes.") + toQString(name(each)),
                         lanes.kind == LaneChoice::Kind::All && lanes.merge == each);
}

void MainWindow::updateActions() {
  std::set<Need> met{Need::Nothing};
  if (document().hasModel()) met.insert(Need::Model);
  if (document().hasModel()) met.insert(document().isVision() ? Need::Vision : Need::Text);
  if (document().hasModel() && document().info().heads) met.insert(Need::Heads);
  if (document().content() && document().phase() != Document::Phase::Failed) {
    met.insert(Need::Map);
    if (!isUnsigned(document().view().map.lanes)) met.insert(Need::SignedMap);
    if (document().currentReadOut()) met.insert(Need::Lock);
  }
  if (m_workspace.count() > 1) met.insert(Need::Panes);
  if (m_workspace.canDiffer() || m_workspace.hasDifference()) met.insert(Need::Pair);
  const ViewHistory& history = m_workspace.history();
  if (history.canUndo()) met.insert(Need::Undo);
  if (history.canRedo()) met.insert(Need::Redo);
  if (document().isBusy() || document().isChecking() || document().view().locked) met.insert(Need::Job);
  m_actions.setMet(met);
  m_actions.setWords(QStringLiteral("edit.undo"),
                     history.canUndo() ? tr("Undo %1").arg(history.undoWords()) : tr("Undo"));
  m_actions.setWords(QStringLiteral("edit.redo"),
                     history.canRedo() ? tr("Redo %1").arg(history.redoWords()) : tr("Redo"));
}

void MainWindow::showContextMenu(const QPoint& globalPos) {
  QMenu menu(this);
  for (const char* id : {"edit.copy", "edit.copyCommand"}) menu.addAction(m_actions[QString::fromLatin1(id)]);
  menu.addSeparator();
  for (const char* id : {"view.reset", "view.zoomIn", "view.zoomOut"})
    menu.addAction(m_actions[QString::fromLatin1(id)]);
  menu.addSeparator();
  for (const char* id : {"tools.verify", "file.export"}) menu.addAction(m_actions[QString::fromLatin1(id)]);
  menu.exec(globalPos);
}

std::vector<QWidget*> MainWindow::regions() const {
  return {&m_chooser->layer(),    m_outline,  &m_input->entry(), &pane().page().canvas(),
          &m_stripPanel->strip(), m_inspector};
}

void MainWindow::cycleRegion(int step) {
  const std::vector<QWidget*> all = regions();
  QWidget* focused = QApplication::focusWidget();
  int at = -1;
  const auto home = [](QWidget* region) -> QWidget* {
    // what belongs to a region: its dock, toolbar or pane
    for (QWidget* each = region; each; each = each->parentWidget())
      if (qobject_cast<QDockWidget*>(each) || qobject_cast<QToolBar*>(each) || qobject_cast<Pane*>(each))
        return each;
    return region;
  };
  for (size_t i = 0; i < all.size() && focused; ++i)
    if (home(all[i])->isAncestorOf(focused) || home(all[i]) == focused) at = static_cast<int>(i);
  const int count = static_cast<int>(all.size());
  for (int tries = 0; tries < count; ++tries) {
    at = at < 0 ? (step > 0 ? 0 : count - 1) : (at + step + count) % count;
    QWidget* region = all[static_cast<size_t>(at)];
    if (!region->isVisible() || !region->isEnabled()) continue;
    if (region == m_inspector) region = &m_inspector->first();
    region->setFocus(Qt::TabFocusReason);
    return;
  }
}

void MainWindow::showError(const Error& error) {
  QStringList lines;
  for (const std::string& line : {error.where, error.todo})
    if (!line.empty()) lines << QString::fromStdString(line);
  m_errorBar->setText(QString::fromStdString(error.what), lines.join(QLatin1Char('\n')));
  m_errorBar->show();
}

void MainWindow::applyTheme(Appearance::Choice choice) {
  m_appearance.choose(choice);
  m_settings.setValue(QStringLiteral("appearance/theme"), static_cast<int>(choice));
  m_grid->setTheme(m_appearance.theme());
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::WindowStateChange)
    m_actions.setChecked(QStringLiteral("view.fullScreen"), isFullScreen());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  m_settings.setValue(QStringLiteral("window/layout"), saveState());
  m_settings.sync();
  event->accept();
}

}  // namespace uc
