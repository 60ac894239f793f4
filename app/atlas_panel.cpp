// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/atlas_panel.h"

#include "app/view_steps.h"
#include "widgets/widget_theme.h"

#include <algorithm>

namespace uc {

namespace {
constexpr int64_t kThumbnailCells = 48;  // a side
}

AtlasPanel::AtlasPanel(Workspace& workspace, EngineHost& host, QWidget* parent)
    : QStackedWidget(parent),
      m_workspace(workspace),
      m_host(host),
      m_view(new ChannelAtlasView(this)),
      m_card(new StateCard(this)) {
  addWidget(m_card);
  addWidget(m_view);
  connectView();
  workspace.follow(this, &Document::statisticsChanged, &AtlasPanel::showStatistics);
  workspace.follow(this, &Document::viewChanged, &AtlasPanel::showChoice);
}

void AtlasPanel::connectView() {
  connect(m_view, &ChannelAtlasView::choiceEdited, this, [this](const AtlasChoice& choice) {
    ViewState next = document().view();
    next.atlas = choice;
    document().change(tr("atlas"), next);
  });
  connect(m_view, &ChannelAtlasView::laneOpened, this, &AtlasPanel::openLane);
  connect(m_view, &ChannelAtlasView::laneClicked, this, [this](std::optional<LaneRef> lane) {
    if (lane) openLane(*lane);
  });
  connect(m_view, &ChannelAtlasView::thumbnailsWanted, this, [this](const std::vector<LaneRef>& lanes) {
    m_wanted.assign(lanes.rbegin(), lanes.rend());
    startThumbnail();
  });
}

void AtlasPanel::showEvent(QShowEvent* event) {
  QStackedWidget::showEvent(event);
  showStatistics();
}

void AtlasPanel::showStatistics() {
  if (!isVisible()) return;
  const Source& source = document().source();
  if (!source.hasStatistics()) {
    m_lanes.reset();
    m_content.reset();
    m_wanted.clear();
    m_view->setContent(nullptr);
    const bool hasRun = source.run() && source.isCurrent();
    m_card->setContent({hasRun ? tr("Looking at every lane") : tr("No input has run."),
                        hasRun
                            ? tr("%1 of %2 layers").arg(source.statisticsLayers()).arg(source.info().layers)
                            : tr("The channel atlas shows the lanes of a model on an input."),
                        false,
                        {},
                        false});
    setCurrentWidget(m_card);
    document().source().startStatistics();
    return;
  }
  m_lanes = atlasLanes(source.statistics());
  m_content.reset();
  m_view->clearThumbnails();
  Q_EMIT lanesKnown(m_lanes);
  showChoice();
  setCurrentWidget(m_view);
}

void AtlasPanel::showChoice() {
  if (!m_lanes || !isVisible()) return;
  const AtlasChoice& choice = document().view().atlas;
  if (!m_content || !(m_content->choice == choice)) {
    m_content = std::make_shared<const AtlasContent>(atlasContent(m_lanes, choice, m_content.get()));
    m_view->setContent(m_content);
  }
  showMarks();
}

void AtlasPanel::showMarks() {
  std::vector<AtlasMarks::Pane> panes;
  for (int i = 0; i < m_workspace.count(); ++i) {
    const Document& each = m_workspace.document(i);
    const MapId& map = each.view().map;
    if (&each.source() == &document().source() && map.lanes.kind == LaneChoice::Kind::Lane)
      panes.push_back({QString(QChar(u'A' + i)), {map.layer, map.lanes.index}});
  }
  m_view->setPanes(std::move(panes));
  const MapId& map = document().view().map;
  m_view->setLocked(map.lanes.kind == LaneChoice::Kind::Lane
                        ? std::optional(LaneRef{map.layer, map.lanes.index})
                        : std::nullopt);
}

void AtlasPanel::openLane(const LaneRef& lane) {
  ViewState next = document().view();
  next.map.layer = lane.layer;
  const bool isSoftmax = document().info().isSoftmax(lane.layer);
  next =
      withLanes(next, {isSoftmax ? LaneChoice::Kind::Head : LaneChoice::Kind::Lane, lane.lane, Merge::Mean});
  document().change(tr("lane"), next);
}

// One after the other: whatever is asked of the engine meanwhile goes first.
void AtlasPanel::startThumbnail() {
  const Source& source = document().source();
  if (m_wanted.empty() || !source.run() || !source.isCurrent()) return m_thumbnailJob.cancel();
  const LaneRef lane = m_wanted.back();
  ViewState view;
  view.map.layer = lane.layer;
  const bool isSoftmax = source.info().isSoftmax(lane.layer);
  view =
      withLanes(view, {isSoftmax ? LaneChoice::Kind::Head : LaneChoice::Kind::Lane, lane.lane, Merge::Mean});
  const int64_t tokens = source.run()->tokens().size();
  MapPart part;
  part.pool = std::max<int64_t>(1, (tokens + kThumbnailCells - 1) / kThumbnailCells);
  EngineHost::Job<QImage> job;
  job.work = [engine = source.engine(), run = source.run(), view, part, info = source.info(),
              theme = themeOf(*this)](const Feedback& feedback) {
    const MapResult map = engine->map(run, {view.map, part}, feedback);
    return cellImage(heatmapContent(heatmapSource(map, {}, info), view), theme);
  };
  job.done = [this, lane](const QImage& image) {
    m_view->setThumbnail(lane, image);
    m_wanted.erase(std::remove(m_wanted.begin(), m_wanted.end(), lane), m_wanted.end());
    startThumbnail();
  };
  m_host.start(m_thumbnailJob, std::move(job));
}

}  // namespace uc
