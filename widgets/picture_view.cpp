// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/picture_view.h"

#include "widgets/widget_theme.h"

#include <QPainter>

#include <algorithm>

namespace uc {

PictureView::PictureView(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setAccessibleName(tr("No picture"));
}

void PictureView::setPicture(const QImage& picture, int patch, int stride) {
  m_picture = picture;
  m_patch = patch;
  m_stride = stride;
  setAccessibleName(picture.isNull()
                        ? tr("No picture")
                        : tr("Picture, %1 × %2 pixels").arg(picture.width()).arg(picture.height()));
  update();
}

void PictureView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  if (m_picture.isNull()) {
    painter.setPen(themeOf(*this).line);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    return;
  }
  const double scale = std::min(static_cast<double>(width()) / m_picture.width(),
                                static_cast<double>(height()) / m_picture.height());
  const QSizeF size(m_picture.width() * scale, m_picture.height() * scale);
  const QRectF area(QPointF((width() - size.width()) / 2, 0), size);
  painter.setRenderHint(QPainter::SmoothPixmapTransform, scale < 1.0);
  painter.drawImage(area, m_picture);
  constexpr double kLeastStep = 4.0;  // closer lines would hide the picture
  if (m_stride < 1 || m_stride * scale < kLeastStep) return;
  painter.setPen(QPen(QColor(255, 255, 255, 90), 1.0));
  for (int x = m_stride; x + m_patch <= m_picture.width(); x += m_stride) {
    painter.drawLine(QPointF(area.left() + x * scale, area.top()),
                     QPointF(area.left() + x * scale, area.bottom()));
  }
  for (int y = m_stride; y + m_patch <= m_picture.height(); y += m_stride) {
    painter.drawLine(QPointF(area.left(), area.top() + y * scale),
                     QPointF(area.right(), area.top() + y * scale));
  }
}

}  // namespace uc
