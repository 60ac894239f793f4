// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/attention/crossings.h"
#include "core/attention/factor_view.h"
#include "core/attention/kernels.h"
#include "core/attention/tile_kernels.h"

#include <algorithm>
#include <cstdint>
#include <memory>

namespace uc {

/// Columns [col0, colEnd) of α, wanted for rows before `rowEnd`. Empty when no such row is at or below col0.
struct Panel {
  int64_t col0 = 0, colEnd = 0;
  int64_t rowEnd = 0;
  int64_t width() const { return std::max<int64_t>(colEnd - col0, 0); }
};

/// The columns that a panel has of one block of tokens.
struct BlockColumns {
  BlockColumns(const Panel& panel, int64_t block)
      : begin(std::max(panel.col0, block * kBlockTokens)),
        end(std::min(panel.colEnd, (block + 1) * kBlockTokens)) {}
  int64_t begin, end;
  int64_t count() const { return end - begin; }
};

/// What a tile does for its lane on the way: α + S, times Z.
template <typename T>
struct LaneFold {
  const T* columnScale = nullptr;  // Z of each column of the panel; null: 1
  T skip = T(0);                   // S
};

/// Dense rows of R⁻¹α of one scan over a panel of columns; one implementation for each ScanKind. Below the
/// diagonal block they are products U V of two factors that meet at a reference token between row and column
/// (mathematics.md §3.1): no exponent is positive, and everything is accumulated away from the reference, so
/// that a NaN reaches exactly the entries that it belongs to.
///
/// Scratch space that is used again and again: setPanel, then setScan, then fill, in this nesting. One
/// thread.
template <typename T>
class ScanTile {
 public:
  explicit ScanTile(const FactorView<T>& view)
      : m_view(view), m_kernels(kernels<T>()), m_tileKernels(tileKernels<T>()) {}
  virtual ~ScanTile() = default;
  ScanTile(const ScanTile&) = delete;
  ScanTile& operator=(const ScanTile&) = delete;

  virtual void setPanel(const Panel& panel) { m_panel = panel; }

  /// `lane`: of the scan's only lane, where `foldsLane`; nothing otherwise.
  virtual void setScan(int64_t scan, const LaneFold<T>& lane) = 0;

  /// Rows [row0, row1), which lie in one block of tokens, into out [row1 − row0, panel width]: the columns up
  /// to the diagonal; what lies above is left as it is.
  virtual void fill(int64_t row0, int64_t row1, T* out) = 0;

 protected:
  static int64_t blockOf(int64_t token) { return token / kBlockTokens; }
  /// The end of the columns whose block lies wholly before the last block of rows.
  int64_t farEnd() const { return std::min(m_panel.colEnd, blockOf(m_panel.rowEnd - 1) * kBlockTokens); }

  const FactorView<T>& m_view;
  const Kernels<T>& m_kernels;
  const TileKernels<T>& m_tileKernels;
  Panel m_panel;
};

/// The tile of the view's kind. `view` and `crossings` must outlive it.
template <typename T>
std::unique_ptr<ScanTile<T>> makeScanTile(const FactorView<T>& view, const Crossings<T>& crossings);

/// Whether the tile of this view gives (α + S) Z of its lane: a scan with one lane, where Z costs nothing and
/// S is added in double.
template <typename T>
bool foldsLane(const FactorView<T>& view) {
  return view.kind == ScanKind::Decay && view.scans == view.lanes;
}

// The implementations, each in its own file.
template <typename T>
std::unique_ptr<ScanTile<T>> makeDecayTile(const FactorView<T>& view, const Crossings<T>& crossings);
template <typename T>
std::unique_ptr<ScanTile<T>> makeLogSumTile(const FactorView<T>& view);
template <typename T>
std::unique_ptr<ScanTile<T>> makeDeltaRuleTile(const FactorView<T>& view, const Crossings<T>& crossings);
template <typename T>
std::unique_ptr<ScanTile<T>> makeSoftmaxTile(const FactorView<T>& view);

}  // namespace uc
