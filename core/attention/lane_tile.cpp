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
  m_base.resize(static_cast<size_t>(m_stride * kBlockTokens));
  if (m_scanTile && m_stride > 0) m_scanTile->setPanel({m_col0, m_baseEnd, rowEnd});
}

template <typename T>
void LaneTile<T>::setScan(int64_t scan, int64_t lane0, int64_t lane1) {
  m_lane0 = lane0;
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

/// H[t, s] = G_t Σ_j (R⁻¹α + S)[t, s + j] Z_{s+j} w_j over s + j ≤ t.
template <typename T>
void LaneTile<T>::row(int64_t t, T* out) {
  const int64_t count = attended(t);
  if (count == 0) return;
  const T gate = m_view.gateAt(t, m_lane);
  for (size_t j = 0; j < m_weights.size(); ++j) m_gated[j] = gate * m_weights[j];
  if (m_scanTile) {
    const T* in = m_base.data() + (t - m_row0) * m_stride;
    const int64_t filled = std::min(t + 1, m_baseEnd) - m_col0;
    if (m_view.columnScale && !m_folds) {
      m_kernels.scaleRows(in, m_activations.data() + (m_lane - m_lane0) * m_stride, 1, filled,
                          m_scaled.data());
      in = m_scaled.data();
    }
    convolve(in, filled, count, out);
  } else {
    std::fill_n(out, count, T(0));
  }
  if (m_view.skip && !m_folds) addSkip(t, out);
}

/// The last K − 1 columns before the diagonal have fewer terms than the others.
template <typename T>
void LaneTile<T>::convolve(const T* in, int64_t filled, int64_t count, T* out) const {
  const int64_t whole = std::clamp<int64_t>(filled - (m_view.taps - 1), 0, count);
  m_kernels.convolve(in, m_gated.data(), m_view.taps, whole, out);
  for (int64_t s = whole; s < count; ++s) {
    T sum = T(0);
    for (int64_t j = 0; j < m_view.taps && s + j < filled; ++j) sum += m_gated[j] * in[s + j];
    out[s] = sum;
  }
}

/// The diagonal S Z, spread over the K columns that its taps reach.
template <typename T>
void LaneTile<T>::addSkip(int64_t t, T* out) const {
  const T path = m_view.skip[m_lane] * m_view.activationAt(t, m_lane);
  for (int64_t j = 0; j < m_view.taps; ++j) {
    const int64_t s = t - j;
    if (s >= m_col0 && s < m_col1) out[s - m_col0] += m_gated[j] * path;
  }
}

template std::unique_ptr<ScanTile<float>> makeScanTile(const FactorView<float>&, const Crossings<float>&);
template std::unique_ptr<ScanTile<double>> makeScanTile(const FactorView<double>&, const Crossings<double>&);
template class LaneTile<float>;
template class LaneTile<double>;

}  // namespace uc
