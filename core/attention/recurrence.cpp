// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/recurrence.h"

#include "core/attention/slab_coefficients.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace uc {
namespace {

using scan_kernels::Spread;
using scan_kernels::Step;

constexpr int64_t kSlabLanes = 64;

/// States [N, width] that decay.
template <typename T>
class StateRecurrence : public Recurrence<T> {
 public:
  StateRecurrence(const FactorView<T>& view, const LaneSlab& slab)
      : m_view(view),
        m_coefficients(view, slab),
        m_decays(view, slab),
        m_state(static_cast<size_t>(view.state * slab.width())) {
    m_query.resize(static_cast<size_t>(m_coefficients.size()));
    m_key.resize(m_query.size());
  }

 protected:
  /// h ← a h + in · fed, and read = Σ out · h.
  void advance(const double* decayLessOne, const std::vector<double>& in, const double* fed,
               const std::vector<double>& out, double* read) {
    Step step{decayLessOne, m_decays.spread(), in.data(), out.data(), m_coefficients.spread()};
    step.readsFirst = m_view.readsBeforeDecay;
    step.state = m_view.state;
    step.width = m_coefficients.width();
    scan_kernels::advance(step, fed, m_state.data(), read);
  }

  const FactorView<T>& m_view;
  const SlabCoefficients<T> m_coefficients;
  SlabDecays<T> m_decays;
  std::vector<double> m_state;         // [N, width]
  std::vector<double> m_query, m_key;  // of the token at hand
  bool m_isEmpty = true;               // nothing has been fed: decays, which may be NaN, do not matter
};

template <typename T>
class DecayRecurrence final : public StateRecurrence<T> {
 public:
  DecayRecurrence(const FactorView<T>& view, const LaneSlab& slab)
      : StateRecurrence<T>(view, slab),
        m_scale(static_cast<size_t>(slab.width())),
        m_scaled(m_scale.size()) {}

  void forward(int64_t t, const double* fed, double* read) override {
    m_coefficients.query(t, m_query);
    m_coefficients.key(t, m_key);
    const double* injected = fed;
    if (fed && m_view.hasStepInKey) {
      m_coefficients.lanes(m_view.step + t * m_view.scans, m_scale.data());
      scan_kernels::multiply(fed, m_scale.data(), m_coefficients.width(), m_scaled.data());
      injected = m_scaled.data();
    }
    this->advance(m_isEmpty ? m_decays.none() : m_decays.at(t), m_key, injected, m_query, read);
    if (m_view.readsBeforeDecay) addDiagonal(t, fed, read);
    m_isEmpty = false;
  }

  void backward(int64_t s, const double* fed, double* read) override {
    m_coefficients.query(s, m_query);
    m_coefficients.key(s, m_key);
    const int64_t crossed = m_view.readsBeforeDecay ? s : s + 1;
    this->advance(m_isEmpty ? m_decays.none() : m_decays.at(crossed), m_query, fed, m_key, read);
    if (m_view.hasStepInKey) {
      m_coefficients.lanes(m_view.step + s * m_view.scans, m_scale.data());
      scan_kernels::multiply(read, m_scale.data(), m_coefficients.width(), read);
    }
    if (m_view.readsBeforeDecay) addDiagonal(s, fed, read);
    m_isEmpty = false;
  }

 private:
  using StateRecurrence<T>::m_view;
  using StateRecurrence<T>::m_coefficients;
  using StateRecurrence<T>::m_decays;
  using StateRecurrence<T>::m_query;
  using StateRecurrence<T>::m_key;
  using StateRecurrence<T>::m_isEmpty;

  void addDiagonal(int64_t t, const double* fed, double* read) {
    const int64_t width = m_coefficients.width();
    if (m_isEmpty) std::fill(read, read + width, 0.0);
    if (!fed) return;
    m_coefficients.lanes(m_view.diagonal + t * m_view.scans, m_scale.data());
    for (int64_t i = 0; i < width; ++i) read[i] += m_scale[static_cast<size_t>(i)] * fed[i];
  }

  std::vector<double> m_scale, m_scaled;  // [width]
};

template <typename T>
class DeltaRuleRecurrence final : public StateRecurrence<T> {
 public:
  using StateRecurrence<T>::StateRecurrence;

  void forward(int64_t t, const double* fed, double* read) override {
    m_coefficients.query(t, m_query);
    m_coefficients.key(t, m_key);
    if (!m_isEmpty) cross(t, m_view.removeKeyAt(t, scan()), m_view.removeWriteAt(t, scan()));
    this->advance(m_decays.none(), m_key, fed, m_query, read);
    m_isEmpty = false;
  }

  void backward(int64_t s, const double* fed, double* read) override {
    m_coefficients.query(s, m_query);
    m_coefficients.key(s, m_key);
    if (!m_isEmpty) cross(s + 1, m_view.removeWriteAt(s + 1, scan()), m_view.removeKeyAt(s + 1, scan()));
    this->advance(m_decays.none(), m_query, fed, m_key, read);
    m_isEmpty = false;
  }

 private:
  using StateRecurrence<T>::m_view;
  using StateRecurrence<T>::m_coefficients;
  using StateRecurrence<T>::m_decays;
  using StateRecurrence<T>::m_state;
  using StateRecurrence<T>::m_query;
  using StateRecurrence<T>::m_key;
  using StateRecurrence<T>::m_isEmpty;

  int64_t scan() const { return m_coefficients.scan(); }

  void cross(int64_t t, const T* remove, const T* write) {
    m_remove.assign(remove, remove + m_view.state);
    m_write.assign(write, write + m_view.state);
    scan_kernels::transition(m_decays.at(t), m_remove.data(), m_write.data(), m_view.state,
                             m_coefficients.width(), m_state.data());
  }

  std::vector<double> m_remove, m_write;  // [N]
};

/// Numbers whose logarithms may be large: the state is sum · exp(largest), with the running maximum of the
/// exponents of its terms. The normalizer of a row is at least every term of it, so that what is read is
/// never larger than what was fed.
template <typename T>
class LogSumRecurrence final : public Recurrence<T> {
 public:
  LogSumRecurrence(const FactorView<T>& view, const LaneSlab& slab)
      : m_view(view),
        m_coefficients(view, slab),
        m_sum(static_cast<size_t>(slab.width())),
        m_largest(m_sum.size(), -std::numeric_limits<double>::infinity()),
        m_rate(m_sum.size()),
        m_logKey(m_sum.size()),
        m_normalizer(m_sum.size()),
        m_diagonal(m_sum.size()) {
    m_coefficients.lanes(view.rate, m_rate.data());
  }

  void forward(int64_t t, const double* fed, double* read) override {
    load(t);
    pass(m_normalizer, read);
    if (fed) feed(m_logKey, fed, read);
  }

  void backward(int64_t s, const double* fed, double* read) override {
    load(s);
    pass(m_logKey, read);
    if (fed) feed(m_normalizer, fed, read);
  }

 private:
  int64_t width() const { return m_coefficients.width(); }

  void load(int64_t t) {
    m_coefficients.lanes(m_view.logKey + t * m_view.scans, m_logKey.data());
    m_coefficients.lanes(m_view.logNormalizer + t * m_view.scans, m_normalizer.data());
    m_coefficients.lanes(m_view.diagonal + t * m_view.scans, m_diagonal.data());
    for (size_t i = 0; i < m_sum.size(); ++i) {
      m_normalizer[i] = -m_normalizer[i];
      m_diagonal[i] += m_normalizer[i];
    }
  }

  /// Reads what earlier tokens left, which then decays.
  void pass(const std::vector<double>& exponent, double* read) {
    if (m_isEmpty) {
      std::fill(read, read + width(), 0.0);
      return;
    }
    scan_kernels::readLogSum(m_sum.data(), m_largest.data(), exponent.data(), width(), read);
    for (size_t i = 0; i < m_sum.size(); ++i) m_largest[i] += m_rate[i];
  }

  void feed(const std::vector<double>& exponent, const double* fed, double* read) {
    scan_kernels::addLogSum(exponent.data(), fed, width(), m_sum.data(), m_largest.data());
    scan_kernels::exponentials(m_diagonal.data(), width(), m_diagonal.data());
    for (size_t i = 0; i < m_sum.size(); ++i) read[i] += m_diagonal[i] * fed[i];
    m_isEmpty = false;
  }

  const FactorView<T>& m_view;
  const SlabCoefficients<T> m_coefficients;
  std::vector<double> m_sum, m_largest, m_rate;            // [width]
  std::vector<double> m_logKey, m_normalizer, m_diagonal;  // of the token at hand, logarithms of their parts
  bool m_isEmpty = true;
};

}  // namespace

template <typename T>
std::vector<LaneSlab> slabsOf(const FactorView<T>& view, int64_t first, int64_t last) {
  std::vector<LaneSlab> slabs;
  while (first < last) {
    int64_t end = std::min(first + kSlabLanes, last);
    if (sharesDecays(view) || view.kind == ScanKind::Softmax)
      end = std::min(end, (view.scanOf(first) + 1) * view.scanLanes);
    slabs.push_back({first, end});
    first = end;
  }
  return slabs;
}

template <typename T>
std::unique_ptr<Recurrence<T>> makeRecurrence(const FactorView<T>& view, const LaneSlab& slab) {
  assert(view.hasScan && view.kind != ScanKind::Softmax);
  if (view.kind == ScanKind::LogSum) return std::make_unique<LogSumRecurrence<T>>(view, slab);
  if (view.kind == ScanKind::DeltaRule) return std::make_unique<DeltaRuleRecurrence<T>>(view, slab);
  return std::make_unique<DecayRecurrence<T>>(view, slab);
}

#define UC_INSTANTIATE(T)                                                         \
  template std::vector<LaneSlab> slabsOf(const FactorView<T>&, int64_t, int64_t); \
  template std::unique_ptr<Recurrence<T>> makeRecurrence(const FactorView<T>&, const LaneSlab&);
UC_INSTANTIATE(float)
UC_INSTANTIATE(double)
#undef UC_INSTANTIATE

}  // namespace uc
