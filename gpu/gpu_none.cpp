// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "gpu/gpu.h"

namespace uc::gpu {

std::vector<Device> devices() { return {}; }

std::string runtimeVersion() { return "none"; }

}  // namespace uc::gpu
