// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/focus_ring.h"

#include "widgets/widget_theme.h"

#include <QApplication>
#include <QEvent>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QPainter>

namespace uc {

FocusRing::FocusRing(QWidget* window) : QWidget(window) {
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setFocusPolicy(Qt::NoFocus);
  hide();
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { follow(now); });
}

QWidget* FocusRing::ringed(QWidget* widget) {
  // the field inside a spin or combo box has the focus; the box is what one sees
  while (widget && widget->focusProxy()) widget = widget->focusProxy();
  if (widget && widget->parentWidget()) {
    QWidget* parent = widget->parentWidget();
    if (parent->inherits("QAbstractSpinBox") || parent->inherits("QComboBox")) widget = parent;
  }
  return widget;
}

void FocusRing::follow(QWidget* widget) {
  // every ancestor is watched: any of them may move, fold or scroll the target
  for (QWidget* each = m_target; each && each != parentWidget(); each = each->parentWidget())
    each->removeEventFilter(this);
  m_target = nullptr;
  widget = ringed(widget);
  const bool isOurs = widget && widget->window() == parentWidget() && widget != parentWidget() &&
                      !qobject_cast<QMenu*>(widget) && !qobject_cast<QMenuBar*>(widget);
  if (isOurs) {
    m_target = widget;
    for (QWidget* each = widget; each && each != parentWidget(); each = each->parentWidget())
      each->installEventFilter(this);
  }
  place();
}

void FocusRing::place() {
  if (!m_target || !m_target->isVisible()) {
    hide();
    return;
  }
  const bool isLarge = m_target->property("largeFocus").toBool();
  QRect area(m_target->mapTo(parentWidget(), QPoint(0, 0)), m_target->size());
  if (!isLarge) area.adjust(-3, -3, 3, 3);
  // stay inside what shows of the target: a scrolled area cuts it
  for (QWidget* each = m_target->parentWidget(); each && each != parentWidget();
       each = each->parentWidget()) {
    if (each->inherits("QAbstractScrollArea") || each->inherits("QDockWidget"))
      area = area.intersected(QRect(each->mapTo(parentWidget(), QPoint(0, 0)), each->size()));
  }
  setGeometry(area.intersected(parentWidget()->rect()));
  raise();
  setVisible(!geometry().isEmpty());
  update();
}

bool FocusRing::eventFilter(QObject* object, QEvent* event) {
  switch (event->type()) {
    case QEvent::Move:
    case QEvent::Resize:
    case QEvent::Show:
    case QEvent::Hide:
    case QEvent::ZOrderChange:
      place();
      break;
    default:
      break;
  }
  return QWidget::eventFilter(object, event);
}

void FocusRing::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(themeOf(*this).focusRing, 2));
  const double radius = m_target && m_target->property("largeFocus").toBool() ? 0 : 5;
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), radius, radius);
}

}  // namespace uc
