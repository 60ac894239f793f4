// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/crossings.h"

#include "core/attention/kernels.h"
#include "core/attention/parallel.h"
#include "core/attention/tile_kernels.h"

#include <algorithm>

namespace uc {
namespace {

constexpr size_t kFewSums = 1024;  // made sooner than a thread is

}  // namespace

template <typename T>
void decaysAt(const FactorView<T>& view, int64_t t, int64_t c, double* out) {
  if (view.logDecay) {
    kernels<T>().decays(view.logDecayAt(t, c), 1.0, view.state, out);
  } else {
    kernels<T>().decays(view.rateOf(c), view.stepAt(t, c), view.state, out);
  }
}

template <typename T>
Crossings<T>::Crossings(const FactorView<T>& view, int64_t scan0, int64_t scan1, int64_t token0,
                        int64_t token1, int64_t rows, const Feedback& feedback)
    : m_view(view),
      m_scan0(scan0),
      m_scan1(scan1),
      m_block0(token0 / kBlockTokens),
      m_block1((token1 + kBlockTokens - 1) / kBlockTokens) {
  if (!view.hasScan) return;
  const bool isDecay = view.kind == ScanKind::Decay;
  m_hasMatrices = view.kind == ScanKind::DeltaRule && rows >= view.state;
  if (isDecay) m_sums.resize(static_cast<size_t>((m_block1 - m_block0) * (scan1 - scan0) * sumWidth(view)));
  if (m_hasMatrices) m_matrices.resize(static_cast<size_t>(scan1 - scan0));
  if (!isDecay && !m_hasMatrices) return;
  const auto compute = [&](int64_t i, int64_t) {
    feedback.checkpoint();
    if (isDecay) {
      sumBlock(m_block0 + i);
    } else {
      multiplyBlocks(scan0 + i);
    }
  };
  const int64_t count = isDecay ? m_block1 - m_block0 : scan1 - scan0;
  if (isDecay && m_sums.size() < kFewSums) {
    for (int64_t i = 0; i < count; ++i) compute(i, 0);
  } else {
    parallelFor(count, compute, {}, feedback);
  }
}

template <typename T>
void Crossings<T>::sumBlock(int64_t block) {
  const int64_t width = (m_scan1 - m_scan0) * sumWidth(m_view);
  double* sums = m_sums.data() + (block - m_block0) * width;
  for (int64_t t = block * kBlockTokens; t < std::min((block + 1) * kBlockTokens, m_view.tokens); ++t) {
    const T* values = m_view.logDecaysAt(t, m_scan0);
    for (int64_t i = 0; i < width; ++i) sums[i] += static_cast<double>(values[i]);
  }
}

template <typename T>
void Crossings<T>::multiplyBlocks(int64_t scan) {
  const int64_t n = m_view.state, square = n * n;
  auto& levels = m_matrices[static_cast<size_t>(scan - m_scan0)];
  const auto slice = [&](int64_t level, int64_t first) {  // its first block is first << level
    return levels[static_cast<size_t>(level)].data() + (first - (m_block0 >> level)) * square;
  };
  std::vector<double> decays(static_cast<size_t>(n)), rows(static_cast<size_t>(square));
  levels.emplace_back(static_cast<size_t>((m_block1 - m_block0) * square));
  for (int64_t block = m_block0; block < m_block1; ++block) {
    std::fill(rows.begin(), rows.end(), 0.0);
    for (int64_t i = 0; i < n; ++i) rows[static_cast<size_t>(i * (n + 1))] = 1.0;
    const int64_t last = std::min((block + 1) * kBlockTokens, m_view.tokens) - 1;
    for (int64_t t = last; t >= block * kBlockTokens; --t) {
      decaysAt(m_view, t, scan, decays.data());
      for (int64_t i = 0; i < n; ++i) {
        kernels<T>().transition(decays.data(), m_view.removeWriteAt(t, scan), m_view.removeKeyAt(t, scan), n,
                                rows.data() + i * n);
      }
    }
    std::transform(rows.begin(), rows.end(), slice(0, block), [](double v) { return static_cast<T>(v); });
  }
  // u X is the vectors u after X's blocks: those of the later half come first.
  for (int64_t level = 1; m_block1 - m_block0 >= int64_t{1} << level; ++level) {
    const int64_t first = m_block0 >> level, end = m_block1 >> level;
    if (first >= end) break;
    levels.emplace_back(static_cast<size_t>((end - first) * square));
    for (int64_t i = first; i < end; ++i) {
      if (i << level < m_block0) continue;  // begins before the range
      tileKernels<T>().multiply(Join::One, slice(level - 1, 2 * i + 1), n, slice(level - 1, 2 * i), n, n, n,
                                n, slice(level, i), n);
    }
  }
}

template <typename T>
void Crossings<T>::advance(int64_t scan, int64_t from, int64_t to, int64_t rows, double* u,
                           double* scratch) const {
  const int64_t n = m_view.state, square = n * n;
  if (!m_hasMatrices) {
    for (int64_t t = from * kBlockTokens - 1; t >= to * kBlockTokens; --t) {
      decaysAt(m_view, t, scan, scratch);
      for (int64_t i = 0; i < rows; ++i) {
        kernels<T>().transition(scratch, m_view.removeWriteAt(t, scan), m_view.removeKeyAt(t, scan), n,
                                u + i * n);
      }
    }
    return;
  }
  const auto& levels = m_matrices[static_cast<size_t>(scan - m_scan0)];
  for (int64_t block = from; block > to;) {
    int64_t level = 0;
    const auto fits = [&](int64_t k) {
      return k < static_cast<int64_t>(levels.size()) && block % (int64_t{1} << k) == 0 &&
             block - (int64_t{1} << k) >= to;
    };
    while (fits(level + 1)) ++level;
    const T* matrix =
        levels[static_cast<size_t>(level)].data() + ((block >> level) - 1 - (m_block0 >> level)) * square;
    double* product = scratch + square;
    std::copy(matrix, matrix + square, scratch);
    tileKernels<double>().multiply(Join::One, u, n, scratch, n, rows, n, n, product, n);
    std::copy(product, product + rows * n, u);
    block -= int64_t{1} << level;
  }
}

template void decaysAt(const FactorView<float>&, int64_t, int64_t, double*);
template void decaysAt(const FactorView<double>&, int64_t, int64_t, double*);
template class Crossings<float>;
template class Crossings<double>;

}  // namespace uc
