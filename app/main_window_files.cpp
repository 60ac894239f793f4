// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// Opening and saving: dialogs, drops, recent models, restored figures, exports.
#include "app/action_table.h"
#include "app/export_dialog.h"
#include "app/main_window.h"
#include "core/io/save.h"
#include "widgets/paint/compare_figure.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

#include <memory>

namespace uc {

MainWindow::FileDialogs MainWindow::platformDialogs() {
  FileDialogs dialogs;
  dialogs.open = [](QWidget* parent, const QString& title, const QString& filter) {
    return QFileDialog::getOpenFileName(parent, title, {}, filter);
  };
  dialogs.save = [](QWidget* parent, const QString& title, const QString& name, const QString& filter) {
    return QFileDialog::getSaveFileName(parent, title, name, filter);
  };
  return dialogs;
}

void MainWindow::connectFileActions() {
  const auto on = [this](const char* id, std::function<void()> run) {
    m_actions.on(QString::fromLatin1(id), std::move(run));
  };
  on("file.open", [this] { chooseModel(); });
  for (int i = 1; i <= RecentFiles::kMost; ++i)
    m_actions.on(QStringLiteral("file.recent.%1").arg(i), [this, i] {
      if (i <= m_recent.list().size()) open({m_recent.list()[i - 1], {}, {}});
    });
  for (const auto& [model, title] : demoModels())
    m_actions.on(QStringLiteral("file.demo.") + model, [this, name = QStringLiteral("demo:") + model] {
      open({name, {}, {}});
    });
  on("file.text", [this] { chooseText(); });
  on("file.picture", [this] { choosePicture(); });
  on("file.openSession", [this] {
    const QString path = m_dialogs.open(this, tr("Open a session"), sessionFilter());
    if (!path.isEmpty()) openPath(path);
  });
  on("file.saveSession", [this] { saveSession(m_sessions.path()); });
  on("file.saveSessionAs", [this] { saveSession({}); });
  on("file.export", [this] { exportFigure(QStringLiteral("png")); });
  on("file.exportVector", [this] { exportFigure(QStringLiteral("svg")); });
  on("file.exportData", [this] { exportData(); });
  on("file.quit", [this] { close(); });
}

QString MainWindow::sessionFilter() { return tr("Sessions (*.undercurrent);;All files (*)"); }

void MainWindow::saveSession(const QString& path) {
  QString file = path;
  if (file.isEmpty())
    file =
        m_dialogs.save(this, tr("Save the session"), QStringLiteral("session.undercurrent"), sessionFilter());
  if (!file.isEmpty()) m_sessions.save(file);
}

void MainWindow::connectSessions() {
  connect(&m_sessions, &SessionKeeper::saved, this,
          [this](const QString& path) { m_status->say(tr("Saved %1.").arg(QFileInfo(path).fileName())); });
  connect(&m_sessions, &SessionKeeper::failed, this, &MainWindow::showError);
  connect(&m_sessions, &SessionKeeper::opened, this, [this](const Session& session) {
    m_errorBar->hide();
    m_restoreBar->hide();
    const QByteArray layout = QByteArray::fromBase64(QByteArray::fromStdString(session.layout));
    if (!layout.isEmpty()) restoreState(layout);
  });
  m_restoreBar->setText({}, tr("The program ended unexpectedly. What was open then can be restored."));
  connect(m_restoreBar->addAction(tr("Restore")), &QAbstractButton::clicked, this,
          [this] { m_sessions.open(m_sessions.leftover()); });
  connect(m_restoreBar, &NoticeBar::dismissed, this, [this] { m_sessions.discardLeftovers(); });
  m_restoreBar->setVisible(!m_sessions.leftover().isEmpty());
}

void MainWindow::openDemo() { open({QStringLiteral("demo:mamba"), {}, {}}); }

void MainWindow::open(const Source::OpenRequest& request) {
  m_errorBar->hide();
  document().source().open(request);
}

void MainWindow::chooseModel() {
  const QString path =
      m_dialogs.open(this, tr("Open a model: its config.json or a weights file"),
                     tr("Models (config.json *.safetensors *.bin *.pth *.pt);;All files (*)"));
  if (path.isEmpty()) return;
  // a folder's configuration stands for the folder
  const QFileInfo file(path);
  const QString model = file.fileName() == QLatin1String("config.json") ? file.absolutePath() : path;
  if (!document().source().openElsewhere(model)) open({model, {}, {}});
}

void MainWindow::chooseText() {
  const QString path = m_dialogs.open(this, tr("Open a text"), tr("Texts (*.txt *.md);;All files (*)"));
  if (!path.isEmpty()) useText(path);
}

void MainWindow::choosePicture() {
  const QString path =
      m_dialogs.open(this, tr("Open a picture"),
                     tr("Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.tif *.tiff *.npy);;All files (*)"));
  if (!path.isEmpty()) usePicture(path);
}

void MainWindow::usePicture(const QString& path) {
  if (document().isVision()) return document().source().replaceImage(path);
  showError({"The open model takes text, not pictures.", QFileInfo(path).fileName().toStdString(),
             "Open a vision model first."});
}

void MainWindow::useText(const QString& path) {
  if (document().isVision()) {
    return showError({"The open model takes pictures, not text.", QFileInfo(path).fileName().toStdString(),
                      "Open a language model first."});
  }
  try {
    document().source().replaceText(readTextFile(path));
  } catch (const Failure& failure) {
    showError(failure.error());
  }
}

void MainWindow::openPath(const QString& path) {
  const OpenTarget target = recognize(path);
  switch (target.kind) {
    case OpenTarget::Kind::Model:
      open({target.path, {}, {}});
      break;
    case OpenTarget::Kind::Text:
      useText(target.path);
      break;
    case OpenTarget::Kind::Picture:
      usePicture(target.path);
      break;
    case OpenTarget::Kind::Figure:
      restoreView(*target.view);
      break;
    case OpenTarget::Kind::Session:
      m_sessions.open(target.path);
      break;
    case OpenTarget::Kind::Unknown:
      showError({"The file was not recognized.", QFileInfo(path).fileName().toStdString(),
                 "Open a model folder, a weights file, a text, a picture, a session or an exported figure."});
      break;
  }
}

void MainWindow::restoreView(const ParsedView& view) {
  open({QString::fromStdString(view.origin.model), view, {}});
}

void MainWindow::showRecent() {
  for (int i = 1; i <= RecentFiles::kMost; ++i) {
    QAction* action = m_actions[QStringLiteral("file.recent.%1").arg(i)];
    const bool isThere = i <= m_recent.list().size();
    action->setVisible(isThere || i == 1);
    action->setEnabled(isThere);
    const QString path = isThere ? m_recent.list()[i - 1] : QString();
    // an ampersand in a path is no mnemonic
    action->setText(isThere ? QFileInfo(path).fileName().replace(QLatin1Char('&'), QStringLiteral("&&"))
                            : tr("No recent model"));
    action->setToolTip(path);
  }
}

ExportDialog* MainWindow::makeExportDialog(const QString& format) {
  const ViewOrigin origin = document().source().origin();
  const ViewState view = document().shownView();
  const DifferencePane* difference = m_grid->difference();
  if (difference && difference->isShown() && difference->content())
    return new ExportDialog(
        std::make_shared<const CompareFigure>(
            std::vector{workspace().document(0).content(), workspace().document(1).content()},
            difference->content()),
        origin, view, format, this);
  if (document().view().view == View::Heatmap)
    if (const auto content = static_cast<HeatmapPage&>(pane().page()).figureContent())
      return new ExportDialog(content, origin, view, format, this);
  const auto figure = pane().page().figure();
  return figure ? new ExportDialog(figure, origin, view, format, this) : nullptr;
}

void MainWindow::exportFigure(const QString& format) {
  ExportDialog* dialog = makeExportDialog(format);
  if (!dialog) return;
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setChooseFile([this](QWidget* parent, const QString& name) {
    return m_dialogs.save(parent, tr("Save the figure"), name,
                          tr("Figures (*.png *.tiff *.tif *.svg *.pdf)"));
  });
  connect(dialog, &QDialog::accepted, this,
          [this, dialog] { m_status->say(tr("Wrote %1.").arg(QFileInfo(dialog->savedPath()).fileName())); });
  dialog->open();
}

void MainWindow::exportData() {
  const auto map = document().map();
  if (!map || !document().tokens()) return;
  const QString path =
      m_dialogs.save(this, tr("Export the shown map"), QStringLiteral("map.npy"),
                     tr("NumPy array (*.npy);;NumPy archive (*.npz);;Numbers (*.csv);;JSON (*.json)"));
  if (path.isEmpty()) return;
  MapFile file;
  file.layers = {{map->id.layer, map->values}};
  file.row0 = map->row0, file.row1 = map->row1, file.col0 = map->col0, file.col1 = map->col1;
  file.tokens = *document().tokens();
  ViewState view = document().shownView();
  view.part = {{map->row0, map->row1}, {map->col0, map->col1}, map->pool, map->pooling};
  file.view = viewJson(document().source().origin(), view);
  EngineHost::Job<bool> job;
  job.work = [file = std::move(file), target = path.toStdString()](const Feedback&) {
    saveMap(target, file);
    return true;
  };
  job.done = [this, path](bool) { m_status->say(tr("Wrote %1.").arg(QFileInfo(path).fileName())); };
  job.failed = [this](const Error& error) { showError(error); };
  m_host.start(m_saveJob, std::move(job));
}

// ---- drops

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.isEmpty() || !urls.first().isLocalFile()) return;
  m_dragged = recognize(urls.first().toLocalFile());
  const bool isAccepted = m_dragged->kind != OpenTarget::Kind::Unknown;
  m_drop->announce(m_dragged->title, m_dragged->hint, isAccepted);
  // what is not recognized is entered too, to say so until it leaves
  event->setDropAction(isAccepted ? Qt::CopyAction : Qt::IgnoreAction);
  event->accept();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) {
  m_dragged.reset();
  m_drop->hide();
}

void MainWindow::dropEvent(QDropEvent* event) {
  m_drop->hide();
  if (!m_dragged) return;
  const OpenTarget target = *m_dragged;
  m_dragged.reset();
  event->acceptProposedAction();
  openPath(target.path);
}

}  // namespace uc
