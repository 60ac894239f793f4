// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/json.h"
#include "core/io/npy.h"
#include "core/io/save.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace uc {

namespace {

/// Numbers as text, gathered so that the stream is not asked for each.
class TextWriter {
 public:
  explicit TextWriter(std::ostream& stream) : m_stream(stream) {}

  void text(std::string_view text) {
    m_text += text;
    if (m_text.size() > kChunk) flush();
  }
  void flush() {
    m_stream.write(m_text.data(), static_cast<std::streamsize>(m_text.size()));
    m_text.clear();
  }

  /// As printf's %.9g, and %.17g for double; NaN has no sign.
  void csvNumber(float value) { csvNumber(value, 9); }
  void csvNumber(double value) { csvNumber(value, 17); }

  /// The shortest text that reads back as the same number.
  template <typename T>
  void jsonNumber(T value) {
    if (!std::isfinite(value)) return text("null");
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    text({buffer, static_cast<size_t>(end - buffer)});
  }

 private:
  static constexpr size_t kChunk = size_t{1} << 16;

  void csvNumber(double value, int digits) {
    if (std::isnan(value)) return text("nan");
    char buffer[40];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, digits).ptr;
    text({buffer, static_cast<size_t>(end - buffer)});
  }

  std::ostream& m_stream;
  std::string m_text;
};

template <typename T>
void writeCsv(std::ostream& stream, const MatrixOf<T>& matrix) {
  TextWriter out(stream);
  for (int64_t row = 0; row < matrix.rows; ++row) {
    for (int64_t col = 0; col < matrix.cols; ++col) {
      if (col > 0) out.text(",");
      out.csvNumber(matrix.at(row, col));
    }
    out.text("\n");
  }
  out.flush();
}

template <typename T>
void writeJson(std::ostream& stream, const MatrixOf<T>& matrix, const MapFile& file) {
  TextWriter out(stream);
  out.text("{\"map\":[");
  for (int64_t row = 0; row < matrix.rows; ++row) {
    out.text(row > 0 ? ",\n[" : "[");
    for (int64_t col = 0; col < matrix.cols; ++col) {
      if (col > 0) out.text(",");
      out.jsonNumber(matrix.at(row, col));
    }
    out.text("]");
  }
  out.text(fmt::format("],\n\"rows\":[{},{}],\"cols\":[{},{}],\n\"tokens\":[", file.row0, file.row1,
                       file.col0, file.col1));
  bool isFirst = true;
  for (const Token& token : file.tokens.list) {
    Json entry = {{"id", token.id}, {"text", nullptr}, {"begin", token.begin}, {"end", token.end}};
    if (token.text) entry["text"] = *token.text;
    out.text(isFirst ? "" : ",\n");
    out.text(entry.dump(-1, ' ', false, Json::error_handler_t::replace));
    isFirst = false;
  }
  out.text("],\n\"view\":");
  out.text(file.view.empty() ? "{}" : file.view);
  out.text("}\n");
  out.flush();
}

const MapFile::Layer& onlyLayer(const std::filesystem::path& path, const MapFile& file) {
  if (file.layers.size() != 1) {
    fail(fmt::format("A {} file holds one layer, not {}.", path.extension().string(), file.layers.size()),
         path.string(), "Save as .npy or .npz, or choose one layer.");
  }
  return file.layers.front();
}

bool isSingle(const MapFile& file) { return file.layers.size() == 1 && !file.isList; }

/// A list of layers as one array [layers, rows, cols]; one layer by itself keeps two dimensions.
NpyArray stacked(const std::filesystem::path& path, const MapFile& file) {
  if (file.layers.empty()) fail("There is no map to save.", path.string(), "Choose a layer.");
  NpyArray result = npyArray("map", file.layers.front().values);
  if (isSingle(file)) return result;
  for (size_t n = 1; n < file.layers.size(); ++n) {
    NpyArray next = npyArray("map", file.layers[n].values);
    if (next.shape != result.shape || next.dtype != result.dtype) {
      fail("The layers' maps have different sizes.", path.string(), "Save as .npz, or one layer at a time.");
    }
    result.parts.push_back(next.parts.front());
  }
  result.shape.insert(result.shape.begin(), static_cast<int64_t>(file.layers.size()));
  return result;
}

void saveMapNpz(const std::filesystem::path& path, const MapFile& file) {
  std::vector<NpyArray> arrays;
  for (const MapFile::Layer& layer : file.layers) {
    const std::string name = isSingle(file) ? "map" : fmt::format("layer_{}", layer.layer);
    arrays.push_back(npyArray(name, layer.values));
  }
  const int64_t rows[] = {file.row0, file.row1};
  const int64_t cols[] = {file.col0, file.col1};
  const std::vector<int64_t> ids = file.tokens.ids();
  arrays.push_back(npyArray("rows", {2}, std::span<const int64_t>(rows)));
  arrays.push_back(npyArray("cols", {2}, std::span<const int64_t>(cols)));
  arrays.push_back(npyArray("ids", {static_cast<int64_t>(ids.size())}, std::span<const int64_t>(ids)));
  arrays.push_back(npyArray("view", file.view));
  saveNpz(path, arrays);
}

}  // namespace

void saveMap(const std::filesystem::path& path, const MapFile& file) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (ending == ".npy") {
    saveNpyArray(path, stacked(path, file));
  } else if (ending == ".npz") {
    saveMapNpz(path, file);
  } else if (ending == ".csv") {
    const AnyMatrix& values = onlyLayer(path, file).values;
    saveAtomically(path, [&](std::ostream& stream) {
      std::visit([&](const auto& matrix) { writeCsv(stream, matrix); }, values);
    });
  } else if (ending == ".json") {
    const AnyMatrix& values = onlyLayer(path, file).values;
    saveAtomically(path, [&](std::ostream& stream) {
      std::visit([&](const auto& matrix) { writeJson(stream, matrix, file); }, values);
    });
  } else {
    fail(fmt::format("Maps are not saved as '{}'.", printable(ending, 40)), path.string(),
         "End the name in .npy, .npz, .csv or .json.");
  }
}

void saveNpy(const std::filesystem::path& path, const AnyMatrix& values) {
  saveNpyArray(path, npyArray("", values));
}

}  // namespace uc
