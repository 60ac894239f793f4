// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <filesystem>
#include <string>

namespace uc {

/// Where a model given by name lies, and what to call it.
struct ModelPlace {
  std::filesystem::path path;  // a folder or file for Checkpoint::open
  std::string name;            // "demo:mamba", "owner/name", or empty: the path's own
};

/// Resolves MODEL (conventions.md 4): an existing path, demo:NAME, or owner/name in a Hugging Face cache on
/// this disk. Throws Failure.
ModelPlace locateModel(const std::string& model);

}  // namespace uc
