// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// RWKV-7: α[t,s] = k_sᵀ T_{s+1} … T_t q_t. A stretch [a, b) is the product T_a … T_{b−1}; what it reads,
// Σ_t g_t T_a … T_t q_t, goes back from its end as one vector a lane, what it leaves goes forward as another.

#include "core/attention/crossings.h"
#include "core/attention/kernels.h"
#include "core/attention/pool_kernels.h"
#include "core/attention/pooled_scan.h"

#include <algorithm>
#include <vector>

namespace uc {
namespace {

template <typename T>
class PooledDelta final : public PooledScan<double> {
 public:
  PooledDelta(const FactorView<T>& view, PooledLanes<T>& lanes)
      : m_view(view),
        m_lanes(lanes),
        m_state(view.state),
        m_width(poolAligned(view.state)),
        m_square(m_width * m_width),
        m_transposed(static_cast<size_t>(m_square)),
        m_decays(static_cast<size_t>(m_state)) {}

  int64_t elements() const override { return m_lanes.count() * m_width; }
  int64_t transferSize() const override { return (m_lastScan - m_firstScan + 1) * m_square; }

  void setStates(int64_t first, int64_t last) override {
    m_lanes.setStates(first, last);
    m_firstScan = m_lanes.scan(0);
    m_lastScan = m_lanes.scan(m_lanes.count() - 1);
    m_feed.assign(static_cast<size_t>(m_lanes.count()), T(1));
    m_gate = m_feed;
  }

  double fill(const Stretch& stretch, int64_t col0, int64_t col1,
              const StretchFactors<double>& out) override {
    std::fill_n(out.transfer, transferSize(), 0.0);
    std::fill_n(out.read, elements(), 0.0);
    std::fill_n(out.state, elements(), 0.0);
    for (int64_t scan = m_firstScan; scan <= m_lastScan; ++scan) {
      double* transfer = out.transfer + (scan - m_firstScan) * m_square;
      for (int64_t i = 0; i < m_state; ++i) transfer[i * (m_width + 1)] = 1.0;
      for (int64_t t = stretch.begin; t < stretch.end; ++t) {
        decaysAt(m_view, t, scan, m_decays.data());
        for (int64_t i = 0; i < m_state; ++i) goOn(t, scan, transfer + i * m_width);
      }
    }
    if (stretch.row >= 0) readBackwards(stretch, out.read);
    return col0 < col1 ? feedForward(stretch, col0, col1, out.state) : 0.0;
  }

  void carryStates(const double* transfer, int64_t rows, double* states) override {
    for (int64_t scan = m_firstScan; scan <= m_lastScan; ++scan) {
      transpose(transfer + (scan - m_firstScan) * m_square);
      apply(m_transposed.data(), scan, rows, states);
    }
  }

  void carryReads(const double* transfer, int64_t rows, double* reads) override {
    for (int64_t scan = m_firstScan; scan <= m_lastScan; ++scan)
      apply(transfer + (scan - m_firstScan) * m_square, scan, rows, reads);
  }

  void joinTransfers(double* first, const double* second) override {
    for (int64_t scan = m_firstScan; scan <= m_lastScan; ++scan, first += m_square, second += m_square) {
      transpose(second);
      m_moved.assign(static_cast<size_t>(m_square), 0.0);
      m_kernels.multiply(first, m_width, m_transposed.data(), m_width, m_width, m_moved.data(), m_width);
      std::copy(m_moved.begin(), m_moved.end(), first);
    }
  }

 private:
  /// A state's way across token t, whose decays are at hand.
  void goOn(int64_t t, int64_t scan, double* state) {
    kernels<T>().transition(m_decays.data(), m_view.removeKeyAt(t, scan), m_view.removeWriteAt(t, scan),
                            m_state, state);
  }

  void readBackwards(const Stretch& stretch, double* reads) {
    for (int64_t t = stretch.end - 1; t >= stretch.begin; --t) {
      m_lanes.gates(t, m_gate.data());
      for (int64_t k = 0; k < m_lanes.count(); ++k) {
        const int64_t scan = m_lanes.scan(k);
        const T* query = m_view.queryAt(t, scan);
        double* read = reads + k * m_width;
        for (int64_t n = 0; n < m_state; ++n) {
          read[n] += static_cast<double>(m_gate[static_cast<size_t>(k)]) * static_cast<double>(query[n]);
        }
        decaysAt(m_view, t, scan, m_decays.data());
        kernels<T>().transition(m_decays.data(), m_view.removeWriteAt(t, scan), m_view.removeKeyAt(t, scan),
                                m_state, read);
      }
    }
  }

  double feedForward(const Stretch& stretch, int64_t col0, int64_t col1, double* states) {
    const bool isRead = stretch.row >= 0;
    double inside = 0.0;
    for (int64_t t = stretch.begin; t < stretch.end; ++t) {
      m_lanes.feeds(t, col0, col1, m_feed.data());
      if (isRead) m_lanes.gates(t, m_gate.data());
      for (int64_t k = 0; k < m_lanes.count(); ++k) {
        const int64_t scan = m_lanes.scan(k);
        double* state = states + k * m_width;
        decaysAt(m_view, t, scan, m_decays.data());
        if (t > stretch.begin) goOn(t, scan, state);
        const double read =
            kernels<T>().forward(nullptr, m_view.keyAt(t, scan), m_feed[static_cast<size_t>(k)],
                                 m_view.queryAt(t, scan), m_state, state);
        if (isRead) inside += static_cast<double>(m_gate[static_cast<size_t>(k)]) * read;
      }
      if (isRead && m_view.skip) inside += m_lanes.onDiagonal(nullptr);
    }
    return inside;
  }

  void transpose(const double* matrix) {
    for (int64_t i = 0; i < m_width; ++i) {
      for (int64_t j = 0; j < m_width; ++j)
        m_transposed[static_cast<size_t>(j * m_width + i)] = matrix[i * m_width + j];
    }
  }

  /// matrix · vector for the vectors that the scan's lanes have in each row of `values`.
  void apply(const double* matrix, int64_t scan, int64_t rows, double* values) {
    int64_t first = 0;
    while (m_lanes.scan(first) < scan) ++first;
    int64_t last = first;
    while (last < m_lanes.count() && m_lanes.scan(last) == scan) ++last;
    const auto size = static_cast<size_t>((last - first) * m_width);
    for (int64_t row = 0; row < rows; ++row) {
      double* vectors = values + row * elements() + first * m_width;
      m_moved.assign(size, 0.0);
      m_kernels.multiply(vectors, last - first, matrix, m_width, m_width, m_moved.data(), m_width);
      std::copy(m_moved.begin(), m_moved.end(), vectors);
    }
  }

  const FactorView<T>& m_view;
  PooledLanes<T>& m_lanes;
  const PoolKernels<double>& m_kernels = poolKernels<double>();
  const int64_t m_state;   // N
  const int64_t m_width;   // N, aligned
  const int64_t m_square;  // of a transfer matrix
  int64_t m_firstScan = 0, m_lastScan = 0;
  std::vector<T> m_feed, m_gate;     // [states]
  std::vector<double> m_transposed;  // [width, width]
  std::vector<double> m_moved;       // what is being multiplied
  std::vector<double> m_decays;      // [N]
};

}  // namespace

template <typename T>
std::unique_ptr<PooledScan<double>> makePooledDelta(const FactorView<T>& view, PooledLanes<T>& lanes) {
  return std::make_unique<PooledDelta<T>>(view, lanes);
}

template std::unique_ptr<PooledScan<double>> makePooledDelta(const FactorView<float>&, PooledLanes<float>&);
template std::unique_ptr<PooledScan<double>> makePooledDelta(const FactorView<double>&, PooledLanes<double>&);

}  // namespace uc
