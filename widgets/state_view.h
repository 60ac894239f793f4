// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/state_curves.h"

#include <QPixmap>
#include <QWidget>

#include <memory>
#include <optional>

namespace uc {

/// Half-life, decay, write and state of some lanes along the tokens. It draws a StateContent through the
/// painters of widgets/paint, keeps the curves as a picture while only the pointer moves, and says by signals
/// what the user wants. GUI thread.
///
/// Gestures: hover previews a token with its values; a click (press and release within 4 px) asks for a lock,
/// on the locked token for its end; wheel and pinch zoom the token axis about the pointer; drag pans, with
/// Space from anywhere; Esc during a drag takes it back. Keys: + and − zoom, Alt+arrows move the token.
class StateView : public QWidget {
  Q_OBJECT

 public:
  explicit StateView(QWidget* parent = nullptr);

  /// Replaces the curves; hover, lock and viewport stay where they still make sense. Null: nothing.
  void setContent(std::shared_ptr<const StateContent> content);
  const std::shared_ptr<const StateContent>& content() const { return m_content; }
  void setLocked(std::optional<int64_t> token);
  void setHovered(std::optional<int64_t> token);
  /// left and width, in tokens; empty: all of them.
  void setViewport(const Viewport& viewport);
  const Viewport& viewport() const { return m_viewport; }
  void resetView() { setViewport({}); }
  /// The layout of the next paint, for tests and for what lies over it.
  const StateLayout& layout() const;

  QSize sizeHint() const override { return {560, 480}; }
  QSize minimumSizeHint() const override { return {200, 160}; }

 Q_SIGNALS:
  void tokenHovered(std::optional<int64_t> token);
  void tokenClicked(std::optional<int64_t> token);  // wanted lock; nothing: unlock
  void viewportChanged(const uc::Viewport& viewport);

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
  enum class Drag { None, Pressed, Panning };

  HeatmapStyle style() const;
  Viewport bounds() const;
  void hover(std::optional<int64_t> token);
  void moveTo(const Viewport& viewport);
  void curvesChanged();
  void zoomBy(double factor, const QPointF& about);
  void stepToken(int64_t step);
  void updateCursor();
  void describe();

  std::shared_ptr<const StateContent> m_content;
  Viewport m_viewport;
  std::optional<int64_t> m_locked, m_hovered;
  Drag m_drag = Drag::None;
  bool m_isSpaceDown = false;
  QPointF m_pointer, m_pressPoint;
  HeatmapLayout m_pressAxis;
  Viewport m_pressViewport;
  // Of the size, content, theme and viewport that they were last made for.
  QPixmap m_curves;
  bool m_areCurvesStale = true;
  mutable StateLayout m_layout;
  mutable QSize m_layoutSize;  // empty: stale
};

}  // namespace uc
