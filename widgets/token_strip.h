// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/strip_painter.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace uc {

/// The input's tokens as running text on colored ground: the values of one row or column of a map, or of
/// several maps under one another. Hovering and clicking name a token; arrows move along the text by pieces,
/// Enter chooses. Height follows the width. GUI thread.
class TokenStrip : public QWidget {
  Q_OBJECT

 public:
  explicit TokenStrip(QWidget* parent = nullptr);
  void setTokens(const QStringList& tokens);
  /// Words or sentences (core/values/pieces.h); empty: every token is a piece. New tokens drop them, and
  /// values always belong to the pieces there are.
  void setPieces(std::vector<Piece> pieces);

  using Value = StripValue;
  /// One row with no letter. Asked only for the pieces that are painted. Empty: no ground anywhere.
  void setValues(std::function<Value(qint64 piece)> valueOf, const ColorScale& scale);
  /// A row for each pane that is compared, in their order.
  void setRows(std::vector<StripRow> rows);
  /// The token whose row or column is shown, and its partner in the locked cell.
  void setMarks(std::optional<qint64> subject, std::optional<qint64> partner);

  std::optional<qint64> tokenAt(const QPointF& point) const;
  QRectF tokenRect(qint64 token, qint64 row = 0) const;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;

 Q_SIGNALS:
  void tokenHovered(std::optional<qint64> token);
  void tokenClicked(qint64 token);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void layOut();
  void setCursorToken(std::optional<qint64> token);
  /// The first token of the piece so many further on from the cursor's, else from the subject's.
  qint64 tokenBeside(qint64 steps) const;

  StripText m_text;
  std::vector<double> m_widths;
  std::vector<StripRow> m_rows;
  StripLayout m_layout;
  StripMarks m_marks;
  std::optional<QPointF> m_press;
};

}  // namespace uc
