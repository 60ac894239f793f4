// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/rule_rows.h"
#include "gpu/scan_kernel.h"

namespace uc::gpu {
namespace {

constexpr int64_t kWarp = 32;

/// A group of threads takes one row of one scan: u ← T_s u from the diagonal to the first column. The groups
/// of a warp step together, from the last of their rows on.
template <typename T>
__global__ void __launch_bounds__(kScanThreads, 1)
    walkRuleRows(Layer<T> layer, int groupSize, RuleRows<T> rows) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kScanThreads + threadIdx.x;
  const int64_t t = rows.row0 + thread / groupSize;
  const int64_t end = rows.row0 + rows.rows < layer.tokens ? rows.row0 + rows.rows : layer.tokens;
  const int64_t lastOfWarp = rows.row0 + (thread / kWarp + 1) * kWarp / groupSize - 1;
  const int64_t scan = rows.scan0 + blockIdx.y;
  const Group group{groupSize, static_cast<int>(thread % groupSize), scan * layer.scanLanes(), scan, t < end};
  ScanState<T, double> state{};
  for (int64_t s = lastOfWarp < end ? lastOfWarp : end - 1; s >= rows.col0; --s) {
    if (s == t) state.set(layer.queryAt(s, scan), group, layer.state);
    const double value = state.dot(layer.keyAt(s, scan), group, layer.state);
    const bool isWanted = s <= t && t < end && s < rows.col0 + rows.cols;
    if (isWanted && group.member == 0) *rows.at(scan, t, s) = static_cast<T>(value);
    state.pass(layer, group, s, layer.removeWrite, layer.removeKey);
  }
}

}  // namespace

template <typename T>
void fillRuleRows(const Layer<T>& layer, const RuleRows<T>& rows, Stream& stream) {
  const int size = groupSizeOf(layer);
  launch(walkRuleRows<T>, dim3(blocksFor(rows.rows * size, kScanThreads), static_cast<unsigned>(rows.scans)),
         kScanThreads, stream, layer, size, rows);
}

template void fillRuleRows(const Layer<float>&, const RuleRows<float>&, Stream&);
template void fillRuleRows(const Layer<double>&, const RuleRows<double>&, Stream&);

}  // namespace uc::gpu
