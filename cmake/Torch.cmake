# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
#
# uc_torch: LibTorch as a SYSTEM dependency. Debian's package by default; another one by CMAKE_PREFIX_PATH.
find_package(Torch REQUIRED)
add_library(uc_torch INTERFACE)
target_include_directories(uc_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(uc_torch INTERFACE torch_cpu c10)
