// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/convert.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace uc {
namespace {

static_assert(std::endian::native == std::endian::little, "files of weights are little-endian");

float fromBfloat16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

float fromHalf(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  const uint32_t rest = half & 0x7FFFu;
  const uint32_t moved = rest << 13;  // the mantissa at its place, the exponent still with the half's bias
  if (rest >= 0x7C00u)
    return std::bit_cast<float>(sign | 0x7F800000u | moved);  // infinity, or a NaN with its payload
  if (rest >= 0x0400u) return std::bit_cast<float>(sign | (moved + (112u << 23)));
  const float subnormal = static_cast<float>(rest) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(subnormal));
}

template <typename Raw, typename T, typename Function>
void convertEach(std::span<const std::byte> raw, std::span<T> out, Function function) {
  for (size_t i = 0; i < out.size(); ++i) {
    Raw element;
    std::memcpy(&element, raw.data() + i * sizeof(Raw), sizeof(Raw));
    out[i] = static_cast<T>(function(element));
  }
}

template <typename T>
void convertAny(Dtype dtype, std::span<const std::byte> raw, std::span<T> out) {
  const auto same = [](auto element) { return element; };
  switch (dtype) {
    case Dtype::F64:
      return convertEach<double>(raw, out, same);
    case Dtype::F32:
      return convertEach<float>(raw, out, same);
    case Dtype::F16:
      return convertEach<uint16_t>(raw, out, fromHalf);
    case Dtype::BF16:
      return convertEach<uint16_t>(raw, out, fromBfloat16);
    case Dtype::I64:
      return convertEach<int64_t>(raw, out, same);
    case Dtype::I32:
      return convertEach<int32_t>(raw, out, same);
    case Dtype::U8:
      return convertEach<uint8_t>(raw, out, same);
    case Dtype::Bool:
      return convertEach<uint8_t>(raw, out, [](uint8_t element) { return element == 0 ? 0 : 1; });
    case Dtype::Other:
      return;
  }
}

}  // namespace

size_t elementSize(Dtype dtype) {
  switch (dtype) {
    case Dtype::F64:
    case Dtype::I64:
      return 8;
    case Dtype::F32:
    case Dtype::I32:
      return 4;
    case Dtype::F16:
    case Dtype::BF16:
      return 2;
    case Dtype::U8:
    case Dtype::Bool:
      return 1;
    case Dtype::Other:
      break;
  }
  return 0;
}

template <>
bool isSame<float>(Dtype dtype) {
  return dtype == Dtype::F32;
}
template <>
bool isSame<double>(Dtype dtype) {
  return dtype == Dtype::F64;
}

void convert(Dtype dtype, std::span<const std::byte> raw, std::span<float> out) {
  convertAny(dtype, raw, out);
}
void convert(Dtype dtype, std::span<const std::byte> raw, std::span<double> out) {
  convertAny(dtype, raw, out);
}

}  // namespace uc
