// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/block_factors.h"
#include "gpu/rule_rows.h"

/// Device code of `tile`; included by tile.cu only. A block of 256 threads makes 64 × 64 entries of α of one
/// scan after the other in shared memory and joins the lanes of each in registers, 4 × 4 entries a thread.
namespace uc::gpu {

inline constexpr int kTileThreads = 256;
inline constexpr int kRows = 4, kCols = 4;                    // of a thread
inline constexpr int kAcross = kBlock / kCols;                // threads beside each other
inline constexpr int kHalo = static_cast<int>(kMaxTaps) - 1;  // columns of the next block that taps reach
inline constexpr int kStride = kBlock + kHalo + 1;

inline constexpr int kLanesAtOnce = 2;

enum class Join { Sum, SumAbs, MaxAbs, SumSquares, SumPositive };

/// What of a map a launch makes.
template <typename T>
struct TilePart {
  Join join = Join::Sum;
  int64_t lane0 = 0, lane1 = 0;  // of the map
  int64_t sliceLanes = 1;        // joined by one block
  int64_t slice0 = 0;            // the slice of blockIdx.z = 0
  int64_t rowBlock0 = 0, colBlock0 = 0;
  RuleRows<T> rule;                  // of the delta rule: α of the launch's rows and columns
  const T* input = nullptr;          // [L, D] in picture order
  const T* otherDiagonal = nullptr;  // [L, D] in picture order: what the other direction adds on the diagonal
  bool skipsDiagonal = false;        // because the other direction has added it
};

template <typename T>
struct LaneMemory {
  T z[kStride], gate[kBlock], x[kBlock], w[kMaxTaps], skip;
  T other[kBlock];  // what the other direction adds on the diagonal
};

template <typename T>
struct TileMemory {
  static constexpr int kChunk = sizeof(T) == sizeof(float) ? 16 : 8;
  alignas(16) T alpha[kBlock][kStride];  // columns past the block are the next block's first
  alignas(16) T u[kChunk][kBlock];
  alignas(16) T v[kChunk][kStride];
  T rowDecay[kChunk], colDecay[kChunk];
  LaneMemory<T> lanes[kLanesAtOnce];
};

UC_DEVICE int rowOf(int thread) { return thread / kAcross * kRows; }
UC_DEVICE int colOf(int thread) { return thread % kAcross * kCols; }

/// A chunk of states of U and V of row block i and column block j < i. The reference is the end of the next
/// block of columns where there is one between, so that its first columns need no exponent above zero.
template <typename T>
__device__ void loadPanels(const Layer<T>& layer, const BlockFactors<T>& factors, int64_t scan, int64_t i,
                           int64_t j, int64_t n0, int count, TileMemory<T>& memory) {
  const int64_t state = layer.state;
  const int thread = static_cast<int>(threadIdx.x);
  const bool isNext = j + 1 == i;
  __syncthreads();  // the chunk before has been read
  if (thread < count) {
    const int64_t n = n0 + thread;
    const auto sums = [&](int64_t block) { return *(factors.sumsAt(scan, block, state) + n); };
    memory.rowDecay[thread] = isNext ? T(1) : decayBetween<T>(sums(j + 2), sums(i));
    memory.colDecay[thread] = isNext ? T(1) : decayBetween<T>(sums(j + 1), sums(j + 2));
  }
  __syncthreads();
  const T* u = factors.uOf(scan, i, state) + n0 * kBlock;
  const T* v = factors.vOf(scan, j, state) + n0 * kBlock;
  for (int e = thread; e < count * kBlock; e += kTileThreads) {
    memory.u[e / kBlock][e % kBlock] = u[e] * memory.rowDecay[e / kBlock];
    memory.v[e / kBlock][e % kBlock] = v[e] * memory.colDecay[e / kBlock];
  }
  const T* next = isNext ? nullptr : factors.vOf(scan, j + 1, state) + n0 * kBlock;
  for (int e = thread; e < count * (kStride - kBlock); e += kTileThreads) {
    const int k = e / (kStride - kBlock), m = e % (kStride - kBlock);
    memory.v[k][kBlock + m] = isNext ? T(0) : next[k * kBlock + m];
  }
  __syncthreads();
}

/// α of row block i and column block j < i: U V, and the columns of the next block when it lies between.
template <typename T>
__device__ void multiplyPanels(const Layer<T>& layer, const BlockFactors<T>& factors, int64_t scan, int64_t i,
                               int64_t j, TileMemory<T>& memory) {
  constexpr int kChunk = TileMemory<T>::kChunk;
  const int thread = static_cast<int>(threadIdx.x);
  const int row = rowOf(thread), col = colOf(thread);
  const int haloRow = thread % kBlock, haloCol = kBlock + thread / kBlock;
  T sums[kRows][kCols] = {}, halo = T(0);
  for (int64_t n0 = 0; n0 < layer.state; n0 += kChunk) {
    const int count = layer.state - n0 < kChunk ? static_cast<int>(layer.state - n0) : kChunk;
    loadPanels(layer, factors, scan, i, j, n0, count, memory);
    UC_ROLLED
    for (int k = 0; k < count; ++k) {
      UC_UNROLL
      for (int a = 0; a < kRows; ++a) {
        UC_UNROLL
        for (int b = 0; b < kCols; ++b) sums[a][b] += memory.u[k][row + a] * memory.v[k][col + b];
      }
      halo += memory.u[k][haloRow] * memory.v[k][haloCol];
    }
  }
  UC_UNROLL
  for (int a = 0; a < kRows; ++a) {
    UC_UNROLL
    for (int b = 0; b < kCols; ++b) memory.alpha[row + a][col + b] = sums[a][b];
  }
  memory.alpha[haloRow][haloCol] = halo;
}

/// Columns [0, cols) of row block i's own triangle into alpha from column `at` on, state by state: two
/// threads a column, one for each half of the rows, each adding up the log decays below the diagonal.
template <typename T>
__device__ void fillTriangle(const Layer<T>& layer, int64_t scan, int64_t i, int cols, int at,
                             TileMemory<T>& memory) {
  constexpr int kQuarter = kBlock * kBlock / kTileThreads;
  const int thread = static_cast<int>(threadIdx.x);
  const int col = thread % kBlock, row0 = thread / kBlock * kQuarter, row1 = row0 + kQuarter;
  const int64_t begin = i * kBlock, s = begin + col;
  if (col >= cols) return;
  for (int r = row0; r < row1; ++r) memory.alpha[r][at + col] = T(0);
  if (s >= layer.tokens) return;
  const int late = layer.readsBeforeDecay ? 1 : 0;
  for (int64_t n = 0; n < layer.state; ++n) {
    const T key = layer.keyAt(s, scan)[n] * layer.keyScaleAt(s, scan);
    T sum = T(0);
    for (int r = 0; r < row1 && begin + r < layer.tokens; ++r) {
      if (r - late > col) sum += layer.logDecayAt(begin + r - late, scan, n);
      if (r < row0 || r < col + late) continue;
      memory.alpha[r][at + col] += layer.queryAt(begin + r, scan)[n] * decayExp(sum) * key;
    }
  }
  if (late == 1 && row0 <= col && col < row1)
    memory.alpha[col][at + col] = layer.perScan(layer.diagonal, s, scan);
}

/// α of one scan and the tile (i, j), j ≤ i, with the columns of the next block that taps reach.
template <typename T>
__device__ void fillAlpha(const Layer<T>& layer, const BlockFactors<T>& factors, const RuleRows<T>& rule,
                          int64_t scan, int64_t i, int64_t j, TileMemory<T>& memory) {
  if (layer.kind != Kind::Decay) {
    for (int e = static_cast<int>(threadIdx.x); e < kBlock * (kBlock + kHalo); e += kTileThreads) {
      const int row = e / (kBlock + kHalo), col = e % (kBlock + kHalo);
      const int64_t t = i * kBlock + row, s = j * kBlock + col;
      T value = T(0);
      if (t < layer.tokens && s <= t) {
        value = layer.kind == Kind::DeltaRule ? *rule.at(scan, t, s) : entryOf(layer, scan, t, s);
      }
      memory.alpha[row][col] = value;
    }
  } else if (j == i) {
    fillTriangle(layer, scan, i, kBlock, 0, memory);
  } else {
    multiplyPanels(layer, factors, scan, i, j, memory);
    __syncthreads();  // before the zeros of the next block's columns are overwritten
    if (j + 1 == i) fillTriangle(layer, scan, i, kHalo, kBlock, memory);
  }
}

/// One entry joined with those of the lanes before it.
template <typename T>
UC_DEVICE T joined(Join join, T sum, T value) {
  if (join == Join::MaxAbs) return larger(sum, value);
  if (join == Join::SumAbs) value = magnitude(value);
  if (join == Join::SumSquares) value *= value;
  if (join == Join::SumPositive) value = value < T(0) ? T(0) : value;
  return sum + value;
}

/// The lane's factors of the tile's rows and columns, beside each other for all threads.
template <typename T>
__device__ void loadLane(const Layer<T>& layer, const TilePart<T>& part, int64_t lane, int64_t i, int64_t j,
                         LaneMemory<T>& memory) {
  const int64_t t0 = i * kBlock, s0 = j * kBlock;
  for (int e = static_cast<int>(threadIdx.x); e < kStride; e += kTileThreads) {
    memory.z[e] = s0 + e < layer.tokens ? layer.activationAt(s0 + e, lane) : T(0);
    if (e < kMaxTaps) memory.w[e] = e < layer.taps ? layer.weight(lane, e) : T(0);
    if (e >= kBlock) continue;
    const bool isToken = t0 + e < layer.tokens, isColumn = s0 + e < layer.tokens;
    memory.gate[e] = isToken ? layer.gateAt(t0 + e, lane) : T(0);
    memory.x[e] = part.input && isColumn ? part.input[layer.picture(s0 + e) * layer.lanes + lane] : T(1);
    memory.other[e] =
        part.otherDiagonal && isToken ? part.otherDiagonal[layer.picture(t0 + e) * layer.lanes + lane] : T(0);
  }
  memory.skip = layer.skipOf(lane);
}

/// The thread's entries of one lane: G (α + S) Z M from the shared α, times x where it is asked for, joined.
/// `age`: of the thread's first entry, t − s.
template <typename T>
__device__ void joinLane(const Layer<T>& layer, const TilePart<T>& part, const TileMemory<T>& memory,
                         const LaneMemory<T>& lane, int age, T (&sums)[kRows][kCols]) {
  constexpr int kReach = kCols + kHalo;
  const int row = rowOf(static_cast<int>(threadIdx.x)), col = colOf(static_cast<int>(threadIdx.x));
  const int taps = static_cast<int>(layer.taps);
  UC_UNROLL
  for (int a = 0; a < kRows; ++a) {
    T path[kReach];
    UC_UNROLL
    for (int m = 0; m < kReach; ++m) {  // nothing above the diagonal
      T entry = layer.hasScan ? memory.alpha[row + a][col + m] : T(0);
      if (m == age + a) entry += lane.skip;
      path[m] = m <= age + a ? entry * lane.z[col + m] : T(0);
    }
    UC_UNROLL
    for (int b = 0; b < kCols; ++b) {
      T value = lane.w[0] * path[b];
      UC_UNROLL
      for (int k = 1; k < kMaxTaps; ++k) {
        if (k < taps) value += lane.w[k] * path[b + k];
      }
      value *= lane.gate[row + a];
      if (b == age + a) value += lane.other[row + a];
      const bool isThere = b < age + a || (b == age + a && !part.skipsDiagonal);
      sums[a][b] = joined(part.join, sums[a][b], isThere ? value * lane.x[col + b] : T(0));
    }
  }
}

}  // namespace uc::gpu
