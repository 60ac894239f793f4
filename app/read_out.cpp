// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/read_out.h"

#include "app/view_steps.h"

#include <QCoreApplication>
#include <QStringList>

#include <cmath>

namespace uc {

namespace {

QString words(const char* text) { return QCoreApplication::translate("ReadOut", text); }

QString tokenText(const HeatmapContent& content, int64_t token) {
  return token < content.tokens.size() ? content.tokens[token] : QString();
}

bool isAttended(const MapGrid& grid, int64_t row, int64_t col) {
  if (grid.isBackward) return col >= row;
  return !grid.isCausal || col <= row;
}

QString directionWord(Direction direction) {
  if (direction == Direction::Both) return words("both");
  return direction == Direction::Backward ? words("backward") : words("forward");
}

void fillRank(ReadOut& out, const HeatmapContent& content, const RowResult& row) {
  const double own = std::abs(row.alpha[static_cast<size_t>(out.cell.col)]);
  int64_t rank = 1, attended = 0;
  for (size_t s = 0; s < row.alpha.size(); ++s) {
    if (!isAttended(content.grid, out.cell.row, static_cast<int64_t>(s))) continue;
    ++attended;
    if (std::abs(row.alpha[s]) > own) ++rank;
  }
  out.rank = rank;
  out.attended = attended;
}

QString percent(double share) { return QStringLiteral("%1 %").arg(share * 100.0, 0, 'f', 1); }

QString shownNumber(const ReadOut& out) {
  const bool isSigned = out.isSigned && (out.view.display.normalization == Normalization::Raw ||
                                         out.view.display.normalization == Normalization::SignedLog);
  return numberText(*out.shown, 4, isSigned || *out.shown < 0);
}

}  // namespace

ReadOut readOut(const HeatmapContent& content, const HeatmapContent& part, const RowResult* row,
                const ViewState& view, const Cell& cell, bool isLocked) {
  ReadOut out;
  out.cell = cell;
  out.isLocked = isLocked;
  out.view = view;
  out.isSigned = !isUnsigned(view.map.lanes);
  out.query = tokenText(content, cell.row);
  out.key = tokenText(content, cell.col);
  const MapGrid& grid = part.grid;
  out.isAttended = isAttended(grid, cell.row, cell.col);
  if (grid.isBackward) out.direction = Direction::Backward;
  if (!grid.isBackward && !grid.isCausal) out.direction = Direction::Both;
  out.pool = grid.pool;
  if (cell.row >= grid.row0 && cell.row < grid.row1 && cell.col >= grid.col0 && cell.col < grid.col1) {
    const int64_t i = (cell.row - grid.row0) / grid.pool, j = (cell.col - grid.col0) / grid.pool;
    if (out.isAttended && i < part.map.rows && j < part.map.cols) {
      out.shown = static_cast<double>(part.shown.values.at(i, j));
      if (grid.pool == 1 && view.display.normalization != Normalization::Contribution)
        out.alpha = static_cast<double>(part.map.at(i, j));
    }
  }
  if (row && row->row == cell.row && static_cast<size_t>(cell.col) < row->alpha.size() && out.isAttended) {
    const size_t col = static_cast<size_t>(cell.col);
    if (!out.alpha) out.alpha = row->alpha[col];
    if (col < row->share.size()) out.share = row->share[col];
    if (col < row->decay.size()) out.decay = row->decay[col];
    fillRank(out, content, *row);
  }
  return out;
}

std::vector<ValueTable::Row> readOutRows(const ReadOut& out) {
  using Kind = TextRun::Kind;
  std::vector<ValueTable::Row> rows;
  const auto add = [&rows](const QString& label, const QString& value, Kind kind = Kind::Words) {
    rows.push_back({label, {{value, kind}}});
  };
  const auto token = [](int64_t index, const QString& text) {
    return std::vector<TextRun>{{QString::number(index) + QStringLiteral("   "), Kind::Words},
                                {text, Kind::Token}};
  };
  rows.push_back({words("Query"), token(out.cell.row, out.query)});
  rows.push_back({words("Key"), token(out.cell.col, out.key)});
  add(words("Distance"), QString::number(out.cell.row - out.cell.col));
  const QString missing = out.isAttended ? QStringLiteral("…") : words("not attended");
  add(QStringLiteral("α"), out.alpha ? numberText(*out.alpha, 4, out.isSigned) : missing, Kind::Strong);
  QString shownLabel =
      words("Shown, %1")
          .arg(normalizationTitle(out.view.display.normalization, isUnsigned(out.view.map.lanes)));
  if (out.pool > 1) shownLabel += words(", 1 : %1").arg(out.pool);
  if (out.isAttended) {
    add(shownLabel, out.shown ? shownNumber(out) : missing);
    add(words("Rank in row"), out.rank ? words("%1 of %2").arg(*out.rank).arg(*out.attended) : missing);
    add(words("Share of row’s output"), out.share ? percent(*out.share) : missing);
    if (out.view.map.lanes.kind == LaneChoice::Kind::Lane)
      add(words("Decay product"), out.decay ? numberText(*out.decay, 4) : missing);
  }
  add(words("Direction"), directionWord(out.direction));
  return rows;
}

std::vector<TextRun> readOutLine(const ReadOut& out) {
  using Kind = TextRun::Kind;
  const QString gap = QStringLiteral("    ");
  std::vector<TextRun> runs{{words("query %1 ").arg(out.cell.row), Kind::Words},
                            {out.query, Kind::Token},
                            {gap + words("key %1 ").arg(out.cell.col), Kind::Words},
                            {out.key, Kind::Token}};
  QStringList parts{words("distance %1").arg(out.cell.row - out.cell.col)};
  if (!out.isAttended) parts << words("not attended");
  if (out.alpha) parts << QStringLiteral("α ") + numberText(*out.alpha, 4, out.isSigned);
  if (out.shown && out.view.display.normalization != Normalization::Raw)
    parts << normalizationTitle(out.view.display.normalization, isUnsigned(out.view.map.lanes)) +
                 QLatin1Char(' ') + shownNumber(out);
  else
    parts << normalizationTitle(out.view.display.normalization, isUnsigned(out.view.map.lanes));
  if (out.rank) parts << words("rank %1 of %2").arg(*out.rank).arg(*out.attended);
  parts << words("layer %1").arg(out.view.map.layer) << toQString(title(out.view.map.lanes))
        << directionWord(out.direction);
  runs.push_back({gap + parts.join(gap), Kind::Words});
  return runs;
}

QString readOutText(const ReadOut& out) {
  QStringList lines;
  for (const ValueTable::Row& row : readOutRows(out))
    lines << row.label + QLatin1Char('\t') + spoken(row.value);
  lines << words("Layer") + QLatin1Char('\t') + QString::number(out.view.map.layer);
  lines << words("Lanes") + QLatin1Char('\t') + toQString(title(out.view.map.lanes));
  lines << words("Convention") + QLatin1Char('\t') + toQString(title(out.view.map.factors));
  return lines.join(QLatin1Char('\n'));
}

QString spokenReadOut(const ReadOut& out) {
  QStringList parts{words("query %1 %2").arg(out.cell.row).arg(out.query.trimmed()),
                    words("key %1 %2").arg(out.cell.col).arg(out.key.trimmed())};
  if (!out.isAttended) parts << words("not attended");
  if (out.alpha) {
    const QString sign = !out.isSigned ? QString() : *out.alpha < 0 ? words("minus ") : words("plus ");
    parts << sign + numberText(std::abs(*out.alpha), 4);
  }
  if (out.rank) parts << words("rank %1 of %2").arg(*out.rank).arg(*out.attended);
  return parts.join(QStringLiteral(", ")) + QLatin1Char('.');
}

}  // namespace uc
