// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

namespace uc {

/// The library under LibTorch's matrix products: whatever BLAS is installed, as a rule OpenBLAS. It is the
/// process's, so that these functions are called before work and by one thread.

/// Makes OpenBLAS take the kernels of this processor. It looks the processor up in a table when it is loaded,
/// and on one newer than the table it falls back to kernels of 2004, five times slower. Here such a choice is
/// repeated with the name of the newest kernels whose instructions are there, unless OPENBLAS_CORETYPE is
/// set. Then a product is checked against its definition, because some versions compute wrongly on some
/// processors: kernels chosen here are given up for OpenBLAS's own. Microseconds. Throws Failure when the
/// product is wrong all the same.
void prepareBlas();

/// How many threads a single product uses; without OpenBLAS nothing.
void setBlasThreads(int count);

/// "OpenBLAS 0.3.21, SkylakeX kernels".
std::string blasName();

}  // namespace uc
