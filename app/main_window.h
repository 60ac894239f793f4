// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/actions.h"
#include "app/appearance.h"
#include "app/atlas_panel.h"
#include "app/command_palette.h"
#include "app/input_panel.h"
#include "app/inspector.h"
#include "app/map_chooser.h"
#include "app/open_target.h"
#include "app/pane_grid.h"
#include "app/recent_files.h"
#include "app/session_keeper.h"
#include "app/status_line.h"
#include "app/strip_panel.h"
#include "widgets/drop_overlay.h"
#include "widgets/model_outline.h"
#include "widgets/notice_bar.h"

#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QSettings>

#include <functional>

namespace uc {

/// The window: menus, docks, panes, and the wiring between them and the workspace. No logic of its own.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  /// How the window asks for files: the platform's dialogs, or what a test puts in.
  struct FileDialogs {
    std::function<QString(QWidget*, const QString& title, const QString& filter)> open;
    std::function<QString(QWidget*, const QString& title, const QString& name, const QString& filter)> save;
  };
  static FileDialogs platformDialogs();

  MainWindow(EngineHost& host, Appearance& appearance, QSettings& settings,
             FileDialogs dialogs = platformDialogs());
  ~MainWindow() override;

  /// Opens the demo.
  void openDemo();
  /// Opens whatever a path names: a model, a text, an exported figure.
  void openPath(const QString& path);

  Workspace& workspace() { return m_workspace; }
  Document& document() const { return m_workspace.active(); }
  Actions& actions() { return m_actions; }
  PaneGrid& panes() { return *m_grid; }
  Pane& pane() const { return m_grid->active(); }
  InputPanel& input() { return *m_input; }
  ModelOutline& outline() { return *m_outline; }
  StripPanel& strip() { return *m_stripPanel; }
  AtlasPanel& atlas() { return *m_atlas; }
  Inspector& inspector() { return *m_inspector; }
  StatusLine& status() { return *m_status; }
  NoticeBar& errorBar() { return *m_errorBar; }
  NoticeBar& welcomeBar() { return *m_welcomeBar; }
  NoticeBar& restoreBar() { return *m_restoreBar; }
  SessionKeeper& sessions() { return m_sessions; }
  CommandPalette& commandPalette() { return *m_palette; }
  DropOverlay& dropOverlay() { return *m_drop; }
  MapChooser& chooser() { return *m_chooser; }

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void buildCenter();
  void connectPane(Pane* pane);
  void buildDocks();
  QDockWidget* addDock(const QString& id, const QString& title, QWidget* content, Qt::DockWidgetArea area);
  void buildToolbar();
  void buildBars();
  void connectDocument();
  void connectFileActions();
  void connectViewActions();
  void connectCompareActions();
  void connectMapActions();
  void connectMergeActions();
  void connectFactorActions();
  void connectNormalizationActions();
  void connectHelpActions();
  void connectDockActions();
  void nameDockTabs();
  void restoreLayout();
  void defaultLayout();
  void applyTheme(Appearance::Choice choice);

  void updateActions();
  void showModel();
  void showView();
  void showRecent();
  void showContextMenu(const QPoint& globalPos);
  void cycleRegion(int step);
  std::vector<QWidget*> regions() const;

  void open(const Source::OpenRequest& request);
  void chooseModel();
  void chooseText();
  void useText(const QString& path);
  void choosePicture();
  void usePicture(const QString& path);
  void restoreView(const ParsedView& view);
  static QString sessionFilter();
  void saveSession(const QString& path);
  void connectSessions();
  void connectFind();
  void addLane(const QString& text, std::vector<PaletteEntry>& found);
  std::vector<PaletteEntry> findInInput(const QString& text);
  std::vector<PaletteEntry> findAction(const QString& text);
  class ExportDialog* makeExportDialog(const QString& format);
  void exportFigure(const QString& format);
  void exportData();
  void showError(const Error& error);
  void stepToken(int64_t delta);
  void cancelOrUnlock();
  template <typename Edit>
  void edit(const QString& words, Edit edit) {
    ViewState next = document().view();
    edit(next);
    document().change(words, next);
  }

  EngineHost& m_host;
  Appearance& m_appearance;
  QSettings& m_settings;
  FileDialogs m_dialogs;
  Workspace m_workspace;
  SessionKeeper m_sessions;
  RecentFiles m_recent;
  Actions m_actions;
  LatestJob m_saveJob;
  std::optional<OpenTarget> m_dragged;
  std::vector<QString> m_notices;  // that were said
  bool m_isLaidOut = false;

  CommandPalette* m_palette = nullptr;
  QStringList m_lastRun;  // actions, the last first
  PaneGrid* m_grid;
  NoticeBar* m_welcomeBar;
  NoticeBar* m_errorBar;
  NoticeBar* m_restoreBar;
  ModelOutline* m_outline;
  InputPanel* m_input;
  StripPanel* m_stripPanel;
  AtlasPanel* m_atlas;
  Inspector* m_inspector;
  MapChooser* m_chooser = nullptr;
  StatusLine* m_status;
  DropOverlay* m_drop;
  QLabel* m_modelLabel;
  QDockWidget* m_outlineDock = nullptr;
  QDockWidget* m_inputDock = nullptr;
  QDockWidget* m_stripDock = nullptr;
  QDockWidget* m_atlasDock = nullptr;
  QDockWidget* m_inspectorDock = nullptr;
};

}  // namespace uc
