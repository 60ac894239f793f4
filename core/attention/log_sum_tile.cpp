// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// RWKV-4: α[t,s] = exp(k_s + (t−1−s) w − log R_t). With the last column e of a block as the reference and m
// the largest of its k_s + (e−s) w, V[s] = exp(k_s + (e−s) w − m) and U[t] = exp((t−1−e) w + m − log R_t):
// log R_t is at least every term of row t, so that neither exponent is positive, however large the keys.
// Exponents are made in double: keys of ±100 cancel in them.

#include "core/attention/scan_tile.h"

#include <cmath>
#include <limits>
#include <vector>

namespace uc {
namespace {

template <typename T>
class LogSumTile final : public ScanTile<T> {
 public:
  explicit LogSumTile(const FactorView<T>& view) : ScanTile<T>(view), m_u(kBlockTokens) {}

  void setPanel(const Panel& panel) override {
    ScanTile<T>::setPanel(panel);
    m_v.resize(static_cast<size_t>(panel.width()));
    m_logKeys.resize(m_v.size());
  }

  void setScan(int64_t scan, const LaneFold<T>& /*lane*/) override {
    m_scan = scan;
    m_rate = static_cast<double>(m_view.rateOf(scan)[0]);
    m_largest.clear();
    for (int64_t i = 0; i < m_panel.width(); ++i) {
      m_logKeys[static_cast<size_t>(i)] = m_view.logKeyAt(m_panel.col0 + i, scan);
    }
    const int64_t end = this->farEnd();
    for (int64_t j = blockOf(m_panel.col0); j * kBlockTokens < end; ++j) {
      if (const BlockColumns columns(m_panel, j); columns.count() > 0) fillColumns(columns);
    }
  }

  void fill(int64_t row0, int64_t row1, T* out) override {
    const int64_t block = blockOf(row0), first = blockOf(m_panel.col0);
    for (int64_t t = row0; t < row1; ++t) m_normalizers[t - row0] = m_view.logNormalizerAt(t, m_scan);
    for (int64_t j = first; j < block; ++j) {
      const BlockColumns columns(m_panel, j);
      if (columns.count() <= 0) break;
      const double reference = m_largest[static_cast<size_t>(j - first)];
      T* u = m_u.data();
      for (int64_t t = row0; t < row1; ++t) {
        u[t - row0] = static_cast<T>(decay(t - columns.end) + reference - m_normalizers[t - row0]);
      }
      m_tileKernels.decays(u, row1 - row0);
      const int64_t at = columns.begin - m_panel.col0;
      m_tileKernels.multiply(Join::One, m_u.data(), 1, m_v.data() + at, m_panel.width(), row1 - row0,
                             columns.count(), 1, out + at, m_panel.width());
    }
    fillDiagonal(row0, row1, out);
  }

 private:
  using ScanTile<T>::m_view;
  using ScanTile<T>::m_tileKernels;
  using ScanTile<T>::m_panel;
  using ScanTile<T>::blockOf;

  double decay(int64_t tokens) const { return static_cast<double>(tokens) * m_rate; }
  const double* logKeysFrom(int64_t s) const { return m_logKeys.data() + s - m_panel.col0; }

  void fillColumns(const BlockColumns& columns) {
    double largest = -std::numeric_limits<double>::infinity();
    double terms[kBlockTokens];
    const int64_t count = columns.count();
    const double* logKeys = logKeysFrom(columns.begin);
    for (int64_t i = 0; i < count; ++i) {
      terms[i] = logKeys[i] + decay(count - 1 - i);
      if (terms[i] > largest) largest = terms[i];  // a NaN is not: it stays in its own column
    }
    if (std::isinf(largest)) largest = 0.0;
    m_largest.push_back(largest);
    T* v = m_v.data() + columns.begin - m_panel.col0;
    for (int64_t i = 0; i < count; ++i) v[i] = static_cast<T>(terms[i] - largest);
    m_tileKernels.decays(v, count);
  }

  /// The rows' own block, from the definition.
  void fillDiagonal(int64_t row0, int64_t row1, T* out) {
    const int64_t begin = std::max(m_panel.col0, blockOf(row0) * kBlockTokens);
    for (int64_t t = row0; t < row1; ++t, out += m_panel.width()) {
      const int64_t end = std::min(t + 1, m_panel.colEnd);
      if (end <= begin) continue;
      T* entries = out - m_panel.col0;
      const double normalizer = m_normalizers[t - row0];
      const double* logKeys = logKeysFrom(begin);
      for (int64_t s = begin; s < std::min(end, t); ++s) {
        entries[s] = static_cast<T>(logKeys[s - begin] + decay(t - 1 - s) - normalizer);
      }
      if (end == t + 1) entries[t] = static_cast<T>(m_view.diagonalAt(t, m_scan) - normalizer);
      m_tileKernels.decays(entries + begin, end - begin);
    }
  }

  int64_t m_scan = 0;
  double m_rate = 0.0;
  double m_normalizers[kBlockTokens] = {};
  std::vector<double> m_largest;  // [blocks]
  std::vector<double> m_logKeys;  // [panel]
  std::vector<T> m_v;             // [panel]
  std::vector<T> m_u;             // [64]
};

}  // namespace

template <typename T>
std::unique_ptr<ScanTile<T>> makeLogSumTile(const FactorView<T>& view) {
  return std::make_unique<LogSumTile<T>>(view);
}

template std::unique_ptr<ScanTile<float>> makeLogSumTile(const FactorView<float>&);
template std::unique_ptr<ScanTile<double>> makeLogSumTile(const FactorView<double>&);

}  // namespace uc
