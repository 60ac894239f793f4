// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/flat_style.h"

#include "widgets/widget_theme.h"

#include <QPainter>
#include <QPushButton>
#include <QStyleOption>

#include <algorithm>

namespace uc {

namespace {

const Theme& themeOf(const QStyleOption* option) {
  return option->palette.color(QPalette::Window).lightness() < 128 ? Theme::dark() : Theme::light();
}

bool has(const QStyleOption* option, QStyle::State state) { return (option->state & state) != 0; }

void box(QPainter* painter, const QRectF& rect, const QColor& edge, const QColor& ground, double radius = 3) {
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(edge.isValid() ? QPen(edge, 1) : QPen(Qt::NoPen));
  painter->setBrush(ground);
  painter->drawRoundedRect(edge.isValid() ? rect.adjusted(0.5, 0.5, -0.5, -0.5) : rect, radius, radius);
  painter->restore();
}

QColor fieldEdge(const QStyleOption* option) {
  const Theme& theme = themeOf(option);
  return has(option, QStyle::State_Enabled) ? theme.border : theme.line;
}

QColor fieldGround(const QStyleOption* option) {
  const Theme& theme = themeOf(option);
  return has(option, QStyle::State_Enabled) ? theme.base : theme.panel;
}

bool isDefault(const QStyleOption* option) {
  const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
  return button && (button->features & QStyleOptionButton::DefaultButton) != 0;
}

void drawPushButton(const QStyleOption* option, QPainter* painter) {
  const Theme& theme = themeOf(option);
  const bool isOn = has(option, QStyle::State_Enabled);
  const bool isDown = has(option, QStyle::State_Sunken) || has(option, QStyle::State_On);
  const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
  if (button && (button->features & QStyleOptionButton::Flat) != 0) {
    if (isDown || has(option, QStyle::State_MouseOver))
      box(painter, option->rect, {}, isDown ? theme.pressed : theme.hover);
    return;
  }
  if (isDefault(option) && isOn) {
    const QColor ground = isDown                                 ? theme.accent.darker(120)
                          : has(option, QStyle::State_MouseOver) ? theme.accent.lighter(112)
                                                                 : theme.accent;
    box(painter, option->rect, ground, ground);
    return;
  }
  QColor ground = isOn && has(option, QStyle::State_MouseOver) ? theme.hover : theme.base;
  if (isDown) ground = theme.pressed;
  box(painter, option->rect, fieldEdge(option), ground);
}

void drawCheckMark(const QStyleOption* option, QPainter* painter) {
  const Theme& theme = themeOf(option);
  const QRectF area(option->rect.center().x() - 6.5, option->rect.center().y() - 6.5, 15, 15);
  const bool isOn = has(option, QStyle::State_On);
  box(painter, area, isOn ? theme.accent : fieldEdge(option), isOn ? theme.accent : fieldGround(option));
  if (isOn) paintIcon(*painter, area, QStringLiteral("check"), theme.onAccent);
}

void drawSpinBox(const FlatStyle& style, const QStyleOptionComplex* option, QPainter* painter,
                 const QWidget* widget) {
  const Theme& theme = themeOf(option);
  const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
  box(painter, option->rect, fieldEdge(option), fieldGround(option));
  const QRect up = style.subControlRect(QStyle::CC_SpinBox, option, QStyle::SC_SpinBoxUp, widget);
  const QRect down = style.subControlRect(QStyle::CC_SpinBox, option, QStyle::SC_SpinBoxDown, widget);
  painter->fillRect(QRect(up.left(), option->rect.top() + 4, 1, option->rect.height() - 8), theme.line);
  const auto arrow = [&](const QRect& area, QStyle::SubControl part, QAbstractSpinBox::StepEnabledFlag step,
                         const QString& name) {
    const bool isOn = spin && (spin->stepEnabled & step) && has(option, QStyle::State_Enabled);
    const bool isHot = isOn && has(option, QStyle::State_MouseOver) && option->activeSubControls == part;
    if (isHot)
      painter->fillRect(area.adjusted(2, 1, -1, -1),
                        has(option, QStyle::State_Sunken) ? theme.pressed : theme.hover);
    const QRectF place(area.center().x() - 5, area.center().y() - 5.5, 12, 12);
    paintIcon(*painter, place, name, isOn ? theme.text2 : theme.disabled);
  };
  arrow(up, QStyle::SC_SpinBoxUp, QAbstractSpinBox::StepUpEnabled, QStringLiteral("chevron-up"));
  arrow(down, QStyle::SC_SpinBoxDown, QAbstractSpinBox::StepDownEnabled, QStringLiteral("chevron-down"));
}

void drawSlider(const FlatStyle& style, const QStyleOptionComplex* option, QPainter* painter,
                const QWidget* widget) {
  const Theme& theme = themeOf(option);
  const QRectF handle = style.subControlRect(QStyle::CC_Slider, option, QStyle::SC_SliderHandle, widget);
  const QPointF center = handle.center() + QPointF(0.5, 0.5);
  const bool isOn = has(option, QStyle::State_Enabled);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->fillRect(QRectF(option->rect.left(), center.y() - 1, option->rect.width(), 2), fieldEdge(option));
  painter->fillRect(QRectF(option->rect.left(), center.y() - 1, center.x() - option->rect.left(), 2),
                    isOn ? theme.accent : theme.line);
  painter->setPen(QPen(isOn ? theme.accent : theme.line, 1.5));
  painter->setBrush(has(option, QStyle::State_Sunken) ? theme.pressed : theme.base);
  painter->drawEllipse(center, 6.5, 6.5);
  painter->restore();
}

void drawScrollBar(const FlatStyle& style, const QStyleOptionComplex* option, QPainter* painter,
                   const QWidget* widget) {
  const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
  if (!bar || bar->minimum == bar->maximum) return;
  const bool isHorizontal = bar->orientation == Qt::Horizontal;
  const QRectF handle =
      style.subControlRect(QStyle::CC_ScrollBar, option, QStyle::SC_ScrollBarSlider, widget);
  QColor color = themeOf(option).border;
  color.setAlphaF(has(option, QStyle::State_MouseOver) || has(option, QStyle::State_Sunken) ? 1.0F : 0.6F);
  const QRectF slim = isHorizontal
                          ? QRectF(handle.left() + 1, handle.center().y() - 2, handle.width() - 2, 5)
                          : QRectF(handle.center().x() - 2, handle.top() + 1, 5, handle.height() - 2);
  box(painter, slim, {}, color, 2.5);
}

}  // namespace

FlatStyle::FlatStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void FlatStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const {
  const Theme& theme = themeOf(option);
  switch (element) {
    case PE_FrameFocusRect:
      return;
    case PE_PanelButtonCommand:
      drawPushButton(option, painter);
      return;
    case PE_PanelButtonTool:
      if (has(option, State_On))
        box(painter, option->rect, {}, theme.selection);
      else if (has(option, State_Sunken))
        box(painter, option->rect, {}, theme.pressed);
      else if (has(option, State_MouseOver) && has(option, State_Enabled))
        box(painter, option->rect, {}, theme.hover);
      return;
    case PE_Frame:  // a text field draws its own ground, so that its viewport does not square the corners
      if (!widget || !widget->inherits("QPlainTextEdit"))
        return QProxyStyle::drawPrimitive(element, option, painter, widget);
      box(painter, option->rect, fieldEdge(option), fieldGround(option));
      return;
    case PE_PanelLineEdit:
    case PE_FrameLineEdit: {
      const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
      if (element == PE_PanelLineEdit && frame && frame->lineWidth <= 0)
        return;  // inside a spin or combo box
      box(painter, option->rect, fieldEdge(option),
          element == PE_PanelLineEdit ? fieldGround(option) : QColor(Qt::transparent));
      return;
    }
    case PE_IndicatorCheckBox:
      drawCheckMark(option, painter);
      return;
    case PE_IndicatorArrowDown:
    case PE_IndicatorArrowUp:
    case PE_IndicatorArrowRight: {
      const QString name = element == PE_IndicatorArrowDown ? QStringLiteral("chevron-down")
                           : element == PE_IndicatorArrowUp ? QStringLiteral("chevron-up")
                                                            : QStringLiteral("chevron-right");
      const QPointF center = QRectF(option->rect).center();
      paintIcon(*painter, QRectF(center.x() - 6.5, center.y() - 6.5, 13, 13), name,
                has(option, State_Enabled) ? theme.text2 : theme.disabled);
      return;
    }
    case PE_IndicatorDockWidgetResizeHandle: {
      const QRect r = option->rect;
      painter->fillRect(r, theme.panel);
      const bool isVertical = r.width() < r.height();
      painter->fillRect(isVertical ? QRect(r.center().x(), r.top(), 1, r.height())
                                   : QRect(r.left(), r.center().y(), r.width(), 1),
                        has(option, State_MouseOver) ? theme.accent : theme.line);
      return;
    }
    case PE_FrameStatusBarItem:
      return;
    default:
      QProxyStyle::drawPrimitive(element, option, painter, widget);
  }
}

void FlatStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                            const QWidget* widget) const {
  if (element == CE_PushButtonLabel) {
    if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
      QStyleOptionButton copy(*button);
      const Theme& theme = themeOf(option);
      if (isDefault(option) && has(option, State_Enabled))
        copy.palette.setColor(QPalette::ButtonText, theme.onAccent);
      if ((copy.features & QStyleOptionButton::Flat) != 0)
        copy.palette.setColor(QPalette::ButtonText, theme.accent);
      QProxyStyle::drawControl(element, &copy, painter, widget);
      return;
    }
  }
  if (element == CE_ShapedFrame) {
    const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
    if (frame && frame->frameShape == QFrame::StyledPanel) {
      box(painter, option->rect, fieldEdge(option), fieldGround(option));
      return;
    }
  }
  QProxyStyle::drawControl(element, option, painter, widget);
}

void FlatStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                   QPainter* painter, const QWidget* widget) const {
  switch (control) {
    case CC_ComboBox: {
      const Theme& theme = themeOf(option);
      const bool isHot = has(option, State_MouseOver) && has(option, State_Enabled);
      box(painter, option->rect, fieldEdge(option), isHot ? theme.hover : fieldGround(option));
      const QRectF r = option->rect;
      paintIcon(*painter, QRectF(r.right() - 20, r.center().y() - 6.5, 13, 13),
                QStringLiteral("chevron-down"), has(option, State_Enabled) ? theme.text2 : theme.disabled);
      return;
    }
    case CC_SpinBox:
      drawSpinBox(*this, option, painter, widget);
      return;
    case CC_Slider:
      drawSlider(*this, option, painter, widget);
      return;
    case CC_ScrollBar:
      drawScrollBar(*this, option, painter, widget);
      return;
    default:
      QProxyStyle::drawComplexControl(control, option, painter, widget);
  }
}

QRect FlatStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                const QWidget* widget) const {
  if (control == CC_SpinBox) {
    const QRect r = option->rect;
    const int buttons = 18, middle = r.top() + r.height() / 2;
    switch (part) {
      case SC_SpinBoxUp:
        return {r.right() - buttons, r.top() + 1, buttons, middle - r.top() - 1};
      case SC_SpinBoxDown:
        return {r.right() - buttons, middle, buttons, r.bottom() - middle};
      case SC_SpinBoxEditField:
        return r.adjusted(6, 1, -buttons - 3, -1);
      case SC_SpinBoxFrame:
        return r;
      default:
        break;
    }
  }
  if (control == CC_ScrollBar) {
    // without arrow buttons: the groove is the whole bar
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    const bool isHorizontal = bar && bar->orientation == Qt::Horizontal;
    const int length = isHorizontal ? option->rect.width() : option->rect.height();
    if (bar && (part == SC_ScrollBarAddLine || part == SC_ScrollBarSubLine)) return {};
    if (bar && part == SC_ScrollBarGroove) return option->rect;
    if (bar && (part == SC_ScrollBarSlider || part == SC_ScrollBarAddPage || part == SC_ScrollBarSubPage)) {
      const qint64 span = qint64{bar->maximum} - bar->minimum;
      int tall = length;
      if (span > 0)
        tall = std::max<int>(24, static_cast<int>(qint64{length} * bar->pageStep / (span + bar->pageStep)));
      const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition,
                                                length - tall, bar->upsideDown);
      int from = start, to = start + tall;
      if (part == SC_ScrollBarAddPage) from = start + tall, to = length;
      if (part == SC_ScrollBarSubPage) from = 0, to = start;
      return isHorizontal
                 ? QRect(option->rect.left() + from, option->rect.top(), to - from, option->rect.height())
                 : QRect(option->rect.left(), option->rect.top() + from, option->rect.width(), to - from);
    }
  }
  if (control == CC_ComboBox && part == SC_ComboBoxEditField) return option->rect.adjusted(6, 1, -22, -1);
  return QProxyStyle::subControlRect(control, option, part, widget);
}

QSize FlatStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                  const QWidget* widget) const {
  QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
  switch (type) {
    case CT_PushButton:
      result.setHeight(26);
      result.setWidth(std::max(size.width() + 26, 64));
      break;
    case CT_ComboBox:
    case CT_LineEdit:
    case CT_SpinBox:
      result.setHeight(26);
      break;
    case CT_ItemViewItem:
      result.setHeight(std::max(result.height(), 22));
      break;
    default:
      break;
  }
  return result;
}

int FlatStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  switch (metric) {
    case PM_ScrollBarExtent:
      return 10;
    case PM_ScrollBarSliderMin:
      return 24;
    case PM_DockWidgetSeparatorExtent:
      return 3;
    case PM_DockWidgetFrameWidth:
      return 0;
    case PM_ToolBarItemSpacing:
      return 2;
    case PM_ToolBarFrameWidth:
      return 0;
    case PM_ToolBarItemMargin:
      return 4;
    case PM_ToolBarIconSize:
    case PM_ButtonIconSize:
    case PM_SmallIconSize:
      return 16;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
      return 16;
    case PM_SliderThickness:
    case PM_SliderLength:
      return 16;
    case PM_ToolTipLabelFrameWidth:
      return 5;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
      return 0;
    default:
      return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

int FlatStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                         QStyleHintReturn* result) const {
  switch (hint) {
    case SH_DialogButtonBox_ButtonsHaveIcons:
    case SH_EtchDisabledText:
    case SH_Widget_Animation_Duration:
    case SH_ComboBox_Popup:
      return 0;
    case SH_ItemView_ShowDecorationSelected:
      return 1;
    default:
      return QProxyStyle::styleHint(hint, option, widget, result);
  }
}

}  // namespace uc
