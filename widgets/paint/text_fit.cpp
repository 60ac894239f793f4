// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/text_fit.h"

#include "widgets/paint/heatmap_painter.h"

#include <QFontMetricsF>

#include <cmath>

namespace uc {

namespace {

constexpr QChar kEllipsis(0x2026);

/// The token with only `kept` of its characters: more of the beginning than of the end, surrogate pairs
/// whole.
QString middleCut(const QString& token, qsizetype kept) {
  qsizetype head = (kept + 1) / 2, tail = kept / 2;
  if (head > 0 && token.at(head - 1).isHighSurrogate()) --head;
  if (tail > 0 && token.at(token.size() - tail).isLowSurrogate()) --tail;
  return token.left(head) + kEllipsis + token.right(tail);
}

/// The word, or its beginning where it is wider than a line.
QString fittingWord(const QString& word, const QFontMetricsF& metrics, double width) {
  return metrics.horizontalAdvance(word) <= width ? word : metrics.elidedText(word, Qt::ElideRight, width);
}

}  // namespace

QString elideToken(const QString& token, const QFont& font, double width) {
  if (tokenWidth(token, font) <= width) return token;
  qsizetype low = 0, high = token.size() - 1;
  while (low < high) {
    const qsizetype middle = (low + high + 1) / 2;
    if (tokenWidth(middleCut(token, middle), font) <= width) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return middleCut(token, low);
}

QStringList wrapText(const QString& text, const QFont& font, double width, int maxLines) {
  const QFontMetricsF metrics(font);
  QStringList lines;
  QString line;
  for (const QString& word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
    const QString longer = line.isEmpty() ? word : line + QLatin1Char(' ') + word;
    if (line.isEmpty() || metrics.horizontalAdvance(longer) <= width) {
      line = longer;
      continue;
    }
    lines.append(line);
    line = word;
  }
  if (!line.isEmpty()) lines.append(line);
  if (lines.size() > maxLines) {
    lines[maxLines - 1] = QStringList(lines.mid(maxLines - 1)).join(QLatin1Char(' '));
    lines.erase(lines.begin() + maxLines, lines.end());
  }
  for (QString& each : lines) each = fittingWord(each, metrics, width);
  return lines;
}

}  // namespace uc
