// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/model.h"
#include "core/models/weights.h"

#include <memory>

namespace uc {

/// The families: how to recognize one and how to open it. The one place to edit when a family is added.
struct Family {
  /// By config.json, or by the tensors' names when there is no config.
  bool (*matches)(const Checkpoint& checkpoint);
  std::unique_ptr<Model> (*open)(Weights weights);
};

bool isGriffin(const Checkpoint& checkpoint);
std::unique_ptr<Model> openGriffin(Weights weights);
bool isMamba(const Checkpoint& checkpoint);
std::unique_ptr<Model> openMamba(Weights weights);
bool isMamba2(const Checkpoint& checkpoint);
std::unique_ptr<Model> openMamba2(Weights weights);
bool isVim(const Checkpoint& checkpoint);
std::unique_ptr<Model> openVim(Weights weights);
bool isRwkv4(const Checkpoint& checkpoint);
std::unique_ptr<Model> openRwkv4(Weights weights);
bool isRwkv5(const Checkpoint& checkpoint);
std::unique_ptr<Model> openRwkv5(Weights weights);
bool isRwkv6(const Checkpoint& checkpoint);
std::unique_ptr<Model> openRwkv6(Weights weights);
bool isRwkv7(const Checkpoint& checkpoint);
std::unique_ptr<Model> openRwkv7(Weights weights);

inline constexpr Family kFamilies[] = {
    {isMamba, openMamba}, {isMamba2, openMamba2}, {isGriffin, openGriffin}, {isVim, openVim},
    {isRwkv4, openRwkv4}, {isRwkv5, openRwkv5},   {isRwkv6, openRwkv6},     {isRwkv7, openRwkv7},
};

}  // namespace uc
