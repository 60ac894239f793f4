// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/heatmap_painter.h"
#include "widgets/paint/text_fit.h"
#include "widgets/paint/visible_cells.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr qint64 kMaxThinning = 6;  // labels of every 7th token say less than round numbers

/// One axis of the map, so that both are laid out by the same code.
struct Axis {
  qint64 first = 0, last = 0;  // token range of the map, half open
  qint64 pool = 1;
  double origin = 0.0, pitch = 1;  // place of token 0 and size of a token along the axis
  double low = 0.0, high = 0.0;    // of the plot along the axis

  qint64 cells() const { return (last - first + pool - 1) / pool; }
  double center(qint64 cell) const {
    const auto begin = static_cast<double>(first + cell * pool);
    const double end = std::min(begin + static_cast<double>(pool), static_cast<double>(last));
    return origin + pitch * (begin + end) / 2.0;
  }
  double cellPitch() const { return pitch * static_cast<double>(pool); }
  /// The visible cells, half open.
  std::pair<qint64, qint64> visible() const {
    const auto cell = [this](double place) {
      return ((place - origin) / pitch - static_cast<double>(first)) / static_cast<double>(pool);
    };
    return {std::clamp<qint64>(static_cast<qint64>(std::floor(cell(low))), 0, cells()),
            std::clamp<qint64>(static_cast<qint64>(std::ceil(cell(high))), 0, cells())};
  }
  /// The last cell that stands for `pool` tokens: labels are counted from it, not from a smaller one behind
  /// it.
  qint64 lastWhole() const {
    const bool isPartial = (last - first) % pool != 0;
    return cells() - (isPartial && cells() > 1 ? 2 : 1);
  }
  bool isVisible(double place) const { return place >= low && place <= high; }
};

Axis queryAxis(const HeatmapContent& content, const HeatmapLayout& layout) {
  const double pitch = layout.cells.height() / layout.viewport.height;
  return {content.grid.row0,  content.grid.row1,    content.grid.pool, layout.toPoint(0.0, 0.0).y(), pitch,
          layout.cells.top(), layout.cells.bottom()};
}

Axis keyAxis(const HeatmapContent& content, const HeatmapLayout& layout) {
  const double pitch = layout.cells.width() / layout.viewport.width;
  return {content.grid.col0,   content.grid.col1,   content.grid.pool, layout.toPoint(0.0, 0.0).x(), pitch,
          layout.cells.left(), layout.cells.right()};
}

QString tokenText(const HeatmapContent& content, qint64 token) {
  return token >= 0 && token < content.tokens.size() ? content.tokens[token] : QString();
}

bool hasTokens(const HeatmapContent& content, const HeatmapStyle& style, const Axis& axis) {
  if (!style.showTokens) return false;
  for (qint64 token = axis.first; token < axis.last; ++token) {
    if (!tokenText(content, token).isEmpty()) return true;
  }
  return false;
}

/// The smallest round number of tokens that keeps `distance` between labels.
qint64 roundTokens(double distance, double pitch) {
  for (qint64 power = 1;; power *= 10) {
    for (qint64 step : {1, 2, 5}) {
      if (static_cast<double>(step * power) * pitch >= distance) return step * power;
    }
  }
}

/// How labels are chosen on one axis.
struct Choice {
  bool isToken = false;
  qint64 step = 1;  // cells for tokens, tokens for numbers
};

Choice chooseLabels(const HeatmapContent& content, const HeatmapStyle& style, const Axis& axis,
                    double numberSize) {
  const auto thinning =
      static_cast<qint64>(std::ceil(1.25 * style.token / std::max(axis.cellPitch(), 1e-9) - 1e-9));
  if (thinning <= kMaxThinning && hasTokens(content, style, axis))
    return {true, std::max<qint64>(1, thinning)};
  return {false, roundTokens(std::max(numberSize, axis.cellPitch() * 0.999), axis.pitch)};
}

/// The cells with a label and those with a minor tick alone.
struct Places {
  std::vector<qint64> labeled;
  std::vector<double> minor;
};

Places placesOf(const Axis& axis, const Choice& choice, double minMinor) {
  Places places;
  const auto [begin, end] = axis.visible();
  const qint64 minorStep =
      choice.isToken ? 1 : std::max<qint64>(1, choice.step / (choice.step % 5 == 0 ? 5 : 2));
  const bool hasMinor = choice.isToken || static_cast<double>(minorStep) * axis.pitch >= minMinor;
  for (qint64 cell = begin; cell < end; ++cell) {
    const double place = axis.center(cell);
    if (!axis.isVisible(place)) continue;
    bool isLabeled = false, isMinor = false;
    if (choice.isToken) {
      // Counted from the last token, so that the newest query always has its text.
      isLabeled = cell <= axis.lastWhole() && (axis.lastWhole() - cell) % choice.step == 0;
      isMinor = true;
    } else {
      const qint64 from = axis.first + cell * axis.pool, to = std::min(from + axis.pool, axis.last);
      const auto holds = [from, to](qint64 step) { return (from + step - 1) / step * step < to; };
      isLabeled = holds(choice.step);
      isMinor = holds(minorStep);
    }
    if (isLabeled) {
      places.labeled.push_back(cell);
    } else if (isMinor && hasMinor) {
      places.minor.push_back(place);
    }
  }
  return places;
}

AxisLabel labelText(const HeatmapContent& content, const HeatmapStyle& style, const Axis& axis,
                    const Choice& choice, qint64 cell, double room) {
  AxisLabel label;
  label.cell = cell;
  const qint64 token = axis.first + cell * axis.pool;
  if (choice.isToken) label.token = tokenText(content, token);
  if (!choice.isToken) {
    label.index = countText((token + choice.step - 1) / choice.step * choice.step);
  } else if (label.token.isEmpty() || axis.pool > 1) {
    label.index = countText(token);
  }
  if (label.token.isEmpty()) return label;
  const double index =
      label.index.isEmpty()
          ? 0.0
          : QFontMetricsF(textFont(style.tick)).horizontalAdvance(label.index) + 0.5 * style.token;
  label.token = elideToken(label.token, tokenFont(style.token), room - index);
  return label;
}

double labelSize(const AxisLabel& label, const HeatmapStyle& style) {
  double width = label.token.isEmpty() ? 0.0 : tokenWidth(label.token, tokenFont(style.token));
  if (label.index.isEmpty()) return width;
  if (width > 0.0) width += 0.5 * style.token;
  return width + QFontMetricsF(textFont(style.tick)).horizontalAdvance(label.index);
}

double labelHeightOf(const AxisLabel& label, const HeatmapStyle& style) {
  return 1.2 * (label.token.isEmpty() ? style.tick : style.token);
}

/// Draws a label that ends at (right, middle), reading along +x.
void paintLabel(QPainter& painter, const AxisLabel& label, double right, double middle,
                const HeatmapStyle& style, const QColor& color) {
  double x = right - labelSize(label, style);
  if (!label.token.isEmpty()) {
    const QFont font = tokenFont(style.token);
    paintToken(painter, {x, middle + 0.35 * style.token}, label.token, font, color);
    x += tokenWidth(label.token, font) + 0.5 * style.token;
  }
  if (label.index.isEmpty()) return;
  painter.setFont(textFont(style.tick));
  painter.setPen(color);
  painter.drawText(QPointF(x, middle + 0.35 * style.tick), label.index);
}

void paintQueryLabel(QPainter& painter, const AxisLabel& label, const HeatmapStyle& style,
                     const QColor& color) {
  paintLabel(painter, label, label.box.right(), label.box.center().y(), style, color);
}

void paintKeyLabel(QPainter& painter, const AxisLabel& label, bool isUpright, const HeatmapStyle& style,
                   const QColor& color) {
  if (isUpright && label.token.isEmpty()) {
    paintLabel(painter, label, label.box.right(), label.box.center().y(), style, color);
    return;
  }
  painter.save();
  painter.translate(label.box.center().x(), label.box.top());
  painter.rotate(-90.0);
  paintLabel(painter, label, 0.0, 0.0, style, color);
  painter.restore();
}

struct AxisPair {
  Axis query, key;
  Choice queryChoice, keyChoice;
  bool areKeysUpright = false;
};

AxisPair axesOf(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style) {
  AxisPair pair{queryAxis(content, layout), keyAxis(content, layout), {}, {}, false};
  const QFontMetricsF metrics(textFont(style.tick));
  const double number = metrics.horizontalAdvance(countText(pair.key.last)) + 1.1 * style.tick;
  pair.queryChoice = chooseLabels(content, style, pair.query, 2.0 * style.tick);
  pair.keyChoice = chooseLabels(content, style, pair.key, number);
  pair.areKeysUpright = !pair.keyChoice.isToken;
  const bool isSquare = std::abs(pair.query.pitch - pair.key.pitch) < 0.01 * pair.key.pitch;
  if (isSquare && !pair.queryChoice.isToken && !pair.keyChoice.isToken) {
    pair.queryChoice.step = pair.keyChoice.step = std::max(pair.queryChoice.step, pair.keyChoice.step);
  }
  return pair;
}

void paintTicks(QPainter& painter, const AxisLabels& labels, const HeatmapLayout& layout,
                const HeatmapStyle& style, const AxisPair& axes) {
  painter.setPen(QPen(style.theme.border, 0.8 * style.line, Qt::SolidLine, Qt::FlatCap));
  const double major = 4.0 * layout.scale, minor = 2.4 * layout.scale;
  const QRectF& cells = layout.cells;
  const auto left = [&](double y, double size) {
    painter.drawLine(QPointF(cells.left() - size, y), QPointF(cells.left(), y));
  };
  const auto below = [&](double x, double size) {
    painter.drawLine(QPointF(x, cells.bottom()), QPointF(x, cells.bottom() + size));
  };
  for (const auto& label : labels.queries) left(axes.query.center(label.cell), major);
  for (const auto& label : labels.keys) below(axes.key.center(label.cell), major);
  for (double y : labels.minorQueries) left(y, minor);
  for (double x : labels.minorKeys) below(x, minor);
}

/// Where the labels of both axes end, on screen in one place for all numbers and in one for all tokens, so
/// that the titles, which follow, stand still while one pans.
QPointF labelsEnd(const HeatmapContent& content, const AxisLabels& labels, const HeatmapLayout& layout,
                  const HeatmapStyle& style, const AxisPair& axes) {
  const QPointF corner = layout.cells.bottomLeft() + QPointF(-8.0, 8.0) * layout.scale;
  if (!style.isFigure) {
    const double width = axes.queryChoice.isToken ? layout.labelWidth : numberWidth(content, style);
    const double height = axes.areKeysUpright ? 1.2 * style.tick : layout.labelHeight;
    return corner + QPointF(-width, height);
  }
  QPointF end = corner;
  for (const auto& label : labels.queries) end.setX(std::min(end.x(), label.box.left()));
  for (const auto& label : labels.keys) end.setY(std::max(end.y(), label.box.bottom()));
  return end;
}

/// `isFree`: a title that a marked token's plate would cut is left out, as labels are.
template <typename IsFree>
void paintAxisTitles(QPainter& painter, const HeatmapContent& content, const QPointF& end,
                     const HeatmapLayout& layout, const HeatmapStyle& style, IsFree isFree) {
  const QFont font = textFont(style.axis);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  painter.setPen(style.theme.text2);
  const QString &query = content.queryTitle, &key = content.keyTitle;
  const double half = metrics.horizontalAdvance(query) / 2.0;
  // Longer than the cells of a small map are high, it keeps clear of the page's edge.
  const double highest = layout.area.top() + 4.0 * layout.scale + half;
  const double lowest = layout.area.bottom() - 4.0 * layout.scale - half;
  const double middle = std::clamp(layout.cells.center().y(), highest, std::max(highest, lowest));
  const double gap = titleGap(style) * layout.scale;
  const double right = end.x() - gap - 0.25 * style.axis;
  if (isFree(QRectF(right - style.axis, middle - half, 1.25 * style.axis, 2.0 * half))) {
    painter.save();
    painter.translate(right, middle);
    painter.rotate(-90.0);
    painter.drawText(QPointF(-half, 0.0), query);
    painter.restore();
  }
  const double width = metrics.horizontalAdvance(key), top = end.y() + gap + 2.0 * layout.scale;
  const QPointF place(layout.cells.center().x() - width / 2.0, top + 0.9 * style.axis);
  if (isFree(QRectF(place.x(), top, width, 1.2 * style.axis))) painter.drawText(place, key);
}

AxisLabel placedQuery(AxisLabel label, const Axis& axis, const HeatmapLayout& layout,
                      const HeatmapStyle& style) {
  const double width = labelSize(label, style), height = labelHeightOf(label, style);
  label.box = QRectF(layout.cells.left() - 8.0 * layout.scale - width, axis.center(label.cell) - height / 2.0,
                     width, height);
  return label;
}

AxisLabel placedKey(AxisLabel label, const Axis& axis, const HeatmapLayout& layout, const HeatmapStyle& style,
                    bool isUpright) {
  double width = labelHeightOf(label, style), height = labelSize(label, style);
  if (isUpright && label.token.isEmpty()) std::swap(width, height);
  label.box = QRectF(axis.center(label.cell) - width / 2.0, layout.cells.bottom() + 8.0 * layout.scale, width,
                     height);
  return label;
}

/// A marked token's label in a plate of accent color, whether or not thinning left it its place.
struct Plate {
  AxisLabel label;
  QRectF ground;
  bool isQuery = false;
};

QRectF plateGround(const QRectF& box, const HeatmapLayout& layout, const HeatmapStyle& style) {
  const double pad = 3.0 * layout.scale;
  const double least = 1.3 * style.token;  // a comma's plate, too, can be seen
  const double x = std::max(0.0, least - box.width()) / 2.0, y = std::max(0.0, least - box.height()) / 2.0;
  return box.adjusted(-pad - x, -pad - y, pad + x, pad + y);
}

void addPlates(std::vector<Plate>& plates, const HeatmapContent& content, const HeatmapLayout& layout,
               const HeatmapStyle& style, const AxisPair& axes, const Cell& cell) {
  const Choice always{style.showTokens, 1};
  if (cell.row >= axes.query.first && cell.row < axes.query.last) {
    const qint64 row = (cell.row - axes.query.first) / axes.query.pool;
    if (axes.query.isVisible(axes.query.center(row))) {
      const AxisLabel label = placedQuery(
          labelText(content, style, axes.query, always, row, layout.labelWidth), axes.query, layout, style);
      plates.push_back({label, plateGround(label.box, layout, style), true});
    }
  }
  if (cell.col >= axes.key.first && cell.col < axes.key.last) {
    const qint64 col = (cell.col - axes.key.first) / axes.key.pool;
    if (axes.key.isVisible(axes.key.center(col))) {
      const AxisLabel label = placedKey(labelText(content, style, axes.key, always, col, layout.labelHeight),
                                        axes.key, layout, style, axes.areKeysUpright);
      plates.push_back({label, plateGround(label.box, layout, style), false});
    }
  }
}

void paintPlates(QPainter& painter, const std::vector<Plate>& plates, const HeatmapLayout& layout,
                 const HeatmapStyle& style, bool areKeysUpright) {
  for (const Plate& plate : plates) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(style.theme.accent);
    painter.drawRoundedRect(plate.ground, 3.0 * layout.scale, 3.0 * layout.scale);
    if (plate.isQuery)
      paintQueryLabel(painter, plate.label, style, style.theme.onAccent);
    else
      paintKeyLabel(painter, plate.label, areKeysUpright, style, style.theme.onAccent);
  }
}

}  // namespace

AxisLabels axisLabels(const HeatmapContent& content, const HeatmapLayout& layout, const HeatmapStyle& style) {
  const AxisPair axes = axesOf(content, layout, style);
  AxisLabels labels;
  labels.areKeysUpright = axes.areKeysUpright;
  const double minMinor = 3.0 * layout.scale;
  const Places rows = placesOf(axes.query, axes.queryChoice, minMinor);
  for (qint64 row : rows.labeled) {
    labels.queries.push_back(
        placedQuery(labelText(content, style, axes.query, axes.queryChoice, row, layout.labelWidth),
                    axes.query, layout, style));
  }
  const Places cols = placesOf(axes.key, axes.keyChoice, minMinor);
  for (qint64 col : cols.labeled) {
    labels.keys.push_back(
        placedKey(labelText(content, style, axes.key, axes.keyChoice, col, layout.labelHeight), axes.key,
                  layout, style, axes.areKeysUpright));
  }
  labels.minorQueries = rows.minor;
  labels.minorKeys = cols.minor;
  return labels;
}

void paintAxes(QPainter& painter, const HeatmapContent& content, const HeatmapLayout& layout,
               const HeatmapStyle& style, const HeatmapMarks& marks) {
  const AxisPair axes = axesOf(content, layout, style);
  const AxisLabels labels = axisLabels(content, layout, style);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, style.isFigure);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(style.theme.border, style.line, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
  painter.drawRect(layout.cells);
  paintTicks(painter, labels, layout, style, axes);
  painter.setRenderHint(QPainter::Antialiasing);
  std::vector<Plate> plates;
  if (marks.hovered) addPlates(plates, content, layout, style, axes, *marks.hovered);
  if (marks.locked) addPlates(plates, content, layout, style, axes, *marks.locked);
  // A label that a plate would cut is left out.
  const auto isFree = [&](const QRectF& box) {
    return std::none_of(plates.begin(), plates.end(),
                        [&](const Plate& plate) { return plate.ground.intersects(box); });
  };
  for (const auto& label : labels.queries)
    if (isFree(label.box)) paintQueryLabel(painter, label, style, style.theme.text);
  for (const auto& label : labels.keys)
    if (isFree(label.box)) paintKeyLabel(painter, label, labels.areKeysUpright, style, style.theme.text);
  paintAxisTitles(painter, content, labelsEnd(content, labels, layout, style, axes), layout, style, isFree);
  paintPlates(painter, plates, layout, style, labels.areKeysUpright);
  painter.restore();
}

}  // namespace uc
