// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What the palette and the search offer.
#include "app/main_window.h"
#include "app/view_steps.h"

#include <algorithm>

namespace uc {

namespace {
constexpr size_t kMostFound = 50;
}

void MainWindow::connectFind() {
  m_palette = new CommandPalette(this);
  m_actions.on(QStringLiteral("edit.find"), [this] {
    m_palette->open(tr("Find a token, a layer (L12) or a lane (L12 C345)"),
                    [this](const QString& text) { return findInInput(text); });
  });
  m_actions.on(QStringLiteral("tools.palette"), [this] {
    m_palette->open(tr("Find an action, a lane (L12 C345) or a recent model"),
                    [this](const QString& text) { return findAction(text); });
  });
}

void MainWindow::addLane(const QString& text, std::vector<PaletteEntry>& found) {
  qint64 layer = 0, lane = -1;
  if (!document().hasModel() || !parseLaneName(text, &layer, &lane)) return;
  const ModelInfo& info = document().info();
  PaletteEntry entry;
  entry.right = tr("layer and lane");
  entry.words = lane < 0 ? tr("Layer %1").arg(layer) : tr("Layer %1, lane %2").arg(layer).arg(lane);
  if (layer >= info.layers)
    entry.unavailable = tr("This model has layers 0 … %1.").arg(info.layers - 1);
  else if (lane >= info.lanesOf(layer))
    entry.unavailable = tr("This layer has lanes 0 … %1.").arg(info.lanesOf(layer) - 1);
  entry.run = [this, layer, lane] {
    ViewState next = document().view();
    next.map.layer = layer;
    if (lane >= 0) next = withLanes(next, {LaneChoice::Kind::Lane, lane, Merge::Mean});
    document().change(tr("lane"), next);
  };
  found.push_back(std::move(entry));
}

std::vector<PaletteEntry> MainWindow::findInInput(const QString& text) {
  std::vector<PaletteEntry> found;
  addLane(text, found);
  if (text.isEmpty()) return found;
  const QStringList& tokens = document().source().tokenTexts();
  for (qsizetype i = 0; i < tokens.size() && found.size() < kMostFound; ++i) {
    if (!tokens[i].contains(text, Qt::CaseInsensitive)) continue;
    PaletteEntry entry;
    entry.words = QStringLiteral("%1").arg(tokens[i].trimmed().isEmpty() ? tokens[i] : tokens[i].trimmed());
    entry.right = tr("token %1").arg(i);
    entry.run = [this, i] {
      edit(tr("token"), [&](ViewState& view) {
        view.locked = document().strongestIn(i).value_or(Cell{i, i});
      });
    };
    found.push_back(std::move(entry));
  }
  return found;
}

std::vector<PaletteEntry> MainWindow::findAction(const QString& text) {
  std::vector<PaletteEntry> found;
  addLane(text, found);
  std::vector<std::pair<int, PaletteEntry>> ranked;
  for (const ActionSpec& spec : actionTable()) {
    QAction* action = m_actions[spec.id];
    QString words = action->text();
    words.remove(QLatin1Char('&'));
    const int rank = paletteRank(words, text);
    if (rank == 0 || !action->isVisible() || spec.id == QLatin1String("tools.palette")) continue;
    PaletteEntry entry{words, action->shortcut().toString(QKeySequence::NativeText), {}, {}};
    if (!action->isEnabled()) entry.unavailable = whyUnavailable(spec.need);
    const auto recent = std::find(m_lastRun.begin(), m_lastRun.end(), spec.id);
    const int freshness = recent == m_lastRun.end() ? 0 : 10;
    ranked.emplace_back(rank + freshness, std::move(entry));
    ranked.back().second.run = [this, action, id = spec.id] {
      m_lastRun.removeAll(id);
      m_lastRun.prepend(id);
      action->trigger();
    };
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [rank, entry] : ranked)
    if (found.size() < kMostFound) found.push_back(std::move(entry));
  return found;
}

}  // namespace uc
