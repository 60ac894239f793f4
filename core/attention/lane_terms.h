// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/recurrence.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace uc {

/// Tokens of a scan between two looks at whether to stop.
inline constexpr int64_t kCheckTokens = 64;

/// What each lane of a slab has of its own around R⁻¹α: G, Z, S and M as rows [width] in double, those of
/// tokens valid until the next call. One thread.
template <typename T>
class LaneTerms {
 public:
  LaneTerms(const FactorView<T>& view, const LaneSlab& slab)
      : m_view(view),
        m_slab(slab),
        m_gate(static_cast<size_t>(slab.width()), static_cast<double>(view.share)),
        m_activation(m_gate.size()),
        m_skip(m_gate.size()),
        m_taps(static_cast<size_t>(view.taps * slab.width())) {
    if (view.skip) scan_kernels::widen(view.skip + slab.first, slab.count(), slab.width(), m_skip.data());
    for (int64_t j = 0; j < view.taps; ++j) {
      for (int64_t i = 0; i < slab.count(); ++i) {
        m_taps[static_cast<size_t>(j * slab.width() + i)] =
            static_cast<double>(view.weight(slab.first + i, j));
      }
    }
  }

  const LaneSlab& slab() const { return m_slab; }
  /// The direction's share included.
  const double* gate(int64_t t) {
    if (!m_view.rowScale) return m_gate.data();
    const double share = static_cast<double>(m_view.share);
    load(m_view.rowScale, t, m_gate);
    for (size_t i = 0; i < m_gate.size() && share != 1.0; ++i) m_gate[i] *= share;
    return m_gate.data();
  }
  /// Null: 1.
  const double* activation(int64_t s) {
    if (!m_view.columnScale) return nullptr;
    load(m_view.columnScale, s, m_activation);
    return m_activation.data();
  }
  const double* skip() const { return m_skip.data(); }
  /// [K, width]: of the token itself, of the one before …
  const double* taps() const { return m_taps.data(); }

 private:
  void load(const T* from, int64_t t, std::vector<double>& into) const {
    scan_kernels::widen(from + t * m_view.lanes + m_slab.first, m_slab.count(), m_slab.width(), into.data());
  }

  const FactorView<T>& m_view;
  const LaneSlab m_slab;
  std::vector<double> m_gate, m_activation, m_skip;  // [width]
  std::vector<double> m_taps;                        // [K, width]
};

/// The last rows of lanes, which a convolution reaches: as many as it has taps.
template <typename U>
class TapRing {
 public:
  TapRing(int64_t taps, int64_t width)
      : m_width(width), m_values(static_cast<size_t>(taps * width)), m_rows(static_cast<size_t>(taps)) {
    for (size_t j = 0; j < m_rows.size(); ++j) m_rows[j] = m_values.data() + static_cast<int64_t>(j) * width;
  }

  /// The newest row, to be filled.
  U* push() {
    std::rotate(m_rows.rbegin(), m_rows.rbegin() + 1, m_rows.rend());
    m_count = std::min(m_count + 1, static_cast<int64_t>(m_rows.size()));
    return m_rows.front();
  }

  /// out += Σ_j weights[j] · the row pushed j calls before the newest.
  void addWeighted(const U* weights, U* out) const {
    scan_kernels::addWeighted(static_cast<const U* const*>(m_rows.data()), weights, m_count, m_width, out);
  }

 private:
  const int64_t m_width;
  int64_t m_count = 0;
  std::vector<U> m_values;
  std::vector<U*> m_rows;  // newest first
};

}  // namespace uc
