// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/heatmap_read_out.h"
#include "widgets/paint/heatmap_painter.h"

#include <QPointF>
#include <QRectF>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

struct ImFont;
struct ImGuiContext;

namespace uc {

/// What the overlay shows. A value.
struct OverlayState {
  QString query, key;  // tokens of the cell under the crosshair; both empty: no cell
  std::vector<ReadOutLine> lines;
  QString detail, timing, drawing;  // "1 : 1, exact", "tile 0.6 ms", "draw 0.4 ms"
  ColorScale scale;
  ValueRange extent;  // of the shown values: what the range slider spans
};

/// The Dear ImGui window inside the OpenGL canvas: read-out, range and gamma, level of detail and timings. It
/// holds its place in the canvas, which the user can change by dragging it. Coordinates are
/// device-independent pixels of the canvas. GUI thread; draw(), releaseGl() and the destructor after a
/// draw() need the canvas's context (desktop OpenGL) to be current.
class ImguiOverlay {
 public:
  ImguiOverlay();
  ~ImguiOverlay();
  ImguiOverlay(const ImguiOverlay&) = delete;
  ImguiOverlay& operator=(const ImguiOverlay&) = delete;

  /// Where the overlay sits until it is dragged: in a corner of the plot.
  struct Place {
    QRectF plot;
    bool isLowerLeft = false;  // else upper right
  };
  struct Edits {
    std::optional<ValueRange> range;
    std::optional<double> gamma;
    bool isMoving = false;  // or a widget has yet to answer: draw once more
  };
  /// One frame. Edits are what the user has done since the last one.
  Edits draw(const OverlayState& state, const Theme& theme, const Place& place, const QSizeF& canvas,
             double pixelRatio);
  /// Not drawn in this frame: takes no pointer.
  void hide();
  void releaseGl();

  /// The pointer. `wantsPointer`: over the overlay, or pressed in it; then the canvas leaves it alone.
  bool wantsPointer(const QPointF& point) const;
  void pointerMoved(const QPointF& point);
  void pointerPressed(const QPointF& point);
  void pointerReleased(const QPointF& point);
  void pointerLeft();

  /// Of the last frame; empty before the first.
  QRectF rect() const { return m_rect; }

 private:
  void loadFont(double pixelRatio);
  void drawTokens(const OverlayState& state, const Theme& theme, double pixelRatio);
  void drawLine(const QString& label, const QString& value);
  std::optional<ValueRange> drawRange(const OverlayState& state);
  std::optional<double> drawGamma(const OverlayState& state);
  void placeWindow(const Place& place, const QSizeF& canvas, double height);

  ImGuiContext* m_context = nullptr;
  QByteArray m_fontFile;
  double m_pixelRatio = 0.0;
  unsigned m_tokenTexture = 0;
  QString m_tokenKey;
  double m_tokenWidth = 0.0;
  QRectF m_rect;
  std::optional<QPointF> m_moved;  // top left corner, once dragged
  bool m_isDown = false;
  bool m_isPressUnseen = false;  // pressed since the last frame: shown to ImGui even if already released
  bool m_isPressedInside = false;
  int m_rangeEnd = 0;  // the end that is dragged: −1, 1
  ValueRange m_rangeSpan;
};

/// The two tokens with an arrow between them; each elided at its end
/// where both are wider than `width`. A transparent image of straight alpha (RGBA8888).
QImage tokenPairImage(const QString& query, const QString& key, const Theme& theme, double width,
                      double pixelRatio);

}  // namespace uc
