// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/pool_kernels.h"

#include "core/simd/dispatch.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/attention/pool_kernels.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include "core/simd/exp-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace uc {
namespace HWY_NAMESPACE {

template <typename T>
using Tag = hn::ScalableTag<T>;

/// A term of every token into rows of `elements`.
template <typename T>
void Spread(const PoolTokens<T>& tokens, const PoolTerm<T>& term, int64_t elements, T* out) {
  const Tag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t state = tokens.state;
  for (int64_t t = 0; t < tokens.tokens; ++t, out += elements) {
    T* value = out;
    for (int64_t k = 0; k < tokens.count; ++k, value += state) {
      const T scale = term.scales[t * tokens.count + k];
      const T* vector = term.vectors[t] + term.offsets[k];
      int64_t n = 0;
      for (; n + lanes <= state; n += lanes)
        hn::StoreU(hn::Mul(hn::Set(d, scale), hn::LoadU(d, vector + n)), d, value + n);
      for (; n < state; ++n) value[n] = scale * vector[n];
    }
  }
}

/// Terms that lie in rows.
template <typename T>
struct RowTerms {
  const T *logDecays, *feeds, *reads;
  int64_t elements, at;
  template <class D>
  HWY_INLINE hn::Vec<D> LogDecay(D d, int64_t t) const {
    return hn::LoadU(d, logDecays + t * elements + at);
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Feed(D d, int64_t t) const {
    return hn::LoadU(d, feeds + t * elements + at);
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Read(D d, int64_t t) const {
    return hn::LoadU(d, reads + t * elements + at);
  }
};

/// Terms that are multiplied out on the way: of state k, from its value n on.
template <typename T>
struct StateTerms {
  const PoolTokens<T>& tokens;
  int64_t k, n;
  template <class D>
  HWY_INLINE hn::Vec<D> Value(D d, const PoolTerm<T>& term, int64_t t) const {
    return hn::Mul(hn::Set(d, term.scales[t * tokens.count + k]),
                   hn::LoadU(d, term.vectors[t] + term.offsets[k] + n));
  }
  template <class D>
  HWY_INLINE hn::Vec<D> LogDecay(D d, int64_t t) const {
    return Value(d, tokens.logDecay, t);
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Feed(D d, int64_t t) const {
    return Value(d, tokens.feed, t);
  }
  template <class D>
  HWY_INLINE hn::Vec<D> Read(D d, int64_t t) const {
    return Value(d, tokens.read, t);
  }
};

/// A vector of elements from `at` on through all tokens.
template <typename T, bool kReadsBefore, class Terms>
HWY_INLINE void LeafVector(const Terms& terms, int64_t tokens, const PoolNode<T>& out, int64_t at) {
  const Tag<T> d;
  auto sum = terms.LogDecay(d, 0);
  auto state = terms.Feed(d, 0);
  auto product = DecayExp(d, sum);
  auto read = terms.Read(d, 0);
  auto inside = kReadsBefore ? hn::Zero(d) : hn::Mul(read, state);
  if (!kReadsBefore) read = hn::Mul(read, product);
  for (int64_t t = 1; t < tokens; ++t) {
    const auto logDecay = terms.LogDecay(d, t);
    const auto reader = terms.Read(d, t);
    const auto decay = DecayExp(d, logDecay);
    sum = hn::Add(sum, logDecay);
    if (kReadsBefore) {
      read = hn::MulAdd(reader, product, read);
      inside = hn::MulAdd(reader, state, inside);
    }
    state = hn::MulAdd(decay, state, terms.Feed(d, t));
    product = hn::Mul(product, decay);
    if (!kReadsBefore) {
      read = hn::MulAdd(reader, product, read);
      inside = hn::MulAdd(reader, state, inside);
    }
  }
  hn::StoreU(sum, d, out.sum() + at);
  hn::StoreU(read, d, out.read() + at);
  hn::StoreU(state, d, out.state() + at);
  hn::StoreU(inside, d, out.inside() + at);
}

template <typename T, bool kReadsBefore>
void LeafOf(const PoolTokens<T>& tokens, T* scratch, const PoolNode<T>& out) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(Tag<T>()));
  if (tokens.state % kPoolAlign == 0) {
    for (int64_t k = 0; k < tokens.count; ++k) {
      for (int64_t n = 0; n < tokens.state; n += lanes)
        LeafVector<T, kReadsBefore>(StateTerms<T>{tokens, k, n}, tokens.tokens, out, k * tokens.state + n);
    }
    return;
  }
  const int64_t elements = out.elements, size = kPoolLeafTokens * elements;
  RowTerms<T> rows{scratch, scratch + size, scratch + 2 * size, elements, 0};
  Spread(tokens, tokens.logDecay, elements, scratch);
  Spread(tokens, tokens.feed, elements, scratch + size);
  Spread(tokens, tokens.read, elements, scratch + 2 * size);
  for (; rows.at < elements; rows.at += lanes) LeafVector<T, kReadsBefore>(rows, tokens.tokens, out, rows.at);
}

template <typename T>
void Leaf(const PoolTokens<T>& tokens, T* scratch, const PoolNode<T>& out) {
  if (tokens.readsBefore) {
    LeafOf<T, true>(tokens, scratch, out);
  } else {
    LeafOf<T, false>(tokens, scratch, out);
  }
}

template <typename T>
void Join(const PoolNode<T>& first, const PoolNode<T>& second) {
  const Tag<T> d;
  for (int64_t i = 0; i < first.elements; i += static_cast<int64_t>(hn::Lanes(d))) {
    const auto sum1 = hn::LoadU(d, first.sum() + i), sum2 = hn::LoadU(d, second.sum() + i);
    const auto read2 = hn::LoadU(d, second.read() + i);
    const auto state1 = hn::LoadU(d, first.state() + i);
    const auto inside = hn::Add(hn::LoadU(d, first.inside() + i), hn::LoadU(d, second.inside() + i));
    hn::StoreU(hn::Add(sum1, sum2), d, first.sum() + i);
    hn::StoreU(hn::MulAdd(DecayExp(d, sum1), read2, hn::LoadU(d, first.read() + i)), d, first.read() + i);
    hn::StoreU(hn::MulAdd(DecayExp(d, sum2), state1, hn::LoadU(d, second.state() + i)), d, first.state() + i);
    hn::StoreU(hn::MulAdd(read2, state1, inside), d, first.inside() + i);
  }
}

template <typename T>
void AddRows(const T* values, int64_t rows, int64_t elements, T* sum) {
  const Tag<T> d;
  for (int64_t i = 0; i < elements; i += static_cast<int64_t>(hn::Lanes(d))) {
    auto total = hn::LoadU(d, sum + i);
    for (int64_t row = 0; row < rows; ++row)
      total = hn::Add(total, hn::LoadU(d, values + row * elements + i));
    hn::StoreU(total, d, sum + i);
  }
}

template <typename T>
void AddLogDecays(const PoolTokens<T>& tokens, T* scratch, int64_t elements, T* sum) {
  Spread(tokens, tokens.logDecay, elements, scratch);
  AddRows(scratch, tokens.tokens, elements, sum);
}

template <typename T>
void Decay(const T* sum, int64_t rows, int64_t elements, T* values) {
  const Tag<T> d;
  for (int64_t i = 0; i < elements; i += static_cast<int64_t>(hn::Lanes(d))) {
    const auto factor = DecayExp(d, hn::LoadU(d, sum + i));
    T* value = values + i;
    for (int64_t row = 0; row < rows; ++row, value += elements)
      hn::StoreU(hn::Mul(factor, hn::LoadU(d, value)), d, value);
  }
}

/// `count` elements of kRows × kCols rows.
template <typename T, int kRows, int kCols>
HWY_INLINE void MultiplyTile(const T* u, const T* v, int64_t count, int64_t elements, T* out,
                             int64_t outStride) {
  const Tag<T> d;
  hn::Vec<Tag<T>> sums[kRows][kCols];
  for (auto& row : sums)
    for (auto& sum : row) sum = hn::Zero(d);
  for (int64_t k = 0; k < count; k += static_cast<int64_t>(hn::Lanes(d))) {
    hn::Vec<Tag<T>> right[kCols];
    for (int j = 0; j < kCols; ++j) right[j] = hn::LoadU(d, v + j * elements + k);
    for (int i = 0; i < kRows; ++i) {
      const auto left = hn::LoadU(d, u + i * elements + k);
      for (int j = 0; j < kCols; ++j) sums[i][j] = hn::MulAdd(left, right[j], sums[i][j]);
    }
  }
  for (int i = 0; i < kRows; ++i)
    for (int j = 0; j < kCols; ++j) out[i * outStride + j] += hn::GetLane(hn::SumOfLanes(d, sums[i][j]));
}

/// A row of tiles: kRows rows of u by columns [col, end) of v.
template <typename T, int kRows>
HWY_INLINE void MultiplyRows(const T* u, const T* v, int64_t col, int64_t end, int64_t count,
                             int64_t elements, T* out, int64_t outStride) {
  for (; col + 4 <= end; col += 4)
    MultiplyTile<T, kRows, 4>(u, v + col * elements, count, elements, out + col, outStride);
  for (; col < end; ++col)
    MultiplyTile<T, kRows, 1>(u, v + col * elements, count, elements, out + col, outStride);
}

/// A band of columns stays in the first-level cache, a block of rows in the second.
template <typename T>
void Multiply(const T* u, int64_t rows, const T* v, int64_t cols, int64_t elements, T* out,
              int64_t outStride) {
  constexpr int64_t kChunk = 512, kBand = 8, kBlock = 128;
  for (int64_t begin = 0; begin < elements; begin += kChunk) {
    const int64_t count = std::min(kChunk, elements - begin);
    for (int64_t block = 0; block < rows; block += kBlock) {
      const int64_t last = std::min(block + kBlock, rows);
      for (int64_t band = 0; band < cols; band += kBand) {
        const int64_t end = std::min(band + kBand, cols);
        int64_t i = block;
        for (; i + 4 <= last; i += 4)
          MultiplyRows<T, 4>(u + i * elements + begin, v + begin, band, end, count, elements,
                             out + i * outStride, outStride);
        for (; i < last; ++i)
          MultiplyRows<T, 1>(u + i * elements + begin, v + begin, band, end, count, elements,
                             out + i * outStride, outStride);
      }
    }
  }
}

/// With σ the logarithm of the sum of keys, each decayed up to its last token: σ' = log(e^{σ+w} + e^k),
/// a = e^{σ+w−σ'}, the key's share is e^{k−σ'}, and R is read as e^{σ−log R}. A key that is not a number, or
/// infinite, stays in its own column.
template <typename T>
void Normalize(const double* logKeys, const double* logNormalizers, const double* rates, int64_t count,
               double* logSums, T* logDecays, T* keys, T* reads) {
  for (int64_t i = 0; i < count; ++i) {
    const double key = logKeys[i], before = logSums[i], decayed = before + rates[i];
    const bool isSeen = std::isfinite(key), isFirst = std::isinf(before) && before < 0.0;
    const double gap = key - decayed;
    double growth = 0.0;
    if (isSeen && !isFirst) growth = std::max(gap, 0.0) + std::log1p(std::exp(-std::abs(gap)));
    const double after = !isSeen ? decayed : isFirst ? key : decayed + growth;
    logSums[i] = after;
    logDecays[i] = static_cast<T>(-growth);
    const bool isUnseen = std::isinf(key) && key < 0.0;
    keys[i] = static_cast<T>(isUnseen ? 0.0 : std::exp(isSeen ? key - after : key));
    reads[i] = static_cast<T>(isFirst ? 0.0 : std::exp(before - logNormalizers[i]));
  }
}

template <typename T>
const PoolKernels<T>* Table() {
  static constexpr PoolKernels<T> kTable = {&Leaf<T>,  &AddLogDecays<T>, &Join<T>,     &AddRows<T>,
                                            &Decay<T>, &Multiply<T>,     &Normalize<T>};
  return &kTable;
}
UC_TABLES_OF_BOTH(PoolKernels)

}  // namespace HWY_NAMESPACE
}  // namespace uc
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace uc {

UC_DISPATCH_TABLES(poolKernels, PoolKernels)

}  // namespace uc
#endif
