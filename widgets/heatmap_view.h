// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/view_state.h"
#include "widgets/paint/heatmap_painter.h"

#include <QPointF>
#include <QWidget>

#include <memory>
#include <optional>

namespace uc {

/// A heatmap that answers to the mouse and the keyboard. It draws a HeatmapContent through the painters of
/// widgets/paint: cells by OpenGL (float texture, color look-up in the shader) where there is a real GPU,
/// else raster; both give the same picture. With OpenGL a Dear ImGui overlay shows the probe, range, gamma,
/// level of detail and timings. It computes nothing itself and says what the user wants by signals. GUI
/// thread.
class HeatmapView : public QWidget {
  Q_OBJECT

 public:
  enum class Canvas { Automatic, OpenGl, Raster };
  explicit HeatmapView(QWidget* parent = nullptr, Canvas canvas = Canvas::Automatic);
  ~HeatmapView() override;

  /// Replaces the picture. The viewport, hover and lock stay where they still make sense.
  void setContent(std::shared_ptr<const HeatmapContent> content);
  std::shared_ptr<const HeatmapContent> content() const;
  void setTheme(const Theme& theme);

  void setViewport(const Viewport& viewport);  // tokens; empty: the whole map
  Viewport viewport() const;
  void setLocked(std::optional<Cell> cell);
  /// A cell hovered elsewhere (token strip, another pane): shown dashed.
  void setHovered(std::optional<Cell> cell);

  /// Lines of the overlay and the status: "1 : 1, exact", "tile 0.6 ms".
  void setOverlay(const QString& detail, const QString& timing);
  void setOverlayVisible(bool isVisible);

  /// Pane states (look.md §7): faded with a tag while stale; progress as a bar under the header is the
  /// pane's.
  void setStale(bool isStale);

  bool isOpenGl() const;
  /// The layout of the last paint, for tests and for linked views.
  HeatmapLayout layout() const;

  void zoomBy(double factor, const QPointF& about);  // about: widget coordinates
  void resetView();

 Q_SIGNALS:
  void cellHovered(std::optional<uc::Cell> cell);
  void cellClicked(std::optional<uc::Cell> cell);  // wanted lock; nothing: unlock
  void viewportChanged(const uc::Viewport& viewport);
  void rangeEdited(uc::ValueRange range);  // from the overlay
  void gammaEdited(double gamma);
  void contextMenuWanted(const QPoint& globalPos, std::optional<uc::Cell> cell);

 private:
  class Private;
  std::unique_ptr<Private> m_d;
};

}  // namespace uc
