// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/image.h"

#include "core/io/image_header.h"
#include "core/io/json.h"
#include "core/io/preprocess.h"
#include "tests/support/failure.h"
#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace uc {
namespace {

namespace fs = std::filesystem;
using test::failureOf;
using test::TemporaryFolder;

const fs::path kData = fs::path(TEST_DATA) / "images";

std::string bytesOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The largest difference of any byte; 256 when the shapes differ.
int distance(const Picture& picture, const fs::path& expected) {
  const test::Array array = test::readNpy(expected.string());
  if (array.shape != std::vector<int64_t>{picture.height, picture.width, 3}) return 256;
  int most = 0;
  for (size_t i = 0; i < picture.rgb.size(); ++i) {
    most = std::max(most, std::abs(static_cast<int>(picture.rgb[i]) - static_cast<int>(array.values[i])));
  }
  return most;
}

bool isLossy(const fs::path& path) { return path.extension() == ".jpg" || path.filename() == "lossy.webp"; }

TEST(Image, EveryFormatAndQuirkLooksAsItShould) {
  int seen = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(kData)) {
    const fs::path expected = entry.path().string() + ".npy";
    if (!fs::exists(expected) || isLossy(entry.path())) continue;
    ++seen;
    EXPECT_EQ(distance(readPicture(entry.path()), expected), 0) << entry.path().filename();
  }
  EXPECT_EQ(seen, 34);
}

// Lossy files leave the last bit of a color conversion to the decoder.
TEST(Image, LossyFilesLookAsAnotherDecoderShowsThem) {
  for (const char* name : {"photo.jpg", "gray.jpg", "progressive.jpg", "turned6.jpg", "lossy.webp"}) {
    EXPECT_LE(distance(readPicture(kData / name), kData / (std::string(name) + ".npy")), 1) << name;
  }
}

TEST(Preprocess, FramesAreThoseOfPillowByteForByte) {
  const Json cases = readJson(kData / "frames.json");
  ASSERT_EQ(cases.size(), 20u);
  for (const Json& item : cases) {
    const Json& size = item["size"];
    const auto height = size.is_array() ? size[0].get<int64_t>() : size.get<int64_t>();
    const auto width = size.is_array() ? size[1].get<int64_t>() : size.get<int64_t>();
    const auto preprocess = preprocessNamed(item["preprocess"].get<std::string>());
    ASSERT_TRUE(preprocess);
    const Picture picture = readPicture(kData / item["picture"].get<std::string>());
    const auto result = item["result"].get<std::string>();
    EXPECT_EQ(distance(framed(picture, width, height, *preprocess), kData / result), 0) << result;
  }
  EXPECT_FALSE(preprocessNamed("none"));
}

TEST(Preprocess, PixelsAreNormalizedByImageNetsMeanAndDeviation) {
  const test::Array expected = test::readNpy((kData / "normalized3x50_16.npy").string());
  const std::vector<float> pixels = readPixels(kData / "source3x50.png", 16, 16, Preprocess::Official);
  ASSERT_EQ(pixels.size(), expected.values.size());
  for (size_t i = 0; i < pixels.size(); ++i)
    EXPECT_EQ(static_cast<double>(pixels[i]), expected.values[i]) << i;
}

TEST(Preprocess, AnArrayIsTakenAsItIs) {
  const std::vector<float> made = readPixels(kData / "source3x50.png", 16, 16, Preprocess::Official);
  EXPECT_EQ(readPixels(kData / "normalized3x50_16.npy", 16, 16, Preprocess::Squash), made);
}

TEST(Preprocess, WhatIsSeenOfAFileIsTheSameFromItsArray) {
  const fs::path expected = kData / "framed3x50_16_official.npy";
  EXPECT_EQ(distance(seenPicture(kData / "source3x50.png", 16, 16, Preprocess::Official), expected), 0);
  EXPECT_EQ(distance(seenPicture(kData / "normalized3x50_16.npy", 16, 16, Preprocess::Official), expected),
            0);
}

// --- what must be refused, each in its own words

class BrokenImage : public ::testing::Test {
 protected:
  TemporaryFolder m_folder;

  std::string refusal(const std::string& bytes, const char* name = "broken") {
    const fs::path path = m_folder.write(name, bytes);
    const Error error = failureOf([&] { readPicture(path); });
    EXPECT_NE(error.where.find(name), std::string::npos) << error.where;
    return error.what;
  }
  std::string arrayRefusal(const std::string& bytes) {
    const fs::path path = m_folder.write("broken.npy", bytes);
    return failureOf([&] { readPixels(path, 16, 16, Preprocess::Official); }).what;
  }
};

std::string with(std::string bytes, size_t at, std::string_view replacement) {
  bytes.replace(at, replacement.size(), replacement);
  return bytes;
}

// A PNG whose header says these sizes, with the right sum over the header.
std::string pngOfSize(std::string_view sizes) {
  std::string bytes = with(bytesOf(kData / "rgb.png"), 16, sizes);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + 12), 17);
  for (int i = 0; i < 4; ++i) bytes[29 + static_cast<size_t>(i)] = static_cast<char>(sum >> (24 - 8 * i));
  return bytes;
}

TEST_F(BrokenImage, EveryTruncationOfEveryFormatIsRefused) {
  for (const char* name : {"rgb.png", "photo.jpg", "lossless.webp", "lossy.webp", "rgb.bmp"}) {
    const std::string whole = bytesOf(kData / name);
    for (size_t size = 0; size < whole.size(); ++size) {
      const std::string what = failureOf([&] { readImageHeader(whole.substr(0, size), name); }).what;
      EXPECT_TRUE(what == "The picture is cut short." || what == "The file is empty." ||
                  what == "This is not a picture that can be read.")
          << name << " cut to " << size << " bytes: " << what;
      EXPECT_TRUE(what == "The picture is cut short." || size < 12) << name;
    }
  }
}

TEST_F(BrokenImage, ATruncatedTiffIsRefused) {
  const std::string whole = bytesOf(kData / "rgb.tiff");
  for (size_t size = 8; size < whole.size(); size += 7) {
    const std::string what = refusal(whole.substr(0, size), "rgb.tiff");
    EXPECT_TRUE(what == "The picture is cut short." || what == "The picture cannot be decoded.")
        << size << what;
  }
}

TEST_F(BrokenImage, NotAPicture) {
  const char* const kWords = "This is not a picture that can be read.";
  EXPECT_EQ(refusal("hello, world, this is text"), kWords);
  EXPECT_EQ(refusal("GIF89a" + std::string(40, '\0')), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.png"), 0, "X")), kWords);
  EXPECT_EQ(refusal("RIFF\x24\0\0\0WAVEfmt " + std::string(40, '\0')), kWords);
  EXPECT_EQ(refusal(""), "The file is empty.");
}

TEST_F(BrokenImage, WithoutPixels) {
  const char* const kWords = "The picture has no pixels.";
  EXPECT_EQ(refusal(pngOfSize(std::string_view("\0\0\0\0\0\0\0\x0D", 8))), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.bmp"), 22, std::string_view("\0\0\0\0", 4))), kWords);
}

TEST_F(BrokenImage, SizesThatNoMemoryHoldsAreRefusedBeforeDecoding) {
  const char* const kWords = "The picture is too large.";
  EXPECT_EQ(refusal(pngOfSize(std::string_view("\0\1\x11\x70\0\1\x11\x70", 8))), kWords);  // 70,000²: 8 GB
  EXPECT_EQ(refusal(pngOfSize(std::string_view("\x7F\xFF\xFF\xFF\0\0\0\1", 8))), kWords);  // one long row
  EXPECT_EQ(refusal(pngOfSize(std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8))), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.bmp"), 18, "\xFF\xFF\xFF\x7F\xFF\xFF\xFF\x7F")), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.bmp"), 22, std::string_view("\0\0\0\x80", 4))), kWords);
  std::string jpeg = bytesOf(kData / "photo.jpg");
  EXPECT_EQ(refusal(with(jpeg, jpeg.find("\xFF\xC0") + 5, "\xFF\xFF\xFF\xFF")), kWords);
}

TEST_F(BrokenImage, DamagedParts) {
  const char* const kWords = "The picture is damaged.";
  const std::string png = bytesOf(kData / "rgb.png");
  EXPECT_EQ(refusal(with(png, png.find("IDAT") + 9, "\x5A\x5A\x5A")), kWords);  // its sum does not fit
  EXPECT_EQ(refusal(with(png, 12, "IHDX")), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "photo.jpg"), 20, "zzzz")), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.bmp"), 14, std::string_view("\x0D\0\0\0", 4))), kWords);
  std::string webp = bytesOf(kData / "lossless.webp");
  EXPECT_EQ(refusal(with(webp, webp.find("VP8L") + 8, "\x30")), kWords);
}

TEST_F(BrokenImage, LengthsThatLeadOutOfTheFile) {
  const char* const kWords = "The picture is cut short.";
  const std::string png = bytesOf(kData / "rgb.png");
  EXPECT_EQ(refusal(with(png, png.find("IDAT") - 4, "\xFF\xFF\xFF\xFF")), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.tiff"), 4, "\xFF\xFF\xFF\x7F")), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "lossless.webp"), 4, "\xFF\xFF\xFF\xFF")), kWords);
  EXPECT_EQ(refusal(with(bytesOf(kData / "rgb.bmp"), 10, "\xFF\xFF\xFF\xFF")), kWords);
}

TEST_F(BrokenImage, ADirectoryWithoutSizesAndAnUnknownKindOfTiff) {
  const std::string empty("II*\0\x08\0\0\0\0\0\0\0\0\0", 14);
  EXPECT_EQ(refusal(empty), "The picture has no pixels.");
  EXPECT_EQ(refusal(std::string("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", 16)),
            "This kind of TIFF cannot be read.");
}

TEST_F(BrokenImage, ANumberThatDoesNotDecode) {
  std::string webp = bytesOf(kData / "lossless.webp");
  const size_t data = webp.find("VP8L") + 13;
  for (size_t i = data; i < webp.size(); ++i) webp[i] = '\xFF';
  EXPECT_EQ(refusal(webp), "The picture cannot be decoded.");
}

TEST_F(BrokenImage, WhatIsNoRegularFile) {
  EXPECT_EQ(failureOf([&] { readPicture(m_folder.path()); }).what, "This is a folder, not a regular file.");
  EXPECT_EQ(failureOf([&] { readPicture("/dev/zero"); }).what, "This is a device, not a regular file.");
  EXPECT_EQ(failureOf([&] { readPicture(m_folder / "none.png"); }).what, "There is no such file.");
}

TEST_F(BrokenImage, ABrokenOrientationCountsAsUpright) {
  const std::string png = bytesOf(kData / "turned6.png");
  const size_t exif = png.find("eXIf");
  const size_t length = static_cast<uint8_t>(png[exif - 1]);
  for (size_t i = exif + 4; i < exif + 4 + length; ++i) {
    std::string bytes = with(png, i, "\xFF");
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + exif), static_cast<uInt>(length + 4));
    for (size_t b = 0; b < 4; ++b) bytes[exif + 4 + length + b] = static_cast<char>(sum >> (24 - 8 * b));
    const Picture picture = readPicture(m_folder.write("broken.png", bytes));
    EXPECT_EQ(picture.width * picture.height, 19 * 13) << i;
  }
}

TEST_F(BrokenImage, Arrays) {
  const std::string npy = bytesOf(kData / "normalized3x50_16.npy");
  const auto edited = [&](const std::string& from, const std::string& to) {
    return with(npy, npy.find(from), to);
  };
  EXPECT_EQ(arrayRefusal(edited("<f4", "<f8")), "The array is not float32.");
  EXPECT_EQ(arrayRefusal(edited("<f4", ">f4")), "The array is not float32.");
  EXPECT_EQ(arrayRefusal(edited("(3, 16, 16)", "(3, 8, 32) ")), "The array has the wrong shape.");
  EXPECT_EQ(arrayRefusal(edited("(3, 16, 16)", "(3, 16, 17)")), "The array has the wrong shape.");
  EXPECT_EQ(arrayRefusal(edited("False", "True ")), "The array is stored column by column.");
  EXPECT_EQ(arrayRefusal(npy.substr(0, npy.size() - 4)), "The array's file has the wrong length.");
  EXPECT_EQ(arrayRefusal(npy + "more"), "The array's file has the wrong length.");
  EXPECT_EQ(arrayRefusal(npy.substr(0, 50)), "The array's header is cut short.");
  EXPECT_EQ(arrayRefusal("\x89PNG, by its looks"), "This is not a NumPy array.");
  EXPECT_EQ(arrayRefusal(with(npy, 6, "\x09")), "This version of .npy is not known.");
  EXPECT_EQ(arrayRefusal(bytesOf(kData / "rgb.png.npy")), "The array is not float32.");
}

}  // namespace
}  // namespace uc
