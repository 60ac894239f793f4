// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/token_strip.h"

#include "widgets/gestures.h"
#include "widgets/widget_theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace uc {

namespace {

/// The look on screen, in pixels.
HeatmapStyle styleOf(const Theme& theme) {
  HeatmapStyle style;
  style.theme = theme;
  style.token = 12;
  return style;
}

}  // namespace

TokenStrip::TokenStrip(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(tr("Token strip, no tokens"));
}

void TokenStrip::setTokens(const QStringList& tokens) {
  if (tokens == m_text.tokens) return;
  m_text = {tokens, {}};
  m_widths = stripWidths(tokens, styleOf(Theme::light()));
  m_rows.clear();
  m_marks = {};
  setAccessibleName(tr("Token strip, %n tokens", nullptr, static_cast<int>(tokens.size())));
  layOut();
}

void TokenStrip::setPieces(std::vector<Piece> pieces) {
  if (pieces == m_text.pieces) return;
  m_text.pieces = std::move(pieces);
  for (StripRow& row : m_rows) row.valueOf = nullptr;
  layOut();
}

void TokenStrip::setValues(std::function<Value(qint64)> valueOf, const ColorScale& scale) {
  StripRow row;
  row.valueOf = std::move(valueOf);
  row.scale = scale;
  std::vector<StripRow> rows;
  rows.push_back(std::move(row));
  setRows(std::move(rows));
}

void TokenStrip::setRows(std::vector<StripRow> rows) {
  const auto isSamePlace = [](const StripRow& a, const StripRow& b) {
    return a.letter == b.letter && a.name == b.name;
  };
  const bool isPlaced = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), isSamePlace);
  m_rows = std::move(rows);
  if (!isPlaced) layOut();
  update();
}

void TokenStrip::setMarks(std::optional<qint64> subject, std::optional<qint64> partner) {
  if (subject == m_marks.subject && partner == m_marks.partner) return;
  m_marks.subject = subject;
  m_marks.partner = partner;
  update();
}

void TokenStrip::layOut() {
  m_layout = layoutStrip(m_text, m_widths, m_rows, QRectF(0, 0, width(), 0), styleOf(Theme::light()));
  updateGeometry();
  update();
}

int TokenStrip::heightForWidth(int width) const {
  const QRectF area(0, 0, width, 0);
  return static_cast<int>(
      std::ceil(layoutStrip(m_text, m_widths, m_rows, area, styleOf(Theme::light()), false).height));
}
QSize TokenStrip::sizeHint() const { return {400, heightForWidth(std::max(200, width()))}; }
void TokenStrip::resizeEvent(QResizeEvent* event) {
  if (event->size().width() != event->oldSize().width()) layOut();
}

QRectF TokenStrip::tokenRect(qint64 token, qint64 row) const {
  return m_layout.places[static_cast<size_t>(token)].translated(0.0,
                                                                static_cast<double>(row) * m_layout.pitch);
}

std::optional<qint64> TokenStrip::tokenAt(const QPointF& point) const { return m_layout.tokenAt(point); }

void TokenStrip::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  StripMarks marks = m_marks;
  if (!hasFocus() && !underMouse()) marks.cursor.reset();
  paintStrip(painter, m_text, m_rows, m_layout, marks, styleOf(themeOf(*this)),
             QRectF(event->rect()).adjusted(-4, -4, 4, 4));
}

void TokenStrip::setCursorToken(std::optional<qint64> token) {
  if (token == m_marks.cursor) return;
  m_marks.cursor = token;
  QString text;
  if (token) {
    const Piece piece = m_text.piece(m_text.pieceAt(*token));
    text = QStringList(m_text.tokens.mid(piece.begin, piece.end - piece.begin)).join(QString()).trimmed();
    text = piece.end - piece.begin > 1
               ? tr("tokens %1 to %2 %3").arg(piece.begin).arg(piece.end - 1).arg(text)
               : tr("token %1 %2").arg(*token).arg(text);
  }
  setAccessibleDescription(text);
  update();
  Q_EMIT tokenHovered(token);
}

void TokenStrip::mouseMoveEvent(QMouseEvent* event) { setCursorToken(tokenAt(event->position())); }
void TokenStrip::leaveEvent(QEvent*) { setCursorToken(std::nullopt); }

void TokenStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) m_press = event->position();
}

void TokenStrip::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !m_press) return;
  if (isDrag(*std::exchange(m_press, std::nullopt), event->position())) return;
  if (auto token = tokenAt(event->position())) Q_EMIT tokenClicked(*token);
}

qint64 TokenStrip::tokenBeside(qint64 steps) const {
  const qint64 current = m_marks.cursor.value_or(m_marks.subject.value_or(0));
  const qint64 last = m_text.pieceCount() - 1;
  return m_text.piece(std::clamp<qint64>(m_text.pieceAt(current) + steps, 0, last)).begin;
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
  if (m_text.tokens.isEmpty()) return QWidget::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Left:
      setCursorToken(tokenBeside(-1));
      break;
    case Qt::Key_Right:
      setCursorToken(tokenBeside(1));
      break;
    case Qt::Key_Home:
      setCursorToken(0);
      break;
    case Qt::Key_End:
      setCursorToken(m_text.piece(m_text.pieceCount() - 1).begin);
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (m_marks.cursor) Q_EMIT tokenClicked(*m_marks.cursor);
      break;
    default:
      QWidget::keyPressEvent(event);
  }
}

}  // namespace uc
