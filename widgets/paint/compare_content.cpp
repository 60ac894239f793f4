// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/error.h"
#include "widgets/paint/compare_figure.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

void requireSameParts(const MapGrid& a, const MapGrid& b) {
  if (a.row1 - a.row0 != b.row1 - b.row0 || a.col1 - a.col0 != b.col1 - b.col0) {
    fail("The two maps have different numbers of tokens.",
         grouped(a.row1 - a.row0) + " × " + grouped(a.col1 - a.col0) + " and " + grouped(b.row1 - b.row0) +
             " × " + grouped(b.col1 - b.col0),
         "Give both panes the same input, or align the inputs by characters.");
  }
  if (a.pool != b.pool || a.row0 != b.row0 || a.col0 != b.col0) {
    fail("The two maps show different parts.",
         "pool " + grouped(a.pool) + " from token " + grouped(a.row0) + ", pool " + grouped(b.pool) +
             " from token " + grouped(b.row0),
         "Give both panes the same rows, columns and pool.");
  }
  const bool isForwardA = a.isCausal && !a.isBackward, isForwardB = b.isCausal && !b.isBackward;
  if ((isForwardA && b.isBackward) || (a.isBackward && isForwardB)) {
    fail("The two maps look in opposite directions.", "forward and backward",
         "Give both panes the same direction.");
  }
}

float differenceOf(float a, float b) {
  if (std::isinf(a) && a == b) return 0.0F;
  return b - a;
}

}  // namespace

HeatmapContent differenceContent(const HeatmapContent& a, const HeatmapContent& b,
                                 Normalization normalization) {
  requireSameParts(a.grid, b.grid);
  HeatmapContent content;
  content.grid = b.grid;
  content.grid.isCausal = a.grid.isCausal || b.grid.isCausal;
  content.grid.isBackward = a.grid.isBackward || b.grid.isBackward;
  Matrix values(b.shown.values.rows, b.shown.values.cols);
  std::transform(a.shown.values.values.begin(), a.shown.values.values.end(), b.shown.values.values.begin(),
                 values.values.begin(), differenceOf);
  // Raw counts and measures what is there and changes nothing.
  content.shown = normalize(values, content.grid, false, Normalization::Raw);
  content.map = std::move(values);
  content.scale = ColorScale(Display{}, true, content.shown.extent);
  content.tokens = b.tokens;
  content.isLogRatio = normalization == Normalization::Log10;
  content.title = content.isLogRatio ? QStringLiteral("log10 of B ÷ A") : QStringLiteral("B − A");
  const bool isUnsigned = !a.shown.isSigned && !b.shown.isSigned;
  content.legend =
      content.isLogRatio
          ? QStringLiteral("B ÷ A of |α|, red: B larger")
          : QStringLiteral("B − A of %1, red: B larger").arg(normalizationTitle(normalization, isUnsigned));
  content.viewport = b.viewport;
  content.showGrid = b.showGrid;
  content.locked = b.locked;
  return content;
}

HeatmapSource alignedSource(HeatmapSource source, const std::vector<AlignedSegment>& segments,
                            TokenRange AlignedSegment::*side, const std::string& text) {
  source.values = alignedMap(source.values, segments, side);
  const auto count = static_cast<qint64>(segments.size());
  source.grid.row0 = source.grid.col0 = 0;
  source.grid.row1 = source.grid.col1 = count;
  const QStringList tokens = source.tokens;
  source.tokens.clear();
  for (const AlignedSegment& segment : segments) {
    const TokenRange range = segment.*side;
    source.tokens += segment.begin < segment.end
                         ? QString::fromStdString(text.substr(segment.begin, segment.end - segment.begin))
                         : tokens.value(range.begin);
  }
  return source;
}

std::optional<ColorScale> commonScale(const std::vector<std::shared_ptr<const HeatmapContent>>& maps) {
  if (maps.empty()) return std::nullopt;
  const ColorScale& first = maps.front()->scale;
  Display display;
  display.colorMap = first.map();
  display.isReversed = first.isReversed();
  display.gamma = first.gamma();
  ValueRange range = first.range();
  for (const auto& map : maps) {
    if (map->scale.isSigned() != first.isSigned()) return std::nullopt;
    range = {std::min(range.low, map->scale.range().low), std::max(range.high, map->scale.range().high)};
  }
  if (first.isSigned()) range = {-std::max(-range.low, range.high), std::max(-range.low, range.high)};
  display.range = range;
  return ColorScale(display, first.isSigned(), range);
}

std::shared_ptr<const HeatmapContent> inScale(const HeatmapContent& content, const ColorScale& scale) {
  auto result = std::make_shared<HeatmapContent>(content);
  result->scale = scale;
  return result;
}

}  // namespace uc
