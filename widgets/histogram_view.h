// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/heatmap_painter.h"

#include <QWidget>

#include <vector>

namespace uc {

/// How many of a map's shown values fall where.
struct Histogram {
  ValueRange range;  // of the bins: the values' extent and the color range, with a margin
  std::vector<qint64> counts;
};
/// Counts the finite attended cells of a map.
Histogram histogramOf(const HeatmapContent& content, int bins);

/// The histogram of a map over its color bar, with a handle at each end of the color range. For signed values
/// the handles stay symmetric around 0. Handles take the keyboard: arrows move them by a hundredth of the
/// width, Page keys by a tenth.
class HistogramView : public QWidget {
  Q_OBJECT

 public:
  explicit HistogramView(QWidget* parent = nullptr);
  void setContent(Histogram histogram, const ColorScale& scale);
  const ColorScale& scale() const { return m_scale; }
  QSize sizeHint() const override { return {240, 84}; }
  QSize minimumSizeHint() const override { return {120, 84}; }

 Q_SIGNALS:
  void rangeEdited(uc::ValueRange range);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  class Handle;
  double xOf(double value) const;
  double valueAt(double x) const;
  void moveEnd(bool isUpper, double value);
  void placeHandles();

  Histogram m_histogram;
  ColorScale m_scale;
  Handle* m_lower;
  Handle* m_upper;
};

}  // namespace uc
