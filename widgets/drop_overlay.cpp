// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/drop_overlay.h"

#include "widgets/widget_theme.h"

#include <QPainter>

namespace uc {

DropOverlay::DropOverlay(QWidget* parent) : QWidget(parent) {
  setAttribute(Qt::WA_TransparentForMouseEvents);
  hide();
}

void DropOverlay::announce(const QString& title, const QString& text, bool isAccepted) {
  m_title = title;
  m_text = text;
  m_isAccepted = isAccepted;
  setAccessibleName(title + QLatin1Char(' ') + text);
  setGeometry(parentWidget()->rect());
  raise();
  show();
  update();
}

void DropOverlay::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = themeOf(*this);
  QColor veil = theme.canvas;
  veil.setAlphaF(0.72F);
  painter.fillRect(rect(), veil);
  const QColor edge = m_isAccepted ? theme.accent : theme.border;
  painter.setPen(QPen(edge, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(rect()).adjusted(9, 9, -9, -9), 6, 6);
  const QRectF box(width() / 2.0 - 240, height() / 2.0 - 40, 480, 80);
  painter.setPen(QPen(theme.line, 1));
  painter.setBrush(theme.raised);
  painter.drawRoundedRect(box, 6, 6);
  painter.setFont(textFont(14, true));
  painter.setPen(m_isAccepted ? theme.text : theme.text2);
  const QRectF upper = box.adjusted(16, 14, -16, -40), lower = box.adjusted(16, 40, -16, -14);
  painter.drawText(
      upper, Qt::AlignCenter,
      painter.fontMetrics().elidedText(m_title, Qt::ElideMiddle, static_cast<int>(upper.width())));
  painter.setFont(textFont(13));
  painter.setPen(theme.text2);
  painter.drawText(
      lower, Qt::AlignCenter,
      painter.fontMetrics().elidedText(m_text, Qt::ElideMiddle, static_cast<int>(lower.width())));
}

}  // namespace uc
