// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/strip_painter.h"

#include "widgets/paint/figure_text.h"

#include <QFontMetricsF>
#include <QHash>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

// Pixels of the look.
constexpr double kTokenHeight = 22, kLine = 30, kDenseLine = 25, kBetweenRows = 10, kMargin = 14, kTop = 10;
constexpr double kPad = 4, kGap = 1, kBadge = 18, kLongestName = 96;

bool hasNames(const std::vector<StripRow>& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const StripRow& row) { return !row.letter.isEmpty() || !row.name.isEmpty(); });
}

/// Room for letter and name at the left of the text.
double nameRoom(const std::vector<StripRow>& rows, const HeatmapStyle& style, double scale) {
  if (!hasNames(rows)) return 0.0;
  const QFontMetricsF metrics(textFont(style.axis));
  double widest = 0.0;
  for (const StripRow& row : rows) widest = std::max(widest, metrics.horizontalAdvance(row.name));
  return (kBadge + 8.0 + 12.0) * scale + std::min(widest, kLongestName * scale);
}

void paintName(QPainter& painter, const StripRow& row, const QPointF& origin, double scale,
               const HeatmapStyle& style) {
  const double size = kBadge * scale;
  const QRectF badge(origin.x(), origin.y() + (kTokenHeight * scale - size) / 2.0, size, size);
  const double baseline = badge.center().y() + 0.36 * style.axis;
  if (!row.letter.isEmpty()) {
    const QFont font = textFont(style.axis, true);
    painter.setPen(QPen(style.theme.border, style.line));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(badge, 3.0 * scale, 3.0 * scale);
    painter.setFont(font);
    painter.setPen(style.theme.text);
    const double width = QFontMetricsF(font).horizontalAdvance(row.letter);
    painter.drawText(QPointF(badge.center().x() - width / 2.0, baseline), row.letter);
  }
  const QFont font = textFont(style.axis);
  painter.setFont(font);
  painter.setPen(style.theme.text2);
  painter.drawText(QPointF(badge.right() + 8.0 * scale, baseline),
                   QFontMetricsF(font).elidedText(row.name, Qt::ElideRight, kLongestName * scale));
}

/// Lines at 45° that go on from one box to the next, cut to the box without clipping: SVG has none.
void paintHatched(QPainter& painter, const QRectF& box, const HeatmapStyle& style) {
  painter.fillRect(box, style.theme.hatchGround);
  painter.setPen(QPen(style.theme.hatchLine, style.line, Qt::SolidLine, Qt::FlatCap));
  const double step = style.hatchStep * std::sqrt(2.0);
  for (double sum = std::ceil((box.left() + box.top()) / step) * step; sum < box.right() + box.bottom();
       sum += step) {
    const double left = std::max(box.left(), sum - box.bottom()),
                 right = std::min(box.right(), sum - box.top());
    if (left < right) painter.drawLine(QPointF(left, sum - left), QPointF(right, sum - right));
  }
}

/// Paints the ground of a token and returns the color of its text.
QColor paintGround(QPainter& painter, const StripRow& row, const StripValue& value, const QRectF& box,
                   const HeatmapStyle& style) {
  if (!value.isAttended) {
    paintHatched(painter, box, style);
    return style.theme.text2;
  }
  const bool isFinite = std::isfinite(value.shown);
  const QColor ground = isFinite ? QColor::fromRgb(row.scale.color(value.shown)) : style.theme.nanGround;
  painter.fillRect(box, ground);
  if (!isFinite) {
    painter.setPen(QPen(style.theme.nanCross, style.line, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(box.topLeft(), box.bottomRight());
    painter.drawLine(box.topRight(), box.bottomLeft());
  }
  return textOn(ground);
}

/// The boxes of a piece, one for each line that it is on.
std::vector<QRectF> boxesOf(const StripText& text, const StripLayout& layout, qint64 token) {
  std::vector<QRectF> boxes;
  if (token < 0 || token >= static_cast<qint64>(layout.places.size())) return boxes;
  const Piece piece = text.piece(text.pieceAt(token));
  for (qint64 i = piece.begin; i < piece.end; ++i) {
    const QRectF& place = layout.places[static_cast<size_t>(i)];
    if (!boxes.empty() && boxes.back().top() == place.top()) {
      boxes.back().setRight(place.right());
    } else {
      boxes.push_back(place);
    }
  }
  return boxes;
}

void paintMarks(QPainter& painter, const StripText& text, const StripLayout& layout, const StripMarks& marks,
                const HeatmapStyle& style, double down) {
  painter.setBrush(Qt::NoBrush);
  const double s = layout.scale;
  const auto frame = [&](const std::optional<qint64>& token, const QPen& pen, double outset) {
    if (!token) return;
    painter.setPen(pen);
    for (const QRectF& box : boxesOf(text, layout, *token))
      painter.drawRect(box.translated(0.0, down).adjusted(-outset, -outset, outset, outset));
  };
  frame(marks.partner, QPen(style.theme.text, s), 0.5 * s);
  frame(marks.subject, QPen(style.theme.accent, 2.0 * s), 0.0);
  frame(marks.cursor, QPen(style.theme.text, s, Qt::DashLine), 1.5 * s);
}

void paintTokens(QPainter& painter, const StripText& text, const StripRow& row, const StripLayout& layout,
                 const HeatmapStyle& style, const QRectF& clip, double down) {
  const QFont font = tokenFont(style.token);
  const double s = layout.scale;
  const auto first =
      std::partition_point(layout.places.begin(), layout.places.end(),
                           [&](const QRectF& place) { return place.bottom() + down < clip.top(); });
  qint64 known = -1;  // piece whose value is known
  StripValue value;
  for (auto place = first; place != layout.places.end() && place->top() + down <= clip.bottom(); ++place) {
    const QRectF box = place->translated(0.0, down);
    if (!box.intersects(clip)) continue;
    const qint64 token = place - layout.places.begin();
    const qint64 piece = text.pieceAt(token);
    QColor color = style.theme.text;
    if (row.valueOf) {
      if (piece != known) value = row.valueOf(known = piece);
      // No seam between the tokens of a piece.
      const auto next = std::next(place);
      const bool goesOn =
          next != layout.places.end() && next->top() == place->top() && token + 1 < text.piece(piece).end;
      color = paintGround(painter, row, value, goesOn ? box.adjusted(0.0, 0.0, kGap * s, 0.0) : box, style);
    }
    const bool isPadded = token == text.piece(piece).begin || box.left() == layout.begin;
    paintToken(painter, {box.left() + (isPadded ? kPad * s : 0.0), box.top() + 15.5 * s}, text.tokens[token],
               font, color);
  }
}

}  // namespace

qint64 StripText::pieceCount() const {
  return pieces.empty() ? tokens.size() : static_cast<qint64>(pieces.size());
}

Piece StripText::piece(qint64 index) const {
  return pieces.empty() ? Piece{index, index + 1} : pieces[static_cast<size_t>(index)];
}

qint64 StripText::pieceAt(qint64 token) const {
  return pieces.empty() ? token : pieceOf(pieces, token).value_or(0);
}

std::vector<double> stripWidths(const QStringList& tokens, const HeatmapStyle& style) {
  const QFont font = tokenFont(style.token);
  const double s = lookUnit(style);
  QHash<QString, double> known;  // few words make a long text
  std::vector<double> widths;
  widths.reserve(static_cast<size_t>(tokens.size()));
  for (const QString& token : tokens) {
    auto width = known.find(token);
    if (width == known.end()) width = known.insert(token, std::max(6.0 * s, tokenWidth(token, font)));
    widths.push_back(*width);
  }
  return widths;
}

std::optional<qint64> StripLayout::tokenAt(const QPointF& point) const {
  if (places.empty() || pitch <= 0.0) return std::nullopt;
  const double row = std::floor((point.y() - places.front().top()) / pitch);
  if (row < 0.0 || row >= static_cast<double>(rows)) return std::nullopt;
  const QPointF inFirst = point - QPointF(0.0, row * pitch);
  // lines are in order: find the line, then the token on it
  const auto found =
      std::lower_bound(places.begin(), places.end(), inFirst, [](const QRectF& place, const QPointF& p) {
        return place.bottom() < p.y() || (place.top() <= p.y() && place.right() < p.x());
      });
  if (found == places.end() || !found->contains(inFirst)) return std::nullopt;
  return found - places.begin();
}

StripLayout layoutStrip(const StripText& text, const std::vector<double>& widths,
                        const std::vector<StripRow>& rows, const QRectF& area, const HeatmapStyle& style,
                        bool withPlaces) {
  StripLayout layout;
  const double s = layout.scale = lookUnit(style);
  const double margin = style.isFigure ? 0.0 : kMargin * s, top = style.isFigure ? 0.0 : kTop * s;
  layout.left = area.left() + margin;
  layout.rows = std::max<qint64>(1, static_cast<qint64>(rows.size()));
  const double line = (layout.rows > 1 || style.isFigure ? kDenseLine : kLine) * s;
  const double begin = layout.left + nameRoom(rows, style, s), end = area.right() - margin;
  const double pad = kPad * s;
  double x = begin, y = area.top() + top;
  layout.begin = begin;
  if (withPlaces) layout.places.reserve(widths.size());
  qint64 token = 0;
  for (qint64 i = 0; i < text.pieceCount(); ++i) {
    const Piece piece = text.piece(i);
    double whole = 2.0 * pad;
    for (qint64 each = piece.begin; each < piece.end; ++each) whole += widths[static_cast<size_t>(each)];
    const bool isKept = whole <= (end - begin) / 3.0;  // a short piece is not broken
    for (; token < piece.end; ++token) {
      const bool isFirst = token == piece.begin, isLast = token + 1 == piece.end;
      const double most = widths[static_cast<size_t>(token)] + (isLast ? pad : 0.0);
      double width = most + (isFirst ? pad : 0.0);
      if (x > begin && x + (isFirst && isKept ? whole : width) > end) {
        x = begin;
        y += line;
        width = most + pad;
      }
      if (withPlaces) layout.places.emplace_back(x, y, width, kTokenHeight * s);
      x += width + (isLast ? kGap * s : 0.0);
    }
  }
  layout.pitch = y + kTokenHeight * s - (area.top() + top) + kBetweenRows * s;
  layout.height = 2.0 * top + static_cast<double>(layout.rows) * layout.pitch - kBetweenRows * s;
  return layout;
}

void paintStrip(QPainter& painter, const StripText& text, const std::vector<StripRow>& rows,
                const StripLayout& layout, const StripMarks& marks, const HeatmapStyle& style,
                const QRectF& clip) {
  if (layout.places.empty()) return;
  static const std::vector<StripRow> kPlain(1);
  const std::vector<StripRow>& drawn = rows.empty() ? kPlain : rows;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, style.isFigure);
  for (size_t i = 0; i < drawn.size(); ++i) {
    const double down = static_cast<double>(i) * layout.pitch;
    const double top = layout.places.front().top() + down;
    if (top > clip.bottom() || top + layout.pitch < clip.top()) continue;
    paintTokens(painter, text, drawn[i], layout, style, clip, down);
    paintMarks(painter, text, layout, marks, style, down);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasNames(rows)) paintName(painter, drawn[i], {layout.left, top}, layout.scale, style);
    painter.setRenderHint(QPainter::Antialiasing, style.isFigure);
  }
  painter.restore();
}

}  // namespace uc
