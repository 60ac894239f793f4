// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/pickle_reader.h"

#include <array>
#include <cstdio>
#include <utility>

namespace uc {

namespace {

constexpr unsigned kProto = 0x80, kStop = '.';

}  // namespace

Pickle PickleReader::read() {
  if (m_pickle.m_bytes.size() > m_limits.bytes) {
    reject("The pickle is larger than " + std::to_string(m_limits.bytes) + " bytes.");
  }
  if (m_pickle.m_bytes.empty()) reject("The pickle is empty.");
  if (static_cast<unsigned char>(m_pickle.m_bytes[0]) != kProto) {
    fail("The pickle does not begin with a protocol of 2 or later.", place(),
         "Save the weights again with torch.save and its default protocol.");
  }
  while (true) {
    m_start = m_at;
    const auto opcode = number<uint8_t>();
    if (opcode == kStop) break;
    if (!scalar(opcode) && !collection(opcode) && !object(opcode) && !memory(opcode)) unknown(opcode);
  }
  if (!m_marks.empty() || m_stack.size() != 1) reject("The pickle does not end with one value.");
  if (m_at != m_pickle.m_bytes.size()) reject("Bytes follow the end of the pickle.");
  m_pickle.m_root = m_stack.front();
  return std::move(m_pickle);
}

void PickleReader::unknown(unsigned opcode) const {
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "0x%02X", opcode);
  reject(std::string("The pickle has the instruction ") + code.data() + ", which is not read.");
}

std::string_view PickleReader::line() {
  const size_t end = m_pickle.m_bytes.find('\n', m_at);
  if (end == std::string_view::npos) endsEarly();
  const std::string_view result = m_pickle.m_bytes.substr(m_at, end - m_at);
  m_at = end + 1;
  return result;
}

std::vector<PickleValue> PickleReader::popCount(size_t number) {
  if (m_stack.size() - floor() < number) reject("The pickle takes a value that is not there.");
  const auto begin = m_stack.end() - static_cast<std::ptrdiff_t>(number);
  std::vector<PickleValue> values(begin, m_stack.end());
  m_stack.erase(begin, m_stack.end());
  return values;
}

std::vector<PickleValue> PickleReader::popToMark() {
  if (m_marks.empty()) reject("The pickle goes back to a mark that is not there.");
  std::vector<PickleValue> values = popCount(m_stack.size() - floor());
  m_marks.pop_back();
  return values;
}

void PickleReader::pushList(Kind kind, std::vector<PickleValue> values) {
  count(1 + values.size());
  m_pickle.m_lists.push_back(std::move(values));
  push(kind, m_pickle.m_lists.size() - 1);
}

void PickleReader::pushObject(PickleValue callee, PickleValue arguments) {
  pushList(Kind::Object, {callee, arguments, PickleValue{}});
}

void PickleReader::pushString(Kind kind, uint64_t length) {
  if (length > m_limits.string && kind == Kind::String) {
    reject("A string of the pickle is longer than " + std::to_string(m_limits.string) + " bytes.");
  }
  const size_t begin = m_at;
  skip(length);
  push(PickleValue{kind, static_cast<uint32_t>(length), begin});
}

void PickleReader::pushGlobal(std::string_view module, std::string_view name) {
  if (module.size() + name.size() > kMaxGlobal) reject("A name in the pickle is too long.");
  count(1);
  m_pickle.m_globals.push_back(std::string(module) + "." + std::string(name));
  push(Kind::Global, m_pickle.m_globals.size() - 1);
}

void PickleReader::append(const std::vector<PickleValue>& values, Kind kind) {
  if (kind == Kind::Dict && values.size() % 2 != 0) reject("A key of a dictionary has no value.");
  const PickleValue target = top();
  if (target.kind != kind && target.kind != Kind::Object) {
    reject(kind == Kind::Dict ? "The pickle sets a key of something that is no dictionary."
                              : "The pickle appends to something that is no list.");
  }
  count(values.size());
  std::vector<PickleValue>& list = m_pickle.m_lists[target.payload];
  list.insert(list.end(), values.begin(), values.end());
}

void PickleReader::pushLong(uint64_t size) {
  const size_t begin = m_at;
  skip(size);
  if (size > 8) return push(Kind::Opaque);
  uint64_t bits =
      size > 0 && (static_cast<unsigned char>(m_pickle.m_bytes[m_at - 1]) & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (size_t i = static_cast<size_t>(size); i-- > 0;) {
    bits = (bits << 8) | static_cast<unsigned char>(m_pickle.m_bytes[begin + i]);
  }
  push(Kind::Integer, bits);
}

void PickleReader::pushFloat() {  // big-endian, the one place in the format
  const auto bits = number<uint64_t>();
  push(Kind::Float, __builtin_bswap64(bits));
}

void PickleReader::protocol() {
  const auto version = number<uint8_t>();
  if (version >= 2 && version <= 5) return;
  fail("The pickle has protocol " + std::to_string(version) + "; 2 to 5 are read.", place(),
       "Save the weights again with torch.save and its default protocol.");
}

void PickleReader::frame() {
  const auto size = number<uint64_t>();
  if (size > m_pickle.m_bytes.size() - m_at) reject("A frame of the pickle reaches beyond its end.");
}

bool PickleReader::scalar(unsigned opcode) {
  switch (opcode) {
    case kProto:
      return protocol(), true;
    case 0x95:
      return frame(), true;
    case 'N':
      return push(Kind::None), true;
    case 0x88:
      return push(Kind::Bool, 1), true;
    case 0x89:
      return push(Kind::Bool, 0), true;
    case 'K':
      return pushInteger(number<uint8_t>()), true;
    case 'M':
      return pushInteger(number<uint16_t>()), true;
    case 'J':
      return pushInteger(number<int32_t>()), true;
    case 0x8A:
      return pushLong(length<uint8_t>()), true;
    case 0x8B:
      return pushLong(length<int32_t>()), true;
    case 'G':
      return pushFloat(), true;
    default:
      return text(opcode);
  }
}

bool PickleReader::text(unsigned opcode) {
  switch (opcode) {
    case 0x8C:
    case 'U':
      return pushString(Kind::String, length<uint8_t>()), true;
    case 'X':
      return pushString(Kind::String, length<uint32_t>()), true;
    case 0x8D:
      return pushString(Kind::String, length<uint64_t>()), true;
    case 'T':
      return pushString(Kind::String, length<int32_t>()), true;
    case 'C':
      return pushString(Kind::Bytes, length<uint8_t>()), true;
    case 'B':
      return pushString(Kind::Bytes, length<uint32_t>()), true;
    case 0x8E:
    case 0x96:
      return pushString(Kind::Bytes, length<uint64_t>()), true;
    default:
      return false;
  }
}

bool PickleReader::collection(unsigned opcode) {
  switch (opcode) {
    case '(':
      if (m_marks.size() >= m_limits.depth) {
        reject("The pickle is nested more than " + std::to_string(m_limits.depth) + " levels deep.");
      }
      return m_marks.push_back(m_stack.size()), true;
    case ')':
      return pushList(Kind::Tuple, {}), true;
    case 0x85:
      return pushList(Kind::Tuple, popCount(1)), true;
    case 0x86:
      return pushList(Kind::Tuple, popCount(2)), true;
    case 0x87:
      return pushList(Kind::Tuple, popCount(3)), true;
    case 't':
      return pushList(Kind::Tuple, popToMark()), true;
    case ']':
      return pushList(Kind::List, {}), true;
    case 'l':
      return pushList(Kind::List, popToMark()), true;
    case 'a':
      return append(popCount(1), Kind::List), true;
    case 'e':
      return append(popToMark(), Kind::List), true;
    case '}':
      return pushList(Kind::Dict, {}), true;
    case 'd': {
      std::vector<PickleValue> values = popToMark();
      pushList(Kind::Dict, {});
      return append(values, Kind::Dict), true;
    }
    case 's':
      return append(popCount(2), Kind::Dict), true;
    case 'u':
      return append(popToMark(), Kind::Dict), true;
    case 0x8F:
      return push(Kind::Opaque), true;
    case 0x90:
      popToMark();
      return top(), true;
    case 0x91:
      popToMark();
      return push(Kind::Opaque), true;
    default:
      return false;
  }
}

/// A state is kept by an Object; of anything else it changes nothing that is read.
void PickleReader::build() {
  const PickleValue state = pop();
  const PickleValue target = top();
  if (target.kind == Kind::Object) m_pickle.m_lists[target.payload][2] = state;
}

void PickleReader::stackGlobal() {
  const PickleValue name = pop(), module = pop();
  if (name.kind != Kind::String || module.kind != Kind::String) {
    reject("A name in the pickle is not made of strings.");
  }
  pushGlobal(m_pickle.text(module), m_pickle.text(name));
}

bool PickleReader::object(unsigned opcode) {
  switch (opcode) {
    case 'c': {
      const std::string_view module = line();
      pushGlobal(module, line());
      return true;
    }
    case 0x93:
      return stackGlobal(), true;
    case 'R':
    case 0x81: {
      const PickleValue arguments = pop(), callee = pop();
      if (arguments.kind != Kind::Tuple) reject("The arguments of a call in the pickle are not a tuple.");
      return pushObject(callee, arguments), true;
    }
    case 0x92: {
      pop();  // arguments by name
      const PickleValue arguments = pop(), callee = pop();
      return pushObject(callee, arguments), true;
    }
    case 'b':
      return build(), true;
    case 'Q':
      return pushList(Kind::Reference, {PickleValue{}, pop()}), true;
    case 0x82:
      return skip(1), push(Kind::Opaque), true;
    case 0x83:
      return skip(2), push(Kind::Opaque), true;
    case 0x84:
      return skip(4), push(Kind::Opaque), true;
    default:
      return false;
  }
}

void PickleReader::get(uint32_t index) {
  const auto found = m_memo.find(index);
  if (found == m_memo.end()) {
    reject("The pickle asks for value " + std::to_string(index) + " of its memo, which is not there.");
  }
  push(found->second);
}

void PickleReader::put(uint64_t index) {
  count(1);
  m_memo[index] = top();
}

bool PickleReader::memory(unsigned opcode) {
  switch (opcode) {
    case 'q':
      return put(number<uint8_t>()), true;
    case 'r':
      return put(number<uint32_t>()), true;
    case 0x94:
      return put(m_memo.size()), true;
    case 'h':
      return get(number<uint8_t>()), true;
    case 'j':
      return get(number<uint32_t>()), true;
    case '0':
      return pop(), true;
    case '1':
      return popToMark(), true;
    case '2':
      return push(top()), true;
    case 0x97:
    case 0x98:
      reject("The pickle refers to buffers that are not in the file.");
    default:
      return false;
  }
}

}  // namespace uc
