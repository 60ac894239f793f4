// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/statistic_bands.h"

#include "widgets/widget_theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {
constexpr int kRow = 36, kFoot = 20;
constexpr double kBarTop = 22, kBar = 4, kMark = 10;
}  // namespace

StatisticBands::StatisticBands(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setAccessibleName(tr("Statistics of the lane"));
}

void StatisticBands::setBands(std::vector<StatisticBand> bands) {
  if (bands == m_bands) return;
  const bool isResized = bands.size() != m_bands.size();
  m_bands = std::move(bands);
  QStringList lines;
  for (const StatisticBand& band : m_bands) {
    QString where = tr("in the middle half of all lanes");
    if (band.place < band.lower) where = tr("below the middle half of all lanes");
    if (band.place > band.upper) where = tr("above the middle half of all lanes");
    lines << tr("%1 %2, %3").arg(band.label, band.value, where);
  }
  setAccessibleDescription(lines.join(QStringLiteral("; ")));
  if (isResized) updateGeometry();
  update();
}

QSize StatisticBands::sizeHint() const {
  return {220, m_bands.empty() ? 0 : kRow * static_cast<int>(m_bands.size()) + kFoot};
}

void StatisticBands::paintEvent(QPaintEvent*) {
  if (m_bands.empty()) return;
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  double top = 0.0;
  for (const StatisticBand& band : m_bands) {
    const QRectF words(0, top, width(), 18);
    painter.setFont(textFont(13));
    painter.setPen(theme.text2);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, band.label);
    painter.setPen(theme.text);
    painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, band.value);
    const QRectF bar(0, top + kBarTop, width(), kBar);
    const auto xOf = [&bar](double place) { return bar.left() + std::clamp(place, 0.0, 1.0) * bar.width(); };
    painter.fillRect(bar, theme.pressed);
    if (band.lower <= band.upper) {
      const double left = xOf(band.lower);
      painter.fillRect(QRectF(left, bar.top(), std::max(2.0, xOf(band.upper) - left), kBar), theme.border);
    }
    if (!std::isnan(band.place)) {
      const double x = std::clamp(xOf(band.place) - 1.5, 0.0, width() - 3.0);
      painter.fillRect(QRectF(x, bar.center().y() - 0.5 * kMark, 3.0, kMark), theme.accent);
    }
    top += kRow;
  }
  painter.setFont(textFont(12));
  painter.setPen(theme.text2);
  painter.drawText(QRectF(0, top, width(), kFoot), Qt::AlignLeft | Qt::AlignVCenter,
                   tr("band: middle half of all lanes"));
}

}  // namespace uc
