// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_view.h"

#include <QSplitter>
#include <QVBoxLayout>

namespace uc {

ChannelAtlasView::ChannelAtlasView(QWidget* parent)
    : QWidget(parent),
      m_controls(new ChannelAtlasControls(this)),
      m_plot(new ChannelAtlasPlot(this)),
      m_thumbnails(new ChannelAtlasThumbnails(this)) {
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->addWidget(m_plot);
  parts->addWidget(m_thumbnails);
  parts->setStretchFactor(0, 11);
  parts->setStretchFactor(1, 9);
  parts->setHandleWidth(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_controls);
  column->addWidget(parts, 1);
  setFocusProxy(m_plot);

  connect(m_controls, &ChannelAtlasControls::choiceEdited, this, &ChannelAtlasView::choiceEdited);
  connect(m_plot, &ChannelAtlasPlot::brushDragged, this, &ChannelAtlasView::preview);
  connect(m_plot, &ChannelAtlasPlot::brushCanceled, this, [this] {
    display(m_content);
    Q_EMIT selectionPreviewed(m_content);
  });
  connect(m_plot, &ChannelAtlasPlot::brushEdited, this, [this](const AtlasChoice::Brush& brush) {
    preview(brush);
    AtlasChoice choice = m_content->choice;
    choice.brush = brush;
    Q_EMIT choiceEdited(choice);
  });
  connect(m_plot, &ChannelAtlasPlot::laneHovered, this, &ChannelAtlasView::tellHover);
  connect(m_plot, &ChannelAtlasPlot::laneClicked, this, &ChannelAtlasView::laneClicked);
  connect(m_plot, &ChannelAtlasPlot::laneOpened, this, &ChannelAtlasView::laneOpened);
  connect(m_plot, &ChannelAtlasPlot::contextMenuWanted, this, &ChannelAtlasView::contextMenuWanted);
  connect(m_thumbnails, &ChannelAtlasThumbnails::laneHovered, this, &ChannelAtlasView::tellHover);
  connect(m_thumbnails, &ChannelAtlasThumbnails::laneClicked, this, &ChannelAtlasView::laneClicked);
  connect(m_thumbnails, &ChannelAtlasThumbnails::laneOpened, this, &ChannelAtlasView::laneOpened);
  connect(m_thumbnails, &ChannelAtlasThumbnails::contextMenuWanted, this,
          &ChannelAtlasView::contextMenuWanted);
  connect(m_thumbnails, &ChannelAtlasThumbnails::thumbnailsWanted, this, &ChannelAtlasView::thumbnailsWanted);
}

void ChannelAtlasView::setContent(std::shared_ptr<const AtlasContent> content) {
  m_content = std::move(content);
  m_controls->setContent(m_content);
  // What is under the pointer goes before what comes from elsewhere, until it is let go.
  if (!m_plot->isDragging() || !m_content) display(m_content);
}

void ChannelAtlasView::display(std::shared_ptr<const AtlasContent> content) {
  m_shown = std::move(content);
  m_plot->setContent(m_shown);
  m_thumbnails->setContent(m_shown);
}

void ChannelAtlasView::preview(const AtlasChoice::Brush& brush) {
  if (!m_content) return;
  AtlasChoice choice = m_content->choice;
  choice.brush = brush;
  display(
      std::make_shared<const AtlasContent>(atlasContent(m_content->cloud->lanes, choice, m_content.get())));
  Q_EMIT selectionPreviewed(m_shown);
}

bool ChannelAtlasView::clearBrush() {
  if (!m_content || !m_content->choice.brush) return false;
  AtlasChoice choice = m_content->choice;
  choice.brush.reset();
  Q_EMIT choiceEdited(choice);
  return true;
}

void ChannelAtlasView::setMarks(const AtlasMarks& marks) {
  m_marks = marks;
  m_plot->setMarks(m_marks);
  m_thumbnails->setMarks(m_marks);
}

void ChannelAtlasView::setLocked(std::optional<LaneRef> lane) {
  AtlasMarks marks = m_marks;
  marks.locked = lane;
  setMarks(marks);
}

void ChannelAtlasView::setHovered(std::optional<LaneRef> lane) {
  AtlasMarks marks = m_marks;
  marks.hovered = lane;
  setMarks(marks);
}

void ChannelAtlasView::setPanes(std::vector<AtlasMarks::Pane> panes) {
  AtlasMarks marks = m_marks;
  marks.panes = std::move(panes);
  setMarks(marks);
}

void ChannelAtlasView::tellHover(std::optional<LaneRef> lane) {
  setHovered(lane);
  Q_EMIT laneHovered(lane);
}

}  // namespace uc
