// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/state_curves.h"

#include "widgets/paint/figure_text.h"
#include "widgets/paint/text_fit.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <limits>

namespace uc {

namespace {

constexpr size_t kMaxBands = 2;  // of shortest … longest half-life: more would hide one another
constexpr double kSparse = 3.0;  // pixels a token from which dashes can be told apart

double xOf(const HeatmapLayout& axis, int64_t token) {
  return axis.toPoint(static_cast<double>(token) + 0.5, 0.0).x();
}

/// The tokens shown and one at either side, half open.
std::pair<int64_t, int64_t> shownTokens(const HeatmapLayout& axis, int64_t count) {
  const auto first = static_cast<int64_t>(std::floor(axis.viewport.left)) - 1;
  const auto last = static_cast<int64_t>(std::ceil(axis.viewport.left + axis.viewport.width)) + 1;
  return {std::clamp(first, int64_t{0}, count), std::clamp(last, int64_t{0}, count)};
}

QString tickText(double value) {
  if (value >= 1e4 || (value > 0.0 && value < 1e-3)) {
    return QStringLiteral("1e%1")
        .arg(std::lround(std::log10(value)))
        .replace(QLatin1Char('-'), QChar(0x2212));
  }
  return QString::number(value, 'g', 4);
}

/// Where the vertical axis has numbers: round ones, and ∞.
std::vector<std::pair<double, QString>> valueTicks(const StatePanel& panel, double size) {
  std::vector<std::pair<double, QString>> ticks;
  const double room = panel.y(panel.low) - panel.y(panel.high);
  const int most = std::max(1, static_cast<int>(room / (1.9 * size)));
  if (panel.isLog) {
    const auto low = static_cast<int>(std::lround(std::log10(panel.low))),
               high = static_cast<int>(std::lround(std::log10(panel.high)));
    const int step = std::max(1, (high - low + most - 1) / most);
    for (int power = high; power >= low; power -= step) {
      const double value = std::pow(10.0, power);
      ticks.emplace_back(value, tickText(value));
    }
  } else {
    for (int parts : {5, 4, 2, 1}) {
      // Halves and fifths of 1, 2 and 5 · 10^k are round; quarters of 1 and 2 are.
      if (parts > most || (parts == 4 && std::abs(panel.high / 5.0 -
                                                  std::pow(10.0, std::round(std::log10(panel.high / 5.0)))) <
                                             1e-9 * panel.high))
        continue;
      for (int k = 0; k <= parts; ++k)
        ticks.emplace_back(panel.low + (panel.high - panel.low) * k / parts,
                           tickText(panel.high * k / parts));
      break;
    }
  }
  if (panel.hasInfinity)
    ticks.emplace_back(std::numeric_limits<double>::infinity(), QStringLiteral("\u221E"));
  return ticks;
}

void paintPanelFrame(QPainter& painter, const StatePanel& panel, const HeatmapStyle& style) {
  const double unit = lookUnit(style);
  const QRectF& plot = panel.plot;
  const QFont font = textFont(style.tick);
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  for (const auto& [value, text] : valueTicks(panel, style.tick)) {
    const double y = panel.y(value);
    painter.setPen(QPen(style.theme.line, 0.6 * style.line, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.setPen(style.theme.text);
    painter.drawText(
        QPointF(plot.left() - 6.0 * unit - metrics.horizontalAdvance(text), y + 0.35 * style.tick), text);
  }
  painter.setPen(QPen(style.theme.border, style.line, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
  painter.setBrush(Qt::NoBrush);
  painter.drawLine(plot.topLeft(), plot.bottomLeft());
  painter.drawLine(plot.bottomLeft(), plot.bottomRight());
  painter.setFont(textFont(style.tick, true));
  painter.setPen(style.theme.text);
  const QString note = panel.isLog ? panel.title + QStringLiteral(", log scale") : panel.title;
  painter.drawText(QPointF(plot.left(), plot.top() - 0.45 * style.tick), note);
}

/// A bar a pixel column: outlines of thousands of spikes take Qt too long to fill.
void paintDenseBand(QPainter& painter, const QPolygonF& upper, const QPolygonF& lower, const QPen& pen) {
  QList<QLineF> bars;
  qsizetype k = 0;
  for (qsizetype i = 0; i < upper.size();) {
    const double x = upper[i].x();
    double top = upper[i].y(), bottom = top;
    for (; i < upper.size() && upper[i].x() == x; ++i) top = std::min(top, upper[i].y());
    for (; k < lower.size() && lower[k].x() <= x; ++k) bottom = std::max(bottom, lower[k].y());
    bars.append(QLineF(x, top, x, bottom));
  }
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(pen);
  painter.drawLines(bars);
  painter.restore();
}

/// The area between two lists, from the outlines of both.
void paintBand(QPainter& painter, const LaneCurves& lane, const StatePanel& panel, const HeatmapLayout& axis,
               double step, const QColor& color) {
  const auto upper = curvePolylines(lane.longest, panel, axis, step),
             lower = curvePolylines(lane.shortest, panel, axis, step);
  if (upper.size() != 1 || lower.size() != 1) return;
  QColor pale = color;
  pale.setAlphaF(0.14F);
  if (axis.cells.width() < step * axis.viewport.width) {
    paintDenseBand(painter, upper.front(), lower.front(), QPen(pale, step, Qt::SolidLine, Qt::FlatCap));
    return;
  }
  QPolygonF outline = upper.front();
  for (auto point = lower.front().rbegin(); point != lower.front().rend(); ++point) outline << *point;
  painter.setPen(Qt::NoPen);
  painter.setBrush(pale);
  painter.drawPolygon(outline);
  painter.setBrush(Qt::NoBrush);
}

/// The part of a polyline within the plot: SVG knows no clipping in Qt 6.4, and curves leave a plot at its
/// sides alone.
QPolygonF between(const QPolygonF& line, double left, double right) {
  QPolygonF result;
  for (qsizetype k = 0; k < line.size(); ++k) {
    const QPointF point = line[k];
    if (k > 0) {
      const QPointF before = line[k - 1];
      for (const double edge : {left, right}) {
        if ((before.x() < edge) == (point.x() < edge) || point.x() == before.x()) continue;
        const double part = (edge - before.x()) / (point.x() - before.x());
        result << before + part * (point - before);
      }
    }
    if (point.x() >= left && point.x() <= right) result << point;
  }
  return result;
}

/// Names at the right end of the curves, moved apart where they would touch, each with a piece of its line.
void paintNames(QPainter& painter, const StateContent& content, const StatePanel& panel,
                const StateLayout& layout, const HeatmapStyle& style) {
  struct Name {
    double y = 0.0;
    size_t lane = 0;
  };
  std::vector<Name> names;
  const auto [first, last] = shownTokens(layout.axis, content.curves.tokens);
  for (size_t k = 0; k < content.curves.lanes.size(); ++k) {
    const auto& values = curveOf(content.curves.lanes[k], panel.kind);
    for (int64_t t = std::min(last, static_cast<int64_t>(values.size())); t-- > first;) {
      const double y = panel.y(static_cast<double>(values[static_cast<size_t>(t)]));
      if (std::isnan(y)) continue;
      names.push_back({y, k});
      break;
    }
  }
  std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.y < b.y; });
  const double height = 1.15 * style.tick;
  for (size_t k = 1; k < names.size(); ++k) names[k].y = std::max(names[k].y, names[k - 1].y + height);
  const double over = names.empty() ? 0.0 : std::max(0.0, names.back().y - panel.plot.bottom());
  painter.setFont(textFont(style.tick));
  for (const Name& name : names) {
    const double unit = lookUnit(style), x = panel.plot.right() + 3.0 * unit, y = name.y - over;
    QPen pen = curvePen(style.theme, name.lane, 1.6 * style.line);
    painter.setPen(QPen(pen.color(), 2.4 * style.line, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(QPointF(x, y), QPointF(x + 5.0 * unit, y));
    painter.setPen(style.theme.text);
    painter.drawText(QPointF(x + 8.0 * unit, y + 0.35 * style.tick),
                     curveName(content.curves.lanes[name.lane]));
  }
}

void paintTokenLine(QPainter& painter, const StateLayout& layout, const HeatmapStyle& style, int64_t token,
                    bool isLocked) {
  const double x = xOf(layout.axis, token), unit = lookUnit(style);
  if (x < layout.axis.cells.left() || x > layout.axis.cells.right()) return;
  for (const auto& [color, width] :
       {std::pair(style.theme.casing, 3.0), std::pair(style.theme.crosshair, 1.0)}) {
    QPen pen(color, width * style.line, Qt::SolidLine, Qt::FlatCap);
    if (!isLocked && width < 2.0)
      pen.setDashPattern({3.0 * unit / (width * style.line), 3.0 * unit / (width * style.line)});
    painter.setPen(pen);
    painter.drawLine(QPointF(x, layout.panels.front().plot.top()), QPointF(x, layout.axis.cells.bottom()));
  }
}

void paintDots(QPainter& painter, const StateContent& content, const StateLayout& layout,
               const HeatmapStyle& style, int64_t token) {
  const double x = xOf(layout.axis, token), size = 3.2 * lookUnit(style);
  if (x < layout.axis.cells.left() || x > layout.axis.cells.right()) return;
  for (const StatePanel& panel : layout.panels) {
    for (size_t k = 0; k < content.curves.lanes.size(); ++k) {
      const auto& values = curveOf(content.curves.lanes[k], panel.kind);
      if (token >= static_cast<int64_t>(values.size())) continue;
      const double y = panel.y(static_cast<double>(values[static_cast<size_t>(token)]));
      if (std::isnan(y)) continue;
      painter.setPen(QPen(style.theme.casing, style.line));
      painter.setBrush(curvePen(style.theme, k, 1.0).color());
      painter.drawEllipse(QPointF(x, y), size, size);
    }
  }
}

QString valueText(double value) {
  return std::isinf(value)   ? QStringLiteral("\u221E")
         : std::isnan(value) ? QStringLiteral("\u2013")
                             : numberText(value, 3);
}

/// "12.4 (3.1 to ∞)": the range where there is room for it.
QString curveValue(const LaneCurves& lane, StatePanel::Kind kind, int64_t token, bool hasRange) {
  const auto at = [token](const std::vector<float>& values) {
    return valueText(static_cast<double>(values[static_cast<size_t>(token)]));
  };
  const QString value = at(curveOf(lane, kind));
  if (kind != StatePanel::Kind::HalfLife || !hasRange || lane.shortest.empty()) return value;
  return QStringLiteral("%1 (%2 to %3)").arg(value, at(lane.shortest), at(lane.longest));
}

/// Over the panel, from its right end: each lane's value behind a piece of its line, as many as there is room
/// for beside the title.
void paintValues(QPainter& painter, const StateContent& content, const StatePanel& panel,
                 const HeatmapStyle& style, int64_t token) {
  const QFontMetricsF metrics(textFont(style.tick)), strong(textFont(style.tick, true));
  const double unit = lookUnit(style), baseline = panel.plot.top() - 0.45 * style.tick;
  const double least =
      panel.plot.left() + strong.horizontalAdvance(panel.title + QStringLiteral(", log scale")) + 12.0 * unit;
  const auto& lanes = content.curves.lanes;
  double right = panel.plot.right();
  painter.setFont(textFont(style.tick));
  for (size_t k = lanes.size(); k-- > 0;) {
    if (curveOf(lanes[k], panel.kind).empty()) continue;
    const QString text = curveValue(lanes[k], panel.kind, token, lanes.size() == 1);
    const double left = right - metrics.horizontalAdvance(text);
    if (left - 12.0 * unit < least) return;
    painter.setPen(style.theme.text);
    painter.drawText(QPointF(left, baseline), text);
    painter.setPen(QPen(curvePen(style.theme, k, 1.0).color(), 2.4 * style.line, Qt::SolidLine, Qt::FlatCap));
    const double y = baseline - 0.35 * style.tick;
    painter.drawLine(QPointF(left - 9.0 * unit, y), QPointF(left - 3.0 * unit, y));
    right = left - 20.0 * unit;
  }
}

}  // namespace

std::vector<QPolygonF> curvePolylines(const std::vector<float>& values, const StatePanel& panel,
                                      const HeatmapLayout& axis, double step) {
  std::vector<QPolygonF> lines;
  const auto [first, last] = shownTokens(axis, static_cast<int64_t>(values.size()));
  QPolygonF line;
  const auto flush = [&] {
    if (!line.isEmpty()) lines.push_back(std::exchange(line, {}));
  };
  const double origin = xOf(axis, 0), pitch = xOf(axis, 1) - origin;
  const auto column = [=](int64_t t) { return std::floor((origin + pitch * static_cast<double>(t)) / step); };
  for (int64_t t = first; t < last;) {
    const double x = origin + pitch * static_cast<double>(t), here = column(t);
    // What lies in one pixel column: with a pixel or more a token, the token alone.
    int64_t end = t + 1;
    while (end < last && column(end) == here) ++end;
    float least = std::numeric_limits<float>::infinity(), largest = -least, before = 0.0F, behind = 0.0F;
    bool hasAny = false;
    for (int64_t k = t; k < end; ++k) {
      const float value = values[static_cast<size_t>(k)];
      if (std::isnan(value)) continue;
      before = hasAny ? before : value;
      behind = value;
      hasAny = true;
      least = std::min(least, value);
      largest = std::max(largest, value);
    }
    if (!hasAny) {
      flush();
    } else if (end == t + 1) {
      line << QPointF(x, panel.y(static_cast<double>(before)));
    } else {
      for (const float value : {before, largest, least, behind})
        line << QPointF(x, panel.y(static_cast<double>(value)));
    }
    t = end;
  }
  flush();
  return lines;
}

void paintStateCurves(QPainter& painter, const StateContent& content, const StateLayout& layout,
                      const HeatmapStyle& style) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const double step = lookUnit(style);
  const bool isDense = !style.isFigure && layout.axis.cells.width() < kSparse * layout.axis.viewport.width;
  for (const StatePanel& panel : layout.panels) {
    paintPanelFrame(painter, panel, style);
    const auto& lanes = content.curves.lanes;
    painter.save();
    if (!style.isFigure) painter.setClipRect(panel.plot.adjusted(0, -2, 0, 2), Qt::IntersectClip);
    for (size_t k = 0; k < lanes.size() && k < kMaxBands && panel.kind == StatePanel::Kind::HalfLife; ++k)
      paintBand(painter, lanes[k], panel, layout.axis, step, curvePen(style.theme, k, 1.0).color());
    // Smooth edges of curves with several tokens a pixel cost much and show nothing.
    painter.setRenderHint(QPainter::Antialiasing,
                          !isDense || layout.axis.cells.width() > layout.axis.viewport.width);
    for (size_t k = lanes.size(); k-- > 0;) {
      QPen pen = curvePen(style.theme, k, 1.5 * style.line);
      if (isDense) {
        // Qt strokes lines of one device pixel directly; wider ones of so many points take it seconds.
        pen.setWidthF(1.0);
        pen.setCosmetic(true);
        pen.setStyle(Qt::SolidLine);
      }
      painter.setPen(pen);
      painter.setBrush(Qt::NoBrush);
      for (const QPolygonF& line : curvePolylines(curveOf(lanes[k], panel.kind), panel, layout.axis, step))
        painter.drawPolyline(between(line, panel.plot.left(), panel.plot.right()));
    }
    painter.restore();
    paintNames(painter, content, panel, layout, style);
  }
  painter.restore();
}

void paintStateMarks(QPainter& painter, const StateContent& content, const StateLayout& layout,
                     const HeatmapStyle& style, std::optional<int64_t> locked,
                     std::optional<int64_t> hovered) {
  if (layout.panels.empty()) return;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  if (locked) paintTokenLine(painter, layout, style, *locked, true);
  if (hovered) paintTokenLine(painter, layout, style, *hovered, false);
  if (const auto token = hovered ? hovered : locked) {
    paintDots(painter, content, layout, style, *token);
    for (const StatePanel& panel : layout.panels) paintValues(painter, content, panel, style, *token);
  }
  HeatmapMarks marks;
  if (locked) marks.locked = Cell{0, *locked};
  if (hovered) marks.hovered = Cell{0, *hovered};
  HeatmapLayout line = layout.axis;
  line.cells.setTop(line.cells.bottom() - 0.01 * style.line);  // no frame around the last panel
  paintAxes(painter, stateAxis(content), line, style, marks);
  painter.restore();
}

std::vector<std::pair<QString, QString>> stateReadOut(const StateContent& content, int64_t token) {
  struct Line {
    StatePanel::Kind kind;
    bool StateChoice::*isShown;
    const char* label;
  };
  static constexpr Line kLines[] = {
      {StatePanel::Kind::HalfLife, &StateChoice::showHalfLife, "half-life in tokens"},
      {StatePanel::Kind::Decay, &StateChoice::showDecay, "left of the write"},
      {StatePanel::Kind::Write, &StateChoice::showWrite, "write"},
      {StatePanel::Kind::State, &StateChoice::showState, "state"}};
  std::vector<std::pair<QString, QString>> lines;
  for (const LaneCurves& lane : content.curves.lanes) {
    const QString prefix =
        content.curves.lanes.size() == 1 ? QString() : curveName(lane) + QStringLiteral(", ");
    for (const Line& line : kLines) {
      if (!(content.choice.*line.isShown) || curveOf(lane, line.kind).empty()) continue;
      lines.emplace_back(prefix + QString::fromUtf8(line.label), curveValue(lane, line.kind, token, true));
    }
  }
  return lines;
}

double StateFigure::heightFor(double width, const HeatmapStyle& style) const {
  return layoutState(*m_content, QRectF(0.0, 0.0, width, 1e6), m_content->viewport, style).bottom;
}

void StateFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  const StateLayout layout = layoutState(*m_content, area, m_content->viewport, style);
  if (!layout.title.isEmpty())
    paintTitle(painter, m_content->title, layout.title, layout.axis.cells.left(), style);
  paintStateCurves(painter, *m_content, layout, style);
  paintStateMarks(painter, *m_content, layout, style, style.showCrosshair ? m_content->locked : std::nullopt,
                  std::nullopt);
  paintCaption(painter, m_content->caption, layout.caption, style);
}

}  // namespace uc
