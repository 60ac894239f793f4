// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/statistics.h"
#include "widgets/paint/color_scale.h"

#include <QString>

#include <string_view>
#include <vector>

namespace uc {

/// What a column's numbers are, and so how they are written.
enum class Measure : uint8_t { Tokens, Bits, Share, Balance, Index };

/// A number of a lane by which the atlas places, colors or sorts: a column of statisticsColumns(), or where
/// the lane is in the model ("lane", "layer": with these two as x and y the atlas is a grid of tiles).
struct AtlasColumn {
  const char* name;               // as on the command line
  double LaneStatistics::*value;  // null: index
  int64_t LaneStatistics::*index;
  Measure measure;
  bool isLog;  // far more small values than large ones

  double of(const LaneStatistics& lane) const {
    return value != nullptr ? lane.*value : static_cast<double>(lane.*index);
  }
};
const std::vector<AtlasColumn>& atlasColumns();

/// Throws Failure for an unknown name.
const AtlasColumn& atlasColumn(std::string_view name);

QString columnTitle(const AtlasColumn& column);  // "mean distance"
QString columnLabel(const AtlasColumn& column);  // "mean distance, tokens"
/// "3.9 tokens", "8.4 %", "+0.31", "∞".
QString valueText(const AtlasColumn& column, double value);
QString bareText(const AtlasColumn& column, double value);  // the same without its unit
/// "3.2 … 4.5 tokens"
QString rangeText(const AtlasColumn& column, double low, double high);

/// The finite values of a column, from the least to the largest.
struct ColumnExtent {
  ValueRange range{0.0, 0.0};
  double unit = 1.0;  // log columns: values far below are spread evenly, values far above by their logarithm
  bool hasInfinity = false;
};

/// From a column's values to a place along an axis, 0 … 1, and back. Log columns by log(1 + v/unit), which
/// has a 0. Where there are infinite values they have the axis' end, apart from the others. A value.
class AtlasAxis {
 public:
  AtlasAxis() = default;
  AtlasAxis(const AtlasColumn& column, const ColumnExtent& extent);

  /// NaN for NaN. Finite values outside the axis go on beyond its ends; ∞, and all from kEndless, is at 1.
  double placeOf(double value) const;
  /// The inverse; at or beyond the end of an axis with ∞, kEndless: finite, so that files can hold it.
  double valueAt(double place) const;
  bool hasInfinity() const { return m_finiteEnd < 1.0; }
  /// Where finite values end, below 1 when there are infinite ones.
  double finiteEnd() const { return m_finiteEnd; }

  struct Tick {
    double place = 0.0;
    QString label;
  };
  /// Round values in rising order, no two nearer than `gap`.
  std::vector<Tick> ticks(double gap) const;

  static constexpr double kEndless = 1e300;

 private:
  double bent(double value) const;
  std::vector<Tick> logTicks(double gap) const;
  std::vector<Tick> linearTicks(double gap) const;

  Measure m_measure = Measure::Index;
  bool m_isLog = false;
  double m_unit = 1.0;
  ValueRange m_range;                // of values
  double m_low = 0.0, m_high = 1.0;  // the same, bent
  double m_finiteEnd = 1.0;
};

}  // namespace uc
