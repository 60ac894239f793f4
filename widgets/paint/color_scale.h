// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/display.h"
#include "core/values/matrix.h"

#include <QColor>
#include <QString>

#include <array>
#include <utility>
#include <vector>

namespace uc {

/// Which tokens the cells of a map stand for. Cell (i, j) covers query tokens [row0 + i·pool, …) and key
/// tokens [col0 + j·pool, …).
struct MapGrid {
  qint64 row0 = 0, row1 = 0;  // token ranges, half open
  qint64 col0 = 0, col1 = 0;
  qint64 pool = 1;
  bool isCausal = true;     // s > t is not attended
  bool isBackward = false;  // s < t is not attended instead, whatever isCausal says; neither: all is attended

  /// False where the row cannot attend to any token of the cell: hatched, and left out of ranges and
  /// normalizations.
  bool isAttended(qint64 i, qint64 j) const;
  /// The attended cells of row i as a half-open range of columns, clipped to [0, cols).
  std::pair<qint64, qint64> attendedCols(qint64 i, qint64 cols) const;
};

/// A map's values brought to what is shown by one normalization.
struct ShownMap {
  Matrix values;
  bool isSigned = true;  // for color: diverging around 0
  ValueRange extent;     // of finite attended cells; [0, 1] when there is none
  qint64 nanCount = 0, infCount = 0;
  QString warning;  // "softmax of a map with negative entries" …, else empty
};

/// conventions.md 16. `isUnsigned`: the raw values cannot be negative. For Contribution the values must
/// already be multiplied by the input; here only |·| is taken.
ShownMap normalize(const Matrix& map, const MapGrid& grid, bool isUnsigned, Normalization normalization);

/// What a normalization needs to know of all of a map, taken from a pooled picture of it, so that finer parts
/// of a map too large to be held are normalized alike and not each by itself. A value.
struct NormalizationBasis {
  struct Row {
    double sum = 0.0;      // of |values|
    double largest = 0.0;  // of |values|
    double top = 0.0;      // of values, and
    double powers = 0.0;   // Σ exp(value − top)
  };
  MapGrid grid;                                     // of the picture
  ValueRange magnitudes{0.0, 0.0}, clip{0.0, 0.0};  // minmax: of |values|; percentile: its ends
  std::vector<Row> rows;                            // of the picture, over finite attended cells
};
NormalizationBasis basisOf(const Matrix& map, const MapGrid& grid, Normalization normalization);
/// Whether normalize() makes a value of more than the value itself.
bool needsBasis(Normalization normalization);
/// normalize() of a part, with what it needs of the whole from `basis`. Rows take that of the picture's row
/// which holds their first token; sums count for the part's cells, which may be smaller than the picture's.
ShownMap normalizePart(const Matrix& map, const MapGrid& grid, bool isUnsigned, Normalization normalization,
                       const NormalizationBasis& basis);

/// The extent without the hundredth of the attended cells that is farthest from 0, for maps of long inputs:
/// they are so much stronger along the diagonal than elsewhere that all else would look like nothing. No end
/// comes nearer to 0 than a hundredth of the largest cell: what is as good as nothing shall look so.
ValueRange trimmedExtent(const ShownMap& shown, const MapGrid& grid);

/// A normalization's title for a map: "raw signed", but "raw" where the raw values cannot be negative.
QString normalizationTitle(Normalization normalization, bool isUnsigned);

/// 256 colors of a map, from the low end to the high end.
const std::array<QRgb, 256>& colorTable(ColorMap map);

/// From shown values to color: range, gamma, map. Legend and picture both use this one object. A value.
class ColorScale {
 public:
  ColorScale() : ColorScale(Display{}, false, {0.0, 1.0}) {}
  /// The range of `display`, or one from `extent`: symmetric around 0 when signed, from 0 when unsigned, the
  /// extent itself (at most ten decades) for log10.
  ColorScale(const Display& display, bool isSigned, const ValueRange& extent);

  ValueRange range() const { return m_range; }
  ColorMap map() const { return m_map; }
  bool isSigned() const { return m_isSigned; }
  double gamma() const { return m_gamma; }
  bool isReversed() const { return m_isReversed; }

  /// Place along the color map in [0, 1] after gamma; `shown` is clamped to the range first.
  /// Unsigned: ((v − low) / (high − low))^gamma. Signed: ½ + ½·sign(v)·(|v| / reach())^gamma, so that 0 has
  /// the middle color and equal magnitudes have equally strong colors in a range that is not symmetric, too.
  double position(double shown) const;
  /// Signed: the larger |end| of the range. Unsigned: high − low.
  double reach() const;
  /// Color of index min(255, ⌊256·position⌋) in table().
  QRgb color(double shown) const;
  /// −1 below the range, 1 above it, 0 inside (with half an ulp of tolerance).
  int overflow(double shown) const;
  /// The 256 colors with reversal applied, low to high: the shader's look-up texture.
  std::array<QRgb, 256> table() const;

  struct Tick {
    double value = 0.0;
    double position = 0.0;  // 0 … 1 along the bar, which shows the range from low to high
    QString label;
  };
  /// Round values inside the range, about `count` of them, labels with sign when signed.
  std::vector<Tick> ticks(int count) const;
  /// Index into table() at a place along the bar, 0 at the range's low end.
  int barIndex(double place) const;
  /// "diverging map on unsigned values", "sequential map on signed values" or empty.
  QString mismatch() const;
  bool operator==(const ColorScale&) const = default;

 private:
  ValueRange m_range;
  ColorMap m_map = ColorMap::Viridis;
  bool m_isSigned = false;
  bool m_isReversed = false;
  double m_gamma = 1.0;
};

}  // namespace uc
