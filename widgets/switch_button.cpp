// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/switch_button.h"

#include "widgets/widget_theme.h"

#include <QFontMetricsF>
#include <QPainter>

namespace uc {

SwitchButton::SwitchButton(const QString& text, QWidget* parent) : QCheckBox(text, parent) {
  setAttribute(Qt::WA_Hover);
}

QSize SwitchButton::sizeHint() const {
  return {38 + static_cast<int>(QFontMetricsF(textFont(13)).horizontalAdvance(text())) + 2, 22};
}

void SwitchButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = themeOf(*this);
  const QRectF track(0.5, height() / 2.0 - 7.5, 27, 15);
  QColor edge = isChecked() ? theme.accent : theme.border;
  if (!isEnabled()) edge = theme.line;
  painter.setPen(QPen(edge, 1));
  painter.setBrush(!isChecked()  ? (underMouse() ? theme.hover : theme.base)
                   : isEnabled() ? theme.accent
                                 : theme.line);
  painter.drawRoundedRect(track, 7.5, 7.5);
  painter.setPen(Qt::NoPen);
  painter.setBrush(isChecked() ? theme.onAccent : edge);
  const double radius = isChecked() ? 5 : 4;
  painter.drawEllipse(QPointF(isChecked() ? 20 : 8, track.center().y()), radius, radius);
  painter.setFont(textFont(13));
  painter.setPen(isEnabled() ? theme.text : theme.disabled);
  painter.drawText(QRectF(38, 0, width() - 38, height()), Qt::AlignVCenter | Qt::AlignLeft, text());
}

}  // namespace uc
