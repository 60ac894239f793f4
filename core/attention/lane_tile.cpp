// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/lane_tile.h"

#include <algorithm>

namespace uc {

template <typename T>
std::unique_ptr<ScanTile<T>> makeScanTile(const FactorView<T>& view, const Crossings<T>& crossings) {
  switch (view.kind) {
    case ScanKind::Decay:
      return makeDecayTile(view, crossings);
    case ScanKind::LogSum:
      return makeLogSumTile(view);
    case ScanKind::DeltaRule:
      return makeDeltaRuleTile(view, crossings);
    case ScanKind::Softmax:
      return makeSoftmaxTile(view);
  }
  return nullptr;
}

template <typename T>
LaneTile<T>::LaneTile(const FactorView<T>& view, const Crossings<T>& crossings)
    : m_view(view),
      m_kernels(kernels<T>()),
      m_tileKernels(tileKernels<T>()),
      m_scanTile(view.hasScan ? makeScanTile(view, crossings) : nullptr),
      m_folds(view.hasScan && foldsLane(view)),
      m_weights(static_cast<size_t>(view.taps)),
      m_gated(m_weights.size()) {}

template <typename T>
void LaneTile<T>::setPanel(int64_t col0, int64_t col1, int64_t rowEnd) {
  m_col0 = col0;
  m_col1 = std::min(col1, rowEnd);  // columns past the last row are all above the diagonal
  m_baseEnd = std::min(m_col1 + m_view.taps - 1, rowEnd);
  m_stride = std::max<int64_t>(m_baseEnd - m_col0, 0);
  m_scaled.resize(static_cast<size_t>(m_stride));
  m_edge.resize(m_scaled.size());
  m_base.resize(static_cast<size_t>(m_stride * kBlockTokens));
  if (m_scanTile && m_stride > 0) m_scanTile->setPanel({m_col0, m_baseEnd, rowEnd});
}

template <typename T>
void LaneTile<T>::setScan(int64_t scan, int64_t lane0, int64_t lane1) {
  m_lane0 = lane0;
  m_lane1 = lane1;
  if (!m_scanTile || m_stride == 0) return;
  if (m_view.columnScale) {
    m_activations.resize(static_cast<size_t>((lane1 - lane0) * m_stride));
    const T* from = m_view.columnScale + m_col0 * m_view.lanes;
    T* into = m_activations.data();
    if (lane1 - lane0 == 1) {
      for (int64_t i = 0; i < m_stride; ++i) into[i] = from[i * m_view.lanes + lane0];
    } else {
      for (int64_t i = 0; i < m_stride; ++i, from += m_view.lanes) {
        for (int64_t d = lane0; d < lane1; ++d) into[(d - lane0) * m_stride + i] = from[d];
      }
    }
  }
  LaneFold<T> fold;
  if (m_folds && m_view.columnScale) fold.columnScale = m_activations.data();
  if (m_folds && m_view.skip) fold.skip = m_view.skip[lane0];
  m_scanTile->setScan(scan, fold);
}

template <typename T>
void LaneTile<T>::setRows(int64_t row0, int64_t row1) {
  m_row0 = row0;
  m_row1 = row1;
  if (!m_scanTile || m_stride == 0) return;
  for (int64_t begin = row0; begin < row1;) {
    const int64_t end = std::min((begin / kBlockTokens + 1) * kBlockTokens, row1);
    if (end > m_col0) m_scanTile->fill(begin, end, m_base.data() + (begin - row0) * m_stride);
    begin = end;
  }
}

template <typename T>
void LaneTile<T>::setLane(int64_t lane) {
  m_lane = lane;
  for (int64_t j = 0; j < m_view.taps; ++j) m_weights[j] = m_view.weight(lane, j);
}

template <typename T>
int64_t LaneTile<T>::attended(int64_t t) const {
  return std::max<int64_t>(std::min(t + 1, m_col1) - m_col0, 0);
}

template <typename T>
void LaneTile<T>::row(int64_t t, T* out) {
  if (attended(t) > 0) fillRow(t, 0, out);
}

/// H[t, s] = G_t Σ_j (R⁻¹α + S)[t, s + j] Z_{s+j} w_j over s + j ≤ t, from the panel's column `from` on.
template <typename T>
void LaneTile<T>::fillRow(int64_t t, int64_t from, T* out) {
  const int64_t count = attended(t);
  const T gate = m_view.gateAt(t, m_lane);
  for (size_t j = 0; j < m_weights.size(); ++j) m_gated[j] = gate * m_weights[j];
  if (m_scanTile) {
    const T* in = m_base.data() + (t - m_row0) * m_stride;
    const int64_t filled = std::min(t + 1, m_baseEnd) - m_col0;
    if (m_view.columnScale && !m_folds) {
      m_kernels.scaleRows(in + from, m_activations.data() + (m_lane - m_lane0) * m_stride + from, 1,
                          filled - from, m_scaled.data() + from);
      in = m_scaled.data();
    }
    convolve(in, from, filled, count, out);
  } else {
    std::fill_n(out + from, count - from, T(0));
  }
  if (m_view.skip && !m_folds) addSkip(t, from, out);
}

/// The last K − 1 columns before the diagonal have fewer terms than the others.
template <typename T>
void LaneTile<T>::convolve(const T* in, int64_t from, int64_t filled, int64_t count, T* out) const {
  const int64_t whole = std::max(std::min(filled - (m_view.taps - 1), count), from);
  m_kernels.convolve(in + from, m_gated.data(), m_view.taps, whole - from, out + from);
  for (int64_t s = whole; s < count; ++s) {
    T sum = T(0);
    for (int64_t j = 0; j < m_view.taps && s + j < filled; ++j) sum += m_gated[j] * in[s + j];
    out[s] = sum;
  }
}

/// The diagonal S Z, spread over the K columns that its taps reach.
template <typename T>
void LaneTile<T>::addSkip(int64_t t, int64_t from, T* out) const {
  const T path = m_view.skip[m_lane] * m_view.activationAt(t, m_lane);
  for (int64_t j = 0; j < m_view.taps; ++j) {
    const int64_t s = t - j;
    if (s >= m_col0 + from && s < m_col1) out[s - m_col0] += m_gated[j] * path;
  }
}

template <typename T>
void LaneTile<T>::setInputs(const T* inputs, int64_t stride) {
  m_inputs = inputs;
  m_inputStride = stride;
  if (!m_scanTile || m_stride == 0) return;
  const int64_t count = m_col1 - m_col0, last = m_baseEnd - m_col0;
  m_factors.resize(static_cast<size_t>((m_lane1 - m_lane0) * m_view.taps * m_stride));
  for (int64_t d = m_lane0; d < m_lane1; ++d) {
    const T* z = m_view.columnScale && !m_folds ? m_activations.data() + (d - m_lane0) * m_stride : nullptr;
    const T* x = inputs ? inputs + (d - m_lane0) * stride : nullptr;
    for (int64_t j = 0; j < m_view.taps; ++j) {
      T* factors = m_factors.data() + ((d - m_lane0) * m_view.taps + j) * m_stride;
      const T weight = m_view.weight(d, j);
      for (int64_t s = 0; s < std::min(count, last - j); ++s) {
        factors[s] = weight * (z ? z[s + j] : T(1)) * (x ? x[s] : T(1));
      }
    }
  }
}

/// Columns all of whose taps lie before the first row are joined as blocks, the others row by row.
template <typename T>
void LaneTile<T>::joinRows(Join join, int64_t lane0, int64_t lane1, T* out, int64_t outStride) {
  const int64_t rows = m_row1 - m_row0, lanes = lane1 - lane0;
  m_gateLane = lane0;
  int64_t whole =
      std::clamp<int64_t>(m_row0 - (m_view.taps - 1) - m_col0, 0, std::max<int64_t>(m_col1 - m_col0, 0));
  if (!m_scanTile) whole = 0;
  m_gates.resize(static_cast<size_t>(rows * lanes));
  for (int64_t t = 0; t < rows; ++t) {
    for (int64_t l = 0; l < lanes; ++l) m_gates[t * lanes + l] = m_view.gateAt(m_row0 + t, lane0 + l);
  }
  const bool isSum = join == Join::Sum && lanes > 1;
  for (int64_t from = 0; from < whole; from += kBlockTokens) {
    const int64_t count = std::min(kBlockTokens, whole - from);
    if (isSum) sumPiece(lane0, lane1, from, count, out + from, outStride);
    for (int64_t d = lane0; d < lane1 && !isSum; ++d) {
      joinPiece(join, d, from, count, out + from, outStride);
    }
  }
  for (int64_t d = lane0; d < lane1; ++d) joinEdge(join, d, whole, out, outStride);
}

template <typename T>
void LaneTile<T>::joinPiece(Join join, int64_t lane, int64_t from, int64_t count, T* out, int64_t outStride) {
  SharedRows<T> shared;
  shared.base = m_base.data() + from;
  shared.baseStride = m_stride;
  shared.factors = m_factors.data() + (lane - m_lane0) * m_view.taps * m_stride + from;
  shared.factorStride = m_stride;
  shared.gateStride = static_cast<int64_t>(m_gates.size()) / (m_row1 - m_row0);
  shared.gate = m_gates.data() + (lane - m_gateLane);
  shared.taps = m_view.taps;
  shared.rows = m_row1 - m_row0;
  shared.columns = count;
  m_tileKernels.joinShared(join, shared, out, outStride);
}

/// The lanes' sum needs α only once a tap: G and the factors meet in a product whose inner dimension is the
/// lanes.
template <typename T>
void LaneTile<T>::sumPiece(int64_t lane0, int64_t lane1, int64_t from, int64_t count, T* out,
                           int64_t outStride) {
  const int64_t rows = m_row1 - m_row0, lanes = lane1 - lane0;
  m_sums.resize(kBlockTokens * kBlockTokens);
  for (int64_t j = 0; j < m_view.taps; ++j) {
    std::fill(m_sums.begin(), m_sums.end(), T(0));
    const T* factors = m_factors.data() + ((lane0 - m_lane0) * m_view.taps + j) * m_stride + from;
    m_tileKernels.multiply(Join::Sum, m_gates.data(), lanes, factors, m_view.taps * m_stride, rows, count,
                           lanes, m_sums.data(), kBlockTokens);
    m_tileKernels.addProduct(m_base.data() + from + j, m_stride, m_sums.data(), kBlockTokens, rows, count,
                             out, outStride);
  }
}

template <typename T>
void LaneTile<T>::joinEdge(Join join, int64_t lane, int64_t from, T* out, int64_t outStride) {
  setLane(lane);
  for (int64_t t = m_row0; t < m_row1; ++t, out += outStride) {
    const int64_t count = attended(t);
    if (count <= from) continue;
    T* edge = m_edge.data();
    fillRow(t, from, edge);
    if (m_inputs) {
      const T* x = m_inputs + (lane - m_lane0) * m_inputStride;
      for (int64_t s = from; s < count; ++s) edge[s] *= x[s];
    }
    m_kernels.join(join, edge + from, count - from, out + from);
  }
}

template std::unique_ptr<ScanTile<float>> makeScanTile(const FactorView<float>&, const Crossings<float>&);
template std::unique_ptr<ScanTile<double>> makeScanTile(const FactorView<double>&, const Crossings<double>&);
template class LaneTile<float>;
template class LaneTile<double>;

}  // namespace uc
