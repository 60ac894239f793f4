// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"
#include "core/io/torch_tensor.h"

#include <optional>
#include <string>
#include <vector>

namespace uc {

/// What a file of torch.save is opened for.
struct StateDict {
  std::vector<TorchTensor> tensors;  // in the order of the dictionary, names distinct
  std::optional<Json> arguments;     // Checkpoint::arguments()
};

/// Finds the tensors: the root itself, or of a training checkpoint the dictionary under "model", "state_dict"
/// and the like, never "model_ema". Prefixes that wrappers put before every name ("module.") are taken off.
/// Nothing outside that dictionary and "args" is looked at. Throws Failure.
StateDict readStateDict(const Pickle& pickle, const std::string& file, const StorageSize& storageSize);

}  // namespace uc
