// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/matrix.h"
#include "core/values/statistics.h"
#include "core/values/tokens.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace uc {

/// Writes a file as a whole or not at all: a temporary file beside it, flushed to the disk, then renamed.
/// Throws Failure (what, file, what to do) and leaves no temporary file behind; also when `write` throws.
void saveAtomically(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

/// Refuses, before any work, what could not be saved: a missing folder, a folder or device as target, no
/// permission.
void checkSavable(const std::filesystem::path& path);

/// A map ready to be written (conventions.md 14). One map, or one a layer.
struct MapFile {
  struct Layer {
    int64_t layer = 0;
    AnyMatrix values;
  };
  std::vector<Layer> layers;
  bool isList = false;  // layers were asked for as a list: one layer, too, is then written as several are
  int64_t row0 = 0, row1 = 0, col0 = 0, col1 = 0;
  Tokens tokens;
  std::string view;  // JSON text of the view
};

/// .npy, .npz, .csv, .json by the path's ending. Several layers: .npy [layers, rows, cols], .npz `layer_I`
/// each, .json and .csv only for one (Failure says so).
void saveMap(const std::filesystem::path& path, const MapFile& file);

/// Lanes as .csv, a line each, or as .npz, an array a column (conventions.md 15).
void saveStatistics(const std::filesystem::path& path, const std::vector<LaneStatistics>& lanes);

/// An array [rows, cols] as .npy.
void saveNpy(const std::filesystem::path& path, const AnyMatrix& values);

}  // namespace uc
