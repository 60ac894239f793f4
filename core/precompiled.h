// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

// The precompiled header of uc_core: LibTorch takes seven seconds to parse.
#include <ATen/ATen.h>

#include <string>
#include <vector>
