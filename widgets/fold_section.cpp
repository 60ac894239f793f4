// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/fold_section.h"

#include "widgets/widget_theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace uc {

namespace {

class Heading : public QToolButton {
 public:
  using QToolButton::QToolButton;
  QSize sizeHint() const override {
    return {18 + static_cast<int>(QFontMetricsF(textFont(13, true)).horizontalAdvance(text())) + 4, 22};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const Theme& theme = themeOf(*this);
    const QString sign = isChecked() ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right");
    paintIcon(painter, QRectF(-2, height() / 2.0 - 6.5, 13, 13), sign, theme.text2);
    painter.setFont(textFont(13, true));
    painter.setPen(theme.text);
    painter.drawText(QRectF(15, 0, width() - 15, height()), Qt::AlignVCenter | Qt::AlignLeft, text());
  }
};

}  // namespace

FoldSection::FoldSection(const QString& title, QWidget* content, QWidget* parent)
    : QWidget(parent), m_heading(new Heading(this)), m_note(new QLabel(this)) {
  m_heading->setText(title);
  m_heading->setAccessibleName(tr("%1, section").arg(title));
  m_heading->setCheckable(true);
  m_heading->setChecked(true);
  m_heading->setFocusPolicy(Qt::TabFocus);
  m_note->setProperty("role", QStringLiteral("small"));
  auto* row = new QHBoxLayout;
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(m_heading);
  row->addStretch(1);
  row->addWidget(m_note);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 7, 14, 9);
  column->setSpacing(4);
  column->addLayout(row);
  column->addWidget(content);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  connect(m_heading, &QToolButton::toggled, content, &QWidget::setVisible);
}

void FoldSection::setNote(const QString& note) { m_note->setText(note); }

}  // namespace uc
