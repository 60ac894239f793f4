// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/figure.h"

#include <memory>
#include <vector>

namespace uc {

/// Maps as a table with a title over each column and beside each row, as papers show ablations: layers down,
/// "S6 only", "without conv" … "full" across. Ticks stand at the outer edges alone, one axis title serves
/// all. With a shared scale all maps are colored alike and one colorbar stands below; otherwise each map has
/// a small one of its own. Fits column (85 mm) and page (180 mm) alike. A value; any thread.
class GridFigure : public Figure {
 public:
  /// `cells` row by row, as many as rowTitles × columnTitles; a null one stays empty. At least one map.
  /// Throws Failure where the counts do not fit, or a shared scale is asked for of signed and unsigned maps.
  GridFigure(std::vector<std::shared_ptr<const HeatmapContent>> cells, QStringList rowTitles,
             QStringList columnTitles, bool isScaleShared, QString title = {}, QString caption = {});
  double heightFor(double width, const HeatmapStyle& style) const override;
  void paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const override;

 private:
  struct Plan;
  Plan plan(const QRectF& area, const HeatmapStyle& style) const;
  const HeatmapContent* at(qsizetype row, qsizetype col) const;
  void paintCell(QPainter& painter, const Plan& plan, qsizetype row, qsizetype col,
                 const HeatmapStyle& style) const;
  void paintTitles(QPainter& painter, const Plan& plan, const HeatmapStyle& style) const;

  std::vector<std::shared_ptr<const HeatmapContent>> m_cells;
  QStringList m_rowTitles, m_columnTitles;
  bool m_isScaleShared;
  QString m_title, m_caption;
};

}  // namespace uc
