// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/dock_title.h"

#include "widgets/widget_theme.h"

#include <QPainter>
#include <QToolButton>

namespace uc {

DockTitle::DockTitle(QDockWidget* dock) : QWidget(dock), m_room(new QHBoxLayout) {
  auto* words = new QLabel(dock->windowTitle(), this);
  words->setProperty("role", QStringLiteral("dockTitle"));
  auto* close = new QToolButton(this);
  close->setIcon(themeIcon(QStringLiteral("close")));
  close->setIconSize(QSize(13, 13));
  close->setAutoRaise(true);
  close->setFixedSize(22, 22);
  close->setFocusPolicy(Qt::NoFocus);  // the View menu does the same by keyboard
  close->setToolTip(tr("Close %1").arg(dock->windowTitle()));
  close->setAccessibleName(tr("Close %1").arg(dock->windowTitle()));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 0, 6, 1);
  row->setSpacing(12);
  row->addWidget(words);
  m_room->setContentsMargins(0, 0, 0, 0);
  row->addLayout(m_room, 1);
  row->addWidget(close);
  connect(close, &QToolButton::clicked, dock, &QDockWidget::close);
}

void DockTitle::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
}

}  // namespace uc
