// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace uc {

/// Walks over the fields of one message in the Protocol Buffers wire format, without a schema. Copies
/// nothing; never reads outside the message.
class ProtobufReader {
 public:
  /// `offset` is where in its file the message begins, `where` names the file: both for messages.
  ProtobufReader(std::string_view message, std::string where, size_t offset = 0)
      : m_message(message), m_where(std::move(where)), m_offset(offset) {}

  /// Goes to the next field; false at the end. Throws Failure when the bytes are no such message.
  bool next();

  uint32_t number() const { return m_number; }  // of the field
  // Its value. Each throws Failure when the field is stored in another way.
  uint64_t integer() const;
  bool boolean() const { return integer() != 0; }
  float real() const;
  std::string_view bytes() const;
  /// The field as a message of its own.
  ProtobufReader message() const;

 private:
  enum class Wire { Integer = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
  uint64_t takeVarint();
  std::string_view take(uint64_t size);
  void require(Wire wire) const;
  [[noreturn]] void failHere(const std::string& what) const;

  std::string_view m_message;
  std::string m_where;
  size_t m_offset;
  size_t m_at = 0;
  size_t m_fieldBegin = 0;
  uint32_t m_number = 0;
  Wire m_wire = Wire::Integer;
  uint64_t m_integer = 0;
  std::string_view m_bytes;
};

}  // namespace uc
