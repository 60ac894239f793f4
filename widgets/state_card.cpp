// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/state_card.h"

#include "widgets/widget_theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QStyle>
#include <QVBoxLayout>

namespace uc {

class StateCard::Sign : public QWidget {
 public:
  explicit Sign(QWidget* parent) : QWidget(parent) { setFixedSize(30, 30); }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    paintIcon(painter, rect(), QStringLiteral("warning"), themeOf(*this).error);
  }
};

StateCard::StateCard(QWidget* parent)
    : QWidget(parent), m_sign(new Sign(this)), m_title(new QLabel(this)), m_text(new QLabel(this)) {
  for (QLabel* label : {m_title, m_text}) {
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(Qt::AlignHCenter);
    label->setWordWrap(true);
  }
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_text->setProperty("role", QStringLiteral("secondary"));
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  row->addStretch(1);
  for (int i = 0; i < kMostButtons; ++i) {
    auto* push = new QPushButton(this);
    push->setAutoDefault(false);
    m_buttons.push_back(push);
    row->addWidget(push);
    connect(push, &QPushButton::clicked, this, [this, i] { Q_EMIT buttonClicked(i); });
  }
  row->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(40, 40, 40, 40);
  column->setSpacing(8);
  column->addStretch(2);
  column->addWidget(m_sign, 0, Qt::AlignHCenter);
  column->addWidget(m_title);
  column->addWidget(m_text);
  column->addSpacing(6);
  column->addLayout(row);
  column->addStretch(3);
}

void StateCard::setContent(const Content& content) {
  m_sign->setVisible(content.isError);
  m_title->setProperty("role", content.isError ? QStringLiteral("errorTitle") : QStringLiteral("strong"));
  // a property selector of the style sheet is looked up again only when the widget is polished again
  m_title->style()->unpolish(m_title);
  m_title->style()->polish(m_title);
  m_title->setText(content.title);
  m_text->setText(content.text);
  m_text->setVisible(!content.text.isEmpty());
  for (size_t i = 0; i < m_buttons.size(); ++i) {
    const bool isUsed = i < content.buttons.size();
    m_buttons[i]->setVisible(isUsed);
    if (isUsed) m_buttons[i]->setText(content.buttons[i]);
  }
  m_buttons[0]->setDefault(content.isMainStressed);
  setAccessibleName(content.title + QLatin1Char(' ') + content.text);
}

void StateCard::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), themeOf(*this).canvas);
}

}  // namespace uc
