// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/predictions_list.h"

#include "widgets/paint/heatmap_painter.h"
#include "widgets/widget_theme.h"

#include <QPainter>
#include <QPainterPath>

namespace uc {

namespace {
constexpr int kRowHeight = 22;
constexpr int kLeast = 5;
}  // namespace

PredictionsList::PredictionsList(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
  setAccessibleName(tr("Next token, no predictions"));
}

void PredictionsList::setSubject(const QString& subject) {
  m_subject = subject;
  setAccessibleName(tr("%1, %n predictions", nullptr, static_cast<int>(m_rows.size())).arg(m_subject));
}

void PredictionsList::setRows(std::vector<Row> rows) {
  if (rows == m_rows) return;
  m_rows = std::move(rows);
  QStringList lines;
  for (const Row& row : m_rows)
    lines << tr("%1, %2").arg(row.token.trimmed(), QString::number(row.probability, 'f', 3));
  setSubject(m_subject);
  setAccessibleDescription(lines.join(QStringLiteral("; ")));
  update();
}

QSize PredictionsList::sizeHint() const { return {220, kRowHeight * kLeast}; }
QSize PredictionsList::minimumSizeHint() const { return {120, kRowHeight * 3}; }

void PredictionsList::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme& theme = themeOf(*this);
  const double barLeft = std::min(80.0, width() * 0.36), numberWidth = 44;
  const QRectF ground(barLeft, 0, width() - barLeft - numberWidth, 6);
  const int fitting = std::min<int>(static_cast<int>(m_rows.size()), height() / kRowHeight);
  for (int i = 0; i < fitting; ++i) {
    const Row& row = m_rows[static_cast<size_t>(i)];
    const double top = i * kRowHeight;
    painter.save();
    painter.setClipRect(QRectF(0, top, barLeft - 6, kRowHeight));
    paintToken(painter, {0, top + 15}, row.token, tokenFont(12), theme.text);
    painter.restore();
    QRectF bar = ground.translated(0, top + 8);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.hover);
    painter.drawRoundedRect(bar, 1, 1);
    bar.setWidth(std::max(1.0, bar.width() * row.probability));
    painter.setBrush(theme.text2);
    painter.drawRoundedRect(bar, 1, 1);
    painter.setFont(textFont(13));
    painter.setPen(theme.text);
    painter.drawText(QRectF(width() - numberWidth, top, numberWidth, kRowHeight),
                     Qt::AlignRight | Qt::AlignVCenter, QString::number(row.probability, 'f', 3));
  }
}

}  // namespace uc
