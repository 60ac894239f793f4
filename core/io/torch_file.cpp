// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/regular_file.h"
#include "core/io/state_dict.h"
#include "core/io/weights_file.h"
#include "core/io/zip_directory.h"
#include "core/values/error.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace uc {
namespace {

constexpr std::string_view kPickle = "/data.pkl";
constexpr const char* kSaveAgain = "Save the weights again with torch.save in PyTorch 1.6 or later.";

/// The source itself when it begins as a zip archive; else says what it is, where its first bytes tell.
const ByteSource& asZip(const ByteSource& source) {
  std::string start(static_cast<size_t>(std::min<uint64_t>(source.size(), 32)), '\0');
  source.read(0, std::as_writable_bytes(std::span(start)));
  if (start.starts_with("PK\x03\x04")) return source;
  if (start.empty()) fail("The file is empty.", source.path(), "Copy or download it again.");
  if (start.starts_with("version https://git-lfs")) {
    fail("This is a Git LFS pointer, not the weights.", source.path(),
         "Fetch the weights with `git lfs pull`.");
  }
  // The magic number 0x1950a86a20f9469cfc6c, pickled as protocol 2.
  if (start.starts_with("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) {
    fail("The file has the format of PyTorch before 1.6, which is not read.", source.path(), kSaveAgain);
  }
  fail("This is not a file that torch.save wrote: it is no zip archive.", source.path(),
       "Check that it is the right file, or copy it again.");
}

/// "archive" of "archive/data.pkl".
std::string rootOf(const ZipDirectory& zip, const std::string& path) {
  const ZipEntry* found = nullptr;
  for (const ZipEntry& entry : zip.entries()) {
    if (!entry.name.ends_with(kPickle) || entry.name.find('/') != entry.name.size() - kPickle.size())
      continue;
    if (found != nullptr) {
      fail("The zip archive holds more than one data.pkl.", path, "Give a file that torch.save wrote.");
    }
    found = &entry;
  }
  if (found == nullptr) {
    fail("The zip archive holds no data.pkl: it is not a file that torch.save wrote.", path,
         "Check that it is the right file.");
  }
  return found->name.substr(0, found->name.size() - kPickle.size());
}

void requireReadable(const ZipDirectory& zip, const std::string& root, const std::string& path) {
  const std::string code = root + "/code/";
  const bool isScript = zip.find(root + "/constants.pkl") != nullptr ||
                        std::any_of(zip.entries().begin(), zip.entries().end(),
                                    [&](const ZipEntry& entry) { return entry.name.starts_with(code); });
  if (isScript) {
    fail("The file is a TorchScript program, not only weights; programs are not run.", path,
         "Save the model's state_dict() with torch.save.");
  }
  const ZipEntry* order = zip.find(root + "/byteorder");
  if (order == nullptr) return;
  const std::string text = zip.content(*order, 100);
  if (text == "little") return;
  fail(text == "big" ? "The file's numbers are big-endian, which is not read."
                     : "The file's byte order is \"" + printable(text, 40) + "\", which is not known.",
       path, "Save the weights again on a little-endian machine.");
}

class TorchFile final : public WeightsFile {
 public:
  explicit TorchFile(std::unique_ptr<const ByteSource> source)
      : m_source(std::move(source)), m_zip(asZip(*m_source)) {
    const std::string root = rootOf(m_zip, m_source->path());
    requireReadable(m_zip, root, m_source->path());
    const std::string bytes = m_zip.content(*m_zip.find(root + std::string(kPickle)), PickleLimits{}.bytes);
    const Pickle pickle = Pickle::parse(std::as_bytes(std::span(bytes)), m_source->path() + ", data.pkl");
    const auto recordOf = [&](std::string_view key) {
      return m_zip.find(root + "/data/" + std::string(key));
    };
    const auto sizeOf = [&](std::string_view key) -> std::optional<uint64_t> {
      const ZipEntry* entry = recordOf(key);
      return entry == nullptr ? std::nullopt : std::optional<uint64_t>(entry->size);
    };
    StateDict dict = readStateDict(pickle, m_source->path(), sizeOf);
    m_arguments = std::move(dict.arguments);
    m_parts = std::move(dict.tensors);
    for (TorchTensor& tensor : m_parts) {
      const ZipEntry* entry = tensor.info.place.storage == 0 ? nullptr : recordOf(tensor.storage);
      std::unique_ptr<Record>& record = m_recordOf[entry];
      if (record == nullptr) record = std::make_unique<Record>(entry);
      m_records.push_back(record.get());
      m_tensors.push_back(std::move(tensor.info));
    }
  }

  void read(size_t index, uint64_t first, std::span<std::byte> out) const override {
    const TorchTensor& tensor = m_parts[index];
    if (tensor.isContiguous) {
      readStorage(*m_records[index], (tensor.first + first) * tensor.itemSize, out);
    } else if (!out.empty()) {
      gather(index, first, out);
    }
  }

  bool isCheapInParts(size_t index) const override {
    const Record& record = *m_records[index];
    return m_parts[index].isContiguous && record.entry != nullptr && !record.entry->isDeflated;
  }

 private:
  /// A storage in the archive. It is checked as a whole before the first of its bytes is used.
  struct Record {
    explicit Record(const ZipEntry* where) : entry(where) {}
    const ZipEntry* entry;  // null: a tensor that is not to be read
    std::once_flag check;
    uint64_t begin = 0;  // in the file
  };

  void readStorage(Record& record, uint64_t offset, std::span<std::byte> out) const {
    if (record.entry->isDeflated) {  // checks the sum each time, as it must unpack all of it anyway
      copyPart(record, offset, out);
      return;
    }
    std::call_once(record.check, [&] {
      record.begin = m_zip.begin(*record.entry);
      m_zip.walk(*record.entry, [](std::span<const std::byte>) {});
    });
    m_source->read(record.begin + offset, out);
  }

  void copyPart(const Record& record, uint64_t offset, std::span<std::byte> out) const {
    uint64_t at = 0;
    m_zip.walk(*record.entry, [&](std::span<const std::byte> piece) {
      const uint64_t begin = std::max(at, offset);
      const uint64_t end = std::min<uint64_t>(at + piece.size(), offset + out.size());
      if (begin < end) {
        std::memcpy(out.data() + (begin - offset), piece.data() + (begin - at),
                    static_cast<size_t>(end - begin));
      }
      at += piece.size();
    });
  }

  /// Calls `function` with (first element in the storage, number of elements) for each run of neighbors among
  /// the tensor's elements [first, first + count), in row-major order.
  template <typename Function>
  void forEachRun(size_t index, uint64_t first, uint64_t count, const Function& function) const {
    const TorchTensor& tensor = m_parts[index];
    const std::vector<int64_t>& shape = m_tensors[index].shape;
    std::vector<uint64_t> at(shape.size());
    uint64_t place = tensor.first, rest = first;
    for (size_t i = shape.size(); i-- > 0;) {
      at[i] = rest % static_cast<uint64_t>(shape[i]);
      rest /= static_cast<uint64_t>(shape[i]);
      place += at[i] * tensor.strides[i];
    }
    uint64_t begin = place, length = 0;
    for (uint64_t done = 0; done < count; ++done) {
      if (place != begin + length) {
        function(begin, length);
        begin = place;
        length = 0;
      }
      ++length;
      for (size_t i = shape.size(); i-- > 0;) {
        place += tensor.strides[i];
        if (++at[i] < static_cast<uint64_t>(shape[i])) break;
        place -= at[i] * tensor.strides[i];
        at[i] = 0;
      }
    }
    function(begin, length);
  }

  /// Elements that are not neighbors: one by one where they are few and far between, else out of a copy of
  /// all that lies from the first to the last. `out` is not empty.
  void gather(size_t index, uint64_t first, std::span<std::byte> out) const {
    static constexpr uint64_t kWorthOneRead = 4096;
    const uint64_t size = m_parts[index].itemSize, count = out.size() / size;
    uint64_t low = UINT64_MAX, high = 0, runs = 0;
    forEachRun(index, first, count, [&](uint64_t begin, uint64_t length) {
      low = std::min(low, begin);
      high = std::max(high, begin + length);
      ++runs;
    });
    Record& record = *m_records[index];
    const bool isSparse = !record.entry->isDeflated && (high - low) * size / kWorthOneRead > runs;
    std::vector<std::byte> copy;
    if (!isSparse) {
      copy.resize(static_cast<size_t>((high - low) * size));
      readStorage(record, low * size, copy);
    }
    size_t done = 0;
    forEachRun(index, first, count, [&](uint64_t begin, uint64_t length) {
      const std::span<std::byte> run = out.subspan(done, static_cast<size_t>(length * size));
      if (isSparse) {
        readStorage(record, begin * size, run);
      } else {
        std::memcpy(run.data(), copy.data() + (begin - low) * size, run.size());
      }
      done += run.size();
    });
  }

  std::unique_ptr<const ByteSource> m_source;
  ZipDirectory m_zip;
  std::vector<TorchTensor> m_parts;  // [tensors]; info has been moved to m_tensors
  std::vector<Record*> m_records;    // [tensors]
  std::unordered_map<const ZipEntry*, std::unique_ptr<Record>> m_recordOf;
};

}  // namespace

std::unique_ptr<WeightsFile> openTorchFile(std::unique_ptr<const ByteSource> source) {
  return std::make_unique<TorchFile>(std::move(source));
}

std::unique_ptr<WeightsFile> openTorchFile(const std::filesystem::path& path) {
  return openTorchFile(std::make_unique<const RegularFile>(path));
}

}  // namespace uc
