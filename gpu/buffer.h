// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace uc::gpu {

/// What the device or its driver refused. Callers fall back to the CPU.
class Error : public std::runtime_error {
 public:
  Error(const std::string& what, bool isOutOfMemory)
      : std::runtime_error(what), m_isOutOfMemory(isOutOfMemory) {}
  bool isOutOfMemory() const { return m_isOutOfMemory; }

 private:
  bool m_isOutOfMemory;
};

/// Called while the host waits for a device, every few milliseconds: throws to give up.
using Checkpoint = std::function<void()>;

/// A queue of work on one device, in order. One thread at a time. Every function throws Error when the device
/// refuses; an earlier launch that failed may show in a later call.
class Stream {
 public:
  /// Own: beside everything else on the device. Default: the device's default stream, on which LibTorch works
  /// too, so that each finds what the other has done.
  enum class Order { Own, Default };
  explicit Stream(int device, Order order = Order::Own);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int device() const { return m_device; }
  void* handle() const;  // a cudaStream_t, for launches

  void* allocate(size_t bytes);
  /// Waits for the device first. Never throws.
  void release(void* memory) noexcept;
  void zero(void* memory, size_t bytes);
  void upload(void* to, const void* from, size_t bytes);
  void download(void* to, const void* from, size_t bytes);

  /// Marks the end of what was queued so far and waits for it; calls `checkpoint` meanwhile and once before.
  void wait(const Checkpoint& checkpoint);

 private:
  struct State;
  const int m_device;
  std::unique_ptr<State> m_state;
};

/// Memory on the device of a stream, which must outlive it.
template <typename T>
class Buffer {
 public:
  Buffer(Stream& stream, int64_t count)
      : m_stream(&stream),
        m_count(count),
        m_data(count > 0 ? static_cast<T*>(stream.allocate(static_cast<size_t>(count) * sizeof(T)))
                         : nullptr) {}
  Buffer(Buffer&& other) noexcept
      : m_stream(other.m_stream), m_count(other.m_count), m_data(std::exchange(other.m_data, nullptr)) {}
  Buffer& operator=(Buffer&&) = delete;
  ~Buffer() {
    if (m_data != nullptr) m_stream->release(m_data);
  }

  T* data() const { return m_data; }
  int64_t size() const { return m_count; }
  size_t bytes() const { return static_cast<size_t>(m_count) * sizeof(T); }
  void zero() { m_stream->zero(m_data, bytes()); }

 private:
  Stream* m_stream;
  int64_t m_count;
  T* m_data;
};

}  // namespace uc::gpu
