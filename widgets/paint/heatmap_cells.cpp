// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/visible_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {

namespace {

constexpr qint64 kMaxVectorCells = 200;
constexpr int kImageSide = 640;  // small maps are embedded enlarged: viewers smooth what they enlarge

/// The 256 colors of a scale with the arithmetic of ColorScale::position taken apart, for whole maps at once.
class Colorizer {
 public:
  Colorizer(const ColorScale& scale, QRgb nanGround)
      : m_table(scale.table()),
        m_low(static_cast<float>(scale.range().low)),
        m_high(static_cast<float>(scale.range().high)),
        m_origin(scale.isSigned() ? 0.0F : m_low),
        m_perReach(static_cast<float>(1.0 / scale.reach())),
        m_gamma(static_cast<float>(scale.gamma())),
        m_isSigned(scale.isSigned()),
        m_nanGround(nanGround) {}

  QRgb operator()(float value) const {
    if (!(std::abs(value) <= std::numeric_limits<float>::max())) return m_nanGround;
    const float clamped = std::min(std::max(value, m_low), m_high);
    const float part = (clamped - m_origin) * m_perReach;
    float place = std::abs(part);
    if (m_gamma != 1.0F) place = std::pow(place, m_gamma);
    if (m_isSigned) place = part < 0.0F ? 0.5F - 0.5F * place : 0.5F + 0.5F * place;
    return m_table[static_cast<size_t>(std::clamp(static_cast<int>(place * 256.0F), 0, 255))];
  }

 private:
  std::array<QRgb, 256> m_table;
  float m_low, m_high, m_origin, m_perReach, m_gamma;
  bool m_isSigned;
  QRgb m_nanGround;
};

/// Colors of a part of the map, one pixel a cell.
QImage partImage(const HeatmapContent& content, const Theme& theme, const VisibleCells& part) {
  const auto width = static_cast<int>(part.col1 - part.col0),
             height = static_cast<int>(part.row1 - part.row0);
  QImage image(width, height, QImage::Format_ARGB32_Premultiplied);
  const Colorizer color(content.scale, theme.nanGround.rgb());
  for (qint64 row = part.row0; row < part.row1; ++row) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(row - part.row0)));
    const auto [first, last] = content.grid.attendedCols(row, content.map.cols);
    const qint64 begin = std::clamp(first, part.col0, part.col1), end = std::clamp(last, begin, part.col1);
    std::fill(line, line + (begin - part.col0), qRgba(0, 0, 0, 0));
    std::transform(content.shown.values.row(row) + begin, content.shown.values.row(row) + end,
                   line + (begin - part.col0), color);
    std::fill(line + (end - part.col0), line + width, qRgba(0, 0, 0, 0));
  }
  return image;
}

void paintVectorCells(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                      const HeatmapStyle& style, const VisibleCells& part) {
  const QImage image = partImage(content, style.theme, part);
  painter.setPen(Qt::NoPen);
  for (qint64 row = part.row0; row < part.row1; ++row) {
    const auto pixel = [&](qint64 col) {
      return image.pixel(static_cast<int>(col - part.col0), static_cast<int>(row - part.row0));
    };
    for (qint64 col = part.col0; col < part.col1;) {
      qint64 end = col + 1;
      while (end < part.col1 && pixel(end) == pixel(col)) ++end;
      if (qAlpha(pixel(col)) != 0) {
        painter.setBrush(QColor(pixel(col)));
        painter.drawRect(cellsRect(content, layout, row, row + 1, col, end));
      }
      col = end;
    }
  }
}

/// Each pixel repeated, so that a viewer that smooths enlarged images still shows sharp cells.
QImage enlarged(const QImage& image) {
  const int factor = std::clamp(kImageSide / std::max(image.width(), image.height()), 1, 24);
  return factor == 1 ? image
                     : image.scaled(image.size() * factor, Qt::IgnoreAspectRatio, Qt::FastTransformation);
}

/// `image` no finer than the device's pixels: without averaging, thin diagonals would vanish.
QImage reduced(const QPainter& painter, const QImage& image, const QRectF& target) {
  const QRectF device = painter.deviceTransform().mapRect(target);
  const QSize size(std::clamp(static_cast<int>(std::lround(device.width())), 1, image.width()),
                   std::clamp(static_cast<int>(std::lround(device.height())), 1, image.height()));
  return size == image.size() ? image : image.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

/// Draws the image of `part`. The last row and column of a pooled map may stand for fewer tokens than the
/// others, but an image has equal cells: they are drawn on their own.
void paintPart(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
               const HeatmapStyle& style, const VisibleCells& part, const QImage& image) {
  const MapGrid& grid = content.grid;
  const auto split = [&grid](qint64 begin, qint64 end, qint64 first, qint64 last) {
    const bool isPartial = first + end * grid.pool > last && end - begin > 1;
    return isPartial ? std::vector<qint64>{begin, end - 1, end} : std::vector<qint64>{begin, end};
  };
  const auto rows = split(part.row0, part.row1, grid.row0, grid.row1);
  const auto cols = split(part.col0, part.col1, grid.col0, grid.col1);
  painter.save();
  if (!style.isFigure) painter.setClipRect(layout.cells, Qt::IntersectClip);
  for (size_t i = 0; i + 1 < rows.size(); ++i) {
    for (size_t j = 0; j + 1 < cols.size(); ++j) {
      const QRect source(static_cast<int>(cols[j] - part.col0), static_cast<int>(rows[i] - part.row0),
                         static_cast<int>(cols[j + 1] - cols[j]), static_cast<int>(rows[i + 1] - rows[i]));
      const QRectF target = cellsRect(content, layout, rows[i], rows[i + 1], cols[j], cols[j + 1]);
      const QImage piece = reduced(painter, source == image.rect() ? image : image.copy(source), target);
      painter.drawImage(target, style.isFigure ? enlarged(piece) : piece);
    }
  }
  painter.restore();
}

}  // namespace

VisibleCells visibleCells(const HeatmapContent& content, const HeatmapLayout& layout) {
  const MapGrid& grid = content.grid;
  const auto pool = static_cast<double>(grid.pool);
  const auto cell = [pool](double token, qint64 first) {
    return (token - static_cast<double>(first)) / pool;
  };
  const Viewport& view = layout.viewport;
  const auto low = [](double place, qint64 count) {
    return std::clamp<qint64>(static_cast<qint64>(std::floor(place)), 0, count);
  };
  const auto high = [](double place, qint64 count) {
    return std::clamp<qint64>(static_cast<qint64>(std::ceil(place)), 0, count);
  };
  VisibleCells part;
  part.row0 = low(cell(view.top, grid.row0), content.map.rows);
  part.row1 = high(cell(view.top + view.height, grid.row0), content.map.rows);
  part.col0 = low(cell(view.left, grid.col0), content.map.cols);
  part.col1 = high(cell(view.left + view.width, grid.col0), content.map.cols);
  part.pitchX = layout.cells.width() / view.width * pool;
  part.pitchY = layout.cells.height() / view.height * pool;
  return part;
}

QRectF cellsRect(const HeatmapContent& content, const HeatmapLayout& layout, qint64 row0, qint64 row1,
                 qint64 col0, qint64 col1) {
  const MapGrid& grid = content.grid;
  const auto row = [&grid](qint64 i) {
    return static_cast<double>(std::min(grid.row0 + i * grid.pool, grid.row1));
  };
  const auto col = [&grid](qint64 j) {
    return static_cast<double>(std::min(grid.col0 + j * grid.pool, grid.col1));
  };
  return QRectF(layout.toPoint(col(col0), row(row0)), layout.toPoint(col(col1), row(row1)));
}

QRectF cellRect(const HeatmapContent& content, const HeatmapLayout& layout, qint64 row, qint64 col) {
  return cellsRect(content, layout, row, row + 1, col, col + 1);
}

QImage cellImage(const HeatmapContent& content, const Theme& theme) {
  return partImage(content, theme, {0, content.shown.values.rows, 0, content.shown.values.cols, 0.0, 0.0});
}

void paintCells(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style) {
  const VisibleCells part = visibleCells(content, layout);
  if (part.isEmpty()) return;
  const bool isSmall = std::max(part.row1 - part.row0, part.col1 - part.col0) < kMaxVectorCells;
  if (style.vectorCells && isSmall) {
    paintVectorCells(painter, content, layout, style, part);
  } else {
    paintPart(painter, content, layout, style, part, partImage(content, style.theme, part));
  }
}

void paintCells(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
                const HeatmapStyle& style, const QImage& image) {
  const VisibleCells part = visibleCells(content, layout);
  if (part.isEmpty()) return;
  const QRect shown(static_cast<int>(part.col0), static_cast<int>(part.row0),
                    static_cast<int>(part.col1 - part.col0), static_cast<int>(part.row1 - part.row0));
  paintPart(painter, content, layout, style, part, shown == image.rect() ? image : image.copy(shown));
}

}  // namespace uc
