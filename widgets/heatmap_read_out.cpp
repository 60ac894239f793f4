// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_read_out.h"

namespace uc {
namespace {

bool hasText(const HeatmapContent& content, qint64 token) {
  return token >= 0 && token < content.tokens.size() && !content.tokens[token].isEmpty();
}

}  // namespace

std::optional<float> valueAt(const HeatmapContent& content, const Cell& cell) {
  const MapGrid& grid = content.grid;
  if (cell.row < grid.row0 || cell.row >= grid.row1 || cell.col < grid.col0 || cell.col >= grid.col1) {
    return std::nullopt;
  }
  const qint64 i = (cell.row - grid.row0) / grid.pool, j = (cell.col - grid.col0) / grid.pool;
  if (i >= content.map.rows || j >= content.map.cols || !grid.isAttended(i, j)) return std::nullopt;
  return content.map.at(i, j);
}

QString tokenAt(const HeatmapContent& content, qint64 token) {
  if (hasText(content, token)) return content.tokens[token];
  return QLatin1Char('#') + QString::number(token);
}

std::vector<ReadOutLine> readOutLines(const HeatmapContent& content, const Cell& cell) {
  const QString label = content.grid.pool > 1 ? QStringLiteral("mean α") : QStringLiteral("α");
  const auto value = valueAt(content, cell);
  if (!value) return {{label, QStringLiteral("not attended")}};
  return {{label, numberText(static_cast<double>(*value), 4, content.shown.isSigned)}};
}

QString spokenReadOut(const HeatmapContent& content, const Cell& cell, std::optional<float> value) {
  const auto side = [&](const char* name, qint64 token) {
    const QString number = QLatin1String(name) + QLatin1Char(' ') + QString::number(token);
    return hasText(content, token) ? number + QLatin1Char(' ') + tokenAt(content, token).trimmed() : number;
  };
  QString text =
      side("query", cell.row) + QStringLiteral(", ") + side("key", cell.col) + QStringLiteral(", ");
  if (!value) return text + QStringLiteral("not attended");
  // Screen readers drop the signs.
  QString number = numberText(static_cast<double>(*value), 4, content.shown.isSigned);
  number.replace(QChar(0x2212), QStringLiteral("minus "));
  number.replace(QLatin1Char('+'), QStringLiteral("plus "));
  number.replace(QChar(0x221E), QStringLiteral("infinity"));
  return text + number;
}

}  // namespace uc
