// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/badge.h"

#include "widgets/widget_theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace uc {

Badge::Badge(QWidget* parent) : QAbstractButton(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setAttribute(Qt::WA_Hover);
  setState(State::Empty, {}, {}, {});
}

void Badge::setState(State state, const QString& words, const QString& brief, const QString& tip) {
  m_state = state;
  m_brief = brief;
  setText(words);
  setToolTip(tip);
  setAccessibleName(tr("Reconstruction, %1").arg(words));
  setVisible(state != State::Empty);
  updateGeometry();
  update();
}

void Badge::setBrief(bool isBrief) {
  if (isBrief == m_isBrief) return;
  m_isBrief = isBrief;
  updateGeometry();
}

QSize Badge::sizeHint() const {
  return {static_cast<int>(std::ceil(QFontMetricsF(textFont(12)).horizontalAdvance(shownText()))) + 34, 20};
}

void Badge::paintSign(QPainter& painter, const QPointF& center) const {
  const Theme& theme = themeOf(*this);
  painter.setBrush(Qt::NoBrush);
  const QRectF ring(center.x() - 5, center.y() - 5, 10, 10);
  switch (m_state) {
    case State::Exact: {
      painter.setPen(Qt::NoPen);
      painter.setBrush(theme.accent);
      painter.drawEllipse(center, 6, 6);
      painter.setPen(QPen(theme.onAccent, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      painter.setBrush(Qt::NoBrush);
      const QPointF check[] = {center + QPointF(-2.7, 0.2), center + QPointF(-0.7, 2.3),
                               center + QPointF(3, -2)};
      painter.drawPolyline(check, 3);
      break;
    }
    case State::Part: {
      painter.setPen(QPen(theme.text2, 1.3));
      painter.drawEllipse(ring);
      painter.setPen(Qt::NoPen);
      painter.setBrush(theme.text2);
      painter.drawPie(ring, 90 * 16, 180 * 16);
      break;
    }
    case State::NotExact:
      paintIcon(painter, {center.x() - 7, center.y() - 7, 14, 14}, QStringLiteral("warning"), theme.error);
      break;
    case State::Checking:
      painter.setPen(QPen(theme.text2, 1.4, Qt::SolidLine, Qt::RoundCap));
      painter.drawArc(ring, 100 * 16, 280 * 16);
      break;
    case State::Empty:
      break;
  }
}

void Badge::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = themeOf(*this);
  const bool isFault = m_state == State::NotExact;
  painter.setPen(QPen(isFault ? theme.error : theme.line, 1));
  painter.setBrush(isFault ? theme.errorGround : underMouse() ? theme.hover : theme.base);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 9.5, 9.5);
  paintSign(painter, QPointF(13, height() / 2.0));
  painter.setFont(textFont(12));
  painter.setPen(isFault ? theme.error : theme.text);
  painter.drawText(QRectF(23, 0, width() - 23, height()), Qt::AlignVCenter | Qt::AlignLeft, shownText());
}

}  // namespace uc
