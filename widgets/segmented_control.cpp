// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/segmented_control.h"

#include "widgets/widget_theme.h"

#include <QFontMetricsF>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>

namespace uc {

namespace {

/// One choice: paints its share of the common frame.
class Segment : public QAbstractButton {
 public:
  Segment(const QString& text, bool isFirst, bool isLast, QWidget* parent)
      : QAbstractButton(parent), m_isFirst(isFirst), m_isLast(isLast) {
    setText(text);
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  }
  QSize minimumSizeHint() const override { return sizeHint(); }
  QSize sizeHint() const override {
    const double words = QFontMetricsF(textFont(isCompact ? 12 : 13)).horizontalAdvance(text());
    return {static_cast<int>(words) + (isCompact ? 20 : 16), isCompact ? 20 : 26};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = themeOf(*this);
    painter.setFont(textFont(isCompact ? 12 : 13));
    QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setClipRect(rect());
    QColor ground = underMouse() && isEnabled() ? theme.hover : theme.base;
    if (isDown()) ground = theme.pressed;
    // neighbors share the frame: inner ends run out of the clip
    const QRectF shared = frame.adjusted(m_isFirst ? 0 : -8, 0, m_isLast ? 0 : 8, 0);
    painter.setPen(QPen(theme.border, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(shared, 3, 3);
    if (isChecked()) {
      painter.setPen(QPen(theme.accent, 1));
      painter.setBrush(theme.selection);
      painter.drawRoundedRect(frame, 3, 3);
    } else if (!m_isLast) {
      painter.fillRect(QRectF(width() - 1, 5, 1, height() - 10), theme.line);
    }
    painter.setPen(!isEnabled() ? theme.disabled : isChecked() ? theme.selectionText : theme.text);
    painter.drawText(rect(), Qt::AlignCenter, text());
  }

 public:
  bool isCompact = false;

 private:
  bool m_isFirst, m_isLast;
};

}  // namespace

SegmentedControl::SegmentedControl(const QStringList& choices, QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  for (int i = 0; i < choices.size(); ++i) {
    auto* segment = new Segment(choices[i], i == 0, i + 1 == choices.size(), this);
    m_group.addButton(segment, i);
    row->addWidget(segment, static_cast<int>(segment->sizeHint().width()));
    m_buttons.push_back(segment);
  }
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  connect(&m_group, &QButtonGroup::idClicked, this, &SegmentedControl::chosen);
}

void SegmentedControl::setCompact() {
  for (QAbstractButton* each : m_buttons) {
    static_cast<Segment*>(each)->isCompact = true;
    each->updateGeometry();
  }
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void SegmentedControl::setCurrent(int index) {
  // an exclusive group refuses to have nothing checked
  m_group.setExclusive(false);
  for (size_t i = 0; i < m_buttons.size(); ++i) m_buttons[i]->setChecked(static_cast<int>(i) == index);
  m_group.setExclusive(true);
}

int SegmentedControl::current() const { return m_group.checkedId(); }

void SegmentedControl::setChoiceEnabled(int index, bool isEnabled, const QString& why) {
  button(index)->setEnabled(isEnabled);
  button(index)->setToolTip(isEnabled ? QString() : why);
}

}  // namespace uc
