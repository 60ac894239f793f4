// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/arithmetic.h"

/// Device code of `pooledTile`; included by pooled.cu only. A strand is one state of one lane. For a pixel P
/// of rows, u[P] = Σ_{t ∈ P} G_t q_t Π_{[first of P, t]} a; for a pixel Q of columns v[Q] is the state after
/// Q's last token has passed the convolution, when 1 was fed in Q and 0 elsewhere. Where P begins after that,
/// the sum of the entries is u Π a v; where it does not, it is read from the running state.
namespace uc::gpu {

inline constexpr int kPoolThreads = 128;
inline constexpr int kMostNear = 6;  // rows of pixels that read the running state of one of columns
inline constexpr int kPixels = 64;   // a tile of pixels is 64 × 64
inline constexpr int kTileThreads = 256;
inline constexpr int kSide = 4;      // of a thread's pixels in it
inline constexpr int kStrands = 16;  // that are in shared memory at a time

/// The pixels along one side of the map, in the direction's own order of tokens.
struct PixelAxis {
  int64_t begin = 0, end = 0;  // in picture order
  int64_t size = 1;
  int64_t tokens = 0;
  bool isReversed = false;

  UC_DEVICE int64_t count() const { return (end - begin + size - 1) / size; }
  UC_DEVICE int64_t pictureStart(int64_t p) const { return begin + p * size < end ? begin + p * size : end; }
  UC_DEVICE int64_t start(int64_t p) const {
    return isReversed ? tokens - pictureStart(count() - p) : pictureStart(p);
  }
  UC_DEVICE int64_t stop(int64_t p) const { return start(p + 1); }
  UC_DEVICE int64_t picture(int64_t p) const { return isReversed ? count() - 1 - p : p; }
  /// The first pixel that ends after a token.
  UC_DEVICE int64_t firstAfter(int64_t token) const {
    int64_t p = isReversed ? count() - 1 - (tokens - 1 - token - begin) / size : (token - begin) / size;
    p = p < 0 ? 0 : p < count() ? p : count() - 1;
    while (p < count() && stop(p) <= token) ++p;
    while (p > 0 && stop(p - 1) > token) --p;
    return p;
  }
};

/// One slab of strands. Strand i is state i % N of lane lane0 + i / N.
template <typename T>
struct PoolPart {
  PixelAxis rows, cols;
  int64_t lane0 = 0, strands = 0;
  const T* input = nullptr;     // [L, D] in picture order
  T* u = nullptr;               // [row pixels, strands]
  T* v = nullptr;               // [column pixels, strands]
  DecaySum* rowSums = nullptr;  // [row pixels, strands]: before the pixel begins
  DecaySum* colSums = nullptr;  // [column pixels, strands]: before `settled`
  double* near = nullptr;       // [blocks of strands, column pixels, kMostNear]

  /// The token before which all that column pixel q feeds has been fed.
  UC_DEVICE int64_t settled(int64_t q, int64_t taps) const {
    const int64_t token = cols.stop(q) + taps - 1;
    return token < cols.tokens ? token : cols.tokens;
  }
};

/// A thread walks all tokens of one strand and leaves the sums of log decays where pixels begin or are
/// settled.
template <typename T>
__global__ void __launch_bounds__(kPoolThreads, 1) sumDecays(Layer<T> layer, PoolPart<T> part) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kPoolThreads + threadIdx.x;
  if (i >= part.strands) return;
  const int64_t scan = (part.lane0 + i / layer.state) / layer.scanLanes(), n = i % layer.state;
  DecaySum sum{0.0, 0.0};
  int64_t p = 0, q = 0;
  const int64_t rows = part.rows.count(), cols = part.cols.count();
  int64_t t = part.cols.start(0) < part.rows.start(0) ? part.cols.start(0) : part.rows.start(0);
  while (p < rows || q < cols) {
    const int64_t row = p < rows ? part.rows.start(p) : layer.tokens;
    const int64_t col = q < cols ? part.settled(q, layer.taps) : layer.tokens;
    const int64_t next = row < col ? row : col;
    for (; t < next; ++t) addDecay(sum, static_cast<double>(layer.logDecayAt(t, scan, n)));
    if (p < rows && row == next) part.rowSums[p++ * part.strands + i] = sum;
    if (q < cols && col == next) part.colSums[q++ * part.strands + i] = sum;
  }
}

template <typename T>
__global__ void __launch_bounds__(kPoolThreads, 1) walkRows(Layer<T> layer, PoolPart<T> part) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kPoolThreads + threadIdx.x;
  if (i >= part.strands) return;
  const int64_t lane = part.lane0 + i / layer.state, n = i % layer.state;
  const int64_t scan = lane / layer.scanLanes(), p = blockIdx.y;
  double total = 0.0, sum = 0.0;
  for (int64_t t = part.rows.start(p); t < part.rows.stop(p); ++t) {
    if (!layer.readsBeforeDecay) sum += static_cast<double>(layer.logDecayAt(t, scan, n));
    const T factor = layer.gateAt(t, lane) * layer.queryAt(t, scan)[n];
    total += static_cast<double>(factor) * static_cast<double>(decayExp(static_cast<T>(sum)));
    if (layer.readsBeforeDecay) sum += static_cast<double>(layer.logDecayAt(t, scan, n));
  }
  part.u[p * part.strands + i] = static_cast<T>(total);
}

/// What token t of one lane is fed when the input is 1 in column pixel q, after convolution and activation.
template <typename T>
UC_DEVICE double fed(const Layer<T>& layer, const PoolPart<T>& part, int64_t lane, int64_t t, int64_t begin,
                     int64_t end) {
  T sum = T(0);
  for (int64_t j = 0; j < layer.taps; ++j) {
    const int64_t s = t - j;
    if (s < begin || s >= end) continue;
    sum += layer.weight(lane, j) * (part.input ? part.input[layer.picture(s) * layer.lanes + lane] : T(1));
  }
  return static_cast<double>(sum) * static_cast<double>(layer.activationAt(t, lane));
}

/// Σ over a block's threads; the first one has it.
__device__ __forceinline__ double sumOfBlock(double value, double (&warps)[kPoolThreads / 32]) {
  for (unsigned flips = 16; flips > 0; flips /= 2) value += __shfl_xor_sync(0xFFFFFFFFU, value, flips);
  __syncthreads();  // the sum before has been read
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = 0.0;
  for (const double warp : warps) value += warp;
  return value;
}

struct WarpSums {
  double values[kPoolThreads / 32];
};

/// One strand through one pixel of columns, on to the end of the last row of pixels that reads its running
/// state.
template <typename T>
__global__ void __launch_bounds__(kPoolThreads, 1) walkColumns(Layer<T> layer, PoolPart<T> part) {
  UC_SHARED(WarpSums, memory);
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kPoolThreads + threadIdx.x;
  const bool isStrand = i < part.strands;
  const int64_t lane = part.lane0 + (isStrand ? i / layer.state : 0), n = i % layer.state;
  const int64_t scan = lane / layer.scanLanes(), q = blockIdx.y;
  const int64_t begin = part.cols.start(q), end = part.cols.stop(q), settled = part.settled(q, layer.taps);
  double* near = part.near + (blockIdx.x * part.cols.count() + q) * kMostNear;
  double h = 0.0, total = 0.0;
  int64_t t = begin, p = part.rows.firstAfter(begin);
  for (int k = 0; k < kMostNear; ++k, ++p) {
    const bool isNear = p < part.rows.count() && part.rows.start(p) < settled;
    const int64_t top = isNear ? part.rows.start(p) : settled, bottom = isNear ? part.rows.stop(p) : settled;
    total = 0.0;
    for (; t < bottom && isStrand; ++t) {
      if (t == settled) part.v[q * part.strands + i] = static_cast<T>(h);
      const double u = t < settled ? fed(layer, part, lane, t, begin, end) : 0.0;
      const bool isRead = t >= top;
      const double read = static_cast<double>(layer.gateAt(t, lane)),
                   query = static_cast<double>(layer.queryAt(t, scan)[n]);
      if (isRead && layer.readsBeforeDecay) total += t > begin ? read * query * h : 0.0;
      if (t > begin) h += h * static_cast<double>(decayLess1(layer.logDecayAt(t, scan, n)));
      if (t < settled) h += static_cast<double>(layer.keyAt(t, scan)[n] * layer.keyScaleAt(t, scan)) * u;
      if (!isRead) continue;
      if (!layer.readsBeforeDecay) total += read * query * h;
      if (n != 0 || t >= settled) continue;
      if (layer.readsBeforeDecay)
        total += read * static_cast<double>(layer.perScan(layer.diagonal, t, scan)) * u;
      if (layer.skip) total += read * static_cast<double>(layer.skip[lane]) * u;
    }
    if (t == settled && isStrand) part.v[q * part.strands + i] = static_cast<T>(h);
    total = sumOfBlock(total, memory.values);
    if (threadIdx.x == 0) near[k] = isNear ? total : 0.0;
  }
}

template <typename T>
struct PixelMemory {
  T u[kStrands][kPixels], v[kStrands][kPixels];
};

/// Rows of pixels from p0 and columns from q0 on, of strands [i0, i0 + count), with one reference for all:
/// the beginning of the first row.
template <typename T>
__device__ void loadPixels(const PoolPart<T>& part, int64_t p0, int64_t q0, int64_t i0, int count,
                           PixelMemory<T>& memory) {
  __syncthreads();  // those before have been read
  const int64_t rows = part.rows.count(), cols = part.cols.count();
  for (int e = static_cast<int>(threadIdx.x); e < kStrands * kPixels; e += kTileThreads) {
    const int k = e % kStrands, pixel = e / kStrands;
    const int64_t p = p0 + pixel, q = q0 + pixel, i = i0 + k;
    T u = T(0), v = T(0);
    if (k < count && p < rows) {
      const int64_t at = p * part.strands + i;
      u = part.u[at] * decayBetween<T>(part.rowSums[p0 * part.strands + i], part.rowSums[at]);
    }
    if (k < count && q < cols) {
      const int64_t at = q * part.strands + i;
      v = part.v[at] * decayBetween<T>(part.colSums[at], part.rowSums[p0 * part.strands + i]);
    }
    memory.u[k][pixel] = u;
    memory.v[k][pixel] = v;
  }
  __syncthreads();
}

/// partial [row tiles, column tiles, slices, 64, 64]: Σ over a slice of strands of u Π a v, for pixels that
/// are far enough from the diagonal.
template <typename T>
__global__ void __launch_bounds__(kTileThreads)
    multiplyPixels(PoolPart<T> part, int64_t taps, int64_t sliceStrands, T* partial) {
  UC_SHARED(PixelMemory<T>, memory);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / (kPixels / kSide) * kSide, col = thread % (kPixels / kSide) * kSide;
  const int64_t p0 = static_cast<int64_t>(blockIdx.y) * kPixels,
                q0 = static_cast<int64_t>(blockIdx.x) * kPixels;
  const int64_t rows = part.rows.count(), cols = part.cols.count();
  const int64_t pLast = p0 + kPixels < rows ? p0 + kPixels - 1 : rows - 1;
  const int64_t qLast = q0 + kPixels < cols ? q0 + kPixels - 1 : cols - 1;
  const int64_t first = blockIdx.z * sliceStrands;
  const int64_t last = first + sliceStrands < part.strands ? first + sliceStrands : part.strands;
  T sums[kSide][kSide] = {};
  if (part.rows.start(p0) >= part.settled(qLast, taps)) {
    for (int64_t i = first; i < last; i += kStrands) {
      loadPixels(part, p0, q0, i, static_cast<int>(last - i < kStrands ? last - i : kStrands), memory);
      UC_ROLLED
      for (int k = 0; k < kStrands; ++k) {
        UC_UNROLL
        for (int a = 0; a < kSide; ++a) {
          UC_UNROLL
          for (int b = 0; b < kSide; ++b) sums[a][b] += memory.u[k][row + a] * memory.v[k][col + b];
        }
      }
    }
  } else if (part.rows.start(pLast) >= part.settled(q0, taps)) {  // some of them are
    UC_UNROLL
    for (int e = 0; e < kSide * kSide; ++e) {
      const int64_t p = p0 + row + e / kSide, q = q0 + col + e % kSide;
      if (p >= rows || q >= cols || part.rows.start(p) < part.settled(q, taps)) continue;
      T sum = T(0);
      UC_ROLLED
      for (int64_t i = first; i < last; ++i) {
        const int64_t atRow = p * part.strands + i, atCol = q * part.strands + i;
        sum += part.u[atRow] * decayBetween<T>(part.colSums[atCol], part.rowSums[atRow]) * part.v[atCol];
      }
      sums[e / kSide][e % kSide] = sum;
    }
  }
  T* out = partial + ((static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * gridDim.z + blockIdx.z) *
                         kPixels * kPixels;
  UC_UNROLL
  for (int a = 0; a < kSide; ++a) {
    UC_UNROLL
    for (int b = 0; b < kSide; ++b) out[(row + a) * kPixels + col + b] = sums[a][b];
  }
}

/// sums [row pixels, column pixels] in picture order: adds the slices of a slab and what was near, in double.
template <typename T>
__global__ void __launch_bounds__(kTileThreads)
    addPixels(PoolPart<T> part, int64_t taps, int64_t slices, int64_t strandBlocks, const T* partial,
              double* sums) {
  const int64_t rows = part.rows.count(), cols = part.cols.count();
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kTileThreads + threadIdx.x;
  if (e >= rows * cols) return;
  const int64_t p = e / cols, q = e % cols;
  const int64_t across = (cols + kPixels - 1) / kPixels;
  const T* tile = partial + (p / kPixels * across + q / kPixels) * slices * kPixels * kPixels;
  double sum = 0.0;
  for (int64_t z = 0; z < slices; ++z) {
    sum += static_cast<double>(tile[z * kPixels * kPixels + p % kPixels * kPixels + q % kPixels]);
  }
  const int64_t k = p - part.rows.firstAfter(part.cols.start(q));
  if (k >= 0 && k < kMostNear && part.rows.start(p) < part.settled(q, taps)) {
    for (int64_t i = 0; i < strandBlocks; ++i) sum += part.near[(i * cols + q) * kMostNear + k];
  }
  sums[part.rows.picture(p) * cols + part.cols.picture(q)] += sum;
}

/// The means of what pixels hold, over entries and lanes.
template <typename T>
__global__ void __launch_bounds__(kTileThreads)
    finishPixels(PixelAxis rows, PixelAxis cols, double lanes, const double* sums, T* out) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kTileThreads + threadIdx.x;
  if (e >= rows.count() * cols.count()) return;
  const int64_t p = e / cols.count(), q = e % cols.count();
  const auto height = static_cast<double>(rows.pictureStart(p + 1) - rows.pictureStart(p));
  const auto width = static_cast<double>(cols.pictureStart(q + 1) - cols.pictureStart(q));
  out[e] = static_cast<T>(sums[e] / (height * width * lanes));
}

}  // namespace uc::gpu
