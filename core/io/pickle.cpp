// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/pickle.h"

#include "core/io/pickle_reader.h"

namespace uc {

using Kind = PickleValue::Kind;

namespace {

constexpr size_t kObjectParts = 3;  // callee, arguments, state

bool isList(Kind kind) {
  return kind == Kind::Tuple || kind == Kind::List || kind == Kind::Dict || kind == Kind::Object;
}

}  // namespace

Pickle Pickle::parse(std::span<const std::byte> bytes, const std::string& where, const PickleLimits& limits) {
  return PickleReader(bytes, where, limits).read();
}

std::string_view Pickle::text(PickleValue value) const {
  if (value.kind != Kind::String && value.kind != Kind::Bytes) return {};
  return m_bytes.substr(static_cast<size_t>(value.payload), value.length);
}

std::string_view Pickle::global(PickleValue value) const {
  return value.kind == Kind::Global ? std::string_view(m_globals[value.payload]) : std::string_view();
}

std::span<const PickleValue> Pickle::items(PickleValue value) const {
  if (!isList(value.kind)) return {};
  const std::span<const PickleValue> list = m_lists[value.payload];
  return value.kind == Kind::Object ? list.subspan(kObjectParts) : list;
}

PickleValue Pickle::part(PickleValue object, size_t index) const {
  if (object.kind != Kind::Object && object.kind != Kind::Reference) return {};
  const std::vector<PickleValue>& list = m_lists[object.payload];
  return index < list.size() ? list[index] : PickleValue{};
}

}  // namespace uc
