// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/recurrence.h"

#include "core/attention/crossings.h"
#include "core/attention/kernels.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace uc {
namespace {

/// States [lanes, N] and the decays of the token and scan at hand.
template <typename T>
class StateRecurrence : public Recurrence<T> {
 public:
  StateRecurrence(const FactorView<T>& view, int64_t first, int64_t last)
      : m_view(view),
        m_first(first),
        m_states(static_cast<size_t>((last - first) * view.state)),
        m_decays(static_cast<size_t>(view.state)) {}

 protected:
  double* stateOf(int64_t d) { return m_states.data() + (d - m_first) * m_view.state; }

  const double* decaysOf(int64_t t, int64_t c) {
    const int64_t row = m_view.logDecay && m_view.logDecayStride == 0 ? 0 : t;
    if (c != m_scan || row != m_row) decaysAt(m_view, row, c, m_decays.data());
    m_scan = c;
    m_row = row;
    return m_decays.data();
  }

  const FactorView<T>& m_view;
  const Kernels<T>& m_kernels = kernels<T>();

 private:
  const int64_t m_first;
  int64_t m_scan = -1, m_row = -1;  // whose decays are there
  std::vector<double> m_states;     // [lanes, N]
  std::vector<double> m_decays;     // [N]
};

template <typename T>
class DecayRecurrence final : public StateRecurrence<T> {
 public:
  using StateRecurrence<T>::StateRecurrence;

  double forward(int64_t t, int64_t d, double u, bool isFirst) override {
    const int64_t c = m_view.scanOf(d), n = m_view.state;
    const double* decays = isFirst ? nullptr : decaysOf(t, c);
    const double inject = static_cast<double>(m_view.keyScaleAt(t, c)) * u;
    const T *key = m_view.keyAt(t, c), *query = m_view.queryAt(t, c);
    if (!m_view.readsBeforeDecay) return m_kernels.forward(decays, key, inject, query, n, stateOf(d));
    const double read = isFirst ? 0.0 : m_kernels.forward(nullptr, nullptr, 0.0, query, n, stateOf(d));
    m_kernels.forward(decays, key, inject, query, n, stateOf(d));
    return read + m_view.diagonalAt(t, c) * u;
  }

  double fade(int64_t t, int64_t d) override {
    const int64_t c = m_view.scanOf(d), n = m_view.state;
    const T* query = m_view.queryAt(t, c);
    const double* decays = decaysOf(t, c);
    if (!m_view.readsBeforeDecay) return m_kernels.forward(decays, nullptr, 0.0, query, n, stateOf(d));
    const double read = m_kernels.forward(nullptr, nullptr, 0.0, query, n, stateOf(d));
    m_kernels.forward(decays, nullptr, 0.0, query, n, stateOf(d));
    return read;
  }

  double backward(int64_t t, int64_t d, double v, bool isFirst) override {
    const int64_t c = m_view.scanOf(d), n = m_view.state;
    const T *key = m_view.keyAt(t, c), *query = m_view.queryAt(t, c);
    const auto scale = static_cast<double>(m_view.keyScaleAt(t, c));
    if (!m_view.readsBeforeDecay) {
      return scale * m_kernels.backward(decaysOf(t, c), key, query, v, n, stateOf(d));
    }
    const double sum = isFirst ? 0.0 : recede(t, d);
    m_kernels.backward(nullptr, key, query, v, n, stateOf(d));
    return sum + m_view.diagonalAt(t, c) * v;
  }

  double recede(int64_t t, int64_t d) override {
    const int64_t c = m_view.scanOf(d);
    return static_cast<double>(m_view.keyScaleAt(t, c)) *
           m_kernels.backward(decaysOf(t, c), m_view.keyAt(t, c), nullptr, 0.0, m_view.state, stateOf(d));
  }

 private:
  using StateRecurrence<T>::m_view;
  using StateRecurrence<T>::m_kernels;
  using StateRecurrence<T>::stateOf;
  using StateRecurrence<T>::decaysOf;
};

template <typename T>
class DeltaRuleRecurrence final : public StateRecurrence<T> {
 public:
  using StateRecurrence<T>::StateRecurrence;

  double forward(int64_t t, int64_t d, double u, bool isFirst) override {
    const int64_t c = m_view.scanOf(d);
    if (!isFirst) decay(t, c, d);
    return m_kernels.forward(nullptr, m_view.keyAt(t, c), u, m_view.queryAt(t, c), m_view.state, stateOf(d));
  }

  double fade(int64_t t, int64_t d) override {
    const int64_t c = m_view.scanOf(d);
    decay(t, c, d);
    return m_kernels.forward(nullptr, nullptr, 0.0, m_view.queryAt(t, c), m_view.state, stateOf(d));
  }

  double backward(int64_t t, int64_t d, double v, bool /*isFirst*/) override {
    return spread(t, d, m_view.queryAt(t, m_view.scanOf(d)), v);
  }

  double recede(int64_t t, int64_t d) override { return spread(t, d, nullptr, 0.0); }

 private:
  using StateRecurrence<T>::m_view;
  using StateRecurrence<T>::m_kernels;
  using StateRecurrence<T>::stateOf;
  using StateRecurrence<T>::decaysOf;

  void decay(int64_t t, int64_t c, int64_t d) {
    m_kernels.transition(decaysOf(t, c), m_view.removeKeyAt(t, c), m_view.removeWriteAt(t, c), m_view.state,
                         stateOf(d));
  }

  double spread(int64_t t, int64_t d, const T* query, double v) {
    const int64_t c = m_view.scanOf(d);
    const double sum = m_kernels.backward(nullptr, m_view.keyAt(t, c), query, v, m_view.state, stateOf(d));
    m_kernels.transition(decaysOf(t, c), m_view.removeWriteAt(t, c), m_view.removeKeyAt(t, c), m_view.state,
                         stateOf(d));
    return sum;
  }
};

/// Numbers whose logarithms may be large: the state is sum · exp(largest), with the running maximum of the
/// exponents of its terms. The normalizer of a row is at least every term of it, so that what is read is
/// never larger than what was fed.
template <typename T>
class LogSumRecurrence final : public Recurrence<T> {
 public:
  LogSumRecurrence(const FactorView<T>& view, int64_t first, int64_t last)
      : m_view(view), m_first(first), m_states(static_cast<size_t>(last - first)) {}

  double forward(int64_t t, int64_t d, double u, bool isFirst) override {
    const int64_t c = m_view.scanOf(d);
    const double read = isFirst ? 0.0 : fade(t, d);
    stateOf(d).add(m_view.logKeyAt(t, c), u);
    return read + onDiagonal(t, c) * u;
  }

  double fade(int64_t t, int64_t d) override {
    const int64_t c = m_view.scanOf(d);
    State& state = stateOf(d);
    const double read = state.times(-m_view.logNormalizerAt(t, c));
    state.largest += rateOf(c);
    return read;
  }

  double backward(int64_t t, int64_t d, double v, bool isFirst) override {
    const int64_t c = m_view.scanOf(d);
    const double sum = isFirst ? 0.0 : recede(t, d);
    stateOf(d).add(-m_view.logNormalizerAt(t, c), v);
    return sum + onDiagonal(t, c) * v;
  }

  double recede(int64_t t, int64_t d) override {
    const int64_t c = m_view.scanOf(d);
    State& state = stateOf(d);
    const double sum = state.times(m_view.logKeyAt(t, c));
    state.largest += rateOf(c);
    return sum;
  }

 private:
  struct State {
    double sum = 0.0;
    double largest = -std::numeric_limits<double>::infinity();

    double times(double exponent) const { return sum * std::exp(largest + exponent); }

    void add(double exponent, double value) {
      if (std::isinf(exponent) && exponent < 0.0) return;  // a key that nobody can see
      if (exponent > largest || std::isnan(exponent)) {
        sum = std::isinf(largest) ? 0.0 : sum * std::exp(largest - exponent);
        largest = exponent;
      }
      sum += value * std::exp(exponent - largest);
    }
  };

  State& stateOf(int64_t d) { return m_states[static_cast<size_t>(d - m_first)]; }
  double rateOf(int64_t c) const { return static_cast<double>(m_view.rateOf(c)[0]); }
  double onDiagonal(int64_t t, int64_t c) const {
    return std::exp(m_view.diagonalAt(t, c) - m_view.logNormalizerAt(t, c));
  }

  const FactorView<T>& m_view;
  const int64_t m_first;
  std::vector<State> m_states;  // [lanes]
};

}  // namespace

template <typename T>
std::unique_ptr<Recurrence<T>> makeRecurrence(const FactorView<T>& view, int64_t first, int64_t last) {
  assert(view.hasScan && view.kind != ScanKind::Softmax);
  if (view.kind == ScanKind::LogSum) return std::make_unique<LogSumRecurrence<T>>(view, first, last);
  if (view.kind == ScanKind::DeltaRule) return std::make_unique<DeltaRuleRecurrence<T>>(view, first, last);
  return std::make_unique<DecayRecurrence<T>>(view, first, last);
}

template std::unique_ptr<Recurrence<float>> makeRecurrence(const FactorView<float>&, int64_t, int64_t);
template std::unique_ptr<Recurrence<double>> makeRecurrence(const FactorView<double>&, int64_t, int64_t);

}  // namespace uc
