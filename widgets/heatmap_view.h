// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"
#include "widgets/heatmap_read_out.h"
#include "widgets/paint/heatmap_painter.h"

#include <QPointF>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// A heatmap that answers to the mouse and the keyboard. It draws a HeatmapContent through the painters of
/// widgets/paint: cells by OpenGL (float texture, color look-up in the shader) where there is a real GPU,
/// else raster; both give the same picture. With OpenGL a Dear ImGui overlay shows the probe, range, gamma,
/// level of detail and timings. It computes nothing itself and says what the user wants by signals; only
/// hover, pan and zoom take effect at once. GUI thread.
///
/// Gestures: hover previews; a click (press and release within 4 px) asks for a lock, on the locked cell for
/// its end; a double-click gives the lock back that its first click changed; wheel and pinch zoom about the
/// pointer; drag pans, with Space from anywhere; Esc during a drag takes it back. Keys: + − zoom, Alt+arrows
/// move the cell cursor, the menu key opens the cell's menu.
class HeatmapView : public QWidget {
  Q_OBJECT

 public:
  /// Automatic: OpenGL where it is not emulated. The environment variable UNDERCURRENT_CANVAS (`opengl` or
  /// `raster`) has the last word over Automatic. OpenGl falls back to raster where there is no context.
  enum class Canvas { Automatic, OpenGl, Raster };
  explicit HeatmapView(QWidget* parent = nullptr, Canvas canvas = Canvas::Automatic);
  ~HeatmapView() override;

  /// Replaces the picture. The viewport, hover and lock stay where they still make sense.
  void setContent(std::shared_ptr<const HeatmapContent> content);
  std::shared_ptr<const HeatmapContent> content() const;
  /// For maps too large to be held: the content is then a pooled picture of all of it, and these parts lie on
  /// it, the finest last, in the content's scale. Cells are those of `pool` × `pool` tokens, whichever parts
  /// are there yet. `isCovered`: where the viewport shows attended cells, there are parts, finer or
  /// coarser ones. An empty list with `pool` 0 (the default): the content alone.
  void setTiles(HeatmapTiles tiles, qint64 pool, bool isCovered);
  void setTheme(const Theme& theme);

  void setViewport(const Viewport& viewport);  // tokens; empty: the whole map
  /// Where the view is, or is on its way to while a zoom by key is animated.
  Viewport viewport() const;
  void setLocked(std::optional<Cell> cell);
  /// A cell hovered elsewhere (token strip, another pane): shown dashed.
  void setHovered(std::optional<Cell> cell);

  /// What is known about the cell under the crosshair (hovered, else locked): `spoken` for screen readers,
  /// `lines` for the overlay. Both fall back to what the content knows, and do so whenever that cell changes.
  void setReadOut(const QString& spoken, std::vector<ReadOutLine> lines);

  /// Lines of the overlay: "1 : 1, exact" and "tile 0.6 ms"; the canvas puts its own "draw 0.4 ms" beside it.
  void setOverlay(const QString& detail, const QString& timing);
  void setOverlayVisible(bool isVisible);

  /// The picture of a map that is out of date is faded (look.md §7); the tag that says why is the pane's.
  void setStale(bool isStale);

  bool isOpenGl() const;
  /// What the last paint took; a raster canvas has no overlay that says it.
  double drawMs() const;
  /// The layout of the last paint, for tests and for linked views.
  HeatmapLayout layout() const;

  void zoomBy(double factor, const QPointF& about);  // about: widget coordinates
  void resetView();

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void cellHovered(std::optional<uc::Cell> cell);
  void cellClicked(std::optional<uc::Cell> cell);  // wanted lock; nothing: unlock
  void cellDoubleClicked(std::optional<uc::Cell> cell);
  void viewportChanged(const uc::Viewport& viewport);  // by a gesture; not by setViewport()
  void rangeEdited(uc::ValueRange range);              // from the overlay
  void gammaEdited(double gamma);
  void contextMenuWanted(const QPoint& globalPos, std::optional<uc::Cell> cell);
  void plotResized(double pixels);  // of the device, along the longer side of the whole map's plot

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  class Private;
  std::unique_ptr<Private> m_d;
};

}  // namespace uc
