// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/color_scale.h"

#include "widgets/paint/theme.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr double kLogDecades = 10.0;

ValueRange rangeFromExtent(Normalization normalization, bool isSigned, const ValueRange& extent) {
  if (isSigned) {
    const double reach = std::max(std::abs(extent.low), std::abs(extent.high));
    return reach > 0.0 ? ValueRange{-reach, reach} : ValueRange{-1.0, 1.0};
  }
  if (normalization == Normalization::Log10) {
    if (!(extent.low < extent.high)) return {extent.high - 1.0, extent.high};
    return {std::max(extent.low, extent.high - kLogDecades), extent.high};
  }
  if (normalization == Normalization::MinMax) return {0.0, 1.0};
  const double low = std::min(0.0, extent.low);
  return extent.high > low ? ValueRange{low, extent.high} : ValueRange{low, low + 1.0};
}

/// How many multiples of `step` lie in the range.
int multiplesIn(const ValueRange& range, double step) {
  const double first = std::ceil(range.low / step - 1e-6), last = std::floor(range.high / step + 1e-6);
  return static_cast<int>(std::max(0.0, last - first + 1.0));
}

/// The step of 1, 2, 2.5 or 5 times a power of ten whose multiples in the range are nearest to `count` in
/// number.
double roundStep(const ValueRange& range, int count) {
  const double power = std::pow(10.0, std::floor(std::log10((range.high - range.low) / count)));
  double best = power;
  for (double factor : {0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0}) {
    const double step = factor * power;
    const auto distance = [&range, count](double each) { return std::abs(multiplesIn(range, each) - count); };
    if (distance(step) <= distance(best)) best = step;
  }
  return best;
}

/// How many decimals write multiples of `step` in full.
int decimalsOf(double step) {
  for (int decimals = 0; decimals < 6; ++decimals) {
    const double scaled = step * std::pow(10.0, decimals);
    if (std::abs(scaled - std::round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 6;
}

QString tickText(double value, double step, double largest, bool isSigned) {
  if (std::abs(value) < step * 1e-6) return QStringLiteral("0");
  const bool isPlain = largest < 1e5 && step >= 1e-4;
  if (!isPlain) {
    const double digits =
        std::floor(std::log10(std::abs(value)) + 1e-9) - std::floor(std::log10(step) + 1e-9);
    const double mantissa = step / std::pow(10.0, std::floor(std::log10(step) + 1e-9));
    const int extra = std::abs(mantissa - std::round(mantissa)) > 1e-6 ? 1 : 0;
    return numberText(value, 1 + extra + std::max(0, static_cast<int>(digits)), isSigned);
  }
  const QString sign = value < 0.0 ? QString(QChar(0x2212)) : isSigned ? QStringLiteral("+") : QString();
  return sign + QString::number(std::abs(value), 'f', decimalsOf(step));
}

}  // namespace

ColorScale::ColorScale(const Display& display, bool isSigned, const ValueRange& extent)
    : m_map(display.colorMap.value_or(isSigned ? ColorMap::RdBu : ColorMap::Viridis)),
      m_isSigned(isSigned),
      m_isReversed(display.isReversed),
      m_gamma(display.gamma > 0.0 ? display.gamma : 1.0) {
  m_range = display.range.value_or(rangeFromExtent(display.normalization, isSigned, extent));
  if (!(m_range.low < m_range.high)) m_range = {m_range.low - 0.5, m_range.low + 0.5};
}

double ColorScale::reach() const {
  return m_isSigned ? std::max(std::abs(m_range.low), std::abs(m_range.high)) : m_range.high - m_range.low;
}

double ColorScale::position(double shown) const {
  const double value = std::clamp(shown, m_range.low, m_range.high);
  const double part = (m_isSigned ? std::abs(value) : value - m_range.low) / reach();
  const double curved = m_gamma == 1.0 ? part : std::pow(part, m_gamma);
  if (!m_isSigned) return curved;
  return value < 0.0 ? 0.5 - 0.5 * curved : 0.5 + 0.5 * curved;
}

QRgb ColorScale::color(double shown) const {
  const int index = std::min(255, static_cast<int>(position(shown) * 256.0));
  return colorTable(m_map)[static_cast<size_t>(m_isReversed ? 255 - index : index)];
}

int ColorScale::overflow(double shown) const {
  // Values are floats, ends may be doubles typed by a user: 0.4F is not above 0.4.
  const auto value = static_cast<float>(shown);
  if (value > static_cast<float>(m_range.high)) return 1;
  return value < static_cast<float>(m_range.low) ? -1 : 0;
}

std::array<QRgb, 256> ColorScale::table() const {
  std::array<QRgb, 256> result = colorTable(m_map);
  if (m_isReversed) std::reverse(result.begin(), result.end());
  return result;
}

int ColorScale::barIndex(double place) const {
  const double low = position(m_range.low), high = position(m_range.high);
  return std::clamp(static_cast<int>((low + (high - low) * place) * 256.0), 0, 255);
}

std::vector<ColorScale::Tick> ColorScale::ticks(int count) const {
  const double step = roundStep(m_range, std::max(2, count));
  const double tolerance = step * 1e-6;
  const double largest = std::max(std::abs(m_range.low), std::abs(m_range.high));
  const double low = position(m_range.low), high = position(m_range.high);
  std::vector<Tick> result;
  const double first = std::ceil((m_range.low - tolerance) / step);
  for (double k = first; k * step <= m_range.high + tolerance && result.size() < 64; k += 1.0) {
    const double value = k * step;
    result.push_back(
        {value, (position(value) - low) / (high - low), tickText(value, step, largest, m_isSigned)});
  }
  return result;
}

QString ColorScale::mismatch() const {
  if (isDiverging(m_map) && !m_isSigned) return QStringLiteral("diverging map on unsigned values");
  if (!isDiverging(m_map) && m_isSigned) return QStringLiteral("sequential map on signed values");
  return {};
}

}  // namespace uc
