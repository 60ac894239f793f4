// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/value_table.h"

#include "widgets/widget_theme.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace uc {

namespace {
constexpr int kRowHeight = 19;
constexpr double kPixels = 13;
}  // namespace

ValueTable::ValueTable(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ValueTable::setRows(std::vector<Row> rows) {
  if (rows == m_rows) return;
  const bool isResized = rows.size() != m_rows.size();
  m_rows = std::move(rows);
  QStringList lines;
  for (const Row& row : m_rows) lines << row.label + QLatin1Char(' ') + spoken(row.value);
  setAccessibleDescription(lines.join(QStringLiteral(", ")));
  if (isResized) updateGeometry();
  update();
}

QSize ValueTable::sizeHint() const { return {200, kRowHeight * static_cast<int>(m_rows.size())}; }

void ValueTable::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  double baseline = 14;
  for (const Row& row : m_rows) {
    painter.setFont(textFont(kPixels));
    painter.setPen(theme.text2);
    painter.drawText(QPointF(0, baseline), row.label);
    const double labelEnd = QFontMetricsF(textFont(kPixels)).horizontalAdvance(row.label) + 8;
    double valueWidth = 0;
    for (const TextRun& run : row.value) valueWidth += runWidth(run, kPixels);
    const double left = std::max(labelEnd, width() - valueWidth);
    painter.save();
    painter.setClipRect(QRectF(left, baseline - 15, width() - left, kRowHeight));
    paintRuns(painter, {left, baseline}, row.value, kPixels, theme.text, theme.text2);
    painter.restore();
    baseline += kRowHeight;
  }
}

}  // namespace uc
