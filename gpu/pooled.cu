// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/pooled.h"
#include "gpu/pooled_kernel.h"

#include <algorithm>

namespace uc::gpu {
namespace {

constexpr int64_t kSlabBytes = int64_t{128} << 20;
constexpr int64_t kPartialBytes = int64_t{32} << 20;
constexpr int64_t kSliceStrands = 512;  // summed in float before they are summed in double

/// One slab of lanes of one direction: its pixels' sides, their products, and both added to `sums`.
template <typename T>
void addSlab(const Layer<T>& layer, PoolPart<T> part, double* sums, Stream& stream) {
  const int64_t rows = part.rows.count(), cols = part.cols.count();
  const int64_t strandBlocks = blocksFor(part.strands, kPoolThreads);
  const Buffer<T> u(stream, rows * part.strands), v(stream, cols * part.strands);
  const Buffer<DecaySum> rowSums(stream, rows * part.strands), colSums(stream, cols * part.strands);
  const Buffer<double> near(stream, strandBlocks * cols * kMostNear);
  part.u = u.data();
  part.v = v.data();
  part.rowSums = rowSums.data();
  part.colSums = colSums.data();
  part.near = near.data();
  const auto across = static_cast<unsigned>(strandBlocks);
  launch(sumDecays<T>, dim3(across), kPoolThreads, stream, layer, part);
  launch(walkRows<T>, dim3(across, static_cast<unsigned>(rows)), kPoolThreads, stream, layer, part);
  launch(walkColumns<T>, dim3(across, static_cast<unsigned>(cols)), kPoolThreads, stream, layer, part);

  const unsigned tileRows = blocksFor(rows, kPixels), tileCols = blocksFor(cols, kPixels);
  const int64_t tiles = int64_t{tileRows} * tileCols;
  const int64_t most = std::max<int64_t>(kPartialBytes / (tiles * kPixels * kPixels * int64_t{sizeof(T)}), 1);
  const int64_t wanted = blocksFor(part.strands, kSliceStrands);
  const int64_t sliceStrands = wanted <= most ? kSliceStrands : blocksFor(part.strands, most);
  const int64_t slices = blocksFor(part.strands, sliceStrands);
  const Buffer<T> partial(stream, tiles * slices * kPixels * kPixels);
  launch(multiplyPixels<T>, dim3(tileCols, tileRows, static_cast<unsigned>(slices)), kTileThreads, stream,
         part, layer.taps, sliceStrands, partial.data());
  launch(addPixels<T>, dim3(blocksFor(rows * cols, kTileThreads)), kTileThreads, stream, part, layer.taps,
         slices, strandBlocks, static_cast<const T*>(partial.data()), sums);
}

}  // namespace

template <typename T>
bool canPool(const TileRequest<T>& request) {
  const bool isLinear = request.merge == Merge::One || request.merge == Merge::Mean;
  const int64_t most = 65535;  // blocks along a grid's side
  const bool fits = std::max(request.row1 - request.row0, request.col1 - request.col0) / request.pool < most;
  return isLinear && fits && request.pool > 1 && !request.isLargestPooled &&
         std::all_of(request.directions.begin(), request.directions.end(), [](const Layer<T>& layer) {
           return layer.hasScan && layer.kind == Kind::Decay && layer.taps <= kMaxTaps;
         });
}

template <typename T>
void pooledTile(const TileRequest<T>& request, T* out, Stream& stream, const Checkpoint& checkpoint) {
  checkpoint();
  const auto axis = [&](int64_t begin, int64_t end, const Layer<T>& layer) {
    return PixelAxis{begin, end, request.pool, layer.tokens, layer.isReversed};
  };
  const Layer<T>& any = request.directions.front();
  const PixelAxis rows = axis(request.row0, request.row1, any), cols = axis(request.col0, request.col1, any);
  const int64_t entries = rows.count() * cols.count();
  Buffer<double> sums(stream, entries);
  sums.zero();
  const Buffer<T> result(stream, entries);
  for (const Layer<T>& layer : request.directions) {
    PoolPart<T> part;
    part.rows = axis(request.row0, request.row1, layer);
    part.cols = axis(request.col0, request.col1, layer);
    part.input = request.input;
    const int64_t strandBytes = (rows.count() + cols.count()) * int64_t{sizeof(T) + sizeof(DecaySum)};
    const int64_t slabLanes = std::max<int64_t>(kSlabBytes / (strandBytes * layer.state), 1);
    for (int64_t lane = request.lane0; lane < request.lane1; lane += slabLanes) {
      part.lane0 = lane;
      part.strands = std::min(slabLanes, request.lane1 - lane) * layer.state;
      addSlab(layer, part, sums.data(), stream);
      stream.wait(checkpoint);
    }
  }
  launch(finishPixels<T>, dim3(blocksFor(entries, kTileThreads)), kTileThreads, stream, rows, cols,
         static_cast<double>(request.lane1 - request.lane0), static_cast<const double*>(sums.data()),
         result.data());
  stream.wait(checkpoint);
  stream.download(out, result.data(), result.bytes());
}

template bool canPool(const TileRequest<float>&);
template bool canPool(const TileRequest<double>&);
template void pooledTile(const TileRequest<float>&, float*, Stream&, const Checkpoint&);
template void pooledTile(const TileRequest<double>&, double*, Stream&, const Checkpoint&);

}  // namespace uc::gpu
