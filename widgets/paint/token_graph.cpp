// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/token_graph.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

struct Entry {
  float magnitude = 0.0F;
  qint64 col = 0;
};
using Entries = std::vector<Entry>;

bool isStronger(const Entry& a, const Entry& b) {
  return a.magnitude > b.magnitude || (a.magnitude == b.magnitude && a.col < b.col);
}

double sumOf(Entries::const_iterator begin, Entries::const_iterator end) {
  double sum = 0.0;
  for (; begin != end; ++begin) sum += static_cast<double>(begin->magnitude);
  return sum;
}

/// How many of the strongest hold `wanted`; they are first afterwards. Halves what is undecided at every
/// step, so that nothing is sorted.
size_t strongestHolding(Entries& entries, double wanted) {
  auto begin = entries.begin(), end = entries.end();
  while (end - begin > 1) {
    const auto middle = begin + (end - begin) / 2;
    std::nth_element(begin, middle, end, isStronger);
    const double sum = sumOf(begin, middle);
    if (sum >= wanted) {
      end = middle;
    } else {
      wanted -= sum;
      begin = middle;
    }
  }
  return static_cast<size_t>(end - entries.begin());
}

size_t keptOf(Entries& entries, double sum, const GraphChoice& choice) {
  switch (choice.keep) {
    case GraphChoice::Keep::Mass: {
      // Rounding of sums taken in another order must neither add nor lose an entry at a share that is met.
      constexpr double kRounding = 1e-12;
      const double share = std::clamp(choice.amount / 100.0, 0.0, 1.0);
      return share < 1.0 ? strongestHolding(entries, sum * share * (1.0 - kRounding)) : entries.size();
    }
    case GraphChoice::Keep::Top: {
      const double most = std::clamp(std::floor(choice.amount), 0.0, static_cast<double>(entries.size()));
      const auto count = static_cast<size_t>(most);
      if (count < entries.size())
        std::nth_element(entries.begin(), entries.begin() + static_cast<qint64>(count), entries.end(),
                         isStronger);
      return count;
    }
    case GraphChoice::Keep::Above:
      break;
  }
  const auto least = static_cast<float>(choice.amount);
  const auto end = std::partition(entries.begin(), entries.end(),
                                  [least](const Entry& entry) { return entry.magnitude >= least; });
  return static_cast<size_t>(end - entries.begin());
}

QString keepText(const GraphChoice& choice) {
  const QString amount = numberText(choice.amount, 4);
  switch (choice.keep) {
    case GraphChoice::Keep::Mass:
      return QStringLiteral("Arcs: of each token the strongest entries that hold %1 % of its \u03A3|\u03B1|")
          .arg(QString::number(choice.amount, 'g', 4));
    case GraphChoice::Keep::Top:
      return QStringLiteral("Arcs: the %1 strongest entries of each token")
          .arg(static_cast<qint64>(choice.amount));
    case GraphChoice::Keep::Above:
      break;
  }
  return QStringLiteral("Arcs: entries with |\u03B1| \u2265 %1").arg(amount);
}

}  // namespace

GraphArcs graphArcs(const Matrix& alpha, const MapGrid& grid, const GraphChoice& choice) {
  GraphArcs result;
  result.received.assign(static_cast<size_t>(alpha.cols), 0.0);
  result.own.assign(static_cast<size_t>(alpha.cols), 0.0F);
  Entries entries;
  for (qint64 row = 0; row < alpha.rows; ++row) {
    const auto [begin, end] = grid.attendedCols(row, alpha.cols);
    const float* values = alpha.row(row);
    entries.clear();
    double sum = 0.0;
    for (qint64 col = begin; col < end; ++col) {
      if (!std::isfinite(values[col])) {
        ++result.notFinite;
        continue;
      }
      ++result.entries;
      const float magnitude = std::abs(values[col]);
      if (magnitude == 0.0F) continue;
      entries.push_back({magnitude, col});
      sum += static_cast<double>(magnitude);
      result.received[static_cast<size_t>(col)] += static_cast<double>(magnitude);
    }
    if (entries.empty()) continue;
    const size_t count = keptOf(entries, sum, choice);
    for (size_t i = 0; i < count; ++i) {
      const qint64 query = grid.row0 + row * grid.pool, key = grid.col0 + entries[i].col * grid.pool;
      const auto share = static_cast<float>(static_cast<double>(entries[i].magnitude) / sum);
      result.arcs.push_back({query, key, values[entries[i].col], share});
      if (query != key) continue;
      ++result.onDiagonal;
      result.own[static_cast<size_t>(entries[i].col)] = result.arcs.back().alpha;
    }
  }
  std::sort(result.arcs.begin(), result.arcs.end(), [](const GraphArc& a, const GraphArc& b) {
    const float left = std::abs(a.alpha), right = std::abs(b.alpha);
    return left != right ? left > right : a.query != b.query ? a.query < b.query : a.key < b.key;
  });
  return result;
}

TokenGraphContent tokenGraph(const HeatmapContent& map, const GraphChoice& choice) {
  TokenGraphContent content;
  content.kept = graphArcs(map.map, map.grid, choice);
  content.grid = map.grid;
  content.isUnsigned = !map.shown.isSigned;
  content.colors = map.scale.map();
  content.tokens = map.tokens;
  content.title = map.title;
  content.legend = map.legend;
  content.choice = choice;
  content.viewport = map.viewport;
  content.caption = map.caption.section(QLatin1Char('\n'), 0, 0);
  if (!content.caption.isEmpty()) content.caption += QLatin1Char('\n');
  content.caption += keepText(choice) + QStringLiteral(": ") + entriesText(content.kept) + QLatin1Char('.');
  if (map.grid.pool > 1)
    content.caption += QStringLiteral(" A node is %1 tokens, an arc the mean of their entries.")
                           .arg(countText(map.grid.pool));
  return content;
}

QString entriesText(const GraphArcs& kept) {
  QString text = QStringLiteral("%1 of %2 entries, %3 on the diagonal")
                     .arg(countText(static_cast<qint64>(kept.arcs.size())), countText(kept.entries),
                          countText(kept.onDiagonal));
  if (kept.notFinite > 0) text += QStringLiteral(", %1 not finite left out").arg(countText(kept.notFinite));
  return text;
}

ArcsOfToken arcsOf(const TokenGraphContent& content, qint64 token) {
  ArcsOfToken result;
  for (const GraphArc& arc : content.kept.arcs) {
    if (arc.query == token) {
      result.in.push_back(arc);
      result.shareIn += static_cast<double>(arc.share);
    }
    if (arc.key == token) result.out.push_back(arc);
  }
  return result;
}

}  // namespace uc
