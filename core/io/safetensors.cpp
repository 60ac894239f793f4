// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/safetensors.h"

#include "core/io/json_stream.h"
#include "core/values/error.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace uc {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = 100'000'000;
constexpr int kMaxDepth = 127;  // of the reference reader
constexpr std::string_view kMetadata = "__metadata__";

struct KnownDtype {
  std::string_view name;
  uint64_t bits;
  Dtype dtype;
};

/// All that the reference reader knows (safetensors 0.8).
constexpr std::array<KnownDtype, 22> kDtypes{{
    {"BOOL", 8, Dtype::Bool},
    {"F4", 4, Dtype::Other},
    {"F6_E2M3", 6, Dtype::Other},
    {"F6_E3M2", 6, Dtype::Other},
    {"U8", 8, Dtype::U8},
    {"I8", 8, Dtype::Other},
    {"F8_E5M2", 8, Dtype::Other},
    {"F8_E4M3", 8, Dtype::Other},
    {"F8_E8M0", 8, Dtype::Other},
    {"F8_E4M3FNUZ", 8, Dtype::Other},
    {"F8_E5M2FNUZ", 8, Dtype::Other},
    {"I16", 16, Dtype::Other},
    {"U16", 16, Dtype::Other},
    {"F16", 16, Dtype::F16},
    {"BF16", 16, Dtype::BF16},
    {"I32", 32, Dtype::I32},
    {"U32", 32, Dtype::Other},
    {"F32", 32, Dtype::F32},
    {"C64", 64, Dtype::Other},
    {"F64", 64, Dtype::F64},
    {"I64", 64, Dtype::I64},
    {"U64", 64, Dtype::Other},
}};

const KnownDtype* knownDtype(std::string_view name) {
  const auto found = std::find_if(kDtypes.begin(), kDtypes.end(),
                                  [&](const KnownDtype& known) { return known.name == name; });
  return found == kDtypes.end() ? nullptr : &*found;
}

std::string tensorPlace(const std::string& name) { return "tensor \"" + printable(name, 120) + "\""; }

[[noreturn]] void reject(const std::string& what, const std::string& where) {
  fail(what, where, "The file is damaged: get it or write it again.");
}

[[noreturn]] void endsEarly(const std::string& where) {
  fail("The weights file ends too early.", where, "Copy or download the file again.");
}

/// What the header says about one tensor, not yet held against anything.
struct Entry {
  std::string name;
  std::string dtypeName;
  std::vector<int64_t> shape;
  std::vector<uint64_t> offsets;  // [2]: begin, end, from the end of the header
};

/// Reads the header's grammar: {NAME: {"dtype", "shape", "data_offsets"}, "__metadata__": {STRING: STRING}}.
class HeaderReader final : public JsonHandler {
 public:
  explicit HeaderReader(const std::string& file) : m_file(file) {}

  std::vector<Entry> entries;

  void beginObject() override {
    if (m_at == At::Ignored) {
      ++m_ignoredDepth;
    } else if (m_at == At::Start) {
      m_at = At::Top;
    } else if (m_at == At::Top) {
      m_at = m_isMetadata ? At::Metadata : At::Tensor;
    } else if (m_at == At::Tensor && m_field == Field::Unknown) {
      ignore();
    } else {
      wrongType();
    }
  }

  void key(std::string& name) override {
    if (m_at == At::Top) {
      m_isMetadata = name == kMetadata;
      m_entry = Entry{};
      m_entry.name = std::move(name);
      m_hasDtype = m_hasShape = m_hasOffsets = false;
    } else if (m_at == At::Tensor) {
      m_field = name == "dtype"          ? Field::Dtype
                : name == "shape"        ? Field::Shape
                : name == "data_offsets" ? Field::Offsets
                                         : Field::Unknown;
    }
  }

  void endObject() override {
    if (m_at == At::Ignored) {
      leaveIgnored();
    } else if (m_at == At::Metadata) {
      m_at = At::Top;
    } else if (m_at == At::Tensor) {
      finishTensor();
      m_at = At::Top;
    }
  }

  void beginArray() override {
    if (m_at == At::Ignored) {
      ++m_ignoredDepth;
    } else if (m_at == At::Tensor && m_field == Field::Unknown) {
      ignore();
    } else if (m_at == At::Tensor && m_field != Field::Dtype) {
      startNumbers();
      m_at = At::Numbers;
    } else {
      wrongType();
    }
  }

  void endArray() override {
    if (m_at == At::Ignored) {
      leaveIgnored();
      return;
    }
    (m_field == Field::Shape ? m_hasShape : m_hasOffsets) = true;
    m_at = At::Tensor;
  }

  void scalar(Json value) override {
    if (m_at == At::Ignored || (m_at == At::Tensor && m_field == Field::Unknown)) return;
    if (m_at == At::Top && m_isMetadata && value.is_null()) return;  // the reference reader's "none"
    if (m_at == At::Metadata && value.is_string()) return;
    if (m_at == At::Tensor && m_field == Field::Dtype && value.is_string()) {
      m_entry.dtypeName = std::move(value.get_ref<std::string&>());
      m_hasDtype = true;
    } else if (m_at == At::Numbers) {
      addNumber(value);
    } else {
      wrongType();
    }
  }

  std::string place() const override {
    if (m_at == At::Start || m_at == At::Top) return {};
    return m_isMetadata ? std::string(kMetadata) : tensorPlace(m_entry.name);
  }

 private:
  enum class At { Start, Top, Metadata, Tensor, Numbers, Ignored };
  enum class Field { Dtype, Shape, Offsets, Unknown };

  /// Empty again also when the key comes twice, so that this is what is reported when the object ends.
  void startNumbers() {
    if (m_field == Field::Shape) {
      m_entry.shape.clear();
    } else {
      m_entry.offsets.clear();
    }
  }

  void ignore() {
    m_at = At::Ignored;
    m_ignoredDepth = 1;
  }
  void leaveIgnored() {
    if (--m_ignoredDepth == 0) m_at = At::Tensor;
  }

  const char* fieldName() const {
    return m_field == Field::Dtype ? "dtype" : m_field == Field::Shape ? "shape" : "data_offsets";
  }

  [[noreturn]] void refuse(const std::string& what) const {
    reject(what, m_file + ", " + (m_isMetadata ? std::string(kMetadata) : tensorPlace(m_entry.name)));
  }

  [[noreturn]] void wrongType() const {
    if (m_at == At::Start) reject("The header is not a JSON object.", m_file);
    if (m_at == At::Metadata) refuse("A value in the header's metadata is not a string.");
    if (m_at == At::Top && m_isMetadata) refuse("The header's metadata is not an object.");
    if (m_at == At::Top) refuse("What the header says about a tensor is not an object.");
    if (m_at == At::Numbers) refuse(std::string("A value in the ") + fieldName() + " is not a number.");
    if (m_field == Field::Dtype) refuse("The dtype is not a string.");
    refuse(m_field == Field::Shape ? "The shape is not an array." : "The data_offsets are not an array.");
  }

  void addNumber(const Json& value) {
    if (!value.is_number()) wrongType();
    const std::string field = fieldName();
    if (value.is_number_float()) {
      const bool isHuge = value.get<double>() >= 0x1p63;
      refuse("A number in the " + field + (isHuge ? " is larger than 2^63 − 1." : " is not a whole number."));
    }
    if (!value.is_number_unsigned()) refuse("A number in the " + field + " is negative.");
    const auto number = value.get<uint64_t>();
    if (number > static_cast<uint64_t>(INT64_MAX)) {
      refuse("A number in the " + field + " is larger than 2^63 − 1.");
    }
    if (m_field == Field::Shape) {
      m_entry.shape.push_back(static_cast<int64_t>(number));
    } else if (m_entry.offsets.size() == 2) {
      refuse("The data_offsets are more than two numbers.");
    } else {
      m_entry.offsets.push_back(number);
    }
  }

  void finishTensor() {
    if (!m_hasDtype) refuse("The dtype is missing.");
    if (!m_hasShape) refuse("The shape is missing.");
    if (!m_hasOffsets) refuse("The data_offsets are missing.");
    if (m_entry.offsets.size() != 2) refuse("The data_offsets are fewer than two numbers.");
    if (knownDtype(m_entry.dtypeName) == nullptr) {
      refuse("The dtype \"" + printable(m_entry.dtypeName, 40) + "\" is not known.");
    }
    entries.push_back(std::move(m_entry));
  }

  const std::string& m_file;
  At m_at = At::Start;
  Field m_field = Field::Unknown;
  Entry m_entry;
  bool m_isMetadata = false;
  bool m_hasDtype = false;
  bool m_hasShape = false;
  bool m_hasOffsets = false;
  int m_ignoredDepth = 0;
};

/// Little-endian, whatever the machine. `head` holds at least 8 bytes.
uint64_t headerLength(std::string_view head) {
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) length = (length << 8) | static_cast<unsigned char>(head[i]);
  return length;
}

/// The header's text, after the checks of its length and edges.
std::string_view headerText(std::string_view head, uint64_t fileSize, const std::string& file) {
  static constexpr std::string_view kPointer = "version https://git-lfs";
  if (head.substr(0, kPointer.size()) == kPointer) {
    fail("This is a Git LFS pointer, not the weights.", file, "Fetch the weights with `git lfs pull`.");
  }
  if (fileSize < kLengthBytes) reject("The file is shorter than 8 bytes.", file);
  if (head.size() < kLengthBytes) reject("The file became shorter while it was open.", file);
  const uint64_t length = headerLength(head);
  if (length > kMaxHeader) reject("The header is longer than 100,000,000 bytes.", file);
  if (length > fileSize - kLengthBytes) endsEarly(file);
  if (length == 0) reject("The header is empty.", file);
  if (head.size() - kLengthBytes < length) reject("The file became shorter while it was open.", file);
  std::string_view text = head.substr(kLengthBytes, static_cast<size_t>(length));
  if (text.front() != '{') reject("The header does not begin with \"{\".", file);
  // Other white space would pass as JSON, but the format pads with spaces only.
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  if (text.back() != '}') reject("The header does not end with \"}\" and spaces.", file);
  return text;
}

/// Bits of a tensor by its shape and dtype, or nothing when they exceed 64 bits.
std::optional<uint64_t> bitCount(const Entry& entry, uint64_t bits) {
  uint64_t product = 1;
  for (int64_t size : entry.shape) {
    if (__builtin_mul_overflow(product, static_cast<uint64_t>(size), &product)) return std::nullopt;
  }
  if (__builtin_mul_overflow(product, bits, &product)) return std::nullopt;
  return product;
}

/// One tensor against its neighbor before it, which ended at `previous`, and against the file's data.
SafetensorsEntry checkedEntry(Entry&& entry, uint64_t previous, uint64_t dataBegin, uint64_t dataSize,
                              const std::string& file) {
  const std::string where = file + ", " + tensorPlace(entry.name);
  const uint64_t begin = entry.offsets[0];
  const uint64_t end = entry.offsets[1];
  if (end < begin) reject("The tensor ends before it begins.", where);
  if (begin < previous) reject("The tensor overlaps the one before it.", where);
  if (begin > previous) {
    reject(previous == 0 ? "The data do not begin with a tensor: there is a hole before it."
                         : "There is a hole between the tensor and the one before it.",
           where);
  }
  const KnownDtype& known = *knownDtype(entry.dtypeName);
  const std::optional<uint64_t> bits = bitCount(entry, known.bits);
  if (!bits) reject("The shape " + shapeText(entry.shape) + " is too large to count its bits.", where);
  if (*bits % 8 != 0) {
    reject(
        "The shape " + shapeText(entry.shape) + " of " + entry.dtypeName + " is not a whole number of bytes.",
        where);
  }
  if (*bits / 8 != end - begin) {
    reject("The shape " + shapeText(entry.shape) + " of " + entry.dtypeName + " takes " +
               std::to_string(*bits / 8) + " bytes, but the data_offsets span " +
               std::to_string(end - begin) + ".",
           where);
  }
  if (end > dataSize) endsEarly(where);
  SafetensorsEntry result;
  result.info = {std::move(entry.name),
                 std::move(entry.dtypeName),
                 known.dtype,
                 std::move(entry.shape),
                 file,
                 end - begin};
  result.begin = dataBegin + begin;
  return result;
}

}  // namespace

uint64_t headSize(std::string_view start, uint64_t fileSize) {
  if (start.size() < kLengthBytes || fileSize < kLengthBytes) return start.size();
  const uint64_t length = headerLength(start);
  return length > std::min(kMaxHeader, fileSize - kLengthBytes) ? start.size() : kLengthBytes + length;
}

std::vector<SafetensorsEntry> parseSafetensors(std::string_view head, uint64_t fileSize,
                                               const std::string& file) {
  const std::string_view text = headerText(head, fileSize, file);
  HeaderReader reader(file);
  streamJson(text, file + ", header", {kMaxHeader, kMaxDepth}, reader);

  std::vector<Entry>& entries = reader.entries;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.offsets < b.offsets; });
  const uint64_t dataBegin = kLengthBytes + headerLength(head);
  const uint64_t dataSize = fileSize - dataBegin;
  std::vector<SafetensorsEntry> result;
  result.reserve(entries.size());
  uint64_t previous = 0;  // where the tensor before ended
  for (Entry& entry : entries) {
    const uint64_t end = entry.offsets[1];
    result.push_back(checkedEntry(std::move(entry), previous, dataBegin, dataSize, file));
    previous = end;
  }
  if (previous < dataSize) {
    const uint64_t more = dataSize - previous;
    reject("The file goes on for " + std::to_string(more) + (more == 1 ? " byte" : " bytes") +
               " after the last tensor.",
           file);
  }
  return result;
}

}  // namespace uc
