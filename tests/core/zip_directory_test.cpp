// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/zip_directory.h"

#include "tests/support/failure.h"
#include "tests/support/refusal.h"
#include "tests/support/zips.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace uc {
namespace {

using test::failureOf;
using test::MemorySource;
using test::Refusal;
using test::ZipEnd;
using test::zipFile;
using test::ZipPart;

ZipPart part(const std::string& name, const std::string& content) {
  ZipPart result;
  result.name = name;
  result.content = content;
  return result;
}

ZipPart packed(const std::string& name, const std::string& content) {
  ZipPart result = part(name, content);
  result.isDeflated = true;
  return result;
}

std::string noise(size_t size) {
  std::mt19937 random(7);
  std::string result(size, '\0');
  for (char& c : result) c = static_cast<char>(random() % 40);
  return result;
}

std::string contentOf(const std::string& file, const std::string& name) {
  const MemorySource source(file);
  const ZipDirectory zip(source);
  const ZipEntry* entry = zip.find(name);
  return entry == nullptr ? "none" : zip.content(*entry, size_t{1} << 30);
}

TEST(ZipDirectory, ReadsStoredAndPackedEntries) {
  const std::string large = noise(700'000);
  const std::string file = zipFile({part("a", "alpha"), packed("dir/b", large), part("empty", ""),
                                    packed("nothing", ""), part("big", large)});
  EXPECT_EQ(contentOf(file, "a"), "alpha");
  EXPECT_EQ(contentOf(file, "dir/b"), large);
  EXPECT_EQ(contentOf(file, "empty"), "");
  EXPECT_EQ(contentOf(file, "nothing"), "");
  EXPECT_EQ(contentOf(file, "big"), large);
  EXPECT_EQ(contentOf(file, "dir"), "none");
}

TEST(ZipDirectory, ReadsAnEmptyArchive) {
  const MemorySource source(zipFile({}));
  EXPECT_TRUE(ZipDirectory(source).entries().empty());
}

TEST(ZipDirectory, ReadsZip64) {
  ZipPart wide = part("a", "alpha");
  wide.isZip64 = true;
  ZipEnd end;
  end.isZip64 = true;
  EXPECT_EQ(contentOf(zipFile({wide}, end), "a"), "alpha");
  end.count = end.here = uint16_t{0xFFFF};
  end.size = end.begin = 0xFFFFFFFF;
  end.comment = "a comment";
  EXPECT_EQ(contentOf(zipFile({part("b", "beta"), wide}, end), "a"), "alpha");
}

/// A file of more than 4 GiB that is nearly all zeros and takes no room.
class LargeSource final : public ByteSource {
 public:
  uint64_t size() const override { return kBegin + m_tail.size(); }
  const std::string& path() const override { return m_path; }
  void read(uint64_t offset, std::span<std::byte> out) const override {
    for (size_t i = 0; i < out.size(); ++i) {
      const uint64_t at = offset + i;
      out[i] = at < kBegin ? std::byte{0} : static_cast<std::byte>(m_tail[static_cast<size_t>(at - kBegin)]);
    }
  }
  LargeSource() {
    ZipPart part;
    part.name = "a";
    part.content = "alpha";
    part.isZip64 = true;
    part.header = kBegin;
    ZipEnd end;
    end.isZip64 = true;
    end.begin = 0xFFFFFFFF;
    m_tail = zipFile({part}, end);
    // The end record's places count from the file's start: moved by what lies before.
    const auto move = [&](size_t at) {
      uint64_t value = 0;
      std::memcpy(&value, m_tail.data() + at, 8);
      value += kBegin;
      std::memcpy(m_tail.data() + at, &value, 8);
    };
    const size_t end64 = m_tail.find("PK\6\6"), locator = m_tail.find("PK\6\7");
    move(end64 + 48);
    move(locator + 8);
  }

 private:
  static constexpr uint64_t kBegin = uint64_t{5} << 30;
  std::string m_path = "large.pth", m_tail;
};

TEST(ZipDirectory, ReadsBeyondFourGigabytes) {
  const LargeSource source;
  const ZipDirectory zip(source);
  ASSERT_NE(zip.find("a"), nullptr);
  EXPECT_EQ(zip.find("a")->header, uint64_t{5} << 30);
  EXPECT_EQ(zip.content(*zip.find("a"), 100), "alpha");
}

TEST(ZipDirectory, FindsTheEndBehindAComment) {
  ZipEnd end;
  end.comment = "PK\5\6 looks like an end record, but is none" + std::string(60'000, '.');
  EXPECT_EQ(contentOf(zipFile({part("a", "alpha")}, end), "a"), "alpha");
}

TEST(ZipDirectory, ReadsSizesThatFollowTheData) {
  ZipPart follows = packed("a", "alpha");
  follows.flags = 8;
  follows.after = "PK\7\x8 sum and sizes";
  EXPECT_EQ(contentOf(zipFile({follows, part("b", "beta")}), "a"), "alpha");
}

TEST(ZipDirectory, HoldsContentToALimit) {
  const MemorySource source(zipFile({part("a", "alpha")}));
  const ZipDirectory zip(source);
  const Error error = failureOf([&] { zip.content(*zip.find("a"), 4); });
  test::expectRefusal(error, "larger than 4 bytes", "entry \"a\"");
}

std::string edited(std::string file, const std::string& mark, size_t at, const std::string& bytes) {
  return file.replace(file.find(mark) + at, bytes.size(), bytes);
}

template <typename Function>
std::string with(Function change, bool isPacked = false) {
  ZipPart changed = isPacked ? packed("a", noise(1000)) : part("a", "alpha");
  change(changed);
  return zipFile({changed, part("b", "beta")});
}

template <typename Function>
std::string withEnd(Function change) {
  ZipEnd end;
  change(end);
  return zipFile({part("a", "alpha"), part("b", "beta")}, end);
}

std::vector<Refusal> directoryRefusals() {
  const std::string good = zipFile({part("a", "alpha"), part("b", "beta")});
  ZipEnd twice;
  twice.comment = std::string("PK\5\6", 4) + std::string(18, '\0');
  return {
      {"Empty", "", "no end record"},
      {"CutOff", good.substr(0, good.size() - 1), "no end record"},
      {"GoesOn", good + "x", "no end record"},
      {"TwoEnds", zipFile({}, twice), "more than one end record"},
      {"SeveralDisks", withEnd([](ZipEnd& end) { end.disk = 1; }), "one of several parts"},
      {"TwoCounts", withEnd([](ZipEnd& end) { end.here = 1; }), "counts its entries in two ways"},
      {"CountTooLarge", withEnd([](ZipEnd& end) { end.here = end.count = 3; }),
       "2 entries, its end record says 3"},
      {"CountTooSmall", withEnd([](ZipEnd& end) { end.here = end.count = 1; }),
       "2 entries, its end record says 1"},
      {"DirectoryOutside", withEnd([](ZipEnd& end) { end.begin = 100'000; }), "does not end where"},
      {"DirectoryApart", withEnd([](ZipEnd& end) { end.before = "hidden"; }), "does not end where"},
      {"DirectoryHuge", withEnd([](ZipEnd& end) { end.size = 65u << 20; }),
       "directory is larger than 64 MiB"},
      {"DirectoryShort", withEnd([](ZipEnd& end) {
         end.size = 40;
         end.begin = 142 - 40;
       }),
       "directory"},
      {"End64Elsewhere", withEnd([](ZipEnd& end) {
         end.isZip64 = true;
         end.place64 = 0;
       }),
       "not just before its locator"},
      {"End64Disagrees", withEnd([](ZipEnd& end) {
         end.isZip64 = true;
         end.count64 = 7;
       }),
       "two end records disagree"},
      {"End64Broken", edited(withEnd([](ZipEnd& end) { end.isZip64 = true; }), "PK\6\6", 0, "XX"),
       "zip64 end record is broken"},
      {"DirectoryBroken", edited(good, "PK\1\2", 0, "XX"), "directory is broken"},
      {"NameBeyondDirectory", edited(good, "PK\1\2", 28, "\xFF\x01"), "directory is cut off"},
  };
}

std::vector<Refusal> entryRefusals() {
  const std::string good = zipFile({part("a", "alpha"), part("b", "beta")});
  const std::string extra = std::string("\x01\x00\xFF\x00", 4);
  ZipPart shared = part("c", "alpha");
  shared.isShared = true;
  return {
      {"Encrypted", with([](ZipPart& part) { part.flags = 1; }), "is encrypted"},
      {"StronglyEncrypted", with([](ZipPart& part) { part.flags = 1 << 6; }), "is encrypted"},
      {"Bzip2", with([](ZipPart& part) { part.method = 12; }), "packed by method 12"},
      {"TwoSizes", with([](ZipPart& part) { part.size = 6; }), "has two sizes"},
      {"Bomb", with([](ZipPart& part) { part.content = std::string(1 << 20, '0'); }, true),
       "more than 100 : 1"},
      {"BombByItsWord", with([](ZipPart& part) { part.size = uint64_t{1} << 31; }, true),
       "more than 100 : 1"},
      {"SameName", zipFile({part("a", "1"), part("a", "2")}), "have the same name"},
      {"NoName", zipFile({part("", "1")}), "no proper name"},
      {"NulInName", zipFile({part(std::string("a\0b", 3), "1")}), "no proper name"},
      {"OtherDisk", with([](ZipPart& part) { part.disk = 2; }), "one of several parts"},
      {"Outside", with([](ZipPart& part) { part.header = 100'000; }), "reaches beyond the file's data"},
      {"TooLong", with([](ZipPart& part) { part.size = part.packed = 100'000; }),
       "reaches beyond the file's data"},
      {"Shared", zipFile({part("a", "alpha"), shared}), "overlap"},
      {"Overlapping", with([](ZipPart& part) { part.size = part.packed = 20; }), "overlap"},
      {"NoWideSizes", with([](ZipPart& part) { part.size = part.packed = 0xFFFFFFFF; }),
       "64-bit sizes are missing"},
      {"ExtraCutOff", with([&](ZipPart& part) { part.extra = extra; }), "extra field"},
      {"ExtraTooShort", with([&](ZipPart& part) { part.extra = "ab"; }), "extra field"},
      {"NoHeader", with([](ZipPart& part) { part.localMark = 0; }), "does not begin where"},
      {"HeaderOfAnother", with([](ZipPart& part) { part.localName = "x"; }), "disagree about it"},
      {"HeaderOfAnotherSum", with([](ZipPart& part) { part.localSum = 1; }), "disagree about it"},
      {"LocalExtraOverlaps", edited(good, "PK\3\4", 28, "\xFF\x00"), "overlap"},
  };
}

std::vector<Refusal> contentRefusals() {
  std::string broken = zipFile({packed("a", noise(1000))});
  broken[31] = '\xFF';  // the first block's kind
  ZipPart longer = packed("a", "alpha");
  longer.packed = 9;
  longer.after = "xx";
  return {
      {"BrokenPacked", broken, "cannot be unpacked"},
      {"GoesOnPacked", zipFile({longer}), "follow the end of a packed entry"},
      {"WrongSum", with([](ZipPart& part) { part.sum = 1; }), "checksum"},
      {"WrongSumPacked", with([](ZipPart& part) { part.sum = 1; }, true), "checksum"},
      {"LongerThanSaid", with([](ZipPart& part) { part.size = 999; }, true),
       "longer than the directory says"},
      {"ShorterThanSaid", with([](ZipPart& part) { part.size = 1001; }, true),
       "shorter than the directory says"},
      {"CutOffPacked", with([](ZipPart& part) { part.packed = 100; }, true), "cut off"},
  };
}

class RefusedZip : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedZip, SaysWhy) {
  const MemorySource source(GetParam().bytes, "w.pth");
  const Error error = failureOf([&] {
    const ZipDirectory zip(source);
    for (const ZipEntry& entry : zip.entries()) zip.content(entry, uint64_t{1} << 32);
  });
  test::expectRefusal(error, GetParam().message, "w.pth");
}

INSTANTIATE_TEST_SUITE_P(Directory, RefusedZip, testing::ValuesIn(directoryRefusals()), test::nameOf);
INSTANTIATE_TEST_SUITE_P(Entry, RefusedZip, testing::ValuesIn(entryRefusals()), test::nameOf);
INSTANTIATE_TEST_SUITE_P(Content, RefusedZip, testing::ValuesIn(contentRefusals()), test::nameOf);

TEST(ZipDirectory, SurvivesEveryShorteningAndChange) {
  const std::string good = zipFile({part("a", "alpha"), packed("b", noise(200))});
  const auto read = [](const std::string& file) {
    try {
      const MemorySource source(file);
      const ZipDirectory zip(source);
      for (const ZipEntry& entry : zip.entries()) zip.content(entry, 100'000);
    } catch (const Failure&) {
      return false;
    }
    return true;
  };
  ASSERT_TRUE(read(good));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(read(good.substr(0, size))) << size;
  for (size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    for (const int bit : {0, 7}) {
      changed[at] = static_cast<char>(good[at] ^ (1 << bit));
      read(changed);  // may pass: dates, versions
    }
  }
}

}  // namespace
}  // namespace uc
