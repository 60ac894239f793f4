// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_painter.h"

#include <QTransform>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr size_t kMostVectors = 5000;
constexpr double kRasterTick = 36.0;  // pixels of tick type in a figure's raster: 400 dpi
constexpr int kMarkSize = 7, kSmallMarkSize = 5;
constexpr size_t kManyMarks = 4000;

/// The fewer points for the room there is, the larger: a crowd is read by its density.
struct Dot {
  double size, opacity;  // size in pixels of the look
};
Dot dotOf(const AtlasCloud& cloud, const AtlasLayout& layout) {
  const double room = layout.frame.width() * layout.frame.height() / (layout.scale * layout.scale);
  const double density = static_cast<double>(cloud.points.size()) / std::max(1.0, room);
  if (density < 0.004) return {5.0, 0.8};
  if (density < 0.025) return {3.5, 0.8};
  return density < 0.1 ? Dot{2.0, 0.75} : Dot{1.5, 0.7};
}

/// How a cloud's points look.
struct Look {
  double dot, mark;          // sizes in painter units
  double opacity;            // of dots that lie on each other
  std::vector<QRgb> colors;  // of tones
  QRgb ghost;
};

Look lookOf(const AtlasCloud& cloud, const AtlasLayout& layout, const Theme& theme) {
  Look look;
  const Dot dot = dotOf(cloud, layout);
  look.dot = dot.size * layout.scale;
  look.opacity = dot.opacity;
  const auto marked = static_cast<size_t>(std::count_if(cloud.points.begin(), cloud.points.end(),
                                                        [](const auto& point) { return point.tone != 0; }));
  look.mark = (marked > kManyMarks ? kSmallMarkSize : kMarkSize) * layout.scale;
  look.ghost = theme.line.rgb();
  if (cloud.isColoredByRole) {
    for (int mark = 0; mark <= static_cast<int>(allRoles().size()); ++mark)
      look.colors.push_back(roleColor(mark, theme).rgb());
  } else {
    const auto& table = colorTable(ColorMap::Viridis);
    look.colors.assign(table.begin(), table.end());
    look.colors.push_back(theme.nanGround.rgb());  // AtlasCloud::kNoTone
  }
  return look;
}

/// A shape as coverage of device pixels, to be put on an image many thousand times.
class Stamp {
 public:
  Stamp(const QPainterPath& path, double size, double opacity) {
    m_side = std::max(1, static_cast<int>(std::ceil(size)));
    QImage image(m_side, m_side, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(0.5 * m_side, 0.5 * m_side);
    painter.fillPath(path, Qt::black);
    painter.end();
    for (int y = 0; y < m_side; ++y)
      for (int x = 0; x < m_side; ++x)
        m_coverage.push_back(static_cast<uint32_t>(std::lround(qAlpha(image.pixel(x, y)) * opacity)));
  }
  void put(QImage& target, const QPointF& center, QRgb color) const {
    const int left = static_cast<int>(std::lround(center.x() - 0.5 * m_side));
    const int top = static_cast<int>(std::lround(center.y() - 0.5 * m_side));
    const int x0 = std::max(0, -left), x1 = std::min(m_side, target.width() - left);
    const int y0 = std::max(0, -top), y1 = std::min(m_side, target.height() - top);
    for (int y = y0; y < y1; ++y) {
      auto* line = reinterpret_cast<QRgb*>(target.scanLine(top + y)) + left;
      const uint32_t* coverage = m_coverage.data() + static_cast<ptrdiff_t>(y) * m_side;
      for (int x = x0; x < x1; ++x) line[x] = over(line[x], color, coverage[x]);
    }
  }

 private:
  /// `color` with `alpha` over a premultiplied pixel.
  static QRgb over(QRgb below, QRgb color, uint32_t alpha) {
    const uint32_t rest = 255 - alpha;
    const auto mix = [alpha, rest](int a, int b) {
      return static_cast<int>((static_cast<uint32_t>(a) * alpha + static_cast<uint32_t>(b) * rest + 127) /
                              255);
    };
    return qRgba(mix(qRed(color), qRed(below)), mix(qGreen(color), qGreen(below)),
                 mix(qBlue(color), qBlue(below)), mix(255, qAlpha(below)));
  }

  int m_side = 1;
  std::vector<uint32_t> m_coverage;
};

/// Calls visit(point, mark): the others first, then points without a mark, then those with one.
template <typename Visit>
void eachPoint(const AtlasCloud& cloud, const Visit& visit) {
  for (const AtlasCloud::Point& point : cloud.ghosts) visit(point, -1);
  if (!cloud.isColoredByRole) {
    for (const AtlasCloud::Point& point : cloud.points) visit(point, 0);
    return;
  }
  for (const bool isMarked : {false, true})
    for (const AtlasCloud::Point& point : cloud.points)
      if ((point.tone != 0) == isMarked) visit(point, static_cast<int>(point.tone));
}

void stampPoints(QImage& image, const AtlasCloud& cloud, const AtlasLayout& layout, const Theme& theme,
                 double pixelRatio) {
  const Look look = lookOf(cloud, layout, theme);
  std::vector<Stamp> stamps;
  const double dot = std::max(1.0, look.dot * pixelRatio), mark = look.mark * pixelRatio;
  // Dots of two pixels are squares: a disk of that size is only a paler square.
  QPainterPath disk = rolePath(0, dot);
  if (dot <= 2.5) {
    disk = QPainterPath();
    disk.addRect(-0.5 * dot, -0.5 * dot, dot, dot);
  }
  stamps.emplace_back(disk, dot, look.opacity);
  for (int i = 1; i <= static_cast<int>(allRoles().size()); ++i)
    stamps.emplace_back(rolePath(i, mark), mark + 1.0, 0.9);
  const QPointF origin = layout.plot.bottomLeft() - layout.frame.topLeft();
  const QSizeF size = layout.plot.size() * pixelRatio;
  eachPoint(cloud, [&](const AtlasCloud::Point& point, int kind) {
    const QPointF center(origin.x() * pixelRatio + static_cast<double>(point.x) * size.width(),
                         origin.y() * pixelRatio - static_cast<double>(point.y) * size.height());
    stamps[static_cast<size_t>(std::max(0, kind))].put(image, center,
                                                       kind < 0 ? look.ghost : look.colors[point.tone]);
  });
}

/// A tile a lane; where lanes are narrower than a pixel it has the mean of their tones.
void fillTiles(QImage& image, const AtlasCloud& cloud, const AtlasLayout& layout, const Theme& theme) {
  const Look look = lookOf(cloud, layout, theme);
  const int64_t layers = cloud.lanes->layers;
  const double lanes = cloud.xAxis().valueAt(1.0) + 0.5;
  if (layers == 0) return;
  const int cols = image.width(), rows = image.height();
  std::vector<double> sums(static_cast<size_t>(cols) * static_cast<size_t>(layers)), counts(sums.size());
  for (const AtlasCloud::Point& point : cloud.points) {
    if (!cloud.isColoredByRole && point.tone == AtlasCloud::kNoTone) continue;
    const LaneStatistics& lane = cloud.lanes->lanes[point.lane];
    const int from = static_cast<int>(static_cast<double>(lane.lane) / lanes * cols);
    const int to = std::max(from + 1, static_cast<int>(static_cast<double>(lane.lane + 1) / lanes * cols));
    for (int col = from; col < std::min(to, cols); ++col) {
      const size_t at = static_cast<size_t>(lane.layer * cols + col);
      // Tones of roles have no mean: a role goes before none.
      sums[at] =
          cloud.isColoredByRole ? std::max(sums[at], static_cast<double>(point.tone)) : sums[at] + point.tone;
      counts[at] = cloud.isColoredByRole ? 1.0 : counts[at] + 1.0;
    }
  }
  for (int row = 0; row < rows; ++row) {
    const int64_t layer = (rows - 1 - row) * layers / rows;
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
    for (int col = 0; col < cols; ++col) {
      const size_t at = static_cast<size_t>(layer * cols + col);
      if (counts[at] > 0.0) line[col] = look.colors[static_cast<size_t>(std::lround(sums[at] / counts[at]))];
    }
  }
}

void paintVectors(QPainter& painter, const AtlasCloud& cloud, const AtlasLayout& layout, const Theme& theme) {
  const Look look = lookOf(cloud, layout, theme);
  painter.save();
  painter.setClipRect(layout.frame);
  painter.setPen(Qt::NoPen);
  eachPoint(cloud, [&](const AtlasCloud::Point& point, int kind) {
    QColor color(kind < 0 ? look.ghost : look.colors[point.tone]);
    color.setAlphaF(static_cast<float>(look.opacity));
    painter.setBrush(color);
    const QPointF at = layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y));
    painter.drawPath(rolePath(std::max(0, kind), kind > 0 ? look.mark : look.dot).translated(at));
  });
  painter.restore();
}

QPainterPath polygon(const std::vector<QPointF>& points) {
  QPainterPath path;
  path.addPolygon(QPolygonF(QList<QPointF>(points.begin(), points.end())));
  path.closeSubpath();
  return path;
}

/// A cross of two bars, upright or turned.
QPainterPath cross(double size, double angle) {
  const double half = 0.5 * size, thin = 0.14 * size;
  QPainterPath path;
  path.addRect(-half, -thin, size, 2 * thin);
  QPainterPath other;
  other.addRect(-thin, -half, 2 * thin, size);
  return QTransform().rotate(angle).map(path.united(other));
}

}  // namespace

QPainterPath rolePath(int mark, double size) {
  const double h = 0.5 * size;
  QPainterPath path;
  switch (mark) {
    case 1:
      path.addRect(-0.9 * h, -0.9 * h, 1.8 * h, 1.8 * h);
      return path;
    case 2:
      return polygon({{0, -h}, {h, 0.85 * h}, {-h, 0.85 * h}});
    case 3:
      return polygon({{0, -1.1 * h}, {1.1 * h, 0}, {0, 1.1 * h}, {-1.1 * h, 0}});
    case 4:
      return polygon({{0, h}, {h, -0.85 * h}, {-h, -0.85 * h}});
    case 5:
      return cross(size, 0.0);
    case 6:
      path.addEllipse(QPointF(), h, h);
      path.addEllipse(QPointF(), 0.45 * h, 0.45 * h);  // odd-even: a ring
      return path;
    case 7:
      return cross(1.1 * size, 45.0);
    default:
      path.addEllipse(QPointF(), h, h);
      return path;
  }
}

QColor roleColor(int mark, const Theme& theme) {
  if (mark == 0) return theme.disabled;
  if (mark == static_cast<int>(allRoles().size())) return theme.text2;
  // The curves' hues first; those at the end of the list are not in both themes, its last is `text`.
  return mark <= 5 ? theme.curves[mark - 1] : theme.curves.last();
}

QImage atlasImage(const AtlasContent& content, const AtlasLayout& layout, const Theme& theme,
                  double pixelRatio) {
  const QSize size(std::max(1, static_cast<int>(std::lround(layout.frame.width() * pixelRatio))),
                   std::max(1, static_cast<int>(std::lround(layout.frame.height() * pixelRatio))));
  QImage image(size, QImage::Format_ARGB32_Premultiplied);
  if (image.isNull()) return image;
  image.fill(Qt::transparent);
  if (content.cloud->isTiled) {
    fillTiles(image, *content.cloud, layout, theme);
  } else {
    stampPoints(image, *content.cloud, layout, theme, pixelRatio);
  }
  return image;
}

void paintAtlasPoints(QPainter& painter, const AtlasContent& content, const AtlasLayout& layout,
                      const HeatmapStyle& style) {
  const AtlasCloud& cloud = *content.cloud;
  if (!cloud.isTiled && style.isFigure && cloud.points.size() + cloud.ghosts.size() <= kMostVectors) {
    paintVectors(painter, cloud, layout, style.theme);
    return;
  }
  // Pixels of the device where it has some; a vector file's are far finer than any printer's.
  const double pixelRatio = std::min(painter.deviceTransform().m11(), kRasterTick / style.tick);
  const QImage image = atlasImage(content, layout, style.theme, style.isFigure ? pixelRatio : 1.0);
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, !cloud.isTiled);
  painter.drawImage(layout.frame, image);
  painter.restore();
}

}  // namespace uc
