// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/paper_grid.h"

#include "core/values/error.h"
#include "widgets/paint/compare_figure.h"
#include "widgets/paint/figure_text.h"
#include "widgets/paint/text_fit.h"

#include <QFontMetricsF>

#include <algorithm>

namespace uc {

namespace {

constexpr int kMaxHeadLines = 3;
constexpr double kMaxBar = 280.0;

/// Without labels of its own: the ticks of `axes` alone.
HeatmapContent onlyAxes(const HeatmapContent& cell, bool hasQueries, bool hasKeys) {
  HeatmapContent content;
  content.grid = cell.grid;
  if (!hasQueries) content.grid.row1 = content.grid.row0;
  if (!hasKeys) content.grid.col1 = content.grid.col0;
  content.queryTitle.clear();
  content.keyTitle.clear();
  return content;
}

/// Numbers alone: tokens would not be read at this size.
HeatmapStyle cellStyle(HeatmapStyle style) {
  style.showTokens = style.showColorbar = style.showTitle = style.showCaption = false;
  return style;
}

double numberWidth(const HeatmapContent& cell, const HeatmapStyle& style) {
  return QFontMetricsF(textFont(style.tick))
      .horizontalAdvance(countText(std::max(cell.grid.row1, cell.grid.col1)));
}

}  // namespace

struct GridFigure::Plan {
  QRectF title, heads, plots, caption, bar, area;    // heads: over the columns; plots: all of them
  double side = 0.0, stepX = 0.0, stepY = 0.0;       // of a plot; from one to the next
  double rowTitleX = 0.0, axisX = 0.0, axisY = 0.0;  // baselines of turned row titles and of the axis titles
  double bottom = 0.0;

  QRectF plot(qsizetype row, qsizetype col) const {
    return {plots.left() + stepX * static_cast<double>(col), plots.top() + stepY * static_cast<double>(row),
            side, side};
  }
};

GridFigure::GridFigure(std::vector<std::shared_ptr<const HeatmapContent>> cells, QStringList rowTitles,
                       QStringList columnTitles, bool isScaleShared, QString title, QString caption)
    : m_cells(std::move(cells)),
      m_rowTitles(std::move(rowTitles)),
      m_columnTitles(std::move(columnTitles)),
      m_isScaleShared(isScaleShared),
      m_title(std::move(title)),
      m_caption(std::move(caption)) {
  std::vector<std::shared_ptr<const HeatmapContent>> maps;
  std::copy_if(m_cells.begin(), m_cells.end(), std::back_inserter(maps),
               [](const auto& cell) { return cell != nullptr; });
  if (maps.empty() || static_cast<qsizetype>(m_cells.size()) != m_rowTitles.size() * m_columnTitles.size()) {
    fail("A grid of maps needs a map for each row and column.",
         std::to_string(maps.size()) + " maps, " + std::to_string(m_rowTitles.size()) + " × " +
             std::to_string(m_columnTitles.size()) + " titles",
         "Give as many maps as rows times columns.");
  }
  if (!m_isScaleShared) return;
  const auto scale = commonScale(maps);
  if (!scale) {
    fail("Signed and unsigned maps have no common color range.", "grid figure",
         "Choose one normalization for all, or give each map its own range.");
  }
  for (auto& cell : m_cells)
    if (cell != nullptr) cell = inScale(*cell, *scale);
}

const HeatmapContent* GridFigure::at(qsizetype row, qsizetype col) const {
  return m_cells[static_cast<size_t>(row * m_columnTitles.size() + col)].get();
}

GridFigure::Plan GridFigure::plan(const QRectF& area, const HeatmapStyle& style) const {
  const double unit = lookUnit(style), pad = 8.0 * unit;
  const auto columns = static_cast<double>(m_columnTitles.size()),
             rows = static_cast<double>(m_rowTitles.size());
  const double gap = m_isScaleShared ? 7.0 * unit : 10.0 * unit;
  double numbers = 0.0;
  for (qsizetype row = 0; row < m_rowTitles.size(); ++row)
    if (const auto* cell = at(row, 0)) numbers = std::max(numbers, numberWidth(*cell, style));
  Plan plan;
  plan.area = area;
  const double textWidth = area.width() - 2.0 * pad, head = lineHeight(style.axis);
  const double titleSize = titleHeight(m_title, style, textWidth);
  plan.title = QRectF(area.left() + pad, area.top() + pad, textWidth, titleSize);
  // Left to right: row titles, the axis title, numbers, plots.
  plan.rowTitleX = area.left() + pad + 0.85 * style.axis;
  plan.axisX = plan.rowTitleX + 1.35 * style.axis;
  const double left = plan.axisX + 5.0 * unit + numbers + 8.0 * unit;
  plan.side = (area.right() - pad - 0.4 * numbers - left - gap * (columns - 1.0)) / columns;
  plan.stepX = plan.side + gap;
  double lines = 1.0;
  for (const QString& text : m_columnTitles)
    lines = std::max(lines, static_cast<double>(
                                wrapText(text, textFont(style.axis, true), plan.side, kMaxHeadLines).size()));
  const double top = plan.title.bottom() + (titleSize > 0.0 ? 6.0 * unit : 0.0);
  plan.heads = QRectF(left, top, plan.stepX * columns, lines * head);
  const double ownBar = m_isScaleShared || !style.showColorbar ? 0.0 : 20.0 * unit + lineHeight(style.tick);
  plan.stepY = plan.side + gap + ownBar;
  plan.plots =
      QRectF(left, plan.heads.bottom() + 3.0 * unit, plan.stepX * columns - gap, plan.stepY * rows - gap);
  plan.axisY = plan.plots.bottom() - ownBar + 8.0 * unit + 1.2 * style.tick + ownBar + 1.1 * style.axis;
  plan.bottom = plan.axisY + 0.4 * style.axis + pad;
  if (m_isScaleShared && style.showColorbar) {
    const double length = std::min(plan.plots.width(), kMaxBar * unit);
    plan.bar = QRectF(plan.plots.center().x() - length / 2.0, plan.bottom, length, 11.0 * unit);
    const auto first =
        std::find_if(m_cells.begin(), m_cells.end(), [](const auto& cell) { return cell != nullptr; });
    plan.bottom += barBelowHeight(barOnly((*first)->scale, {}, (*first)->legend, {}), style) + pad;
  }
  if (const double size = captionHeight(m_caption, style, textWidth); size > 0.0) {
    plan.caption = QRectF(area.left() + pad, plan.bottom, textWidth, size);
    plan.bottom += size + pad;
  }
  return plan;
}

void GridFigure::paintCell(QPainter& painter, const Plan& plan, qsizetype row, qsizetype col,
                           const HeatmapStyle& style) const {
  const HeatmapContent& cell = *at(row, col);
  const HeatmapStyle plain = cellStyle(style);
  HeatmapLayout layout;
  layout.area = plan.area;
  layout.cells = plan.plot(row, col);
  layout.scale = lookUnit(style);
  const MapGrid& grid = cell.grid;
  layout.viewport = cell.viewport;
  if (layout.viewport.isWhole())
    layout.viewport = {static_cast<double>(grid.col0), static_cast<double>(grid.row0),
                       static_cast<double>(grid.col1 - grid.col0),
                       static_cast<double>(grid.row1 - grid.row0)};
  paintCells(painter, cell, layout, plain);
  paintHatch(painter, cell, layout, plain);
  paintCellMarks(painter, cell, layout, plain);
  const bool isLast = row + 1 == m_rowTitles.size();
  HeatmapLayout labels = layout;
  labels.labelWidth = labels.labelHeight = plan.side;
  paintAxes(painter, onlyAxes(cell, col == 0, isLast), labels, plain, {});
  if (m_isScaleShared || !style.showColorbar) return;
  const double unit = lookUnit(style), away = isLast ? 10.0 * unit + 1.2 * style.tick : 4.0 * unit;
  const QRectF bar(layout.cells.left(), layout.cells.bottom() + away, layout.cells.width(), 6.0 * unit);
  paintBarBelow(painter, barOnly(cell.scale, cell.shown.extent, {}, {}), bar,
                layout.cells.adjusted(-3.0 * unit, 0.0, 3.0 * unit, 0.0), style);
}

void GridFigure::paintTitles(QPainter& painter, const Plan& plan, const HeatmapStyle& style) const {
  const double unit = lookUnit(style);
  if (!m_title.isEmpty() && style.showTitle)
    paintTitle(painter, m_title, plan.title, plan.plots.left(), style);
  const QFont font = textFont(style.axis, true);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setPen(style.theme.text);
  const double head = lineHeight(style.axis);
  for (qsizetype col = 0; col < m_columnTitles.size(); ++col) {
    const QStringList lines = wrapText(m_columnTitles[col], font, plan.side, kMaxHeadLines);
    double baseline = plan.heads.bottom() - head * static_cast<double>(lines.size() - 1) - 0.25 * style.axis;
    for (const QString& line : lines) {
      painter.drawText(
          QPointF(plan.plot(0, col).center().x() - metrics.horizontalAdvance(line) / 2.0, baseline), line);
      baseline += head;
    }
  }
  const auto turned = [&](const QString& text, double x, double y, const QFont& type) {
    painter.save();
    painter.setFont(type);
    painter.translate(x, y);
    painter.rotate(-90.0);
    painter.drawText(QPointF(-QFontMetricsF(type).horizontalAdvance(text) / 2.0, 0.0), text);
    painter.restore();
  };
  for (qsizetype row = 0; row < m_rowTitles.size(); ++row)
    turned(metrics.elidedText(m_rowTitles[row], Qt::ElideRight, plan.stepY - 2.0 * unit), plan.rowTitleX,
           plan.plot(row, 0).center().y(), font);
  const QFont plain = textFont(style.axis);
  painter.setPen(style.theme.text2);
  const HeatmapContent names;
  turned(names.queryTitle, plan.axisX, plan.plots.center().y(), plain);
  painter.setFont(plain);
  painter.drawText(
      QPointF(plan.plots.center().x() - QFontMetricsF(plain).horizontalAdvance(names.keyTitle) / 2.0,
              plan.axisY),
      names.keyTitle);
}

double GridFigure::heightFor(double width, const HeatmapStyle& style) const {
  return plan(QRectF(0.0, 0.0, width, 1e6), style).bottom;
}

void GridFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  const Plan plan = this->plan(area, style);
  ValueRange extent{0.0, 0.0};
  const HeatmapContent* first = nullptr;
  for (qsizetype row = 0; row < m_rowTitles.size(); ++row) {
    for (qsizetype col = 0; col < m_columnTitles.size(); ++col) {
      const HeatmapContent* cell = at(row, col);
      if (cell == nullptr) continue;
      if (first == nullptr) extent = cell->shown.extent;
      first = first == nullptr ? cell : first;
      extent = {std::min(extent.low, cell->shown.extent.low), std::max(extent.high, cell->shown.extent.high)};
      paintCell(painter, plan, row, col, style);
    }
  }
  paintTitles(painter, plan, style);
  if (!plan.bar.isEmpty())
    paintBarBelow(painter, barOnly(first->scale, extent, first->legend, {}), plan.bar, area, style);
  paintCaption(painter, m_caption, plan.caption, style);
}

}  // namespace uc
