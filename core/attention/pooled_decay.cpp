// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// States that decay each by itself. A few tokens make a leaf, by recurrence; neighboring runs of equal length
// join as in a binary counter, so that every sum has few roundings however many tokens a pixel covers.
//
// RWKV-4 is one of them when its sums are kept normalized: with σ_t the logarithm of Σ_{s≤t} e^{k_s +
// (t−s)w}, α[t,s] = e^{k_s−σ_s} · Π_{r∈(s,t)} e^{σ_{r−1}+w−σ_r} · e^{σ_{t−1}−log R_t}, where no factor
// exceeds 1.

#include "core/attention/pool_kernels.h"
#include "core/attention/pooled_scan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace uc {
namespace {

template <typename T>
class PooledDecay final : public PooledScan<T> {
 public:
  PooledDecay(const FactorView<T>& view, PooledLanes<T>& lanes)
      : m_view(view), m_lanes(lanes), m_state(view.hasScan ? view.state : 0) {}

  int64_t elements() const override { return m_elements; }
  int64_t transferSize() const override { return m_elements; }

  void setStates(int64_t first, int64_t last) override {
    m_lanes.setStates(first, last);
    const auto count = static_cast<size_t>(last - first), leaf = static_cast<size_t>(kPoolLeafTokens);
    m_elements = poolAligned((last - first) * m_state);
    m_scratch.assign(3 * leaf * static_cast<size_t>(m_elements), T(0));
    for (std::vector<T>* scales : {&m_logDecays, &m_feeds, &m_reads}) scales->assign(leaf * count, T(1));
    m_diagonals.resize(count);
    m_offsets.clear();
    m_keyOffsets.clear();
    m_queryOffsets.clear();
    for (int64_t i = 0; i < m_lanes.count(); ++i) {
      const int64_t scan = m_lanes.scan(i);
      m_offsets.push_back(scan * m_state);
      m_keyOffsets.push_back(m_view.keyGroup(scan) * m_state);
      m_queryOffsets.push_back(scan * m_view.queryGroups / m_view.scans * m_state);
    }
    m_isContiguous = m_lanes.scan(m_lanes.count() - 1) - m_lanes.scan(0) == last - first - 1;
    if (m_view.hasScan && m_view.kind == ScanKind::LogSum) startLogSums();
  }

  double fill(const Stretch& stretch, int64_t col0, int64_t col1, const StretchFactors<T>& out) override {
    m_stretch = stretch;
    m_col0 = col0;
    m_col1 = col1;
    m_diagonal = 0.0;
    m_levels.clear();
    if (m_view.hasScan && m_view.kind == ScanKind::LogSum) rewindLogSums();
    std::fill_n(out.transfer, m_elements, T(0));
    for (int64_t begin = stretch.begin; begin < stretch.end; begin += kPoolLeafTokens) {
      const int64_t tokens = std::min(kPoolLeafTokens, stretch.end - begin);
      load(begin, tokens);
      if (m_elements == 0) continue;
      if (stretch.row < 0 && col0 == col1) {
        m_kernels.addLogDecays(m_tokens, m_scratch.data(), m_elements, out.transfer);
      } else {
        addLeaf();
      }
    }
    if (m_levels.empty()) return m_diagonal;
    while (m_levels.size() > 1) joinLast();
    const PoolNode<T> whole = node(0);
    std::copy_n(whole.sum(), m_elements, out.transfer);
    std::copy_n(whole.read(), m_elements, out.read);
    std::copy_n(whole.state(), m_elements, out.state);
    double inside = m_diagonal;
    for (int64_t i = 0; i < m_elements; ++i) inside += static_cast<double>(whole.inside()[i]);
    return inside;
  }

  void carryStates(const T* transfer, int64_t rows, T* states) override {
    m_kernels.decay(transfer, rows, m_elements, states);
  }
  void carryReads(const T* transfer, int64_t rows, T* reads) override {
    m_kernels.decay(transfer, rows, m_elements, reads);
  }
  void joinTransfers(T* first, const T* second) override { m_kernels.addRows(second, 1, m_elements, first); }

 private:
  PoolNode<T> node(size_t i) {
    const auto size = static_cast<size_t>(4 * m_elements);
    if (m_nodes.size() < (i + 1) * size) m_nodes.resize((i + 1) * size);
    return {m_nodes.data() + i * size, m_elements};
  }

  void addLeaf() {
    m_kernels.leaf(m_tokens, m_scratch.data(), node(m_levels.size()));
    m_levels.push_back(0);
    while (m_levels.size() > 1 && m_levels.back() == m_levels[m_levels.size() - 2]) joinLast();
  }

  void joinLast() {
    m_kernels.join(node(m_levels.size() - 2), node(m_levels.size() - 1));
    m_levels.pop_back();
    ++m_levels.back();
  }

  /// The tokens of a leaf. What feeds nothing, or is in no row, has numbers that nobody looks at.
  void load(int64_t begin, int64_t tokens) {
    const int64_t count = m_lanes.count();
    const bool isFed = m_col0 < m_col1, isRead = m_stretch.row >= 0;
    const bool hasDiagonal = m_view.hasScan && m_view.readsBeforeDecay;
    for (int64_t i = 0; i < tokens; ++i) {
      const int64_t t = begin + i;
      T *feeds = m_feeds.data() + i * count, *reads = m_reads.data() + i * count;
      if (isFed) m_lanes.feeds(t, m_col0, m_col1, feeds);
      if (isRead) m_lanes.gates(t, reads);
      if (isFed && isRead && (hasDiagonal || m_view.skip)) addDiagonal(t, hasDiagonal);
      if (m_view.hasScan) loadScan(t, i, feeds, reads);
    }
    m_tokens = {tokens,
                count,
                m_state,
                m_view.readsBeforeDecay,
                {m_logDecays.data(), m_decayVectors, m_offsets.data()},
                {m_feeds.data(), m_keyVectors, m_keyOffsets.data()},
                {m_reads.data(), m_queryVectors, m_queryOffsets.data()}};
  }

  void addDiagonal(int64_t t, bool hasDiagonal) {
    const bool isLog = m_view.kind == ScanKind::LogSum;
    for (int64_t k = 0; k < m_lanes.count() && hasDiagonal; ++k) {
      const double own = m_view.diagonalAt(t, m_lanes.scan(k));
      m_diagonals[static_cast<size_t>(k)] =
          isLog ? std::exp(own - m_view.logNormalizerAt(t, m_lanes.scan(k))) : own;
    }
    m_diagonal += m_lanes.onDiagonal(hasDiagonal ? m_diagonals.data() : nullptr);
  }

  /// Token t, the i-th of its leaf.
  void loadScan(int64_t t, int64_t i, T* feeds, T* reads) {
    const int64_t count = m_lanes.count();
    if (m_view.kind == ScanKind::LogSum) {
      loadLogSums(t, m_logDecays.data() + i * count, feeds, reads);
      m_decayVectors[i] = m_keyVectors[i] = m_queryVectors[i] = &kOne;
      return;
    }
    m_decayVectors[i] = m_view.step ? m_view.rate : m_view.logDecayAt(t, 0);
    m_keyVectors[i] = m_view.keyAt(t, 0);
    m_queryVectors[i] = m_view.queryAt(t, 0);
    if (!m_view.step) return;
    T* steps = m_logDecays.data() + i * count;
    copyScans(m_view.step, t, steps);
    for (int64_t k = 0; k < count && m_view.hasStepInKey; ++k) feeds[k] *= steps[k];
  }

  /// Row t of a tensor [L, C], for the scans of the states.
  template <typename In, typename Out>
  void copyScans(const In* tensor, int64_t t, Out* out) const {
    const In* row = tensor + t * m_view.scans;
    askAhead(tensor, t, m_view.tokens, m_view.scans, m_lanes.scan(0), m_lanes.count());
    if (m_isContiguous) {
      std::copy_n(row + m_lanes.scan(0), m_lanes.count(), out);
    } else {
      for (int64_t k = 0; k < m_lanes.count(); ++k) out[k] = row[m_lanes.scan(k)];
    }
  }

  void startLogSums() {
    const auto count = static_cast<size_t>(m_lanes.count());
    m_logSums.assign(count, -std::numeric_limits<double>::infinity());
    m_rates.resize(count);
    for (size_t k = 0; k < count; ++k)
      m_rates[k] = static_cast<double>(m_view.rateOf(m_lanes.scan(static_cast<int64_t>(k)))[0]);
    m_logKeys.resize(count);
    m_logNormalizers.resize(count);
    m_keys.resize(count);
    m_queries.resize(count);
    m_offsets.assign(count, 0);
    m_keyOffsets = m_queryOffsets = m_offsets;
    m_sumsBegin = -1;
  }

  /// A stretch may be filled for several pixels of columns: from the same sums each time.
  void rewindLogSums() {
    if (m_sumsBegin != m_stretch.begin) m_sumsAtBegin = m_logSums;
    m_sumsBegin = m_stretch.begin;
    m_logSums = m_sumsAtBegin;
  }

  void loadLogSums(int64_t t, T* logDecays, T* feeds, T* reads) {
    const int64_t count = m_lanes.count();
    copyScans(m_view.logKey, t, m_logKeys.data());
    copyScans(m_view.logNormalizer, t, m_logNormalizers.data());
    m_kernels.normalize(m_logKeys.data(), m_logNormalizers.data(), m_rates.data(), count, m_logSums.data(),
                        logDecays, m_keys.data(), m_queries.data());
    for (int64_t k = 0; k < count; ++k) {
      feeds[k] *= m_keys[static_cast<size_t>(k)];
      reads[k] *= m_queries[static_cast<size_t>(k)];
    }
  }

  static constexpr T kOne = T(1);

  const FactorView<T>& m_view;
  PooledLanes<T>& m_lanes;
  const PoolKernels<T>& m_kernels = poolKernels<T>();
  const int64_t m_state;  // N; 0 without a scan
  int64_t m_elements = 0;

  Stretch m_stretch;
  int64_t m_col0 = 0, m_col1 = 0;
  double m_diagonal = 0.0;

  PoolTokens<T> m_tokens{};
  const T* m_decayVectors[kPoolLeafTokens] = {};
  const T* m_keyVectors[kPoolLeafTokens] = {};
  const T* m_queryVectors[kPoolLeafTokens] = {};
  std::vector<T> m_logDecays, m_feeds, m_reads;  // [leaf tokens, states]  scales
  std::vector<int64_t> m_offsets, m_keyOffsets, m_queryOffsets;
  std::vector<T> m_scratch;
  std::vector<double> m_diagonals;  // [states]
  bool m_isContiguous = false;      // whether each state is of the next scan

  std::vector<T> m_nodes;     // [nodes, 4, elements]
  std::vector<int> m_levels;  // of the nodes there are: log2 of their length in leaves

  std::vector<double> m_logSums, m_sumsAtBegin;              // RWKV-4: σ of each state
  std::vector<double> m_rates, m_logKeys, m_logNormalizers;  // [states]
  std::vector<T> m_keys, m_queries;                          // [states]
  int64_t m_sumsBegin = -1;
};

}  // namespace

template <typename T>
std::unique_ptr<PooledScan<T>> makePooledDecay(const FactorView<T>& view, PooledLanes<T>& lanes) {
  return std::make_unique<PooledDecay<T>>(view, lanes);
}

template std::unique_ptr<PooledScan<float>> makePooledDecay(const FactorView<float>&, PooledLanes<float>&);
template std::unique_ptr<PooledScan<double>> makePooledDecay(const FactorView<double>&, PooledLanes<double>&);

}  // namespace uc
