// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/pane_parts.h"

#include "widgets/widget_theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QStyle>

#include <algorithm>
#include <cmath>

namespace uc {

void ProgressLine::setFraction(double fraction) {
  m_fraction = fraction;
  setAccessibleName(fraction < 0 ? QString() : tr("Progress, %1 percent").arg(std::lround(fraction * 100)));
  update();
}

void ProgressLine::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.fillRect(QRect(0, 0, width(), 1), theme.line);
  painter.fillRect(QRect(0, 1, width(), 1), theme.canvas);
  if (m_fraction < 0) return;
  painter.fillRect(QRectF(0, 0, width() * std::max(0.02, m_fraction), 2), theme.accent);
}

StaleTag::StaleTag(QWidget* parent)
    : QWidget(parent), m_words(new QLabel(this)), m_update(new QPushButton(tr("Update"), this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(36, 8, 10, 8);
  row->setSpacing(10);
  row->addWidget(m_words);
  row->addWidget(m_update);
  connect(m_update, &QPushButton::clicked, this, &StaleTag::updateWanted);
  hide();
}

void StaleTag::announce(const QString& reason) {
  m_words->setText(tr("Out of date: %1").arg(reason));
  adjustSize();
  place();
  show();
  raise();
}

void StaleTag::place() {
  move((parentWidget()->width() - width()) / 2, parentWidget()->height() - height() - 16);
}

void StaleTag::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = themeOf(*this);
  painter.setPen(QPen(theme.border, 1));
  painter.setBrush(theme.panel);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
  paintIcon(painter, QRectF(12, height() / 2.0 - 8, 16, 16), QStringLiteral("warning"), theme.warn);
}

PaneHeader::PaneHeader(QWidget* parent)
    : QWidget(parent),
      m_name(new QLabel(this)),
      m_title(new RichLine(13, this)),
      m_badge(new Badge(this)),
      m_link(new QToolButton(this)),
      m_solo(new QToolButton(this)),
      m_close(new QToolButton(this)),
      m_view(new QToolButton(this)) {
  setFixedHeight(30);
  m_name->setProperty("role", QStringLiteral("strong"));
  m_view->setPopupMode(QToolButton::InstantPopup);
  m_view->setAccessibleName(tr("View of this pane"));
  m_view->setToolTip(tr("Choose what this pane shows"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 2, 6, 0);
  row->setSpacing(6);
  row->addWidget(m_view);
  row->addWidget(m_name);
  row->addSpacing(6);
  row->addWidget(m_title, 1);
  row->addWidget(m_badge);
  const auto button = [&](QToolButton* which, const char* icon, const QString& words) {
    which->setIcon(themeIcon(QString::fromLatin1(icon)));
    which->setToolTip(words);
    which->setAccessibleName(words);
    which->setAutoRaise(true);
    which->setFixedSize(22, 22);
    which->setFocusPolicy(Qt::TabFocus);
    row->addWidget(which);
  };
  button(m_link, "link", tr("Link position, crosshair and range of all panes"));
  button(m_solo, "maximize", tr("Show this pane alone"));
  button(m_close, "close", tr("Close this pane (Ctrl+W)"));
  m_link->setCheckable(true);
  m_solo->setCheckable(true);
  m_view->setIcon(themeIcon(QStringLiteral("heatmap")));
  m_view->setAutoRaise(true);
  m_view->setFixedSize(36, 22);
  connect(m_link, &QToolButton::clicked, this, &PaneHeader::linkToggled);
  connect(m_solo, &QToolButton::clicked, this, &PaneHeader::soloToggled);
  connect(m_close, &QToolButton::clicked, this, &PaneHeader::closeWanted);
}

void PaneHeader::setPlace(const PanePlace& place) {
  m_place = place;
  const bool isAlone = place.count < 2;
  for (QToolButton* each : {m_link, m_solo, m_close}) each->setVisible(!isAlone);
  m_link->setChecked(place.isLinked);
  m_solo->setChecked(place.isSolo);
  qobject_cast<QHBoxLayout*>(layout())->setContentsMargins(isAlone ? 8 : 34, 2, 6, 0);
  update();
}

void PaneHeader::setView(View view, const QString& words, bool isFailed) {
  m_isFailed = isFailed;
  m_view->setIcon(themeIcon(isFailed ? QStringLiteral("warning") : iconOf(view)));
  m_name->setText(words);
  const QString role = isFailed ? QStringLiteral("errorTitle") : QStringLiteral("strong");
  if (m_name->property("role").toString() != role) {
    m_name->setProperty("role", role);
    m_name->style()->unpolish(m_name);
    m_name->style()->polish(m_name);
  }
}

void PaneHeader::setRoom(int width) {
  m_name->setVisible(width > 620);
  m_badge->setBrief(width < 480);
}

QString PaneHeader::letter() const { return QString(QChar(u'A' + m_place.index)); }

void PaneHeader::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(0, 0, width(), 2), m_place.isActive ? theme.accent : theme.line);
  if (m_place.count < 2) return;
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF box(9.5, 7.5, 18, 18);
  painter.setPen(m_place.isActive ? QPen(Qt::NoPen) : QPen(theme.border, 1));
  painter.setBrush(m_place.isActive ? QBrush(theme.text) : QBrush(Qt::NoBrush));
  painter.drawRoundedRect(box, 3, 3);
  painter.setPen(m_place.isActive ? theme.panel : theme.text);
  painter.setFont(textFont(12, true));
  painter.drawText(box, Qt::AlignCenter, letter());
}

QString iconOf(View view) {
  switch (view) {
    case View::Graph:
      return QStringLiteral("graph");
    case View::Strip:
      return QStringLiteral("text");
    case View::Overlay:
      return QStringLiteral("overlay");
    case View::State:
      return QStringLiteral("state");
    case View::Heatmap:
    case View::Atlas:
    case View::Compare:
    case View::Attribution:
      break;
  }
  return QStringLiteral("heatmap");
}

}  // namespace uc
