// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_plot.h"

#include "widgets/paint/atlas_summary.h"
#include "widgets/widget_theme.h"

#include <QEvent>
#include <QPainter>

namespace uc {

ChannelAtlasPlot::ChannelAtlasPlot(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setProperty("largeFocus", true);
  setAccessibleName(tr("Channel atlas, no lanes"));
  m_marks.hasHandles = true;
}

void ChannelAtlasPlot::setContent(std::shared_ptr<const AtlasContent> content) {
  const bool isSameCloud = m_content && content && m_content->cloud == content->cloud;
  m_content = std::move(content);
  if (!isSameCloud) {
    m_isLaidOut = false;
    m_ground = QImage();
  }
  speak();
  update();
}

void ChannelAtlasPlot::setMarks(const AtlasMarks& marks) {
  const bool isSame =
      marks.hovered == m_marks.hovered && marks.locked == m_marks.locked && marks.panes == m_marks.panes;
  if (isSame) return;
  m_marks = marks;
  m_marks.hasHandles = true;
  speak();
  update();
}

const AtlasLayout& ChannelAtlasPlot::layoutNow() {
  layOut();
  return m_layout;
}

HeatmapStyle ChannelAtlasPlot::style() const {
  HeatmapStyle style;
  style.theme = themeOf(*this);
  return style;
}

void ChannelAtlasPlot::layOut() {
  if (m_isLaidOut || !m_content) return;
  m_layout = layoutAtlas(*m_content, rect(), style());
  m_index = AtlasIndex(m_content->cloud, m_layout);
  m_isLaidOut = true;
}

void ChannelAtlasPlot::drawGround() {
  const double ratio = devicePixelRatioF();
  if (!m_ground.isNull() && m_ground.devicePixelRatio() == ratio) return;
  const HeatmapStyle look = style();
  m_ground = QImage(size() * ratio, QImage::Format_RGB32);
  m_ground.setDevicePixelRatio(ratio);
  m_ground.fill(look.theme.panel);
  QPainter painter(&m_ground);
  painter.fillRect(m_layout.frame, look.theme.canvas);
  painter.drawImage(m_layout.frame, atlasImage(*m_content, m_layout, look.theme, ratio));
  paintAtlasAxes(painter, *m_content, m_layout, look);
  paintAtlasLegend(painter, *m_content, m_layout, look);
}

void ChannelAtlasPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (!m_content) {
    painter.fillRect(rect(), style().theme.panel);
    return;
  }
  layOut();
  drawGround();
  painter.drawImage(QPointF(), m_ground);
  paintAtlasMarks(painter, *m_content, m_layout, style(), m_marks);
}

void ChannelAtlasPlot::resizeEvent(QResizeEvent*) {
  m_isLaidOut = false;
  m_ground = QImage();
}

void ChannelAtlasPlot::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) m_ground = QImage();
  QWidget::changeEvent(event);
}

void ChannelAtlasPlot::speak() {
  if (!m_content) {
    setAccessibleName(tr("Channel atlas, no lanes"));
    setAccessibleDescription({});
    return;
  }
  const AtlasCloud& cloud = *m_content->cloud;
  setAccessibleName(tr("Channel atlas, %1 by %2, %3 of %4 lanes in the brush")
                        .arg(columnTitle(*cloud.y), columnTitle(*cloud.x))
                        .arg(m_content->selected.size())
                        .arg(cloud.points.size()));
  const auto lane = m_marks.hovered ? m_marks.hovered : m_marks.locked;
  const auto summary = lane ? laneSummary(*m_content, *lane) : std::nullopt;
  QStringList lines;
  if (summary) {
    lines << tr("layer %1, lane %2").arg(lane->layer).arg(lane->lane);
    for (const StatisticBand& band : summary->statistics)
      lines << band.label.toLower() + QLatin1Char(' ') + band.value;
  }
  setAccessibleDescription(lines.join(QStringLiteral(", ")));
}

}  // namespace uc
