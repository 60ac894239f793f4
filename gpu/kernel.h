// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/buffer.h"

/// What every kernel source includes: the words of CUDA, `UC_SHARED(type, name)` for a block's shared memory
/// (one plain struct a kernel), `UC_UNROLL` before a loop over
/// registers, `UC_ROLLED` before a loop that must not cost any, and `launch`, under nvcc as they
/// are, under a C++ compiler those of emulation/emulation.h.
#ifdef __CUDACC__

#include <cuda_runtime.h>

#define UC_SHARED(type, name) __shared__ type name
#define UC_UNROLL _Pragma("unroll")
#define UC_ROLLED _Pragma("unroll 1")

namespace uc::gpu {

/// Queues a kernel. Throws Error when it cannot be launched.
template <typename... Parameters, typename... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, unsigned threads, Stream& stream,
            const Arguments&... arguments) {
  kernel<<<grid, threads, 0, static_cast<cudaStream_t>(stream.handle())>>>(arguments...);
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) throw Error(std::string("launching: ") + cudaGetErrorString(status), false);
}

}  // namespace uc::gpu

#else
#include "gpu/emulation/emulation.h"
#endif
