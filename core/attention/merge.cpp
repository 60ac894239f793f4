// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/merge.h"

#include "core/attention/operators.h"

namespace uc {

double finishMerge(Merge merge, double joined, double count) {
  if (merge == Merge::MaxAbs) return joined;
  const double mean = joined / count;
  return merge == Merge::L2 ? std::sqrt(mean) : mean;
}

template <typename T>
std::vector<T> mergeLanes(const MatrixOf<T>& values, Merge merge) {
  std::vector<double> joined(static_cast<size_t>(values.cols));
  std::vector<double> lane(joined.size());
  for (int64_t row = 0; row < values.rows; ++row) {
    for (int64_t i = 0; i < values.cols; ++i)
      lane[static_cast<size_t>(i)] = static_cast<double>(values.at(row, i));
    kernels<double>().join(joinOf(merge), lane.data(), values.cols, joined.data());
  }
  std::vector<T> merged;
  merged.reserve(joined.size());
  for (const double value : joined) {
    merged.push_back(static_cast<T>(finishMerge(merge, value, static_cast<double>(values.rows))));
  }
  return merged;
}

template std::vector<float> mergeLanes(const MatrixOf<float>&, Merge);
template std::vector<double> mergeLanes(const MatrixOf<double>&, Merge);

}  // namespace uc
