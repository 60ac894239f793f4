// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/image_overlay.h"

#include <QPixmap>
#include <QWidget>

#include <memory>
#include <optional>

namespace uc {

/// A picture with the row of one patch on it. It draws an OverlayContent through the painters of
/// widgets/paint, keeps what does not change from frame to frame (the scaled picture, the blended one, the
/// scan path), and says by signals what the user wants; it computes no row itself: whoever gets queryDragged
/// sets a content of the new query. Only hover, pan and zoom take effect at once. GUI thread.
///
/// Gestures: hover previews a patch; the query patch is a handle that is dragged, to the class token's
/// diamond, too; a click (press and release within 4 px) on another patch or the diamond makes it the query;
/// wheel and pinch zoom about the pointer; drag elsewhere pans, with Space from anywhere; Esc during a drag
/// takes it back. Keys: + and − zoom, arrows (also with Alt) move the query by a patch, right of the last
/// column to the class token.
class ImageOverlayView : public QWidget {
  Q_OBJECT

 public:
  explicit ImageOverlayView(QWidget* parent = nullptr);

  /// Replaces the picture; hover and viewport stay where the picture has the same size. Null: nothing.
  void setContent(std::shared_ptr<const OverlayContent> content);
  const std::shared_ptr<const OverlayContent>& content() const { return m_content; }
  /// A patch hovered elsewhere (heatmap, strip).
  void setHovered(std::optional<int64_t> token);
  /// In pixels of the picture; empty: all of it.
  void setViewport(const Viewport& viewport);
  const Viewport& viewport() const { return m_viewport; }
  void resetView() { setViewport({}); }
  /// The layout of the next paint, for tests and for what lies over it.
  HeatmapLayout layout() const;

  QSize sizeHint() const override { return {480, 520}; }
  QSize minimumSizeHint() const override { return {160, 160}; }

 Q_SIGNALS:
  void patchHovered(std::optional<int64_t> token);
  void queryDragged(int64_t token);  // during a drag; also once with the old query when Esc takes it back
  void queryChosen(int64_t token);   // by the end of a drag, a click or a key
  void viewportChanged(const uc::Viewport& viewport);  // by a gesture

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  enum class Drag { None, Pressed, Query, Panning };

  HeatmapStyle style() const;
  Viewport bounds() const;
  std::optional<int64_t> tokenUnder(const QPointF& point) const;
  bool isOnQuery(const QPointF& point) const;
  void hover(std::optional<int64_t> token);
  void moveTo(const Viewport& viewport);
  void zoomBy(double factor, const QPointF& about);
  void dragQuery(const QPointF& point);
  void stepQuery(int rows, int cols);
  void cancelDrag();
  void updateCursor();
  void describe();
  void updateLayers(const HeatmapLayout& layout);

  std::shared_ptr<const OverlayContent> m_content;
  Viewport m_viewport;
  std::optional<int64_t> m_hovered;
  Drag m_drag = Drag::None;
  bool m_isSpaceDown = false;
  QPointF m_pointer, m_pressPoint;
  HeatmapLayout m_pressLayout;
  Viewport m_pressViewport;
  int64_t m_pressQuery = 0, m_dragged = 0;

  // What they were made for decides when they are made anew.
  QImage m_scaled, m_blended;
  QPixmap m_path;
  QSize m_layerPixels;
  qint64 m_pictureKey = 0;
  Viewport m_layerViewport;
  std::shared_ptr<const OverlayContent> m_blendedContent, m_pathContent;
  bool m_isBlendedDark = false;
};

}  // namespace uc
