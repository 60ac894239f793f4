// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"
#include "core/io/npy.h"
#include "core/io/save.h"
#include "core/values/error.h"
#include "tests/support/failure.h"
#include "tests/support/npy.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <cmath>
#include <limits>

namespace uc {

namespace {

template <typename T>
MatrixOf<T> matrixOf(int64_t rows, int64_t cols, std::vector<T> values) {
  MatrixOf<T> matrix(rows, cols);
  matrix.values = std::move(values);
  return matrix;
}

MapFile sample() {
  MapFile file;
  file.layers.push_back({3, matrixOf<float>(2, 3, {1.0f, -0.5f, 0.1f, 1e-20f, 0.0f, 16777216.0f})});
  file.row1 = 2;
  file.col0 = 4;
  file.col1 = 7;
  file.tokens.text = "añ\"";
  file.tokens.list = {{5, "a", 0, 1}, {700, "⟨C3⟩", 1, 2}, {9, std::nullopt, 2, 4}};
  file.view = R"({"model":"m","layer":3})";
  return file;
}

/// One member of an archive, through libzip's reader, which checks the sum.
std::string member(const std::string& path, const std::string& name) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CHECKCONS, nullptr);
  if (!archive) return "not an archive";
  zip_stat_t status{};
  std::string bytes = "no such member";
  if (zip_stat(archive, name.c_str(), 0, &status) == 0) {
    bytes.assign(status.size, '\0');
    zip_file_t* entry = zip_fopen(archive, name.c_str(), 0);
    EXPECT_EQ(zip_fread(entry, bytes.data(), bytes.size()), static_cast<zip_int64_t>(bytes.size()));
    zip_fclose(entry);
  }
  zip_discard(archive);
  return bytes;
}

class SaveMap : public testing::Test {
 protected:
  std::string refusal(const std::string& name, const MapFile& file) {
    return test::failureOf([&] { saveMap(folder / name, file); }).what;
  }
  test::TemporaryFolder folder;
};

TEST_F(SaveMap, NpyHoldsOneLayerAsRowsAndColumns) {
  const std::string path = folder / "a.npy";
  saveMap(path, sample());
  const test::Array array = test::readNpy(path);
  EXPECT_EQ(array.dtype, "<f4");
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(array.values, (std::vector<double>{1.0, -0.5, 0.1f, 1e-20f, 0.0, 16777216.0}));
}

TEST_F(SaveMap, NpyBytesAreThoseOfTheFormat) {
  saveNpy((folder / "a.npy"), matrixOf<float>(1, 1, {1.0f}));
  std::string expected = std::string("\x93NUMPY\x01\x00\x76\x00", 10) +
                         "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }";
  expected.append(127 - expected.size(), ' ');
  EXPECT_EQ(readFile(folder / "a.npy", 1 << 24), expected + '\n' + std::string("\x00\x00\x80\x3f", 4));
}

TEST_F(SaveMap, NpyHeadersEndAtAMultipleOf64) {
  std::vector<int64_t> shape;
  for (int n = 0; n < 20; ++n) {
    const std::string header = npyHeader({"", "<f4", shape, {}});
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.back(), '\n');
    shape.push_back(n + 9);
  }
}

TEST_F(SaveMap, NpyIsDoubleWhenTheMapIs) {
  MapFile file = sample();
  file.layers[0].values = matrixOf<double>(1, 2, {0.1, -3e300});
  saveMap((folder / "a.NPY"), file);
  const test::Array array = test::readNpy((folder / "a.NPY"));
  EXPECT_EQ(array.dtype, "<f8");
  EXPECT_EQ(array.values, (std::vector<double>{0.1, -3e300}));
}

TEST_F(SaveMap, NpyStacksSeveralLayers) {
  MapFile file = sample();
  file.layers.push_back({5, matrixOf<float>(2, 3, {6, 5, 4, 3, 2, 1})});
  saveMap((folder / "a.npy"), file);
  const test::Array array = test::readNpy((folder / "a.npy"));
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 2, 3}));
  EXPECT_EQ(array.values[6], 6.0);
  file.layers[1].values = matrixOf<float>(1, 1, {0});
  EXPECT_EQ(refusal("b.npy", file), "The layers' maps have different sizes.");
}

TEST_F(SaveMap, NpzHoldsMapRowsColsIdsAndView) {
  const std::string path = folder / "a.npz";
  saveMap(path, sample());
  EXPECT_EQ(test::parseNpy(member(path, "map.npy")).values[1], -0.5);
  const test::Array rows = test::parseNpy(member(path, "rows.npy"));
  EXPECT_EQ(rows.dtype, "<i8");
  EXPECT_EQ(rows.shape, std::vector<int64_t>{2});
  EXPECT_EQ(rows.values, (std::vector<double>{0, 2}));
  EXPECT_EQ(test::parseNpy(member(path, "cols.npy")).values, (std::vector<double>{4, 7}));
  EXPECT_EQ(test::parseNpy(member(path, "ids.npy")).values, (std::vector<double>{5, 700, 9}));
  const test::Array view = test::parseNpy(member(path, "view.npy"));
  EXPECT_EQ(view.dtype, "|u1");
  EXPECT_EQ(std::string(view.values.begin(), view.values.end()), sample().view);
}

TEST_F(SaveMap, NpzNamesSeveralLayers) {
  MapFile file = sample();
  file.layers.push_back({11, matrixOf<float>(1, 1, {7})});
  const std::string path = folder / "a.npz";
  saveMap(path, file);
  EXPECT_EQ(test::parseNpy(member(path, "layer_3.npy")).shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(test::parseNpy(member(path, "layer_11.npy")).values, std::vector<double>{7});
  EXPECT_EQ(member(path, "map.npy"), "no such member");
}

TEST_F(SaveMap, NpzHoldsNoTimeOfDay) {
  saveMap(folder / "a.npz", sample());
  const std::string bytes = readFile(folder / "a.npz", 1 << 24);
  EXPECT_EQ(bytes.substr(10, 4),
            std::string("\0\0\x21\0", 4));  // of the first member: midnight, 1 January 1980
}

TEST_F(SaveMap, NpzTakesEmptyArrays) {
  MapFile file = sample();
  file.tokens.list.clear();
  saveMap((folder / "a.npz"), file);
  EXPECT_EQ(test::parseNpy(member((folder / "a.npz"), "ids.npy")).shape, std::vector<int64_t>{0});
}

TEST_F(SaveMap, CsvHoldsNumbersOnly) {
  MapFile file = sample();
  const float infinity = std::numeric_limits<float>::infinity();
  file.layers[0].values = matrixOf<float>(2, 3, {0.1f, 1.0f, 1e-20f, std::nanf(""), infinity, -infinity});
  saveMap((folder / "a.csv"), file);
  EXPECT_EQ(readFile(folder / "a.csv", 1 << 24), "0.100000001,1,9.99999968e-21\nnan,inf,-inf\n");
  file.layers[0].values = matrixOf<double>(1, 2, {0.1, -std::nan("")});
  saveMap((folder / "b.csv"), file);
  EXPECT_EQ(readFile(folder / "b.csv", 1 << 24), "0.10000000000000001,nan\n");
}

TEST_F(SaveMap, JsonHoldsMapTokensAndView) {
  MapFile file = sample();
  file.layers[0].values =
      matrixOf<float>(1, 3, {0.1f, std::nanf(""), -std::numeric_limits<float>::infinity()});
  saveMap((folder / "a.json"), file);
  const Json json = readJson((folder / "a.json"));
  EXPECT_EQ(json["map"].dump(), "[[0.1,null,null]]");
  EXPECT_EQ(json["rows"].dump(), "[0,2]");
  EXPECT_EQ(json["cols"].dump(), "[4,7]");
  EXPECT_EQ(json["tokens"][1].dump(), R"({"id":700,"text":"⟨C3⟩","begin":1,"end":2})");
  EXPECT_EQ(json["tokens"][2].dump(), R"({"id":9,"text":null,"begin":2,"end":4})");
  EXPECT_EQ(json["view"].dump(), file.view);
}

TEST_F(SaveMap, JsonNumbersReadBackTheSame) {
  MapFile file = sample();
  std::vector<float> values;
  for (int n = 0; n < 2000; ++n) values.push_back(std::ldexp(std::sin(static_cast<float>(n)), n % 120 - 60));
  file.layers[0].values = matrixOf<float>(20, 100, values);
  saveMap((folder / "a.json"), file);
  const Json json = readJson((folder / "a.json"));
  for (size_t n = 0; n < values.size(); ++n) {
    ASSERT_EQ(static_cast<float>(json["map"][n / 100][n % 100].get<double>()), values[n]);
  }
}

TEST_F(SaveMap, RefusesWhatTheEndingCannotHold) {
  MapFile file = sample();
  EXPECT_EQ(refusal("a.txt", file), "Maps are not saved as '.txt'.");
  EXPECT_EQ(refusal("a", file), "Maps are not saved as ''.");
  file.layers.push_back(file.layers.front());
  EXPECT_EQ(refusal("a.csv", file), "A .csv file holds one layer, not 2.");
  EXPECT_EQ(refusal("a.json", file), "A .json file holds one layer, not 2.");
  file.layers.clear();
  EXPECT_EQ(refusal("a.npy", file), "There is no map to save.");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace

}  // namespace uc
