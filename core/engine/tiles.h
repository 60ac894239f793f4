// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/engine/engine.h"
#include "core/values/tile_key.h"
#include "core/values/view_state.h"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace uc {

// Maps too large to be held are seen through tiles. What is here are values and decisions: which tiles a
// viewport needs, which of them are kept, which comes next. No thread and no engine: its owner computes tiles
// as jobs (jobs.h) and hands them in. One thread.

using TilePointer = std::shared_ptr<const MapResult>;

/// The part of a map of `tokens` tokens that a tile holds; the last ones are cut off at the map's end.
MapPart tilePart(const TileKey& key, int64_t tokens);

/// The finest level whose cells are no smaller than a pixel that stands for so many tokens.
int tileLevel(double tokensPerPixel);

/// Keys like `like`, with its level, of the tiles that hold attended entries of the viewport, from its middle
/// outward; behind them those of `margin` more tiles on each side.
std::vector<TileKey> tilesIn(const Viewport& viewport, int64_t tokens, Attended attended, const TileKey& like,
                             int64_t margin);

/// Tiles of equal map and pool put together over the given tokens, whose begins are multiples of the pool;
/// nothing when one that holds attended entries is missing. What is not attended is 0.
std::optional<MapResult> composed(const std::vector<TilePointer>& tiles, TokenRange rows, TokenRange cols);

/// Tiles that were computed, the last used ones within a budget of bytes.
class TileCache {
 public:
  explicit TileCache(int64_t budget) : m_budget(budget) {}

  /// Counts as a use.
  TilePointer find(const TileKey& key);
  /// Does not.
  TilePointer peek(const TileKey& key) const;
  bool has(const TileKey& key) const { return m_entries.count(key) != 0; }
  /// Drops what was not used for longest until the rest fits; the newest always stays.
  void insert(const TileKey& key, TilePointer tile);
  void clear();
  size_t room() const;  // how many whole tiles of any type fit for sure, at least one
  int64_t bytes() const { return m_bytes; }
  int64_t size() const { return static_cast<int64_t>(m_entries.size()); }

 private:
  struct Entry {
    TileKey key;
    TilePointer tile;
  };
  int64_t m_budget;
  int64_t m_bytes = 0;
  std::list<Entry> m_order;  // last used first
  std::unordered_map<TileKey, std::list<Entry>::iterator, TileKeyHash> m_entries;
};

/// Decides which tile is computed next. A wish replaces the one before: what is under way for that and not
/// wanted any more is to be cancelled.
class TileServer {
 public:
  explicit TileServer(int64_t budget) : m_cache(budget) {}

  TileCache& cache() { return m_cache; }
  const TileCache& cache() const { return m_cache; }
  /// Takes over a list of tiles, the most urgent first. Returns those under way that are not among them: the
  /// owner cancels them, and they count as dropped.
  std::vector<TileKey> want(std::vector<TileKey> keys);
  /// The most urgent tile that is neither kept nor under way nor failed; it is under way from then on.
  std::optional<TileKey> next();
  void arrived(const TileKey& key, TilePointer tile);
  /// A tile that cannot be computed is not asked for again until clear().
  void failed(const TileKey& key);
  /// Forgets all tiles and wishes (another run); returns what was under way.
  std::vector<TileKey> clear();
  bool isIdle() const { return m_running.empty(); }
  int64_t computed() const { return m_computed; }

 private:
  TileCache m_cache;
  std::vector<TileKey> m_wanted;
  std::vector<TileKey> m_running;
  std::unordered_set<TileKey, TileKeyHash> m_failed;
  int64_t m_computed = 0;
};

}  // namespace uc
