// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/heatmap_painter.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace uc {

namespace {

/// For the pixels of one axis whose centers lie on a part: which of its cells holds them.
struct PixelCells {
  int first = 0;           // pixel
  std::vector<int> cells;  // never falling
};

/// `origin` and `pitch` in pixels: of token 0 and of one token.
PixelCells pixelCells(double origin, double pitch, qint64 begin, qint64 end, qint64 pool, double low,
                      double high) {
  const auto pixel = [&](double token) {
    return static_cast<int>(std::ceil(std::clamp(origin + pitch * token, low, high) - 0.5));
  };
  PixelCells result;
  result.first = pixel(static_cast<double>(begin));
  const int last = pixel(static_cast<double>(end));
  const auto most = static_cast<int>((end - begin + pool - 1) / pool) - 1;
  result.cells.reserve(static_cast<size_t>(std::max(0, last - result.first)));
  for (int x = result.first; x < last; ++x) {
    const double token = (x + 0.5 - origin) / pitch - static_cast<double>(begin);
    result.cells.push_back(
        std::clamp(static_cast<int>(std::floor(token / static_cast<double>(pool))), 0, most));
  }
  return result;
}

/// Pixels of a line, half open, counted from the first of the part.
struct PixelRange {
  std::ptrdiff_t begin = 0, end = 0;
  size_t bytes() const { return static_cast<size_t>(end - begin) * sizeof(QRgb); }
};

/// The pixels of an image that show a part.
struct PlotCells {
  PixelCells rows, cols;
  qint64 count = 0;  // of columns of cells

  QRgb* line(QImage& target, size_t y) const {
    return reinterpret_cast<QRgb*>(target.scanLine(rows.first + static_cast<int>(y))) + cols.first;
  }
  PixelRange attended(const MapGrid& grid, int row) const {
    const auto [first, last] = grid.attendedCols(row, count);
    const auto pixelOf = [this](qint64 cell) {
      return std::lower_bound(cols.cells.begin(), cols.cells.end(), cell) - cols.cells.begin();
    };
    const std::ptrdiff_t begin = pixelOf(first);
    return {begin, std::max(begin, pixelOf(last))};
  }
};

PlotCells plotCells(const QImage& target, const MapGrid& grid, const HeatmapLayout& layout,
                    double pixelRatio) {
  const QPointF origin = layout.toPoint(0.0, 0.0) * pixelRatio;
  const double right = std::min<double>(layout.cells.right() * pixelRatio, target.width());
  const double bottom = std::min<double>(layout.cells.bottom() * pixelRatio, target.height());
  PlotCells plot;
  plot.count = (grid.col1 - grid.col0 + grid.pool - 1) / grid.pool;
  plot.cols = pixelCells(origin.x(), layout.cells.width() * pixelRatio / layout.viewport.width, grid.col0,
                         grid.col1, grid.pool, layout.cells.left() * pixelRatio, right);
  plot.rows = pixelCells(origin.y(), layout.cells.height() * pixelRatio / layout.viewport.height, grid.row0,
                         grid.row1, grid.pool, layout.cells.top() * pixelRatio, bottom);
  return plot;
}

bool hasSmallCells(const MapGrid& grid, const HeatmapLayout& layout, double pixelRatio) {
  const auto pool = static_cast<double>(grid.pool) * pixelRatio;
  constexpr double kRounding = 1e-6;
  return pool * layout.cells.width() < layout.viewport.width * (1.0 - kRounding) ||
         pool * layout.cells.height() < layout.viewport.height * (1.0 - kRounding);
}

/// The first of the cells that pixel `at` of an axis stands for; the last is the one at its center.
int firstCell(const std::vector<int>& cells, size_t at) {
  if (at > 0) return std::min(cells[at - 1] + 1, cells[at]);
  return cells.size() > 1 ? std::clamp(2 * cells[0] - cells[1] + 1, 0, cells[0]) : 0;
}

/// The mean color of the cells in rows [top, bottom] and columns [left, right] that are attended, which are
/// opaque; `otherwise` where none is.
QRgb meanColor(const QImage& image, int top, int bottom, int left, int right, QRgb otherwise) {
  int red = 0, green = 0, blue = 0, count = 0;
  for (int row = top; row <= bottom; ++row) {
    const auto* line = reinterpret_cast<const QRgb*>(image.constScanLine(row));
    for (int col = left; col <= right; ++col) {
      if (qAlpha(line[col]) == 0) continue;
      red += qRed(line[col]);
      green += qGreen(line[col]);
      blue += qBlue(line[col]);
      ++count;
    }
  }
  return count == 0 ? otherwise : qRgb(red / count, green / count, blue / count);
}

void blitMeans(QImage& target, const QImage& image, const MapGrid& grid, const PlotCells& plot) {
  const std::vector<int>&rows = plot.rows.cells, &cols = plot.cols.cells;
  for (size_t y = 0; y < rows.size(); ++y) {
    QRgb* line = plot.line(target, y);
    const int top = firstCell(rows, y);
    const PixelRange first = plot.attended(grid, top), last = plot.attended(grid, rows[y]);
    const std::ptrdiff_t end = std::max(first.end, last.end);
    for (std::ptrdiff_t x = std::min(first.begin, last.begin); x < end; ++x) {
      const auto at = static_cast<size_t>(x);
      line[x] = meanColor(image, top, rows[y], firstCell(cols, at), cols[at], line[x]);
    }
  }
}

}  // namespace

std::shared_ptr<const HeatmapContent> tileFrame(const HeatmapContent& whole, qint64 pool) {
  auto frame = std::make_shared<HeatmapContent>();
  frame->grid = whole.grid;
  frame->grid.pool = pool;
  frame->map.rows = (whole.grid.row1 - whole.grid.row0 + pool - 1) / pool;
  frame->map.cols = (whole.grid.col1 - whole.grid.col0 + pool - 1) / pool;
  frame->scale = whole.scale;
  frame->tokens = whole.tokens;
  frame->legend = whole.legend;
  return frame;
}

void blitCells(QImage& target, const QImage& image, const MapGrid& grid, const HeatmapLayout& layout,
               double pixelRatio) {
  const PlotCells plot = plotCells(target, grid, layout, pixelRatio);
  if (hasSmallCells(grid, layout, pixelRatio)) return blitMeans(target, image, grid, plot);
  const std::vector<int>& cols = plot.cols.cells;
  int before = -1;
  PixelRange range;
  for (size_t y = 0; y < plot.rows.cells.size(); ++y) {
    QRgb* line = plot.line(target, y);
    const int row = plot.rows.cells[y];
    if (row == before) {
      const auto* above =
          reinterpret_cast<const QRgb*>(reinterpret_cast<const uchar*>(line) - target.bytesPerLine());
      std::memcpy(line + range.begin, above + range.begin, range.bytes());
      continue;
    }
    before = row;
    range = plot.attended(grid, row);
    const auto* source = reinterpret_cast<const QRgb*>(image.constScanLine(row));
    for (std::ptrdiff_t x = range.begin; x < range.end; ++x) line[x] = source[cols[static_cast<size_t>(x)]];
  }
}

void blitHatch(QImage& target, const QImage& hatched, const MapGrid& grid, const HeatmapLayout& layout,
               double pixelRatio) {
  const PlotCells plot = plotCells(target, grid, layout, pixelRatio);
  const auto width = static_cast<std::ptrdiff_t>(plot.cols.cells.size());
  for (size_t y = 0; y < plot.rows.cells.size(); ++y) {
    QRgb* line = plot.line(target, y);
    const auto* source =
        reinterpret_cast<const QRgb*>(hatched.constScanLine(plot.rows.first + static_cast<int>(y))) +
        plot.cols.first;
    const PixelRange attended = plot.attended(grid, plot.rows.cells[y]);
    for (const PixelRange& bare : {PixelRange{0, attended.begin}, PixelRange{attended.end, width}})
      std::memcpy(line + bare.begin, source + bare.begin, bare.bytes());
  }
}

}  // namespace uc
