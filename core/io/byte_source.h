// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace uc {

/// Bytes that are read by position: an open file, or memory. May be read from any thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual uint64_t size() const = 0;
  virtual const std::string& path() const = 0;  // for messages

  /// Fills `out` from `offset` on. Throws Failure when there are not so many bytes.
  virtual void read(uint64_t offset, std::span<std::byte> out) const = 0;
};

}  // namespace uc
