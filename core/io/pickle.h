// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// A value of a pickle. Small and copied freely; what it refers to is kept by its Pickle.
struct PickleValue {
  enum class Kind : uint8_t {
    None,
    Bool,
    Integer,  // of 64 bits
    Float,
    String,
    Bytes,
    Global,     // a name: "torch.FloatStorage". Never looked up
    Tuple,      // items()
    List,       // items()
    Dict,       // items(): key, value, key, value, … as written, a key may come twice
    Object,     // a call that was written down instead of made: callee(), arguments(), state(), items()
    Reference,  // to something outside the pickle (persistent id): arguments()
    Opaque,     // anything else: sets, integers of more than 64 bits, extension codes
  };
  Kind kind = Kind::None;
  uint32_t length = 0;   // String, Bytes: in bytes
  uint64_t payload = 0;  // the number's bits; the string's place; the index of a name or of a list of values

  bool isTrue() const { return kind == Kind::Bool && payload != 0; }
  int64_t integer() const { return static_cast<int64_t>(payload); }  // Integer
  double number() const { return std::bit_cast<double>(payload); }   // Float
};

struct PickleLimits {
  size_t bytes = size_t{64} << 20;
  size_t values = 4'000'000;  // in all, places in lists and in the memo included
  size_t stack = 1'000'000;
  size_t depth = 1000;  // of marks
  size_t string = size_t{16} << 20;
};

/// A pickle (Python's pickletools, protocols 2 to 5) as data: nothing in it is looked up, imported or run;
/// calls become Objects. Parsing takes linear time. Immutable; may be read from any thread.
class Pickle {
 public:
  /// `bytes` must outlive the pickle. `where` names them in messages. Throws Failure.
  static Pickle parse(std::span<const std::byte> bytes, const std::string& where,
                      const PickleLimits& limits = {});

  PickleValue root() const { return m_root; }

  /// The bytes of a String or Bytes; of a String they should be UTF-8 but need not.
  std::string_view text(PickleValue value) const;
  /// "torch.FloatStorage" of a Global, else nothing.
  std::string_view global(PickleValue value) const;
  /// Of a Tuple, List or Dict; of an Object what was put into it after the call. Nothing for others.
  std::span<const PickleValue> items(PickleValue value) const;
  PickleValue callee(PickleValue object) const { return part(object, 0); }
  PickleValue arguments(PickleValue object) const { return part(object, 1); }
  PickleValue state(PickleValue object) const { return part(object, 2); }  // None: not set

 private:
  friend class PickleReader;
  Pickle() = default;
  PickleValue part(PickleValue object, size_t index) const;

  std::string_view m_bytes;
  std::vector<std::vector<PickleValue>> m_lists;  // of an Object: callee, arguments, state, items
  std::vector<std::string> m_globals;
  PickleValue m_root;
};

}  // namespace uc
