// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_painter.h"

namespace uc {

/// Finds the point nearest to a place on the screen: the points of a layout, sorted into squares. Made anew
/// with the layout (a counting sort); keeps the cloud.
class AtlasIndex {
 public:
  AtlasIndex() = default;
  AtlasIndex(std::shared_ptr<const AtlasCloud> cloud, AtlasLayout layout);

  /// Index in AtlasLanes::lanes of the nearest shown point within `radius`, the first in the model of those
  /// equally near; of tiles the one under `at`.
  std::optional<uint32_t> nearest(const QPointF& at, double radius) const;

 private:
  std::optional<uint32_t> tileAt(const QPointF& at) const;
  int columnOf(double x) const;
  int rowOf(double y) const;

  std::shared_ptr<const AtlasCloud> m_cloud;
  AtlasLayout m_layout;
  int m_columns = 0, m_rows = 0;
  struct Entry {
    float x, y;
    uint32_t lane;
  };
  std::vector<uint32_t> m_starts;  // of each square's entries, row by row, and the end
  std::vector<Entry> m_entries;
};

}  // namespace uc
