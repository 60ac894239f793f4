// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/slab_coefficients.h"

namespace uc {

using scan_kernels::Spread;

template <typename T>
SlabDecays<T>::SlabDecays(const FactorView<T>& view, const LaneSlab& slab)
    : m_view(view),
      m_coefficients(view, slab),
      m_spread(sharesDecays(view) ? Spread::AllLanes : Spread::EachLane),
      m_rows(m_spread == Spread::AllLanes ? 1 : view.state),
      m_width(m_spread == Spread::AllLanes ? paddedLanes(view.state) : slab.width()),
      m_step(static_cast<size_t>(m_width)),
      m_lessOne(static_cast<size_t>(m_rows * m_width)),
      m_none(m_lessOne.size()) {
  if (!view.logDecay) loadRates([&](int64_t c) { return view.rateOf(c); });
}

template <typename T>
template <typename At>
void SlabDecays<T>::loadRates(const At& at) {
  m_coefficients.load(at, m_spread, m_rate);
  m_rate.resize(m_lessOne.size());
}

template <typename T>
const double* SlabDecays<T>::at(int64_t t) {
  const int64_t token = m_view.logDecay && m_view.logDecayStride == 0 ? 0 : t;
  if (token == m_token) return m_lessOne.data();
  m_token = token;
  if (m_view.logDecay) loadRates([&](int64_t c) { return m_view.logDecayAt(token, c); });
  const bool hasStep = m_view.step && !m_view.logDecay;
  if (hasStep && m_spread == Spread::AllLanes) {
    std::fill(m_step.begin(), m_step.end(), m_view.stepAt(token, m_coefficients.scan()));
  } else if (hasStep) {
    m_coefficients.lanes(m_view.step + token * m_view.scans, m_step.data());
  }
  constexpr bool kIsPrecise = sizeof(T) == sizeof(double);
  const double* step = hasStep ? m_step.data() : nullptr;
  scan_kernels::decaysLessOne(m_rate.data(), step, m_rows, m_width, kIsPrecise, m_lessOne.data());
  return m_lessOne.data();
}

template class SlabDecays<float>;
template class SlabDecays<double>;

}  // namespace uc
