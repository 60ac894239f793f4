// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/scan.h"
#include "gpu/tile.h"
#include "gpu/tile_kernel.h"

#include <algorithm>
#include <optional>

namespace uc::gpu {
namespace {

constexpr int64_t kPartialBytes = int64_t{32} << 20;  // of one launch
constexpr int64_t kFactorBytes = int64_t{128} << 20;  // of one slab of scans
constexpr int64_t kBandBytes = int64_t{64} << 20;     // of the rows that are at work
constexpr double kWorkOfAWait = 4e9;                  // multiply-adds: some milliseconds on a slow device
// Lanes that are summed in float before they are summed in double: few enough not to lose digits.
constexpr int64_t kSliceLanes = 32, kMostSliceLanes = 64;
constexpr int64_t kMostBandRows = 1 << 15;  // a grid's side is limited
constexpr int kFlatThreads = 256;

/// partial [row blocks, column blocks, slices, 64, 64] of a launch.
template <typename T>
__global__ void __launch_bounds__(kTileThreads, 1)
    makeTiles(Layer<T> layer, BlockFactors<T> factors, TilePart<T> part, T* partial) {
  UC_SHARED(TileMemory<T>, memory);
  const int64_t i = part.rowBlock0 + blockIdx.y, j = part.colBlock0 + blockIdx.x;
  if (j > i) return;
  const int thread = static_cast<int>(threadIdx.x);
  const int row = rowOf(thread), col = colOf(thread);
  const int64_t first = (part.slice0 + blockIdx.z) * part.sliceLanes;
  const int64_t lane0 = first > part.lane0 ? first : part.lane0;
  const int64_t lane1 = first + part.sliceLanes < part.lane1 ? first + part.sliceLanes : part.lane1;
  const int age =
      static_cast<int>(i - j < 2 ? (i - j) * kBlock : 2 * kBlock) + row - col;  // or any large one
  T sums[kRows][kCols] = {};
  if (i - j <= 1 || layer.hasScan) {
    const int64_t width = layer.scanLanes();
    UC_ROLLED
    for (int64_t scan = lane0 / width; scan * width < lane1; ++scan) {
      if (layer.hasScan) fillAlpha(layer, factors, part.rule, scan, i, j, memory);
      const int64_t end = (scan + 1) * width < lane1 ? (scan + 1) * width : lane1;
      for (int64_t d = scan * width > lane0 ? scan * width : lane0; d < end; d += kLanesAtOnce) {
        const int lanes = end - d < kLanesAtOnce ? static_cast<int>(end - d) : kLanesAtOnce;
        UC_ROLLED
        for (int k = 0; k < lanes; ++k) loadLane(layer, part, d + k, i, j, memory.lanes[k]);
        __syncthreads();
        UC_ROLLED
        for (int k = 0; k < lanes; ++k) joinLane(layer, part, memory, memory.lanes[k], age, sums);
        __syncthreads();  // what is shared is made anew
      }
    }
  }
  const int64_t tile = (static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * gridDim.z + blockIdx.z;
  T* out = partial + tile * kBlock * kBlock;
  UC_UNROLL
  for (int a = 0; a < kRows; ++a) {
    UC_UNROLL
    for (int b = 0; b < kCols; ++b) out[(row + a) * kBlock + col + b] = sums[a][b];
  }
}

/// The rectangle of the map that is at work, in picture order.
struct Band {
  int64_t row0, row1, col0, col1;
  UC_DEVICE int64_t width() const { return col1 - col0; }
  UC_DEVICE int64_t entries() const { return (row1 - row0) * width(); }
};

/// sums [band]: joins the slices of a launch in their order, in double.
template <typename T>
__global__ void __launch_bounds__(kFlatThreads)
    addTiles(Layer<T> layer, TilePart<T> part, int64_t slices, const T* partial, Band band, double* sums) {
  const int64_t i = part.rowBlock0 + blockIdx.y, j = part.colBlock0 + blockIdx.x;
  if (j > i) return;
  const T* tile =
      partial + (static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * slices * kBlock * kBlock;
  for (int e = static_cast<int>(threadIdx.x); e < kBlock * kBlock; e += kFlatThreads) {
    const int64_t t = i * kBlock + e / kBlock, s = j * kBlock + e % kBlock;
    if (s > t || t >= layer.tokens || (s == t && part.skipsDiagonal)) continue;
    const int64_t row = layer.picture(t), col = layer.picture(s);
    if (row < band.row0 || row >= band.row1 || col < band.col0 || col >= band.col1) continue;
    double& sum = sums[(row - band.row0) * band.width() + col - band.col0];
    double joined = sum;
    for (int64_t z = 0; z < slices; ++z) {
      const auto value = static_cast<double>(tile[z * kBlock * kBlock + e]);
      joined = part.join == Join::MaxAbs ? larger(joined, value) : joined + value;
    }
    sum = joined;
  }
}

/// What a direction's map is on the diagonal: out [L, D] in picture order.
template <typename T>
__global__ void __launch_bounds__(kFlatThreads) makeDiagonal(Layer<T> layer, T* out) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kFlatThreads + threadIdx.x;
  if (e >= layer.tokens * layer.lanes) return;
  const int64_t t = e / layer.lanes, d = e % layer.lanes;
  T sum = layer.skipOf(d);
  if (layer.hasScan) sum += diagonalEntry(layer, d / layer.scanLanes(), t);
  out[layer.picture(t) * layer.lanes + d] =
      layer.gateAt(t, d) * sum * layer.activationAt(t, d) * layer.weight(d, 0);
}

UC_DEVICE double finished(Merge merge, double joined, double count) {
  if (merge == Merge::One || merge == Merge::MaxAbs) return joined;
  const double mean = joined / count;
  return merge == Merge::L2 ? sqrt(mean) : mean;
}

/// The merged entries of a band as they are.
template <typename T>
__global__ void __launch_bounds__(kFlatThreads)
    finishBand(const double* sums, int64_t entries, Merge merge, double lanes, T* out) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kFlatThreads + threadIdx.x;
  if (e < entries) out[e] = static_cast<T>(finished(merge, sums[e], lanes));
}

/// How entries are pooled.
struct Pool {
  int64_t size = 1;
  bool isLargest = false;
  int64_t row0 = 0, cols = 0;  // the first row of the map's part, pooled columns
};

UC_DEVICE void addPooled(bool isLargest, double value, double& sum) {
  sum = isLargest ? larger(sum, value) : sum + value;
}

/// pooled [pooled rows, pooled columns]: a warp takes what a band has of one pooled entry.
__global__ void __launch_bounds__(kFlatThreads)
    poolBand(const double* sums, Band band, Merge merge, double lanes, Pool pool, double* pooled) {
  constexpr unsigned kWarpLanes = 32;
  const int64_t warp =
      static_cast<int64_t>(blockIdx.x) * (kFlatThreads / kWarpLanes) + threadIdx.x / kWarpLanes;
  const bool isIdle = warp >= pool.cols;
  const int64_t row = (band.row0 - pool.row0) / pool.size + blockIdx.y;
  const int64_t first = pool.row0 + row * pool.size, left = warp * pool.size;
  const int64_t top = first > band.row0 ? first : band.row0;
  const int64_t bottom = first + pool.size < band.row1 ? first + pool.size : band.row1;
  const int64_t right = left + pool.size < band.width() ? left + pool.size : band.width();
  double sum = 0.0;
  for (int64_t t = top; t < bottom && !isIdle; ++t) {
    for (int64_t s = left + threadIdx.x % kWarpLanes; s < right; s += kWarpLanes) {
      addPooled(pool.isLargest, finished(merge, sums[(t - band.row0) * band.width() + s], lanes), sum);
    }
  }
  for (unsigned flips = kWarpLanes / 2; flips > 0; flips /= 2) {
    addPooled(pool.isLargest, __shfl_xor_sync(0xFFFFFFFFU, sum, flips), sum);
  }
  if (!isIdle && threadIdx.x % kWarpLanes == 0)
    addPooled(pool.isLargest, sum, pooled[row * pool.cols + warp]);
}

template <typename T>
__global__ void __launch_bounds__(kFlatThreads)
    finishPool(const double* pooled, int64_t rows, int64_t cols, Pool pool, T* out) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kFlatThreads + threadIdx.x;
  const int64_t height = rows - e / pool.cols * pool.size, width = cols - e % pool.cols * pool.size;
  if (height <= 0) return;
  const double count = static_cast<double>(height < pool.size ? height : pool.size) *
                       static_cast<double>(width < pool.size ? width : pool.size);
  out[e] = static_cast<T>(pool.isLargest ? pooled[e] : pooled[e] / count);
}

Join joinOf(Merge merge) {
  switch (merge) {
    case Merge::MeanAbs:
      return Join::SumAbs;
    case Merge::MaxAbs:
      return Join::MaxAbs;
    case Merge::L2:
      return Join::SumSquares;
    case Merge::PositiveMean:
      return Join::SumPositive;
    case Merge::One:
    case Merge::Mean:
      break;
  }
  return Join::Sum;
}

/// One call of `tile`: bands of rows, in each the directions, in each slabs of scans, in each launches.
template <typename T>
class TileRun {
 public:
  TileRun(const TileRequest<T>& request, Stream& stream, const Checkpoint& checkpoint)
      : m_request(request), m_stream(stream), m_checkpoint(checkpoint) {
    if (request.directions.size() < 2) return;
    const Layer<T>& last = request.directions[1];
    m_diagonal.emplace(stream, last.tokens * last.lanes);
    launch(makeDiagonal<T>, dim3(blocksFor(m_diagonal->size(), kFlatThreads)), kFlatThreads, stream, last,
           m_diagonal->data());
  }

  void run(T* out) {
    const int64_t rows = m_request.row1 - m_request.row0, cols = m_request.col1 - m_request.col0;
    const auto pooled = [&](int64_t size) { return (size + m_request.pool - 1) / m_request.pool; };
    const Pool pool{m_request.pool, m_request.isLargestPooled, m_request.row0, pooled(cols)};
    int64_t height =
        std::max<int64_t>(kBandBytes / static_cast<int64_t>(sizeof(double)) / cols / kBlock, 1) * kBlock;
    height = std::min({height, rows, kMostBandRows});
    Buffer<double> sums(m_stream, height * cols);
    const int64_t results = pool.size > 1 ? pooled(rows) * pool.cols : height * cols;
    Buffer<T> result(m_stream, results);
    Buffer<double> pools(m_stream, pool.size > 1 ? results : 0);
    if (pool.size > 1) pools.zero();
    const auto lanes = static_cast<double>(m_request.lane1 - m_request.lane0);
    for (int64_t row = m_request.row0; row < m_request.row1; row += height) {
      const Band band{row, std::min(row + height, m_request.row1), m_request.col0, m_request.col1};
      sums.zero();
      for (const Layer<T>& layer : m_request.directions) addDirection(layer, band, sums.data());
      if (pool.size > 1) {
        const int64_t pooledRows =
            (band.row1 - 1 - pool.row0) / pool.size - (band.row0 - pool.row0) / pool.size + 1;
        launch(poolBand, dim3(blocksFor(pool.cols * 32, kFlatThreads), static_cast<unsigned>(pooledRows)),
               kFlatThreads, m_stream, sums.data(), band, m_request.merge, lanes, pool, pools.data());
        continue;
      }
      launch(finishBand<T>, dim3(blocksFor(band.entries(), kFlatThreads)), kFlatThreads, m_stream,
             sums.data(), band.entries(), m_request.merge, lanes, result.data());
      m_stream.wait(m_checkpoint);
      m_stream.download(out + (row - m_request.row0) * cols, result.data(),
                        static_cast<size_t>(band.entries()) * sizeof(T));
    }
    if (pool.size == 1) return;
    launch(finishPool<T>, dim3(blocksFor(results, kFlatThreads)), kFlatThreads, m_stream, pools.data(), rows,
           cols, pool, result.data());
    m_stream.wait(m_checkpoint);
    m_stream.download(out, result.data(), result.bytes());
  }

 private:
  void addDirection(const Layer<T>& layer, const Band& band, double* sums) {
    const int64_t l = layer.tokens;
    const int64_t row0 = layer.isReversed ? l - band.row1 : band.row0;
    const int64_t row1 = layer.isReversed ? l - band.row0 : band.row1;
    const int64_t col0 = layer.isReversed ? l - band.col1 : band.col0;
    const int64_t col1 = std::min(layer.isReversed ? l - band.col0 : band.col1, row1);
    if (col0 >= col1) return;  // all above the diagonal
    BlockFactors<T> factors;
    factors.colBlock0 = col0 / kBlock;
    factors.rowBlock0 = std::max(row0, col0) / kBlock;
    factors.rowBlocks = (row1 - 1) / kBlock + 1 - factors.rowBlock0;
    // One more, whose first columns a convolution reaches.
    factors.colBlocks =
        std::min((col1 - 1) / kBlock + 2, factors.rowBlock0 + factors.rowBlocks) - factors.colBlock0;
    const int64_t width = layer.scanLanes();
    const int64_t parts = (width + kMostSliceLanes - 1) / kMostSliceLanes;
    const int64_t sliceLanes =
        width <= kSliceLanes ? kSliceLanes / width * width : (width + parts - 1) / parts;
    const int64_t bytes =
        layer.hasScan && layer.kind == Kind::Decay ? blockFactorBytes(factors, layer.state) : 1;
    const int64_t slabScans = std::max<int64_t>(kFactorBytes / bytes, 1);
    int64_t slabLanes = std::max<int64_t>(slabScans * width / sliceLanes, 1) * sliceLanes;
    slabLanes = std::min(slabLanes, kMostSlices * sliceLanes);
    for (int64_t lane = m_request.lane0 / sliceLanes * sliceLanes; lane < m_request.lane1;
         lane += slabLanes) {
      TilePart<T> part;
      part.join = joinOf(m_request.merge);
      part.lane0 = std::max(lane, m_request.lane0);
      part.lane1 = std::min(lane + slabLanes, m_request.lane1);
      part.sliceLanes = sliceLanes;
      part.slice0 = lane / sliceLanes;
      part.input = m_request.input;
      part.otherDiagonal = m_diagonal && !layer.isReversed ? m_diagonal->data() : nullptr;
      part.skipsDiagonal = m_diagonal && layer.isReversed;
      addSlab(layer, factors, part, (col1 - 1) / kBlock + 1, band, sums);
    }
  }

  /// All launches of one slab of lanes.
  void addSlab(const Layer<T>& layer, BlockFactors<T> factors, TilePart<T> part, int64_t colBlockEnd,
               const Band& band, double* sums) {
    const int64_t width = layer.scanLanes();
    factors.scan0 = part.lane0 / width;
    factors.scans = (part.lane1 - 1) / width + 1 - factors.scan0;
    const bool decays = layer.hasScan && layer.kind == Kind::Decay;
    const int64_t side = decays ? factors.scans * layer.state * kBlock : 0;
    const Buffer<T> u(m_stream, side * factors.rowBlocks), v(m_stream, side * factors.colBlocks);
    const Buffer<DecaySum> decaySums(m_stream,
                                     decays ? factors.scans * layer.state * (factors.blocks() + 1) : 0);
    factors.u = u.data();
    factors.v = v.data();
    factors.sums = decaySums.data();
    if (decays) fillBlockFactors(layer, factors, m_stream);

    const int64_t slices = (part.lane1 - 1) / part.sliceLanes + 1 - part.slice0;
    const bool isRule = layer.hasScan && layer.kind == Kind::DeltaRule;
    const int64_t tileValues = (slices + (isRule ? factors.scans : 0)) * kBlock * kBlock;
    const int64_t tiles = std::max<int64_t>(kPartialBytes / static_cast<int64_t>(sizeof(T)) / tileValues, 1);
    const int64_t colStep = std::min(tiles, colBlockEnd - factors.colBlock0);
    const int64_t rowStep = std::min(tiles / colStep, factors.rowBlocks);
    const Buffer<T> partial(m_stream, colStep * rowStep * slices * kBlock * kBlock);
    RuleRows<T> rule{factors.scan0, factors.scans, 0, rowStep * kBlock, 0, colStep * kBlock + kHalo};
    const Buffer<T> alpha(m_stream, isRule ? rule.scans * rule.rows * rule.cols : 0);
    rule.alpha = alpha.data();
    const int64_t rowBlockEnd = factors.rowBlock0 + factors.rowBlocks;
    for (int64_t i = factors.rowBlock0; i < rowBlockEnd; i += rowStep) {
      const int64_t height = std::min(rowStep, rowBlockEnd - i);
      for (int64_t j = factors.colBlock0; j < std::min(colBlockEnd, i + height); j += colStep) {
        part.rowBlock0 = i;
        part.colBlock0 = j;
        part.rule = rule;
        part.rule.row0 = i * kBlock;
        part.rule.col0 = j * kBlock;
        if (isRule) fillRuleRows(layer, part.rule, m_stream);
        const dim3 grid(static_cast<unsigned>(std::min(colStep, colBlockEnd - j)),
                        static_cast<unsigned>(height));
        addTilesOf(layer, factors, part, grid, slices, band, partial.data(), sums);
      }
    }
  }

  /// One launch, and a wait after some of them.
  void addTilesOf(const Layer<T>& layer, const BlockFactors<T>& factors, const TilePart<T>& part, dim3 grid,
                  int64_t slices, const Band& band, T* partial, double* sums) {
    const dim3 all(grid.x, grid.y, static_cast<unsigned>(slices));
    launch(makeTiles<T>, all, kTileThreads, m_stream, layer, factors, part, partial);
    launch(addTiles<T>, grid, kFlatThreads, m_stream, layer, part, slices, static_cast<const T*>(partial),
           band, sums);
    const double lanes = static_cast<double>((layer.state + 8) * (part.lane1 - part.lane0));
    m_work += lanes * kBlock * kBlock * grid.x * grid.y;
    if (m_work < kWorkOfAWait) return;
    m_stream.wait(m_checkpoint);
    m_work = 0.0;
  }

  static constexpr int64_t kMostSlices = 256;

  const TileRequest<T>& m_request;
  Stream& m_stream;
  const Checkpoint& m_checkpoint;
  std::optional<Buffer<T>> m_diagonal;  // [L, D] of the reversed direction, when both are there
  double m_work = 0.0;                  // queued since the last wait
};

}  // namespace

template <typename T>
bool canTile(const Layer<T>& layer) {
  return layer.taps <= kMaxTaps && (layer.kind != Kind::DeltaRule || layer.state <= kMostStates);
}

template <typename T>
void tile(const TileRequest<T>& request, T* out, Stream& stream, const Checkpoint& checkpoint) {
  checkpoint();
  TileRun<T>(request, stream, checkpoint).run(out);
}

template bool canTile(const Layer<float>&);
template bool canTile(const Layer<double>&);
template void tile(const TileRequest<float>&, float*, Stream&, const Checkpoint&);
template void tile(const TileRequest<double>&, double*, Stream&, const Checkpoint&);

}  // namespace uc::gpu
