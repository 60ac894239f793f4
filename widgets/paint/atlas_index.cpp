// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/atlas_index.h"

#include <algorithm>
#include <cmath>

namespace uc {

namespace {
constexpr double kSquare = 8.0;
}

AtlasIndex::AtlasIndex(std::shared_ptr<const AtlasCloud> cloud, AtlasLayout layout)
    : m_cloud(std::move(cloud)), m_layout(std::move(layout)) {
  const auto& points = m_cloud->points;
  m_columns = 1 + static_cast<int>(m_layout.frame.width() / kSquare);
  m_rows = 1 + static_cast<int>(m_layout.frame.height() / kSquare);
  std::vector<uint32_t> squares;
  squares.reserve(points.size());
  m_starts.assign(static_cast<size_t>(m_columns) * static_cast<size_t>(m_rows) + 1, 0);
  std::vector<Entry> entries;
  entries.reserve(points.size());
  for (const AtlasCloud::Point& point : points) {
    const QPointF at = m_layout.toPoint(static_cast<double>(point.x), static_cast<double>(point.y));
    entries.push_back({static_cast<float>(at.x()), static_cast<float>(at.y()), point.lane});
    squares.push_back(static_cast<uint32_t>(rowOf(at.y()) * m_columns + columnOf(at.x())));
    ++m_starts[squares.back() + 1];
  }
  for (size_t i = 1; i < m_starts.size(); ++i) m_starts[i] += m_starts[i - 1];
  m_entries.resize(entries.size());
  std::vector<uint32_t> next = m_starts;
  for (size_t i = 0; i < entries.size(); ++i) m_entries[next[squares[i]]++] = entries[i];
}

int AtlasIndex::columnOf(double x) const {
  return static_cast<int>(std::clamp((x - m_layout.frame.left()) / kSquare, 0.0, m_columns - 1.0));
}

int AtlasIndex::rowOf(double y) const {
  return static_cast<int>(std::clamp((y - m_layout.frame.top()) / kSquare, 0.0, m_rows - 1.0));
}

std::optional<uint32_t> AtlasIndex::nearest(const QPointF& at, double radius) const {
  if (m_cloud == nullptr) return std::nullopt;
  if (m_cloud->isTiled) return tileAt(at);
  std::optional<uint32_t> found;
  double least = radius * radius;
  for (int row = rowOf(at.y() - radius); row <= rowOf(at.y() + radius); ++row) {
    const auto first = static_cast<size_t>(row * m_columns + columnOf(at.x() - radius));
    const auto last = static_cast<size_t>(row * m_columns + columnOf(at.x() + radius));
    for (uint32_t i = m_starts[first]; i < m_starts[last + 1]; ++i) {
      const double x = static_cast<double>(m_entries[i].x) - at.x();
      const double y = static_cast<double>(m_entries[i].y) - at.y();
      const double distance = x * x + y * y;
      if (distance > least || (found && distance == least && m_entries[i].lane > *found)) continue;
      least = distance;
      found = m_entries[i].lane;
    }
  }
  return found;
}

std::optional<uint32_t> AtlasIndex::tileAt(const QPointF& at) const {
  if (!m_layout.frame.contains(at)) return std::nullopt;
  const QPointF places = m_layout.toPlaces(at);
  const LaneRef lane{std::lround(m_cloud->yAxis().valueAt(places.y())),
                     std::lround(m_cloud->xAxis().valueAt(places.x()))};
  const auto index = m_cloud->lanes->indexOf(lane);
  const bool isShown = index && std::any_of(m_cloud->points.begin(), m_cloud->points.end(),
                                            [&](const auto& point) { return point.lane == *index; });
  return isShown ? index : std::nullopt;
}

}  // namespace uc
