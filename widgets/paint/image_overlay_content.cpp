// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/error.h"
#include "widgets/paint/image_overlay.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

Attended attendedOf(const MapGrid& grid) {
  if (grid.isBackward) return Attended::Later;
  return grid.isCausal ? Attended::Earlier : Attended::All;
}

QString blendText(const OverlayChoice& choice) {
  const auto word = [](std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
  };
  return QStringLiteral("%1, opacity %2, %3")
      .arg(word(name(choice.blend)), QString::number(choice.opacity, 'f', 2),
           word(name(choice.interpolation)));
}

/// "Framed: query patch 74 (row 5, column 4). Dashed: strongest key, patch 60 (row 4, column 4). Alpha, …"
QString marksText(const OverlayContent& content) {
  QString line = QStringLiteral("Framed: query, %1.").arg(patchName(content.vision, content.query));
  if (const auto key = strongestKey(content))
    line += QStringLiteral(" Dashed: strongest key, %1.").arg(patchName(content.vision, *key));
  QString blend = blendText(content.choice);
  blend[0] = blend[0].toUpper();
  return line + QLatin1Char(' ') + blend + QLatin1Char('.');
}

int64_t nearestIndex(double place, int64_t patch, int64_t stride, int64_t count) {
  const double index = (place - static_cast<double>(patch) / 2.0) / static_cast<double>(stride);
  return std::clamp(static_cast<int64_t>(std::lround(index)), int64_t{0}, count - 1);
}

}  // namespace

bool OverlayContent::isAttended(int64_t token) const {
  if (attended == Attended::Earlier) return token <= query;
  return attended == Attended::All || token >= query;
}

QImage imageOf(const Picture& picture) {
  QImage image(static_cast<int>(picture.width), static_cast<int>(picture.height), QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < image.width(); ++x) {
      const uint8_t* pixel = picture.pixel(x, y);
      line[x] = qRgb(pixel[0], pixel[1], pixel[2]);
    }
  }
  return image;
}

int64_t queryOf(const OverlayChoice& choice, const VisionInfo& vision) {
  if (choice.query) return *choice.query;
  if (vision.classToken) return *vision.classToken;
  return vision.gridRows / 2 * vision.gridCols + vision.gridCols / 2;
}

OverlayContent overlayContent(const HeatmapContent& map, const QImage& picture, const VisionInfo& vision,
                              const ViewState& view) {
  OverlayContent content;
  content.query = queryOf(view.overlay, vision);
  if (map.grid.pool != 1 || map.grid.col0 != 0 || map.shown.values.cols != vision.tokens()) {
    fail("The image overlay needs a map with one column for each patch.",
         std::to_string(map.shown.values.cols) + " columns, " + std::to_string(vision.tokens()) + " tokens",
         "Show the whole map of a picture, without pooling.");
  }
  const int64_t row = content.query - map.grid.row0;
  if (row < 0 || row >= map.shown.values.rows) {
    fail("The query is not in the map.", "token " + std::to_string(content.query),
         "Choose one of the tokens " + std::to_string(map.grid.row0) + " to " +
             std::to_string(map.grid.row1 - 1) + ".");
  }
  content.picture = picture.convertToFormat(QImage::Format_RGB32);
  content.vision = vision;
  content.vision.labels.clear();
  content.raw.assign(map.map.row(row), map.map.row(row) + map.map.cols);
  content.shown.assign(map.shown.values.row(row), map.shown.values.row(row) + map.shown.values.cols);
  content.attended = attendedOf(map.grid);
  content.scale = map.scale;
  content.extent = map.shown.extent;
  content.choice = view.overlay;
  content.showGrid = view.showGrid;
  content.title = map.title;
  content.legend = map.legend;
  content.caption = map.caption;
  content.caption.remove(QStringLiteral(" (corner mark)"));
  if (!content.caption.isEmpty()) content.caption += QLatin1Char('\n') + marksText(content);
  return content;
}

int64_t tokenOfPatch(const VisionInfo& vision, int64_t patch) {
  return vision.classToken && patch >= *vision.classToken ? patch + 1 : patch;
}

QRectF patchRect(const VisionInfo& vision, int64_t token) {
  const auto patch = vision.patchOf(token);
  if (!patch) return {};
  return {static_cast<double>(*patch % vision.gridCols * vision.stride),
          static_cast<double>(*patch / vision.gridCols * vision.stride), static_cast<double>(vision.patch),
          static_cast<double>(vision.patch)};
}

int64_t nearestPatch(const VisionInfo& vision, const QPointF& pixel) {
  const int64_t col = nearestIndex(pixel.x(), vision.patch, vision.stride, vision.gridCols);
  const int64_t row = nearestIndex(pixel.y(), vision.patch, vision.stride, vision.gridRows);
  return tokenOfPatch(vision, row * vision.gridCols + col);
}

std::optional<int64_t> strongestKey(const OverlayContent& content) {
  std::optional<int64_t> strongest;
  float largest = 0.0F;
  for (int64_t token = 0; token < content.tokens(); ++token) {
    const float size = std::abs(content.raw[static_cast<size_t>(token)]);
    if (token == content.query || !content.isAttended(token) || !std::isfinite(size) || size <= largest)
      continue;
    largest = size;
    strongest = token;
  }
  return strongest;
}

QString patchName(const VisionInfo& vision, int64_t token) {
  const auto patch = vision.patchOf(token);
  if (!patch) return QStringLiteral("class token %1").arg(token);
  return QStringLiteral("patch %1 (row %2, column %3)")
      .arg(token)
      .arg(*patch / vision.gridCols)
      .arg(*patch % vision.gridCols);
}

}  // namespace uc
