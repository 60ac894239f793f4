// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What the actions of View, Edit, Map, Tools and Help do.
#include "app/lists.h"
#include "app/main_window.h"
#include "app/view_steps.h"

#include <QClipboard>
#include <QGuiApplication>

namespace uc {

void MainWindow::connectViewActions() {
  const auto on = [this](const char* id, std::function<void()> run) {
    m_actions.on(QString::fromLatin1(id), std::move(run));
  };
  on("edit.undo", [this] { m_workspace.undo(); });
  on("edit.redo", [this] { m_workspace.redo(); });
  on("edit.copy", [this] {
    if (const auto out = document().currentReadOut())
      QGuiApplication::clipboard()->setText(readOutText(*out));
  });
  on("edit.copyCommand", [this] {
    ViewState view = document().view();
    if (!document().tiled().isEmpty()) {  // of a long map as much as is seen, and no finer
      const auto map = document().map();
      view.part = {{map->row0, map->row1}, {map->col0, map->col1}, map->pool, map->pooling};
    }
    QGuiApplication::clipboard()->setText(
        QString::fromStdString(viewCommand(document().source().origin(), view, "map.npy")));
    m_status->say(tr("The command that writes this map is on the clipboard."));
  });
  on("edit.continue", [this] {
    constexpr int64_t kTokens = 20;
    document().source().continueInput(kTokens);
    m_status->say(tr("Continuing the input by %1 tokens.").arg(kTokens));
  });
  on("view.reset", [this] { edit(tr("reset of the view"), [](ViewState& view) { view.viewport = {}; }); });
  const auto zoom = [this](double factor) { pane().page().zoomBy(factor); };
  on("view.zoomIn", [zoom] { zoom(1.25); });
  on("view.zoomOut", [zoom] { zoom(0.8); });
  on("view.grid", [this] { edit(tr("grid"), [](ViewState& view) { view.showGrid = !view.showGrid; }); });
  on("view.overlay", [this] {
    const bool isShown = m_actions[QStringLiteral("view.overlay")]->isChecked();
    m_grid->setOverlayVisible(isShown);
    m_settings.setValue(QStringLiteral("view/overlay"), isShown);
  });
  const bool hasOverlay = m_settings.value(QStringLiteral("view/overlay"), true).toBool();
  m_actions.setChecked(QStringLiteral("view.overlay"), hasOverlay);
  m_grid->setOverlayVisible(hasOverlay);
  const std::pair<const char*, Appearance::Choice> themes[] = {{"theme.system", Appearance::Choice::System},
                                                               {"theme.light", Appearance::Choice::Light},
                                                               {"theme.dark", Appearance::Choice::Dark}};
  for (const auto& [id, choice] : themes) {
    on(id, [this, which = choice] { applyTheme(which); });
    m_actions.setChecked(QString::fromLatin1(id), m_appearance.choice() == choice);
  }
  on("view.fullScreen", [this] { isFullScreen() ? showNormal() : showFullScreen(); });
  on("view.nextRegion", [this] { cycleRegion(1); });
  on("view.previousRegion", [this] { cycleRegion(-1); });
}

void MainWindow::connectCompareActions() {
  const auto on = [this](const QString& id, std::function<void()> run) { m_actions.on(id, std::move(run)); };
  on(QStringLiteral("pane.duplicate"), [this] {
    if (m_workspace.count() < Workspace::kMostPanes) m_workspace.duplicate();
  });
  on(QStringLiteral("pane.close"), [this] {
    if (m_workspace.count() > 1) m_workspace.close(m_workspace.activeIndex());
  });
  on(QStringLiteral("pane.solo"), [this] { m_grid->setSolo(!m_grid->isSolo()); });
  on(QStringLiteral("pane.next"),
     [this] { m_workspace.activate((m_workspace.activeIndex() + 1) % m_workspace.count()); });
  for (int count = 1; count <= Workspace::kMostPanes; ++count)
    on(QStringLiteral("panes.%1").arg(count), [this, count] { m_workspace.setCount(count); });
  on(QStringLiteral("compare.pinA"), [this] { m_workspace.pin(0); });
  on(QStringLiteral("compare.pinB"), [this] { m_workspace.pin(1); });
  on(QStringLiteral("compare.swap"), [this] { m_workspace.swapPins(); });
  on(QStringLiteral("compare.difference"),
     [this] { m_workspace.setDifference(!m_workspace.hasDifference()); });
  const auto link = [&](const char* id, bool PaneLinks::*part) {
    on(QString::fromLatin1(id), [this, part] {
      PaneLinks links = m_workspace.links();
      links.*part = !(links.*part);
      m_workspace.setLinks(links);
    });
  };
  link("link.position", &PaneLinks::position);
  link("link.crosshair", &PaneLinks::crosshair);
  link("link.range", &PaneLinks::range);
}

void MainWindow::connectMapActions() {
  const auto layer = [this](const char* id, int64_t delta) {
    m_actions.on(QString::fromLatin1(id), [this, delta] {
      document().change(tr("layer"), withLayerStep(document().view(), document().info(), delta));
    });
  };
  layer("layer.previous", -1);
  layer("layer.next", 1);
  layer("layer.previous10", -10);
  layer("layer.next10", 10);
  const auto lane = [this](const char* id, int64_t delta) {
    m_actions.on(QString::fromLatin1(id), [this, delta] {
      QString said;
      document().change(tr("lanes"), withLaneStep(document().view(), document().info(), delta, &said));
      if (!said.isEmpty()) m_status->say(said);
    });
  };
  lane("lane.previous", -1);
  lane("lane.next", 1);
  lane("lane.previous10", -10);
  lane("lane.next10", 10);
  connectMergeActions();
  connectFactorActions();
  connectNormalizationActions();
  m_actions.on(QStringLiteral("token.previous"), [this] { stepToken(-1); });
  m_actions.on(QStringLiteral("token.next"), [this] { stepToken(1); });
}

void MainWindow::connectMergeActions() {
  const auto lanes = [this](const QString& id, LaneChoice::Kind kind, std::optional<Merge> merge) {
    m_actions.on(id, [this, kind, merge] {
      LaneChoice choice = document().view().map.lanes;
      choice.kind = kind;
      if (merge) choice.merge = *merge;
      document().change(tr("lanes"),
                        fitted(withLanes(document().view(), choice), document().info(), INT64_MAX));
    });
  };
  lanes(QStringLiteral("lanes.one"), LaneChoice::Kind::Lane, std::nullopt);
  lanes(QStringLiteral("lanes.head"), LaneChoice::Kind::Head, Merge::Mean);
  for (Merge merge : allMerges())
    lanes(QStringLiteral("lanes.") + toQString(name(merge)), LaneChoice::Kind::All, merge);
}

void MainWindow::connectFactorActions() {
  for (Convention each : allConventions())
    m_actions.on(QStringLiteral("convention.") + toQString(name(each)), [this, each] {
      edit(tr("convention"), [each](ViewState& view) { view.map.factors = named(each); });
    });
  for (Factor each : allFactors()) {
    if (each == Factor::NoStep) continue;
    m_actions.on(QStringLiteral("factor.") + toQString(name(each)), [this, each] {
      QString said;
      const bool isOn = !document().view().map.factors.factors.has(each);
      document().change(tr("factors"), withFactor(document().view(), each, isOn, &said));
      if (!said.isEmpty()) m_status->say(said);
      showView();  // a refused switch goes back
    });
  }
}

void MainWindow::connectNormalizationActions() {
  m_actions.on(QStringLiteral("map.sign"), [this] {
    const bool isAbs = document().view().display.normalization == Normalization::Abs;
    document().change(tr("sign"),
                      withNormalization(document().view(), isAbs ? Normalization::Raw : Normalization::Abs));
  });
  const auto normalize = [this](Normalization to) {
    document().change(tr("normalization"), withNormalization(document().view(), to));
  };
  m_actions.on(QStringLiteral("normalization.next"),
               [this, normalize] { normalize(nextNormalization(document().view().display.normalization)); });
  for (Normalization each : allNormalizations())
    m_actions.on(QStringLiteral("normalization.") + toQString(name(each)),
                 [normalize, each] { normalize(each); });
}

void MainWindow::stepToken(int64_t delta) {
  const Tokens* tokens = document().tokens();
  if (!tokens || tokens->size() == 0) return;
  const auto locked = document().view().locked;
  // with nothing locked, begin at the last token: that is what the prediction looks back from
  const int64_t row =
      locked ? std::clamp<int64_t>(locked->row + delta, 0, tokens->size() - 1) : tokens->size() - 1;
  edit(tr("token"), [&](ViewState& view) {
    view.locked = document().strongestIn(row).value_or(Cell{row, 0});
  });
}

void MainWindow::cancelOrUnlock() {
  if (document().isBusy() || document().isChecking()) {
    document().cancel();
    return;
  }
  edit(tr("unlock"), [](ViewState& view) { view.locked = std::nullopt; });
}

void MainWindow::connectHelpActions() {
  const auto on = [this](const char* id, std::function<void()> run) {
    m_actions.on(QString::fromLatin1(id), std::move(run));
  };
  on("tools.verify", [this] {
    (new VerifyList(document(), this))->show();
    if (document().source().checks().size() < static_cast<size_t>(document().info().layers))
      document().source().verify();
  });
  on("tools.devices", [this] { (new DeviceList(m_host, this))->show(); });
  on("tools.cancel", [this] { cancelOrUnlock(); });
  on("help.shortcuts", [this] { (new ShortcutSheet(this))->show(); });
  on("help.conventions", [this] { (new ConventionList(this))->show(); });
  on("help.about", [this] { (new AboutDialog(m_host, this))->show(); });
}

}  // namespace uc
