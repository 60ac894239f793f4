// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/color_scale.h"

#include <QRectF>
#include <QString>
#include <QStringList>
#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace uc {

/// The input's tokens as running text on colored ground: the values of one row or column of the map. Hovering
/// and clicking name a token; arrows move along the text, Enter chooses. Height follows the width.
class TokenStrip : public QWidget {
  Q_OBJECT

 public:
  explicit TokenStrip(QWidget* parent = nullptr);
  void setTokens(const QStringList& tokens);
  /// One shown value a token, in the map's colors; NaN: no ground ("not attended" is hatched by `isAttended`
  /// = false).
  struct Value {
    double shown = 0.0;
    bool isAttended = false;
  };
  /// Asked only for the tokens that are painted: a book has many. Empty: no ground anywhere.
  void setValues(std::function<Value(qint64 token)> valueOf, const ColorScale& scale);
  /// The token whose row or column is shown, and its partner in the locked cell.
  void setMarks(std::optional<qint64> subject, std::optional<qint64> partner);

  std::optional<qint64> tokenAt(const QPointF& point) const;
  QRectF tokenRect(qint64 token) const;
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
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  double layOut(int width, std::vector<QRectF>* places) const;
  void setCursorToken(std::optional<qint64> token);

  QStringList m_tokens;
  std::vector<double> m_widths;
  std::vector<QRectF> m_places;
  std::function<Value(qint64)> m_valueOf;
  ColorScale m_scale;
  std::optional<qint64> m_subject, m_partner, m_cursor;
};

}  // namespace uc
