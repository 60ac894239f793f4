// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/figure.h"

#include <cmath>

namespace uc {

namespace {

QString text(std::string_view utf8) {
  return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString directionText(Direction direction) {
  return direction == Direction::Both ? QString() : QStringLiteral(", ") + text(name(direction));
}

QString lanesText(const LaneChoice& lanes) {
  if (lanes.kind == LaneChoice::Kind::All) return text(title(lanes)) + QStringLiteral(" of all lanes");
  return text(title(lanes));
}

/// "unified implicit attention", "gate · scan implicit attention".
QString conventionText(const MapFactors& factors) {
  return factors.convention == Convention::Custom
             ? text(factorList(factors.factors)).replace(QLatin1Char(','), QStringLiteral(" · "))
             : text(name(factors.convention));
}

/// "α = gate · scan · activation · convolution; no skip, no biases."
QString formulaText(const Factors& factors) {
  QStringList present, absent;
  for (Factor factor : {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip}) {
    QString word = text(name(factor));
    if (factor == Factor::Scan && factors.has(Factor::NoStep)) word += QStringLiteral(" without Δ");
    (factors.has(factor) ? present : absent).append(word);
  }
  const QString left = absent.isEmpty()     ? QString()
                       : absent.size() == 1 ? QStringLiteral("no %1, ").arg(absent.first())
                                            : QStringLiteral("no other factors, ");
  return QStringLiteral("α = %1; %2no biases.").arg(present.join(QStringLiteral(" · ")), left);
}

/// Numbers of a range as people write them: "0.40", "±0.40", at most four significant digits.
QString rangeNumber(double value) {
  QString number = numberText(value, 4);
  if (!number.contains(QLatin1Char('.')) || number.contains(QLatin1Char('e'))) return number;
  const qsizetype decimals = number.indexOf(QLatin1Char('.')) + 3;
  while (number.size() > decimals && number.endsWith(QLatin1Char('0'))) number.chop(1);
  return number;
}

QString rangeText(const ColorScale& scale) {
  const ValueRange range = scale.range();
  if (range.low == -range.high) return QStringLiteral("range ±") + rangeNumber(range.high);
  return QStringLiteral("range %1 … %2").arg(rangeNumber(range.low), rangeNumber(range.high));
}

/// Whether values are shown as they are, but for their sign.
bool isLinear(Normalization normalization) {
  return normalization == Normalization::Raw || normalization == Normalization::Abs ||
         normalization == Normalization::Contribution;
}

/// How many attended finite cells lie below and above the range.
std::pair<qint64, qint64> outside(const HeatmapContent& content) {
  const ValueRange range = content.scale.range();
  const auto low = static_cast<float>(range.low), high = static_cast<float>(range.high);
  qint64 below = 0, above = 0;
  for (qint64 row = 0; row < content.shown.values.rows; ++row) {
    const auto [begin, end] = content.grid.attendedCols(row, content.shown.values.cols);
    const float* values = content.shown.values.row(row);
    for (qint64 col = begin; col < end; ++col) {
      below += std::isfinite(values[col]) && values[col] < low;
      above += std::isfinite(values[col]) && values[col] > high;
    }
  }
  return {below, above};
}

QString cellsText(qint64 count) {
  return countText(count) + (count == 1 ? QStringLiteral(" cell") : QStringLiteral(" cells"));
}

/// "Raw signed, range ±0.40, 10 cells above it (corner mark). Hatched: not attended."
QString shownText(const HeatmapContent& content, const ViewState& view, bool isUnsigned) {
  QString line = normalizationTitle(view.display.normalization, isUnsigned);
  line[0] = line[0].toUpper();
  line += QStringLiteral(", ") + rangeText(content.scale);
  if (content.scale.gamma() != 1.0) line += QStringLiteral(", gamma ") + numberText(content.scale.gamma(), 3);
  const auto [below, above] = outside(content);
  if (above > 0) line += QStringLiteral(", %1 above it").arg(cellsText(above));
  if (below > 0) line += QStringLiteral(", %1 below it").arg(cellsText(below));
  if (above + below > 0) line += QStringLiteral(" (corner mark)");
  line += QLatin1Char('.');
  if (content.grid.pool > 1)
    line += (view.part.pooling == Pooling::MaxAbs
                 ? QStringLiteral(" A cell is the entry of largest |α| of %1 × %1.")
                 : QStringLiteral(" A cell is the mean of %1 × %1 entries."))
                .arg(countText(content.grid.pool));
  if (content.shown.nanCount > 0)
    line += QStringLiteral(" Crossed: NaN, %1.").arg(cellsText(content.shown.nanCount));
  if (content.shown.infCount > 0) line += QStringLiteral(" ∞: %1.").arg(cellsText(content.shown.infCount));
  if (content.scale.map() == ColorMap::Jet) line += QStringLiteral(" Colors: jet, as published.");
  if (content.grid.isCausal || content.grid.isBackward) line += QStringLiteral(" Hatched: not attended.");
  if (!content.shown.warning.isEmpty()) line += QStringLiteral(" Warning: %1.").arg(content.shown.warning);
  return line;
}

}  // namespace

QString normalizationTitle(Normalization normalization, bool isUnsigned) {
  return normalization == Normalization::Raw && isUnsigned ? QStringLiteral("raw")
                                                           : text(title(normalization));
}

HeatmapContent heatmapContent(HeatmapSource source, const ViewState& view) {
  HeatmapContent content;
  content.map = std::move(source.values);
  content.grid = source.grid;
  content.tokens = std::move(source.tokens);
  content.shown = normalize(content.map, content.grid, source.isUnsigned, view.display.normalization);
  content.isTrimmed = source.isOverview && !view.display.range && isLinear(view.display.normalization);
  content.scale = ColorScale(view.display, content.shown.isSigned,
                             content.isTrimmed ? trimmedExtent(content.shown, content.grid)
                                               : source.extent.value_or(content.shown.extent));
  content.showGrid = view.showGrid;
  content.viewport = view.viewport;
  content.locked = view.locked;
  const QString lanes = lanesText(view.map.lanes), convention = conventionText(view.map.factors);
  const QString direction = directionText(view.map.direction);
  content.title = QStringLiteral("Layer %1, %2: %3 implicit attention%4")
                      .arg(view.map.layer)
                      .arg(lanes, convention, direction);
  content.legend = QStringLiteral("%1 α, %2, %3")
                       .arg(convention, text(title(view.map.lanes)) + direction,
                            normalizationTitle(view.display.normalization, source.isUnsigned));
  if (content.grid.pool > 1 && view.part.pooling == Pooling::MaxAbs)
    content.legend += QStringLiteral(", largest |α| of each cell");
  if (content.scale.map() == ColorMap::Jet) content.legend += QStringLiteral(", jet as published");
  QStringList lines;
  QStringList origin{source.modelName, source.dtype};
  origin.removeAll(QString());
  const QString names = origin.join(QStringLiteral(", "));
  lines.append((names.isEmpty() ? names : names + QStringLiteral(". ")) +
               formulaText(view.map.factors.factors));
  lines.append(shownText(content, view, source.isUnsigned));
  if (!source.badgeLine.isEmpty()) lines.append(source.badgeLine);
  content.caption = lines.join(QLatin1Char('\n'));
  return content;
}

}  // namespace uc
