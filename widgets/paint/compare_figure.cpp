// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/compare_figure.h"

#include "widgets/paint/figure_text.h"

#include <algorithm>

namespace uc {

namespace {

constexpr double kNarrow = 48.6;  // 120 mm in lines of 7 pt: three or four panes stand two by two
constexpr double kMaxBar = 280.0;

/// Lines that all panes share stand once, the others with their pane's letter.
QString jointCaption(const std::vector<std::shared_ptr<const HeatmapContent>>& panes,
                     const QStringList& letters) {
  std::vector<QStringList> captions;
  qsizetype longest = 0;
  for (const auto& pane : panes) {
    captions.push_back(pane->caption.split(QLatin1Char('\n'), Qt::SkipEmptyParts));
    longest = std::max(longest, captions.back().size());
  }
  QStringList lines;
  for (qsizetype line = 0; line < longest; ++line) {
    const QString first = captions.front().value(line);
    const bool isShared = std::all_of(captions.begin(), captions.end(),
                                      [&](const auto& each) { return each.value(line) == first; });
    if (isShared) {
      lines.append(first);
      continue;
    }
    for (size_t pane = 0; pane < captions.size(); ++pane) {
      if (const QString text = captions[pane].value(line); !text.isEmpty())
        lines.append(letters[static_cast<qsizetype>(pane)] + QStringLiteral(": ") + text);
    }
  }
  return lines.join(QLatin1Char('\n'));
}

HeatmapStyle paneStyle(HeatmapStyle style) {
  style.showColorbar = style.showTitle = style.showCaption = false;
  return style;
}

double letterSize(const HeatmapStyle& style) { return 1.5 * style.title; }

/// look.md: the letter of a pane's header.
void paintLetter(QPainter& painter, const QPointF& corner, const QString& letter, const HeatmapStyle& style) {
  const double size = letterSize(style);
  const QRectF box(corner, QSizeF(size, size));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(style.theme.text, 1.4 * style.line));
  painter.drawRoundedRect(box, 0.15 * size, 0.15 * size);
  const QFont font = textFont(style.title, true);
  painter.setFont(font);
  painter.setPen(style.theme.text);
  painter.drawText(QPointF(box.center().x() - QFontMetricsF(font).horizontalAdvance(letter) / 2.0,
                           box.center().y() + 0.36 * style.title),
                   letter);
}

}  // namespace

struct CompareFigure::Place {
  QRectF header;
  HeatmapLayout layout;
};

struct CompareFigure::Plan {
  struct Bar {
    HeatmapContent content;
    QRectF bar, area;
  };
  std::vector<Place> places;
  std::vector<Bar> bars;
  QRectF caption;
  double bottom = 0.0;
};

CompareFigure::CompareFigure(std::vector<std::shared_ptr<const HeatmapContent>> panes,
                             std::shared_ptr<const HeatmapContent> difference)
    : m_panes(std::move(panes)) {
  for (qsizetype i = 0; i < 5; ++i) m_letters.append(QString(QChar('A' + static_cast<char16_t>(i))));
  m_caption = jointCaption(m_panes, m_letters);
  if (difference != nullptr) m_panes.push_back(std::move(difference));
}

/// The bars below panes [first, last), one for each run of equal scales; with one scale for all, that of the
/// whole figure. Returns where they end.
double CompareFigure::addBars(Plan& plan, size_t first, size_t last, double top, const QRectF& area,
                              const HeatmapStyle& style) const {
  const double unit = lookUnit(style), pad = 8.0 * unit;
  const auto isSame = [&](size_t a, size_t b) {
    return m_panes[a]->scale == m_panes[b]->scale && m_panes[a]->isLogRatio == m_panes[b]->isLogRatio;
  };
  double bottom = top;
  for (size_t i = first; i < last;) {
    size_t end = i + 1;
    while (end < last && isSame(i, end)) ++end;
    const HeatmapContent& pane = *m_panes[i];
    Plan::Bar bar{barOnly(pane.scale, pane.shown.extent, pane.legend, {}), {}, {}};
    bar.content.isLogRatio = pane.isLogRatio;
    ValueRange& extent = bar.content.shown.extent;
    double from = area.right(), to = area.left(), left = from, right = to;
    for (size_t k = i; k < end; ++k) {
      const ValueRange each = m_panes[k]->shown.extent;
      extent = {std::min(extent.low, each.low), std::max(extent.high, each.high)};
      const Place& place = plan.places[k];
      from = std::min(from, place.layout.cells.left());
      to = std::max(to, place.layout.cells.right());
      left = std::min(left, place.layout.area.left());
      right = std::max(right, place.layout.area.right());
    }
    const double length = std::min(to - from - 18.0 * unit, kMaxBar * unit);
    bar.bar = QRectF((from + to - length) / 2.0, top + 4.0 * unit, length, 11.0 * unit);
    bar.area = QRectF(left, top, right - left, area.height());
    bottom = std::max(bottom, bar.bar.top() + barBelowHeight(bar.content, style) + pad);
    plan.bars.push_back(std::move(bar));
    i = end;
  }
  return bottom;
}

CompareFigure::Plan CompareFigure::plan(const QRectF& area, const HeatmapStyle& style) const {
  const double unit = lookUnit(style), pad = 8.0 * unit, gap = 6.0 * unit;
  const size_t count = m_panes.size();
  const size_t columns = count > 2 && area.width() < kNarrow * style.axis ? 2 : count;
  const double width = (area.width() - gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  const bool isOneScale = std::all_of(m_panes.begin(), m_panes.end(), [&](const auto& pane) {
    return pane->scale == m_panes.front()->scale && pane->isLogRatio == m_panes.front()->isLogRatio;
  });
  Plan plan;
  double top = area.top() + pad;
  for (size_t first = 0; first < count; first += columns) {
    const size_t last = std::min(first + columns, count);
    double headerHeight = style.showTitle ? letterSize(style) : 0.0, bottom = top;
    for (size_t i = first; i < last; ++i) {
      const double room = width - pad - 1.3 * letterSize(style);
      headerHeight = std::max(headerHeight, titleHeight(m_panes[i]->title, style, room));
    }
    for (size_t i = first; i < last; ++i) {
      const double left = area.left() + static_cast<double>(i - first) * (width + gap);
      const QRectF room(left, top + headerHeight, width, std::max(area.bottom() - top - headerHeight, 1.0));
      Place place{QRectF(left + pad, top, width - pad, headerHeight),
                  layoutHeatmap(*m_panes[i], room, m_panes[i]->viewport, paneStyle(style), false)};
      bottom = std::max(bottom, layoutBottom(*m_panes[i], place.layout, paneStyle(style)));
      plan.places.push_back(std::move(place));
    }
    top = bottom;
    if (!style.showColorbar) continue;
    if (!isOneScale) top = addBars(plan, first, last, top, area, style) + (last < count ? pad : 0.0);
    if (isOneScale && last == count) top = addBars(plan, 0, count, top, area, style);
  }
  plan.bottom = top;
  const double caption = captionHeight(m_caption, style, area.width() - 2.0 * pad);
  if (caption > 0.0) {
    plan.caption = QRectF(area.left() + pad, top + 0.5 * pad, area.width() - 2.0 * pad, caption);
    plan.bottom = plan.caption.bottom() + pad;
  }
  return plan;
}

double CompareFigure::heightFor(double width, const HeatmapStyle& style) const {
  return plan(QRectF(0.0, 0.0, width, 1e6), style).bottom;
}

void CompareFigure::paint(QPainter& painter, const QRectF& area, const HeatmapStyle& style) const {
  // Laid out as for its own height: a page that is taller stays empty below.
  const Plan plan = this->plan(QRectF(area.topLeft(), QSizeF(area.width(), 1e6)), style);
  for (size_t i = 0; i < m_panes.size(); ++i) {
    const Place& place = plan.places[i];
    HeatmapMarks marks;
    if (style.showCrosshair) marks.locked = m_panes[i]->locked;
    paintHeatmap(painter, *m_panes[i], place.layout, paneStyle(style), marks);
    if (!style.showTitle) continue;
    paintLetter(painter, place.header.topLeft(), m_letters[static_cast<qsizetype>(i)], style);
    const QRectF title = place.header.adjusted(1.3 * letterSize(style), 0.15 * style.title, 0, 0);
    paintTitle(painter, m_panes[i]->title, title, title.left(), style);
  }
  for (const Plan::Bar& bar : plan.bars) paintBarBelow(painter, bar.content, bar.bar, bar.area, style);
  paintCaption(painter, m_caption, plan.caption, style);
}

}  // namespace uc
