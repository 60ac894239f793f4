// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/channel_atlas_clicks.h"
#include "widgets/paint/atlas_painter.h"

#include <QAbstractScrollArea>
#include <QImage>
#include <QTimer>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// The lanes of the brush in their order, each with a small picture of its map, its name and the value they
/// are sorted by. It may hold every lane of a model: only what is in sight is laid out, painted and asked
/// for. Pictures come from outside; until they do there is a plain ground. GUI thread.
class ChannelAtlasThumbnails : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit ChannelAtlasThumbnails(QWidget* parent = nullptr);

  void setContent(std::shared_ptr<const AtlasContent> content);
  void setMarks(const AtlasMarks& marks);
  /// Kept for a few hundred lanes, those in sight always.
  void setThumbnail(const LaneRef& lane, const QImage& image);
  /// The pictures are no longer true: another input, or another kind of map.
  void clearThumbnails();

  /// Lanes in sight, in order.
  std::vector<LaneRef> visibleLanes() const;
  /// Of a lane of the list by its place, in viewport coordinates.
  QRectF cellRect(qint64 place) const;
  static constexpr size_t kMostKept = 512;
  static constexpr int kSide = 86;  // of a thumbnail, px

  QSize sizeHint() const override { return {500, 360}; }
  QSize minimumSizeHint() const override { return {150, 180}; }

 Q_SIGNALS:
  void laneHovered(std::optional<uc::LaneRef> lane);
  void laneClicked(std::optional<uc::LaneRef> lane);
  void laneOpened(uc::LaneRef lane);
  /// The lanes in sight without a picture, in order; the list takes the place of the one before. Told once
  /// scrolling and brushing have paused for a moment.
  void thumbnailsWanted(const std::vector<uc::LaneRef>& lanes);
  void contextMenuWanted(const QPoint& globalPos, std::optional<uc::LaneRef> lane);

 protected:
  bool viewportEvent(QEvent* event) override;
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  qint64 count() const { return m_content ? static_cast<qint64>(m_content->selected.size()) : 0; }
  LaneRef laneOf(qint64 place) const;
  std::optional<LaneRef> laneAt(const QPointF& point) const;
  std::optional<qint64> placeOf(const LaneRef& lane) const;
  std::pair<qint64, qint64> visibleRange() const;  // places, half open
  void placeColumns();
  void paintCell(QPainter& painter, qint64 place) const;
  void paintHead(QPainter& painter) const;
  void hover(std::optional<LaneRef> lane);
  void go(qint64 steps);
  void tellWanted();

  std::shared_ptr<const AtlasContent> m_content;
  AtlasMarks m_marks;
  std::map<LaneRef, QImage> m_images;
  std::vector<LaneRef> m_wanted;  // that were told last
  QTimer m_pause;
  int m_columns = 1;
  double m_pitch = 120.0;
  LaneClicks m_clicks;
};

}  // namespace uc
