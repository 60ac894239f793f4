// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/recurrence.h"
#include "core/attention/slab_coefficients.h"

#include <algorithm>
#include <cassert>

namespace uc {
namespace {

using scan_kernels::Spread;

/// Lanes with decays of their own: one exponential for each lane, state and column, of a sum of log decays.
template <typename T>
class DecayRow final : public RowScan<T> {
 public:
  DecayRow(const FactorView<T>& view, const LaneSlab& slab, int64_t t)
      : m_view(view), m_slab(slab), m_coefficients(view, slab), m_row(t), m_column(t) {
    const auto size = static_cast<size_t>(view.state * slab.width());
    m_entrySums.resize(view.logDecay ? size : static_cast<size_t>(slab.width()));
    m_sums.resize(m_entrySums.size());
    m_isAlive.assign(static_cast<size_t>(view.state), 1);
    m_coefficients.query(t, m_query);
    m_weight.resize(m_query.size());
    if (!view.logDecay)
      m_coefficients.load([&](int64_t c) { return view.rateOf(c); }, Spread::EachLane, m_rate);
  }

  void next(T* entries) override {
    const int64_t s = m_column--, width = m_coefficients.width();
    if (m_view.readsBeforeDecay && s == m_row) {
      m_coefficients.lanes(m_view.diagonal + s * m_view.scans, entries);
      return;
    }
    if (m_isDead) {
      std::fill(entries, entries + width, T(0));
      return;
    }
    m_coefficients.key(s, m_key);
    for (size_t i = 0; i < m_weight.size(); ++i) m_weight[i] = m_query[i] * m_key[i];
    const scan_kernels::RowStep<T> step{m_view.logDecay ? nullptr : m_rate.data(),
                                        m_entrySums.data(),
                                        m_weight.data(),
                                        m_isAlive.data(),
                                        m_coefficients.spread(),
                                        m_view.state,
                                        width};
    scan_kernels::rowEntries(step, entries);
    if (m_view.hasStepInKey) {
      scan_kernels::scale(m_view.step + s * m_view.scans + m_slab.first, m_slab.count(), entries);
    }
    cross(s);
    if (s % kLookTokens == 0) {
      scan_kernels::findAlive(step, m_slab.count(), m_isAlive.data());
      m_isDead = std::find(m_isAlive.begin(), m_isAlive.end(), 1) == m_isAlive.end();
    }
  }

 private:
  static constexpr int64_t kLookTokens = 32;  // between two looks at which states have died

  /// Column s − 1 lies behind the decay of token s.
  void cross(int64_t s) {
    if (!m_view.logDecay) {
      scan_kernels::addLogDecays(m_view.step + s * m_view.scans + m_slab.first, m_slab.count(), m_sums.data(),
                                 m_entrySums.data());
      return;
    }
    const int64_t token = m_view.logDecayStride == 0 ? 0 : s;
    m_coefficients.load([&](int64_t c) { return m_view.logDecayAt(token, c); }, Spread::EachLane, m_rate);
    scan_kernels::addLogDecays(m_rate.data(), static_cast<int64_t>(m_rate.size()), m_sums.data(),
                               m_entrySums.data());
  }

  const FactorView<T>& m_view;
  const LaneSlab m_slab;
  const SlabCoefficients<T> m_coefficients;
  const int64_t m_row;
  int64_t m_column;
  std::vector<double> m_sums;  // of the step [width], or of log decays [N, width], over (s, t]
  std::vector<T> m_entrySums;  // the same in T
  std::vector<T> m_rate;       // [N, width]; without a step the log decays of the token at hand
  std::vector<double> m_query, m_key, m_weight;
  std::vector<uint8_t> m_isAlive;
  bool m_isDead = false;
};

/// Lanes that share a scan: one adjoint recurrence for all of them, over its states.
template <typename T>
class SharedRow final : public RowScan<T> {
 public:
  SharedRow(const FactorView<T>& view, const LaneSlab& slab, int64_t t)
      : m_view(view), m_coefficients(view, slab), m_decays(view, slab), m_row(t), m_column(t) {
    m_coefficients.query(t, m_lambda);
  }

  void next(T* entries) override {
    const int64_t s = m_column--;
    if (s < m_row && !(m_view.readsBeforeDecay && s + 1 == m_row)) cross(s + 1);
    double entry =
        m_view.readsBeforeDecay && s == m_row ? m_view.diagonalAt(s, m_coefficients.scan()) : read(s);
    entry *= static_cast<double>(m_view.keyScaleAt(s, m_coefficients.scan()));
    std::fill(entries, entries + m_coefficients.width(), static_cast<T>(entry));
  }

 private:
  double read(int64_t s) {
    const T* key = m_view.keyAt(s, m_coefficients.scan());
    double sum = 0.0;
    for (int64_t n = 0; n < m_view.state; ++n) {
      sum += static_cast<double>(key[n]) * m_lambda[static_cast<size_t>(n)];
    }
    return sum;
  }

  /// λ ← a λ, for the delta rule less (λ · write) remove: the adjoint of its step.
  void cross(int64_t r) {
    const double* lessOne = m_decays.at(r);
    const bool isDelta = m_view.kind == ScanKind::DeltaRule;
    const T* remove = isDelta ? m_view.removeKeyAt(r, m_coefficients.scan()) : nullptr;
    const T* write = isDelta ? m_view.removeWriteAt(r, m_coefficients.scan()) : nullptr;
    double removed = 0.0;
    for (int64_t n = 0; n < m_view.state && isDelta; ++n) {
      removed += m_lambda[static_cast<size_t>(n)] * static_cast<double>(write[n]);
    }
    for (int64_t n = 0; n < m_view.state; ++n) {
      double& value = m_lambda[static_cast<size_t>(n)];
      value += lessOne[n] * value;
      if (isDelta) value -= removed * static_cast<double>(remove[n]);
    }
  }

  const FactorView<T>& m_view;
  const SlabCoefficients<T> m_coefficients;
  SlabDecays<T> m_decays;
  const int64_t m_row;
  int64_t m_column;
  std::vector<double> m_lambda;  // [N]
};

/// RWKV-4 in closed form: exp(logKey[s] + (t − 1 − s) rate − logNormalizer[t]).
template <typename T>
class LogSumRow final : public RowScan<T> {
 public:
  LogSumRow(const FactorView<T>& view, const LaneSlab& slab, int64_t t)
      : m_view(view), m_coefficients(view, slab), m_row(t), m_column(t) {
    const auto size = static_cast<size_t>(slab.width());
    for (std::vector<double>* vector : {&m_rate, &m_normalizer, &m_exponent}) vector->resize(size);
    m_coefficients.lanes(view.rate, m_rate.data());
    m_coefficients.lanes(view.logNormalizer + t * view.scans, m_normalizer.data());
  }

  void next(T* entries) override {
    const int64_t s = m_column--;
    m_coefficients.lanes((s == m_row ? m_view.diagonal : m_view.logKey) + s * m_view.scans,
                         m_exponent.data());
    const double age = s == m_row ? 0.0 : static_cast<double>(m_row - 1 - s);
    for (size_t i = 0; i < m_exponent.size(); ++i) m_exponent[i] += age * m_rate[i] - m_normalizer[i];
    scan_kernels::exponentials(m_exponent.data(), m_coefficients.width(), m_exponent.data());
    std::transform(m_exponent.begin(), m_exponent.end(), entries, [](double x) { return static_cast<T>(x); });
  }

 private:
  const FactorView<T>& m_view;
  const SlabCoefficients<T> m_coefficients;
  const int64_t m_row;
  int64_t m_column;
  std::vector<double> m_rate, m_normalizer, m_exponent;  // [width]
};

}  // namespace

template <typename T>
std::unique_ptr<RowScan<T>> makeRowScan(const FactorView<T>& view, const LaneSlab& slab, int64_t t) {
  assert(view.hasScan && view.kind != ScanKind::Softmax);
  if (view.kind == ScanKind::LogSum) return std::make_unique<LogSumRow<T>>(view, slab, t);
  if (sharesDecays(view)) return std::make_unique<SharedRow<T>>(view, slab, t);
  return std::make_unique<DecayRow<T>>(view, slab, t);
}

template std::unique_ptr<RowScan<float>> makeRowScan(const FactorView<float>&, const LaneSlab&, int64_t);
template std::unique_ptr<RowScan<double>> makeRowScan(const FactorView<double>&, const LaneSlab&, int64_t);

}  // namespace uc
