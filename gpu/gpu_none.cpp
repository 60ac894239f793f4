// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Without a CUDA Toolkit there is no device, so nothing that needs one is ever reached.

#include "gpu/forward_scan.h"
#include "gpu/gpu.h"
#include "gpu/pooled.h"
#include "gpu/scan.h"
#include "gpu/scan_gradient.h"
#include "gpu/tile.h"

namespace uc::gpu {
namespace {

[[noreturn]] void refuse() { throw Error("built without CUDA", false); }

}  // namespace

std::vector<Device> devices() { return {}; }
int64_t freeMemory(int /*device*/) { return 0; }
bool hasHostMemory() { return false; }
std::string runtimeVersion() { return "none"; }

struct Stream::State {};
Stream::Stream(int device, Order /*order*/) : m_device(device) { refuse(); }
Stream::~Stream() = default;
void* Stream::handle() const { refuse(); }
void* Stream::allocate(size_t /*bytes*/) { refuse(); }
void Stream::release(void* /*memory*/) noexcept {}
void Stream::zero(void* /*memory*/, size_t /*bytes*/) { refuse(); }
void Stream::upload(void* /*to*/, const void* /*from*/, size_t /*bytes*/) { refuse(); }
void Stream::download(void* /*to*/, const void* /*from*/, size_t /*bytes*/) { refuse(); }
void Stream::wait(const Checkpoint& /*checkpoint*/) { refuse(); }

template <typename T>
bool canTile(const Layer<T>& /*layer*/) {
  return false;
}

template <typename T>
bool canPool(const TileRequest<T>& /*request*/) {
  return false;
}

template <typename T>
bool canScan(const Layer<T>& /*layer*/) {
  return false;
}

template <typename T>
void tile(const TileRequest<T>& /*request*/, T* /*out*/, Stream& /*stream*/,
          const Checkpoint& /*checkpoint*/) {
  refuse();
}

template <typename T>
void pooledTile(const TileRequest<T>& /*request*/, T* /*out*/, Stream& /*stream*/,
                const Checkpoint& /*checkpoint*/) {
  refuse();
}

template <typename T>
void apply(const std::vector<Layer<T>>& /*directions*/, const std::vector<const T*>& /*bias*/, const T* /*x*/,
           T* /*out*/, Stream& /*stream*/, const Checkpoint& /*checkpoint*/) {
  refuse();
}

template <typename T>
void applyTransposed(const std::vector<Layer<T>>& /*directions*/, const T* /*v*/, T* /*out*/,
                     Stream& /*stream*/, const Checkpoint& /*checkpoint*/) {
  refuse();
}

template <typename T>
void advance(const Layer<T>& /*layer*/, const T* /*u*/, T* /*states*/, T* /*y*/, Stream& /*stream*/) {
  refuse();
}

template <typename T>
void advance(const LogSumRun<T>& /*run*/, Stream& /*stream*/) {
  refuse();
}

template <typename T>
void reverse(const SelectiveGradient<T>& /*run*/, Stream& /*stream*/) {
  refuse();
}

#define UC_INSTANTIATE(T)                                                                                \
  template bool canTile(const Layer<T>&);                                                                \
  template bool canPool(const TileRequest<T>&);                                                          \
  template bool canScan(const Layer<T>&);                                                                \
  template void tile(const TileRequest<T>&, T*, Stream&, const Checkpoint&);                             \
  template void pooledTile(const TileRequest<T>&, T*, Stream&, const Checkpoint&);                       \
  template void apply(const std::vector<Layer<T>>&, const std::vector<const T*>&, const T*, T*, Stream&, \
                      const Checkpoint&);                                                                \
  template void applyTransposed(const std::vector<Layer<T>>&, const T*, T*, Stream&, const Checkpoint&); \
  template void advance(const Layer<T>&, const T*, T*, T*, Stream&);                                     \
  template void advance(const LogSumRun<T>&, Stream&);                                                   \
  template void reverse(const SelectiveGradient<T>&, Stream&);
UC_INSTANTIATE(float)
UC_INSTANTIATE(double)
#undef UC_INSTANTIATE

}  // namespace uc::gpu
