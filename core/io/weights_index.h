// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/weights_file.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uc {

/// What an index of shards (model.safetensors.index.json, pytorch_model.bin.index.json) says: the files,
/// sorted, and for each tensor the number of its file.
struct WeightsIndex {
  std::vector<std::string> files;
  std::vector<std::pair<std::string, size_t>> tensors;
};

/// Checks the text of an index by the rules of quality.md: file names are plain, at most 512 of them, with an
/// ending of weights. Throws Failure.
WeightsIndex parseWeightsIndex(std::string_view text, const std::string& where);

/// Opens the files that an index names. They lie beside it, or are links to regular files in its folder or in
/// the blobs of the Hugging Face cache that the folder is a snapshot of. Every tensor of the index is in its
/// file, and none in two files; more may be there. Throws Failure.
std::vector<std::unique_ptr<WeightsFile>> openShards(const std::filesystem::path& index);

}  // namespace uc
