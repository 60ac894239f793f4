// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/color_scale.h"
#include "widgets/paint/theme.h"

#include <QFile>

#include <map>
#include <string>

namespace uc {

namespace {

std::array<QRgb, 256> readTable(ColorMap map) {
  const std::string_view text = name(map);
  QFile file(QStringLiteral(":/undercurrent/color_maps/%1.csv")
                 .arg(QLatin1String(text.data(), static_cast<qsizetype>(text.size()))));
  const bool isOpen = file.open(QIODevice::ReadOnly);
  Q_ASSERT(isOpen);
  std::array<QRgb, 256> table;
  table.fill(qRgb(0, 0, 0));
  size_t count = 0;
  while (isOpen && !file.atEnd() && count < table.size()) {
    const QByteArray line = file.readLine().trimmed();
    if (line.isEmpty() || line.startsWith("# ")) continue;
    table[count++] = QColor(QLatin1String(line)).rgb();
  }
  Q_ASSERT(count == table.size());
  return table;
}

}  // namespace

const std::array<QRgb, 256>& colorTable(ColorMap map) {
  static const std::map<ColorMap, std::array<QRgb, 256>> tables = [] {
    loadResources();
    std::map<ColorMap, std::array<QRgb, 256>> result;
    for (ColorMap each : allColorMaps()) result[each] = readTable(each);
    return result;
  }();
  return tables.at(map);
}

}  // namespace uc
