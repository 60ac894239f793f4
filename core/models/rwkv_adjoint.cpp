// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/rwkv_scan.h"
#include "core/models/scan_adjoint.h"
#include "core/simd/dispatch.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/models/rwkv_adjoint.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
#include "core/simd/lanes-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {
namespace {

// exp(x) where x ≤ 0 but for rounding: a sum of decays that cannot exceed what it is divided by.
template <class D, class V>
HWY_INLINE V Share(D d, V x) {
  return DecayExp(d, hn::Min(x, hn::Zero(d)));
}

// RWKV-4. With z the logarithm of the normalizer, output[t] = Σ_s e^{…+ key[s] − z[t]} value[s]. What later
// tokens ask of the sums before token t + 1 is kept as P = Σ_{t' > t} e^{(t'−1−t) rate − z[t']} gradient[t'],
// and Q the same with gradient · output, both divided by e^top, so that no exponential overflows.

struct LogSumRows {
  explicit LogSumRows(double* values)
      : rate(values),
        bonus(values + kLaneBlock),
        toRate(values + 2 * kLaneBlock),
        toBonus(values + 3 * kLaneBlock),
        P(values + 4 * kLaneBlock),
        Q(values + 5 * kLaneBlock),
        top(values + 6 * kLaneBlock),
        tokens(values + kOwn * kLaneBlock),
        states(tokens + kTokens * kAdjointChunk * kLaneBlock) {}
  static constexpr int64_t kOwn = 7, kTokens = 5, kStates = 3;
  static constexpr int64_t kSize = (kOwn + (kTokens + kStates) * kAdjointChunk + kStates) * kLaneBlock;
  double *rate, *bonus, *toRate, *toBonus, *P, *Q, *top;
  double* tokens;  // [5, chunk]: key, value, output, logNormalizer, gradient; key and value become their
                   // gradients
  double* states;  // [chunk + 1, 3], before every token
  double* token(int64_t kind, int64_t i) const { return tokens + (kind * kAdjointChunk + i) * kLaneBlock; }
};

// The sums before token i + 1 from those before token i, as LogSumScan makes them.
HWY_INLINE void AdvanceLogSum(const LogSumRows& at, int64_t i) {
  const LaneTag<double> d;
  const auto one = hn::Set(d, 1.0);
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const double* state = at.states + i * 3 * kLaneBlock + w;
    double* next = at.states + (i + 1) * 3 * kLaneBlock + w;
    const auto key = hn::Load(d, at.token(0, i) + w), value = hn::Load(d, at.token(1, i) + w);
    const auto decayed = hn::Add(hn::Load(d, state + 2 * kLaneBlock), hn::Load(d, at.rate + w));
    const auto gain = hn::Sub(key, decayed);
    const auto isKeyTop = hn::Gt(gain, hn::Zero(d));
    const auto factor = DecayExp(d, hn::IfThenElse(isKeyTop, hn::Neg(gain), gain));
    const auto keep = hn::IfThenElse(isKeyTop, factor, one), add = hn::IfThenElse(isKeyTop, one, factor);
    hn::Store(hn::MulAdd(keep, hn::Load(d, state), hn::Mul(add, value)), d, next);
    hn::Store(hn::MulAdd(keep, hn::Load(d, state + kLaneBlock), add), d, next + kLaneBlock);
    hn::Store(hn::IfThenElse(isKeyTop, key, decayed), d, next + 2 * kLaneBlock);
  }
}

HWY_INLINE void ReverseLogSum(const LogSumRows& at, int64_t i) {
  const LaneTag<double> d;
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    const auto key = hn::Load(d, at.token(0, i) + w), value = hn::Load(d, at.token(1, i) + w);
    const auto output = hn::Load(d, at.token(2, i) + w), z = hn::Load(d, at.token(3, i) + w);
    const auto gradient = hn::Load(d, at.token(4, i) + w), rate = hn::Load(d, at.rate + w);
    const auto P = hn::Load(d, at.P + w), Q = hn::Load(d, at.Q + w), top = hn::Load(d, at.top + w);

    const auto own = hn::Mul(Share(d, hn::Sub(hn::Add(hn::Load(d, at.bonus + w), key), z)), gradient);
    const auto toOwn = hn::Mul(own, hn::Sub(value, output));
    const auto written = Share(d, hn::Add(key, top));
    hn::Store(hn::MulAdd(written, P, own), d, at.token(1, i) + w);
    hn::Store(hn::MulAdd(written, hn::MulSub(P, value, Q), toOwn), d, at.token(0, i) + w);
    hn::Store(hn::Add(hn::Load(d, at.toBonus + w), toOwn), d, at.toBonus + w);

    const double* state = at.states + i * 3 * kLaneBlock + w;
    const auto kept = Share(d, hn::Add(hn::Add(hn::Load(d, state + 2 * kLaneBlock), rate), top));
    const auto change = hn::Sub(hn::Mul(P, hn::Load(d, state)), hn::Mul(Q, hn::Load(d, state + kLaneBlock)));
    hn::Store(hn::MulAdd(kept, change, hn::Load(d, at.toRate + w)), d, at.toRate + w);

    const auto decayed = hn::Add(top, rate), next = hn::Max(decayed, hn::Neg(z));
    const auto keep = DecayExp(d, hn::Sub(decayed, next));
    const auto add = hn::Mul(DecayExp(d, hn::Sub(hn::Neg(z), next)), gradient);
    hn::Store(hn::MulAdd(keep, P, add), d, at.P + w);
    hn::Store(hn::MulAdd(keep, Q, hn::Mul(add, output)), d, at.Q + w);
    hn::Store(next, d, at.top + w);
  }
}

template <typename T>
HWY_INLINE void ReverseLogSumBlock(const LogSumAdjoint<T>& adjoint, int64_t first, int64_t count,
                                   const LogSumRows& at) {
  const int64_t D = adjoint.lanes;
  for (double* row : {at.toRate, at.toBonus, at.P, at.Q}) std::fill_n(row, kLaneBlock, 0.0);
  std::fill_n(at.top, kLaneBlock, kLogSumStart);
  LoadRow(adjoint.rate + first, count, at.rate);
  LoadRow(adjoint.bonus + first, count, at.bonus);
  for (int64_t chunk = (adjoint.tokens - 1) / kAdjointChunk; chunk >= 0; --chunk) {
    const int64_t t = chunk * kAdjointChunk, rows = std::min(kAdjointChunk, adjoint.tokens - t);
    const auto load = [&](int64_t kind, const auto* source)
                          HWY_ATTR { LoadRows(source + t * D + first, D, rows, count, at.token(kind, 0)); };
    load(0, adjoint.key);
    load(1, adjoint.value);
    load(2, adjoint.output);
    load(3, adjoint.logNormalizer);
    load(4, adjoint.gradient);
    LoadRows(adjoint.starts + chunk * 3 * D + first, D, 3, count, at.states);
    for (int64_t i = 0; i < rows; ++i) AdvanceLogSum(at, i);
    for (int64_t i = rows - 1; i >= 0; --i) ReverseLogSum(at, i);
    StoreRows(at.token(0, 0), rows, count, adjoint.toKey + t * D + first, D);
    StoreRows(at.token(1, 0), rows, count, adjoint.toValue + t * D + first, D);
  }
  StoreRow(at.toRate, count, adjoint.toRate + first);
  StoreRow(at.toBonus, count, adjoint.toBonus + first);
}

template <typename T>
HWY_INLINE void ReverseLogSums(const LogSumAdjoint<T>& adjoint, int64_t firstLane, int64_t lastLane) {
  AlignedValues<double> values(LogSumRows::kSize);
  const LogSumRows at(values.data());
  for (int64_t first = firstLane; first < lastLane; first += kLaneBlock)
    ReverseLogSumBlock(adjoint, first, std::min(kLaneBlock, lastLane - first), at);
}

// RWKV-5, 6 and 7. Scratch for a slice of a head's values and a chunk of tokens.
template <typename T>
struct MatrixRows {
  MatrixRows(T* scratch, int64_t N)
      : removed(scratch),
        toRemoved(scratch + kLaneBlock),
        toState(scratch + 2 * kLaneBlock),
        values(toState + N * kLaneBlock),
        gradients(values + kAdjointChunk * kLaneBlock),
        states(gradients + kAdjointChunk * kLaneBlock) {}
  static int64_t size(int64_t N) { return (2 + N + (2 + N) * kAdjointChunk + N) * kLaneBlock; }
  T *removed, *toRemoved;  // what the key to remove reads from the state, and its gradient
  T* toState;              // [N]
  T *values, *gradients;   // [chunk]; values become their gradients
  T* states;               // [chunk + 1, N], before every token and after the last
};

// What the key to remove reads from the state before token i, or zeros.
template <typename T>
HWY_INLINE void ReadRemoved(const T* removeKey, const T* state, int64_t N, T* removed) {
  const LaneTag<T> d;
  for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
    auto sum = hn::Zero(d);
    for (int64_t n = 0; removeKey != nullptr && n < N; ++n)
      sum = hn::MulAdd(hn::Set(d, removeKey[n]), hn::Load(d, state + n * kLaneBlock + w), sum);
    hn::Store(sum, d, removed + w);
  }
}

template <typename T>
HWY_INLINE void AdvanceMatrix(const MatrixAdjoint<T>& adjoint, int64_t row, int64_t i,
                              const MatrixRows<T>& at) {
  const LaneTag<T> d;
  const int64_t N = adjoint.state;
  const T* state = at.states + i * N * kLaneBlock;
  const bool removes = adjoint.removeKey != nullptr;
  ReadRemoved(removes ? adjoint.removeKey + row : nullptr, state, N, at.removed);
  for (int64_t n = 0; n < N; ++n) {
    const auto decay = hn::Set(d, adjoint.decay[row + n]), key = hn::Set(d, adjoint.key[row + n]);
    const auto removeWrite = hn::Set(d, removes ? adjoint.removeWrite[row + n] : T(0));
    for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
      const int64_t place = n * kLaneBlock + w;
      const auto written = hn::NegMulAdd(removeWrite, hn::Load(d, at.removed + w),
                                         hn::Mul(key, hn::Load(d, at.values + i * kLaneBlock + w)));
      hn::Store(hn::MulAdd(decay, hn::Load(d, state + place), written), d,
                at.states + (i + 1) * N * kLaneBlock + place);
    }
  }
}

template <class D, class V>
HWY_INLINE hn::TFromD<D> Sum(D d, V v) {
  return hn::GetLane(hn::SumOfLanes(d, v));
}

// Adds what the slice's values ask of the keys' side of one token, and turns the state's gradient into that
// of the state before. `toValue` is what the values get.
template <typename T>
HWY_INLINE void ReverseKeys(const MatrixAdjoint<T>& adjoint, int64_t row, int64_t i, T* toValue,
                            const MatrixRows<T>& at) {
  const LaneTag<T> d;
  const int64_t N = adjoint.state;
  const bool removes = adjoint.removeKey != nullptr;
  const T *before = at.states + i * N * kLaneBlock, *after = before + N * kLaneBlock;
  for (int64_t n = 0; n < N; ++n) {
    const T receptance = adjoint.receptance[row + n], decay = adjoint.decay[row + n];
    const auto key = hn::Set(d, adjoint.key[row + n]);
    const auto removeWrite = hn::Set(d, removes ? adjoint.removeWrite[row + n] : T(0));
    auto toReceptance = hn::Zero(d), toKey = toReceptance, toDecay = toReceptance, toWrite = toReceptance;
    for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
      const int64_t place = n * kLaneBlock + w;
      const auto output = hn::Load(d, at.gradients + i * kLaneBlock + w);
      const auto value = hn::Load(d, at.values + i * kLaneBlock + w), old = hn::Load(d, before + place);
      const auto read = hn::Mul(hn::Set(d, receptance), output), later = hn::Load(d, at.toState + place);
      const auto g = removes ? hn::Add(later, read) : later;  // RWKV-7 reads after the update
      toReceptance = hn::MulAdd(output, removes ? hn::Load(d, after + place) : old, toReceptance);
      toKey = hn::MulAdd(g, value, toKey);
      toDecay = hn::MulAdd(g, old, toDecay);
      toWrite = hn::MulAdd(g, hn::Load(d, at.removed + w), toWrite);
      hn::Store(hn::MulAdd(g, key, hn::Load(d, toValue + w)), d, toValue + w);
      hn::Store(hn::NegMulAdd(g, removeWrite, hn::Load(d, at.toRemoved + w)), d, at.toRemoved + w);
      const auto past = hn::Mul(hn::Set(d, decay), g);
      hn::Store(removes ? past : hn::Add(past, read), d, at.toState + place);
    }
    adjoint.toReceptance[row + n] += Sum(d, toReceptance);
    adjoint.toKey[row + n] += Sum(d, toKey);
    adjoint.toDecay[row + n] += Sum(d, toDecay);
    if (removes) adjoint.toRemoveWrite[row + n] -= Sum(d, toWrite);
  }
}

// RWKV-7: the key to remove read the state before.
template <typename T>
HWY_INLINE void ReverseRemoved(const MatrixAdjoint<T>& adjoint, int64_t row, int64_t i,
                               const MatrixRows<T>& at) {
  const LaneTag<T> d;
  const T* before = at.states + i * adjoint.state * kLaneBlock;
  for (int64_t n = 0; n < adjoint.state; ++n) {
    const auto removeKey = hn::Set(d, adjoint.removeKey[row + n]);
    auto toRemoveKey = hn::Zero(d);
    for (int64_t w = 0; w < kLaneBlock; w += Width(d)) {
      T* toState = at.toState + n * kLaneBlock + w;
      const auto toRemoved = hn::Load(d, at.toRemoved + w);
      toRemoveKey = hn::MulAdd(toRemoved, hn::Load(d, before + n * kLaneBlock + w), toRemoveKey);
      hn::Store(hn::MulAdd(removeKey, toRemoved, hn::Load(d, toState)), d, toState);
    }
    adjoint.toRemoveKey[row + n] += Sum(d, toRemoveKey);
  }
}

// RWKV-5, 6: what the current token's own key reads of its value, past the state.
template <typename T>
HWY_INLINE void ReverseOwn(const MatrixAdjoint<T>& adjoint, int64_t row, int64_t head, int64_t i, T* toValue,
                           const MatrixRows<T>& at) {
  const T *r = adjoint.receptance + row, *k = adjoint.key + row, *u = adjoint.bonus + head * adjoint.state;
  const T *values = at.values + i * kLaneBlock, *gradients = at.gradients + i * kLaneBlock;
  const T agreement = DotProduct(gradients, values, kLaneBlock);
  T own = T(0);
  for (int64_t n = 0; n < adjoint.state; ++n) {
    own += r[n] * u[n] * k[n];
    adjoint.toReceptance[row + n] += u[n] * k[n] * agreement;
    adjoint.toKey[row + n] += r[n] * u[n] * agreement;
    adjoint.toBonus[head * adjoint.state + n] += r[n] * k[n] * agreement;
  }
  for (int64_t w = 0; w < kLaneBlock; ++w) toValue[w] += own * gradients[w];
}

template <typename T>
HWY_INLINE void ReverseMatrix(const MatrixAdjoint<T>& adjoint, int64_t row, int64_t head, int64_t i,
                              const MatrixRows<T>& at) {
  alignas(64) T toValue[kLaneBlock] = {};
  std::fill_n(at.toRemoved, kLaneBlock, T(0));
  const bool removes = adjoint.removeKey != nullptr;
  ReadRemoved(removes ? adjoint.removeKey + row : nullptr, at.states + i * adjoint.state * kLaneBlock,
              adjoint.state, at.removed);
  ReverseKeys(adjoint, row, i, toValue, at);
  if (removes) {
    ReverseRemoved(adjoint, row, i, at);
  } else {
    ReverseOwn(adjoint, row, head, i, toValue, at);
  }
  std::copy_n(toValue, kLaneBlock, at.values + i * kLaneBlock);
}

template <typename T>
HWY_INLINE void ReverseSlice(const MatrixAdjoint<T>& adjoint, int64_t head, int64_t first, int64_t count,
                             const MatrixRows<T>& at) {
  const int64_t N = adjoint.state, D = adjoint.heads * N;
  std::fill_n(at.toState, N * kLaneBlock, T(0));
  for (int64_t chunk = (adjoint.tokens - 1) / kAdjointChunk; chunk >= 0; --chunk) {
    const int64_t t = chunk * kAdjointChunk, rows = std::min(kAdjointChunk, adjoint.tokens - t);
    const int64_t corner = t * D + head * N;
    LoadRows(adjoint.starts + chunk * D * N + head * N * N + first, N, N, count, at.states);
    LoadRows(adjoint.value + corner + first, D, rows, count, at.values);
    LoadRows(adjoint.gradient + corner + first, D, rows, count, at.gradients);
    for (int64_t i = 0; i < rows; ++i) AdvanceMatrix(adjoint, corner + i * D, i, at);
    for (int64_t i = rows - 1; i >= 0; --i) ReverseMatrix(adjoint, corner + i * D, head, i, at);
    StoreRows(at.values, rows, count, adjoint.toValue + corner + first, D);
  }
}

template <typename T>
HWY_INLINE void ReverseMatrices(const MatrixAdjoint<T>& adjoint, int64_t firstHead, int64_t lastHead) {
  AlignedValues<T> scratch(MatrixRows<T>::size(adjoint.state));
  const MatrixRows<T> at(scratch.data(), adjoint.state);
  for (int64_t head = firstHead; head < lastHead; ++head) {
    for (int64_t first = 0; first < adjoint.state; first += kLaneBlock)
      ReverseSlice(adjoint, head, first, std::min(kLaneBlock, adjoint.state - first), at);
  }
}

UC_KERNELS_OF_BOTH(ReverseLogSums, LogSumAdjoint)
UC_KERNELS_OF_BOTH(ReverseMatrices, MatrixAdjoint)

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_BOTH(reverseLanes, ReverseLogSums, LogSumAdjoint)
UC_DISPATCH_BOTH(reverseHeads, ReverseMatrices, MatrixAdjoint)

}  // namespace uc
#endif
