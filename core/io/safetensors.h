// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// A tensor of a safetensors header with its place in the file.
struct SafetensorsEntry {
  TensorInfo info;
  uint64_t begin = 0;  // from the file's start
};

/// How many of a file's first bytes parseSafetensors() needs, told by its first 8 or more: 8 + header length,
/// or what is there when it is going to refuse the length anyway.
uint64_t headSize(std::string_view start, uint64_t fileSize);

/// Checks the header of a safetensors file by the reference reader's rules, each with its own message. `head`
/// holds the file's first bytes: at least 8 + header length of them, or the whole file when it is shorter.
/// Throws Failure.
std::vector<SafetensorsEntry> parseSafetensors(std::string_view head, uint64_t fileSize,
                                               const std::string& file);

}  // namespace uc
