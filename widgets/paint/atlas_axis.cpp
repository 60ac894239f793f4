// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_axis.h"

#include "core/values/error.h"
#include "widgets/paint/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {

namespace {

constexpr double kFiniteEnd = 0.94;  // of axes with ∞
constexpr double kPercent = 100.0;

QString tr(const char* text) { return QCoreApplication::translate("Atlas", text); }

Measure measureOf(double LaneStatistics::*value) {
  if (value == &LaneStatistics::meanDistance || value == &LaneStatistics::halfLife) return Measure::Tokens;
  if (value == &LaneStatistics::entropy) return Measure::Bits;
  return value == &LaneStatistics::signBalance ? Measure::Balance : Measure::Share;
}

QString unitOf(Measure measure) {
  switch (measure) {
    case Measure::Tokens:
      return tr("tokens");
    case Measure::Bits:
      return tr("bits");
    case Measure::Share:
      return QStringLiteral("%");
    case Measure::Balance:
    case Measure::Index:
      break;
  }
  return {};
}

QString tickLabel(double value) {
  return value >= 1000.0 && value < 1e6 ? countText(std::llround(value))
         : value >= 1e-4                ? QString::number(value)
                                        : numberText(value, 1);
}

}  // namespace

const std::vector<AtlasColumn>& atlasColumns() {
  static const std::vector<AtlasColumn> columns = [] {
    std::vector<AtlasColumn> all;
    for (const StatisticsColumn& column : statisticsColumns()) {
      const bool isLog = column.value == &LaneStatistics::meanDistance ||
                         column.value == &LaneStatistics::halfLife ||
                         column.value == &LaneStatistics::outputShare;
      all.push_back({column.name, column.value, nullptr, measureOf(column.value), isLog});
    }
    all.push_back({"lane", nullptr, &LaneStatistics::lane, Measure::Index, false});
    all.push_back({"layer", nullptr, &LaneStatistics::layer, Measure::Index, false});
    return all;
  }();
  return columns;
}

const AtlasColumn& atlasColumn(std::string_view name) {
  std::string names;
  for (const AtlasColumn& column : atlasColumns()) {
    if (name == column.name) return column;
    names += (names.empty() ? "" : ", ") + std::string(column.name);
  }
  fail("The atlas has no such column.", std::string(name), "Choose one of " + names + ".");
}

QString columnTitle(const AtlasColumn& column) {
  if (column.value == &LaneStatistics::meanDistance) return tr("mean distance");
  if (column.value == &LaneStatistics::entropy) return tr("entropy");
  if (column.value == &LaneStatistics::diagonalShare) return tr("diagonal share");
  if (column.value == &LaneStatistics::firstTokenShare) return tr("first-token share");
  if (column.value == &LaneStatistics::signBalance) return tr("sign balance");
  if (column.value == &LaneStatistics::halfLife) return tr("half-life");
  if (column.value == &LaneStatistics::outputShare) return tr("output share");
  return column.index == &LaneStatistics::lane ? tr("lane") : tr("layer");
}

QString columnLabel(const AtlasColumn& column) {
  const QString unit = unitOf(column.measure);
  return unit.isEmpty() ? columnTitle(column) : tr("%1, %2").arg(columnTitle(column), unit);
}

QString bareText(const AtlasColumn& column, double value) {
  if (!std::isfinite(value)) return numberText(value);
  const double size = std::abs(value);
  switch (column.measure) {
    case Measure::Tokens:
      return size >= kPercent ? countText(std::llround(value)) : numberText(value, size < 10.0 ? 2 : 3);
    case Measure::Bits:
      return QString::number(value, 'f', 2);
    case Measure::Share: {
      const double percent = value * kPercent;
      return percent != 0.0 && percent < 0.1 ? numberText(percent, 1) : QString::number(percent, 'f', 1);
    }
    case Measure::Balance:
      return numberText(std::round(value * kPercent) / kPercent, size < 0.1 ? 1 : 2, true);
    case Measure::Index:
      break;
  }
  return countText(std::llround(value));
}

QString valueText(const AtlasColumn& column, double value) {
  const QString unit = unitOf(column.measure), bare = bareText(column, value);
  return unit.isEmpty() || !std::isfinite(value) ? bare : bare + QLatin1Char(' ') + unit;
}

QString rangeText(const AtlasColumn& column, double low, double high) {
  const QString end = valueText(column, high);
  return low == high ? end : tr("%1 … %2").arg(bareText(column, low), end);
}

AtlasAxis::AtlasAxis(const AtlasColumn& column, const ColumnExtent& extent)
    : m_measure(column.measure), m_isLog(column.isLog), m_unit(extent.unit), m_range(extent.range) {
  if (m_measure == Measure::Index) {
    m_range = {m_range.low - 0.5, m_range.high + 0.5};  // cells
  } else {
    m_range = {m_isLog ? 0.0 : std::min(0.0, m_range.low), std::max(0.0, m_range.high)};
    if (!(m_range.low < m_range.high)) m_range.high = m_range.low + (m_isLog ? m_unit : 1.0);
  }
  m_low = bent(m_range.low);
  m_high = bent(m_range.high);
  m_finiteEnd = extent.hasInfinity ? kFiniteEnd : 1.0;
}

double AtlasAxis::bent(double value) const {
  return m_isLog ? std::log1p(std::max(0.0, value) / m_unit) : value;
}

double AtlasAxis::placeOf(double value) const {
  if (std::isnan(value)) return value;
  if (value >= kEndless) return 1.0;
  return (bent(value) - m_low) / (m_high - m_low) * m_finiteEnd;
}

double AtlasAxis::valueAt(double place) const {
  if (hasInfinity() && place > 0.5 * (1.0 + m_finiteEnd)) return kEndless;
  const double along = m_low + place / m_finiteEnd * (m_high - m_low);
  return m_isLog ? m_unit * std::expm1(along) : along;
}

std::vector<AtlasAxis::Tick> AtlasAxis::ticks(double gap) const {
  std::vector<Tick> result = m_isLog ? logTicks(gap) : linearTicks(gap);
  if (hasInfinity()) {
    result.erase(std::remove_if(result.begin(), result.end(),
                                [gap](const Tick& tick) { return tick.place > 1.0 - gap; }),
                 result.end());
    result.push_back({1.0, numberText(std::numeric_limits<double>::infinity())});
  }
  return result;
}

std::vector<AtlasAxis::Tick> AtlasAxis::linearTicks(double gap) const {
  const double factor = m_measure == Measure::Share ? kPercent : 1.0;
  Display display;
  display.range = ValueRange{m_range.low * factor, m_range.high * factor};
  const ColorScale scale(display, m_measure == Measure::Balance, *display.range);
  std::vector<Tick> result;
  // As many as there is room for; two may still be too near.
  for (int count = std::clamp(static_cast<int>(1.0 / gap), 2, 8); count >= 2; --count) {
    result.clear();
    bool isRoomy = true;
    for (const ColorScale::Tick& tick : scale.ticks(count)) {
      const bool isIndex = m_measure == Measure::Index;
      if (isIndex && tick.value != std::round(tick.value)) continue;
      const double place = placeOf(tick.value / factor);
      const bool isFree = result.empty() || place - result.back().place >= gap;
      isRoomy = isRoomy && isFree;
      if (isFree) result.push_back({place, isIndex ? countText(std::llround(tick.value)) : tick.label});
    }
    if (isRoomy) break;
  }
  return result;
}

std::vector<AtlasAxis::Tick> AtlasAxis::logTicks(double gap) const {
  // The roundest first; of the others those for which there is room.
  std::vector<Tick> result{{0.0, QStringLiteral("0")}};
  const double factor = m_measure == Measure::Share ? kPercent : 1.0;
  const double end = m_range.high * factor;
  const int last = static_cast<int>(std::floor(std::log10(end)));
  const int first = std::min(static_cast<int>(std::floor(std::log10(m_unit * factor))), last) - 1;
  for (const std::vector<double>& mantissas : {std::vector<double>{1.0}, {2.0, 5.0}, {3.0, 7.0}, {1.5}}) {
    for (int exponent = first; exponent <= last; ++exponent) {
      for (const double mantissa : mantissas) {
        const double value = mantissa * std::pow(10.0, exponent);
        const double place = placeOf(value / factor);
        const bool isFree = value <= end * (1.0 + 1e-9) &&
                            std::all_of(result.begin(), result.end(), [place, gap](const Tick& other) {
                              return std::abs(other.place - place) >= gap;
                            });
        if (isFree) result.push_back({place, tickLabel(value)});
      }
    }
  }
  std::sort(result.begin(), result.end(), [](const Tick& a, const Tick& b) { return a.place < b.place; });
  return result;
}

}  // namespace uc
