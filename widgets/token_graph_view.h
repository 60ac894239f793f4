// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/token_graph_painter.h"

#include <QHash>
#include <QImage>
#include <QWidget>

#include <memory>
#include <optional>

namespace uc {

/// A token graph that answers to the mouse and the keyboard, drawn by the painters of widgets/paint. The
/// graph lies in a cache of tiles, so that a frame of panning draws only what came into view and a frame of
/// hovering only the token's arcs. It computes nothing and says what the user wants by signals; only hover,
/// pan and zoom take effect at once. GUI thread.
///
/// Gestures: hovering a token's node or label isolates its arcs; a click (press and release within 4 px) asks
/// for a lock, on the locked token for its end; drag pans, wheel zooms about the pointer; Esc during a drag
/// takes it back. Keys: ← → move along the tokens, Home and End to the ends, Enter locks, + − zoom.
class TokenGraphView : public QWidget {
  Q_OBJECT

 public:
  explicit TokenGraphView(QWidget* parent = nullptr);

  /// Replaces the picture. The viewport, hover and lock stay where they still make sense.
  void setContent(std::shared_ptr<const TokenGraphContent> content);
  std::shared_ptr<const TokenGraphContent> content() const { return m_content; }
  /// The tokens shown are from `left` on, `width` of them; empty: all.
  void setViewport(const Viewport& viewport);
  Viewport viewport() const { return m_viewport; }
  void setLocked(std::optional<qint64> token);
  /// A token hovered elsewhere.
  void setHovered(std::optional<qint64> token);

  void zoomBy(double factor, double x);  // the token at x stays there
  void resetView();
  /// The layout of the last paint.
  GraphLayout layout() const;

  QSize sizeHint() const override { return {640, 420}; }
  QSize minimumSizeHint() const override { return {200, 160}; }

 Q_SIGNALS:
  void tokenHovered(std::optional<qint64> token);
  void tokenClicked(std::optional<qint64> token);      // wanted lock; nothing: unlock
  void viewportChanged(const uc::Viewport& viewport);  // by a gesture; not by setViewport()
  void contextMenuWanted(const QPoint& globalPos, std::optional<qint64> token);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  enum class Layer { Arcs, Nodes, DimmedNodes };
  /// What tiles depend on besides their place.
  struct TileFrame {
    std::shared_ptr<const TokenGraphContent> content;
    double perToken = 0, ratio = 0, line = 0, labels = 0, pixelRatio = 0;
    qint64 drawn = 0;
    int height = 0;
    bool isDark = false;
    bool operator==(const TileFrame&) const = default;
  };
  HeatmapStyle style() const;
  const QImage& tile(const GraphLayout& layout, Layer layer, qint64 index);
  void paintLayer(QPainter& painter, const GraphLayout& layout, Layer layer);
  void moveTo(const Viewport& viewport);
  void hover(std::optional<qint64> token);
  void moveHovered(qint64 steps);
  void focusChanged();
  Viewport kept(double left, double count) const;

  std::shared_ptr<const TokenGraphContent> m_content;
  Viewport m_viewport;
  std::optional<qint64> m_locked, m_hovered;
  std::optional<GraphFocus> m_focus;  // of the hovered, else of the locked token
  struct Drag {
    QPointF from;
    Viewport viewport;
    double left = 0.0, perToken = 1.0;
    bool isPanning = false;
  };
  std::optional<Drag> m_drag;
  TileFrame m_frame;
  QHash<qint64, QImage> m_tiles;
};

}  // namespace uc
