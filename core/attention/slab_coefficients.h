// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/factor_view.h"
#include "core/attention/recurrence.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace uc {

/// Whether the lanes of a slab share one scan's decays, so that its states are what lies side by side.
template <typename T>
bool sharesDecays(const FactorView<T>& view) {
  return view.kind == ScanKind::DeltaRule || (view.kind == ScanKind::Decay && view.scanLanes > 1);
}

/// Coefficients of α for the lanes of a slab, token by token, in the layout of scan_kernels.h. One thread.
template <typename T>
class SlabCoefficients {
 public:
  SlabCoefficients(const FactorView<T>& view, const LaneSlab& slab)
      : m_view(view), m_slab(slab), m_scan(view.scanOf(slab.first)), m_width(slab.width()) {
    const int64_t last = view.scanOf(slab.last - 1);
    const auto isOne = [&](int64_t groups) {
      return m_scan * groups / view.scans == last * groups / view.scans;
    };
    m_spread = isOne(view.queryGroups) && isOne(view.keyGroups) ? scan_kernels::Spread::AllLanes
                                                                : scan_kernels::Spread::EachLane;
  }

  int64_t width() const { return m_width; }
  int64_t scan() const { return m_scan; }  // the first
  /// Of queries and keys.
  scan_kernels::Spread spread() const { return m_spread; }
  /// How many numbers a query has.
  int64_t size() const {
    return m_spread == scan_kernels::Spread::AllLanes ? m_view.state : m_view.state * m_width;
  }

  void query(int64_t t, std::vector<double>& out) const {
    load([&](int64_t c) { return m_view.queryAt(t, c); }, m_spread, out);
  }
  void key(int64_t s, std::vector<double>& out) const {
    load([&](int64_t c) { return m_view.keyAt(s, c); }, m_spread, out);
  }
  /// One number a scan, for each lane: `row` [C].
  template <typename In, typename U>
  void lanes(const In* row, U* out) const {
    if (m_view.scanLanes == 1) {
      std::copy(row + m_scan, row + m_scan + m_slab.count(), out);
    } else {
      for (int64_t i = 0; i < m_slab.count(); ++i) {
        out[i] = static_cast<U>(row[m_view.scanOf(m_slab.first + i)]);
      }
    }
    std::fill(out + m_slab.count(), out + m_width, U(0));
  }
  /// N numbers a scan, for each lane or, of one scan, for all: at(scan) → [N].
  template <typename U, typename At>
  void load(const At& at, scan_kernels::Spread spread, std::vector<U>& out) const {
    const int64_t state = m_view.state;
    if (spread == scan_kernels::Spread::AllLanes) {
      const T* from = at(m_scan);
      out.assign(from, from + state);
      return;
    }
    out.resize(static_cast<size_t>(state * m_width));
    const T* first = at(m_scan);
    const bool isDense = m_view.scanLanes == 1 && at(m_slab.last - 1) == first + (m_slab.count() - 1) * state;
    if (isDense && state == 1) {
      std::copy(first, first + m_slab.count(), out.begin());
      return;
    }
    for (int64_t i = 0; i < m_slab.count(); ++i) {
      const T* from = isDense ? first + i * state : at(m_view.scanOf(m_slab.first + i));
      for (int64_t n = 0; n < state; ++n) out[static_cast<size_t>(n * m_width + i)] = static_cast<U>(from[n]);
    }
  }

 private:
  const FactorView<T>& m_view;
  const LaneSlab m_slab;
  const int64_t m_scan;
  const int64_t m_width;
  scan_kernels::Spread m_spread = scan_kernels::Spread::AllLanes;
};

/// The decays of a slab's lanes, less one, of one token at a time.
template <typename T>
class SlabDecays {
 public:
  SlabDecays(const FactorView<T>& view, const LaneSlab& slab);

  scan_kernels::Spread spread() const { return m_spread; }
  /// Of token t: [N, width], or [N] padded with zeros.
  const double* at(int64_t t);
  /// Nothing decays.
  const double* none() const { return m_none.data(); }

 private:
  template <typename At>
  void loadRates(const At& at);

  const FactorView<T>& m_view;
  const SlabCoefficients<T> m_coefficients;
  const scan_kernels::Spread m_spread;
  const int64_t m_rows, m_width;  // [N, width], or of one scan [1, N] padded
  int64_t m_token = -1;           // whose decays are there
  std::vector<double> m_rate, m_step, m_lessOne, m_none;
};

}  // namespace uc
