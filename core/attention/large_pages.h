// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>

namespace uc {

/// Asks the system for large pages under an array that nothing was written to yet. The factors of a long
/// input are read a few lanes at a time, so that each token lies in another small page, and finding those
/// takes longer than reading them. A wish: nothing depends on whether it is granted. Any thread.
void preferLargePages(void* data, size_t bytes);

}  // namespace uc
