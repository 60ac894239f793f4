// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/notice_bar.h"

#include "widgets/widget_theme.h"

#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace uc {

NoticeBar::NoticeBar(Kind kind, QWidget* parent)
    : QWidget(parent),
      m_kind(kind),
      m_title(new QLabel(this)),
      m_text(new QLabel(this)),
      m_buttons(new QHBoxLayout) {
  m_title->setProperty("role", kind == Kind::Error ? QStringLiteral("errorTitle") : QStringLiteral("strong"));
  m_title->setTextFormat(Qt::PlainText);
  m_title->setWordWrap(true);
  m_text->setTextFormat(Qt::PlainText);
  m_text->setWordWrap(true);
  m_text->setTextInteractionFlags(kind == Kind::Error ? Qt::TextSelectableByMouse : Qt::NoTextInteraction);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(m_title);
  words->addWidget(m_text);
  auto* close = new QToolButton(this);
  close->setIcon(themeIcon(QStringLiteral("close")));
  close->setAutoRaise(true);
  close->setToolTip(tr("Close this notice"));
  close->setAccessibleName(tr("Close this notice"));
  close->setFocusPolicy(Qt::TabFocus);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(kind == Kind::Error ? 40 : 14, 6, 8, 6);
  row->setSpacing(12);
  row->addLayout(words, 1);
  row->addLayout(m_buttons);
  row->addWidget(close, 0, Qt::AlignVCenter);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  connect(close, &QToolButton::clicked, this, [this] {
    hide();
    Q_EMIT dismissed();
  });
}

void NoticeBar::setText(const QString& title, const QString& text) {
  m_title->setText(title);
  m_title->setVisible(!title.isEmpty());
  m_text->setText(text);
  m_text->setVisible(!text.isEmpty());
  setAccessibleName(title.isEmpty() ? text : title + QLatin1Char(' ') + text);
}

QAbstractButton* NoticeBar::addAction(const QString& words) {
  auto* button = new QPushButton(words, this);
  button->setProperty("role", QStringLiteral("link"));
  button->setFlat(true);
  button->setFocusPolicy(Qt::TabFocus);
  button->setCursor(Qt::PointingHandCursor);
  m_buttons->addWidget(button);
  return button;
}

void NoticeBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  const bool isError = m_kind == Kind::Error;
  QColor ground = isError ? theme.errorGround : theme.selection;
  if (!isError) ground.setAlphaF(0.55F);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(rect(), ground);
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
  if (isError) paintIcon(painter, {14, height() / 2.0 - 8, 16, 16}, QStringLiteral("warning"), theme.error);
}

}  // namespace uc
