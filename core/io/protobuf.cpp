// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/protobuf.h"

#include "core/io/tokenizer_json.h"

#include <fmt/format.h>

#include <bit>

namespace uc {

void ProtobufReader::failHere(const std::string& what) const {
  failTokenizer(what, fmt::format("{}, byte {}", m_where, m_offset + m_fieldBegin));
}

uint64_t ProtobufReader::takeVarint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1).front());
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  failHere("The file is not a SentencePiece model: a number has no end.");
}

std::string_view ProtobufReader::take(uint64_t size) {
  if (size > m_message.size() - m_at) {
    failHere("The file is not a SentencePiece model: it ends within a field.");
  }
  const std::string_view taken = m_message.substr(m_at, static_cast<size_t>(size));
  m_at += taken.size();
  return taken;
}

bool ProtobufReader::next() {
  if (m_at == m_message.size()) return false;
  m_fieldBegin = m_at;
  const uint64_t tag = takeVarint();
  if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) {
    failHere("The file is not a SentencePiece model: a field has an impossible number.");
  }
  m_number = static_cast<uint32_t>(tag >> 3);
  m_wire = static_cast<Wire>(tag & 7);
  switch (m_wire) {
    case Wire::Integer:
      m_integer = takeVarint();
      return true;
    case Wire::Fixed64:
      m_bytes = take(8);
      return true;
    case Wire::Fixed32:
      m_bytes = take(4);
      return true;
    case Wire::Bytes:
      m_bytes = take(takeVarint());
      return true;
  }
  failHere("The file is not a SentencePiece model: a field has an impossible type.");
}

void ProtobufReader::require(Wire wire) const {
  if (m_wire != wire) failHere(fmt::format("The field {} has the wrong type.", m_number));
}

uint64_t ProtobufReader::integer() const {
  require(Wire::Integer);
  return m_integer;
}

float ProtobufReader::real() const {
  require(Wire::Fixed32);
  uint32_t bits = 0;
  for (size_t n = 4; n-- > 0;) bits = bits << 8 | static_cast<unsigned char>(m_bytes[n]);
  return std::bit_cast<float>(bits);
}

std::string_view ProtobufReader::bytes() const {
  require(Wire::Bytes);
  return m_bytes;
}

ProtobufReader ProtobufReader::message() const {
  require(Wire::Bytes);
  return {m_bytes, m_where, m_offset + static_cast<size_t>(m_bytes.data() - m_message.data())};
}

}  // namespace uc
