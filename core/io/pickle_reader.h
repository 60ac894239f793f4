// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/little_endian.h"
#include "core/io/pickle.h"
#include "core/values/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace uc {

/// Builds a Pickle: the stack machine of Python's pickle with a position in the bytes, a stack, the places of
/// its marks, and a memo. Used once.
class PickleReader {
 public:
  PickleReader(std::span<const std::byte> bytes, const std::string& where, const PickleLimits& limits)
      : m_where(where), m_limits(limits) {
    m_pickle.m_bytes = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// Throws Failure naming the byte of the instruction that is wrong.
  Pickle read();

 private:
  using Kind = PickleValue::Kind;

  std::string place() const { return m_where + ", byte " + std::to_string(m_start); }
  [[noreturn]] void reject(const std::string& what) const {
    fail(what, place(), "The file is damaged: copy or download it again.");
  }
  [[noreturn]] void unknown(unsigned opcode) const;

  template <typename T>
  T number() {
    if (m_pickle.m_bytes.size() - m_at < sizeof(T)) endsEarly();
    const T value = littleEndian<T>(m_pickle.m_bytes, m_at);
    m_at += sizeof(T);
    return value;
  }
  [[noreturn]] void endsEarly() const { reject("The pickle ends too early."); }
  void skip(uint64_t count) {
    if (count > m_pickle.m_bytes.size() - m_at) endsEarly();
    m_at += static_cast<size_t>(count);
  }
  template <typename T>
  uint64_t length() {
    const auto value = number<T>();
    if constexpr (std::is_signed_v<T>) {
      if (value < 0) reject("A length in the pickle is negative.");
    }
    return static_cast<uint64_t>(value);
  }
  /// Up to the next line feed, which is taken too.
  std::string_view line();

  void count(size_t values) {
    m_count += values;
    if (m_count > m_limits.values) {
      reject("The pickle holds more than " + grouped(static_cast<int64_t>(m_limits.values)) + " values.");
    }
  }
  void push(PickleValue value) {
    if (m_stack.size() >= m_limits.stack) reject("The pickle's stack is too large.");
    m_stack.push_back(value);
  }
  void push(Kind kind, uint64_t payload = 0) { push(PickleValue{kind, 0, payload}); }
  /// Values below the last mark cannot be reached.
  size_t floor() const { return m_marks.empty() ? 0 : m_marks.back(); }
  PickleValue& top() {
    if (m_stack.size() <= floor()) reject("The pickle takes a value that is not there.");
    return m_stack.back();
  }
  PickleValue pop() {
    const PickleValue value = top();
    m_stack.pop_back();
    return value;
  }
  std::vector<PickleValue> popCount(size_t number);
  std::vector<PickleValue> popToMark();
  void pushList(Kind kind, std::vector<PickleValue> values);
  void pushObject(PickleValue callee, PickleValue arguments);
  void pushString(Kind kind, uint64_t length);
  void pushGlobal(std::string_view module, std::string_view name);
  /// Puts values into the list, dictionary or object on the stack's top.
  void append(const std::vector<PickleValue>& values, Kind kind);
  void pushLong(uint64_t size);
  void pushFloat();
  void pushInteger(int64_t value) { push(Kind::Integer, static_cast<uint64_t>(value)); }

  bool scalar(unsigned opcode);
  bool text(unsigned opcode);
  bool collection(unsigned opcode);
  bool object(unsigned opcode);
  bool memory(unsigned opcode);
  void protocol();
  void frame();
  void build();
  void stackGlobal();
  void get(uint32_t index);
  void put(uint64_t index);

  static constexpr size_t kMaxGlobal = 1000;

  const std::string& m_where;
  const PickleLimits& m_limits;
  Pickle m_pickle;
  size_t m_at = 0, m_start = 0;  // the next byte; the instruction's first
  size_t m_count = 0;
  std::vector<PickleValue> m_stack;
  std::vector<size_t> m_marks;
  std::unordered_map<uint64_t, PickleValue> m_memo;
};

}  // namespace uc
