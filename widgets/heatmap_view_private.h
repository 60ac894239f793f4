// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/heatmap_canvas_gl.h"
#include "widgets/heatmap_view.h"
#include "widgets/viewport.h"

#include <QVariantAnimation>

namespace uc {

/// The state of a HeatmapView; included by its own sources only. The picture is in heatmap_view.cpp, the
/// gestures are in heatmap_view_input.cpp.
class HeatmapView::Private {
 public:
  Private(HeatmapView& owner, Canvas canvas);
  ~Private();

  // The picture.
  HeatmapScene scene();
  const HeatmapLayout& currentLayout();
  Viewport bounds() const;
  std::optional<OverlayState> overlayState() const;
  std::optional<Cell> cellUnder(const QPointF& point);
  std::optional<Cell> markedCell() const { return hovered ? hovered : locked; }
  const HeatmapContent& shownAt(const Cell& cell) const;  // the finest that holds it
  void tellPlot();
  void pictureChanged();  // layout and all
  void marksChanged();    // crosshair, overlay
  void markedCellChanged();
  void speak();
  void update();
  void applyEdits(const ImguiOverlay::Edits& edits);

  // The gestures.
  void moveTo(const Viewport& viewport);   // and tell
  void glideTo(const Viewport& viewport);  // the same over 120 ms, told at the start
  void stopGliding();
  void hover(std::optional<Cell> cell);  // and tell
  void moveCursorCell(int rows, int cols);
  void pressed(const QPointF& point);
  void dragged(const QPointF& point);
  void released(const QPointF& point);
  void cancelDrag();
  void updateCursor();
  ImguiOverlay* overlayAt(const QPointF& point) const;

  HeatmapView& view;
  std::unique_ptr<HeatmapCanvasGl> glCanvas;  // null: raster
  HeatmapCanvasRaster rasterCanvas{HeatmapCanvasRaster::Cells::Drawn};

  std::shared_ptr<const HeatmapContent> content;
  HeatmapTiles tiles;  // on the content
  qint64 tilePool = 0;
  bool isCovered = false;
  Viewport covered;                             // that isCovered speaks of
  std::shared_ptr<const HeatmapContent> frame;  // whose cells are pointed at: content, or tileFrame
  HeatmapStyle style;
  Viewport wanted;                // where the view is going to be
  std::optional<Viewport> onWay;  // what is shown meanwhile
  std::optional<Cell> locked, hovered;
  QString spoken, detail, timing;
  std::vector<ReadOutLine> lines;
  bool isOverlayVisible = true;
  bool isStale = false;

  HeatmapLayout layout;
  bool isLayoutCurrent = false;
  double layoutRatio = 1.0;  // device pixel ratio of `layout`
  double drawMs = 0.0;
  double plotPixels = 0.0;  // that were told
  QVariantAnimation glide;
  Viewport glideStart;

  enum class Drag { None, Pressed, Panning };
  Drag drag = Drag::None;
  QPointF pressPoint, pointer;
  HeatmapLayout pressLayout;
  Viewport pressViewport;
  bool isSpaceDown = false;
  bool isClicked = false;  // by the last press; lockBeforeClick is then valid
  bool isSecondClick = false;
  std::optional<Cell> lockBeforeClick;
};

}  // namespace uc
