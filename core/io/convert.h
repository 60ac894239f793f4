// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"

#include <cstddef>
#include <span>

namespace uc {

/// Bytes of an element, or 0 for a dtype that is not read as numbers.
size_t elementSize(Dtype dtype);

/// True when elements of `dtype` are Ts already.
template <typename T>
bool isSame(Dtype dtype);

/// Little-endian elements at any alignment to numbers: exact where T can hold them, else rounded to nearest.
/// `out` has raw.size() / elementSize(dtype) elements.
void convert(Dtype dtype, std::span<const std::byte> raw, std::span<float> out);
void convert(Dtype dtype, std::span<const std::byte> raw, std::span<double> out);

}  // namespace uc
