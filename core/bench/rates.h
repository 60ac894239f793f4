// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/bench/bench.h"

#include <cstdint>
#include <map>

namespace uc::bench {

/// What the machine can do at most, with the same threads as our loops:
/// - sgemm: FLOP/s of LibTorch's float32 product of matrices of 1,024², its rows split over the threads;
/// - memory: bytes read plus bytes written a second by copying 64 MB a thread;
/// - exp: exponentials a second of core/simd/exp-inl.h in float32, input and output in the first-level cache.
class Rates {
 public:
  /// Measures it; the best so far counts. None: nothing.
  void measure(Limit limit, const Feedback& feedback);
  /// A second; 0: not measured.
  double of(Limit limit) const;

 private:
  std::map<Limit, double> m_best;
};

/// out[i] = exp(in[i]), in ≤ 0: the exponential of all our kernels, as fast as it goes.
void decayExponentials(const float* in, int64_t count, float* out);

}  // namespace uc::bench
