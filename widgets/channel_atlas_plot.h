// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/channel_atlas_clicks.h"
#include "widgets/paint/atlas_index.h"

#include <QImage>
#include <QWidget>

#include <memory>
#include <optional>

namespace uc {

/// The points of a channel atlas with their axes, answering to the mouse and the keyboard. Points, axes and
/// legend are kept as one image between frames; brush and marks are drawn on it. GUI thread.
///
/// Gestures: hover previews the nearest lane within 6 px; a click asks for a lock, on the locked lane for its
/// end; a double-click opens and gives the lock back that its first click changed. A drag makes a brush, on
/// the brush moves it, on a handle resizes it, with Shift always makes a new one; Esc meanwhile takes it
/// back. Keys: arrows, Page, Home and End go through the lanes of the brush in sort order, Enter opens; B
/// makes a brush about the current lane, Shift+arrows move it, Ctrl+arrows resize it.
class ChannelAtlasPlot : public QWidget {
  Q_OBJECT

 public:
  explicit ChannelAtlasPlot(QWidget* parent = nullptr);

  void setContent(std::shared_ptr<const AtlasContent> content);
  void setMarks(const AtlasMarks& marks);
  /// Of the last paint.
  const AtlasLayout& layoutNow();
  bool isDragging() const { return m_drag == Drag::Brush; }

  QSize sizeHint() const override { return {560, 360}; }
  QSize minimumSizeHint() const override { return {240, 180}; }

 Q_SIGNALS:
  void laneHovered(std::optional<uc::LaneRef> lane);
  void laneClicked(std::optional<uc::LaneRef> lane);  // wanted lock; nothing: unlock
  void laneOpened(uc::LaneRef lane);
  void brushDragged(uc::AtlasChoice::Brush brush);  // at every move
  void brushEdited(uc::AtlasChoice::Brush brush);   // at the end of a drag, or by key
  void brushCanceled();                             // the drag: the brush is as it was before
  void contextMenuWanted(const QPoint& globalPos, std::optional<uc::LaneRef> lane);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  enum class Drag { None, Pressed, Brush };
  /// Which sides of the brush follow the pointer.
  struct Grip {
    bool left = false, top = false, right = false, bottom = false;
    bool isMove() const { return left && top && right && bottom; }
    bool isNew() const { return !left && !top && !right && !bottom; }
  };

  HeatmapStyle style() const;
  void layOut();
  void drawGround();
  void speak();
  std::optional<LaneRef> laneAt(const QPointF& point);
  std::optional<QRectF> brushBox() const;
  Grip gripAt(const QPointF& point) const;
  QRectF draggedBox(const QPointF& to) const;
  AtlasChoice::Brush brushOver(const QRectF& box) const;
  void startPress(const QMouseEvent& event);
  void hover(std::optional<LaneRef> lane);
  void go(qint64 steps);
  bool editBrushBy(const QKeyEvent& event);
  void updateCursor(const QPointF& point);

  std::shared_ptr<const AtlasContent> m_content;
  AtlasMarks m_marks;
  AtlasLayout m_layout;
  AtlasIndex m_index;
  bool m_isLaidOut = false;
  QImage m_ground;  // points, axes and legend; null: to be drawn

  Drag m_drag = Drag::None;
  LaneClicks m_clicks;
  Grip m_grip;
  std::optional<QRectF> m_pressBox;
};

}  // namespace uc
