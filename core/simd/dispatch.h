// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

// Kernels that Highway compiles once for each processor are functions, not templates, where they are chosen:
// these give a template of T its two, for float and double, and the overloads that callers see.

/// Beside `template <typename T> void Kernel(const Work<T>&, int64_t first, int64_t last)`, for each
/// processor.
#define UC_KERNELS_OF_BOTH(Kernel, Work)                                                            \
  void Kernel##Float(const Work<float>& x, int64_t first, int64_t last) { Kernel(x, first, last); } \
  void Kernel##Double(const Work<double>& x, int64_t first, int64_t last) { Kernel(x, first, last); }

/// `void function(const Work<T>&, int64_t first, int64_t last)` for both, in namespace uc, once.
#define UC_DISPATCH_BOTH(function, Kernel, Work)                      \
  HWY_EXPORT(Kernel##Float);                                          \
  HWY_EXPORT(Kernel##Double);                                         \
  void function(const Work<float>& x, int64_t first, int64_t last) {  \
    HWY_DYNAMIC_DISPATCH(Kernel##Float)(x, first, last);              \
  }                                                                   \
  void function(const Work<double>& x, int64_t first, int64_t last) { \
    HWY_DYNAMIC_DISPATCH(Kernel##Double)(x, first, last);             \
  }

/// Beside `template <typename T> const Kernels<T>* Table()`, for each processor.
#define UC_TABLES_OF_BOTH(Kernels)                              \
  const Kernels<float>* FloatTable() { return Table<float>(); } \
  const Kernels<double>* DoubleTable() { return Table<double>(); }

/// `template <typename T> const Kernels<T>& function()` for both, in namespace uc, once.
#define UC_DISPATCH_TABLES(function, Kernels)    \
  HWY_EXPORT(FloatTable);                        \
  HWY_EXPORT(DoubleTable);                       \
  template <>                                    \
  const Kernels<float>& function<float>() {      \
    return *HWY_DYNAMIC_DISPATCH(FloatTable)();  \
  }                                              \
  template <>                                    \
  const Kernels<double>& function<double>() {    \
    return *HWY_DYNAMIC_DISPATCH(DoubleTable)(); \
  }
