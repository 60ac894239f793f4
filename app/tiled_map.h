// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/engine/tiles.h"
#include "widgets/paint/heatmap_painter.h"

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace uc {

/// One map of a long input as the window shows it: a pooled picture of all of it, and tiles on that where one
/// looks closer. Says which tiles are wanted, and dresses those that are there in the picture's colors, which
/// stay the same while one pans: what a normalization needs of the whole map comes from the picture, and the
/// range of a level from the picture and a few tiles that do not depend on where one looks. Computes nothing
/// itself. GUI thread.
class TiledMap {
 public:
  TiledMap();

  /// Another run: nothing that was computed counts any more.
  void clear();
  /// The pooled picture and how it is shown. Tiles of its map that are known are kept.
  void setWhole(std::shared_ptr<const MapResult> map, std::shared_ptr<const HeatmapContent> content,
                const Display& display, bool timesInput, int64_t tokens);
  bool isEmpty() const { return m_map == nullptr; }
  /// Where one looks, on a plot of so many pixels along the longer side. Returns the tiles under way that are
  /// not wanted any more.
  std::vector<TileKey> look(const Viewport& viewport, double plotPixels);
  /// Wants no tile; returns those under way.
  std::vector<TileKey> stop();

  TileServer& server() { return m_server; }
  const TileServer& server() const { return m_server; }
  /// A tile has arrived, or one looks elsewhere: chooses what is shown. True when `content` is another one
  /// than before, in the range of another level. Dresses only as many tiles as fit into a frame; coarser ones
  /// lie in the place of the others until the next call.
  bool dress();
  bool owesTiles() const { return m_owesTiles; }  // some that are there are not dressed yet

  const std::shared_ptr<const HeatmapContent>& content() const { return m_content; }
  const HeatmapTiles& tiles() const { return m_tiles; }
  int64_t pool() const { return m_level ? int64_t{1} << *m_level : 0; }  // 0: the picture alone is shown
  bool isCovered() const { return m_isCovered; }
  bool hidesContent() const { return m_hidesContent; }  // by tiles of any level
  /// The part of the map that is looked at, cut to whole cells; nothing while one of its tiles is missing or
  /// the picture alone is shown.
  std::optional<MapResult> shownMap() const;
  /// Values of a part as they are shown.
  ShownMap normalized(const Matrix& values, const MapGrid& grid, bool isUnsigned) const;
  /// The finest content that holds a cell.
  const HeatmapContent& contentAt(const Cell& cell) const;
  /// "1 : 4, exact mean".
  QString detail() const;

 private:
  TileKey like(int level) const;
  std::vector<TileKey> probes(int level) const;
  std::shared_ptr<const HeatmapContent> dressed(const TileKey& key);
  std::shared_ptr<const HeatmapContent> dressedInTime(const TileKey& key);
  bool addCoarser(const TileKey& missing, HeatmapTiles& tiles);
  std::optional<ValueRange> extentOf(int level);
  bool takeScale(const ColorScale& scale);

  TileServer m_server;
  std::shared_ptr<const MapResult> m_map;
  std::shared_ptr<const HeatmapContent> m_whole, m_content;  // as given; in the scale that is shown
  Display m_display;
  NormalizationBasis m_basis;
  bool m_timesInput = false;
  int64_t m_tokens = 0;

  Viewport m_viewport;
  std::optional<int> m_level;      // of the tiles
  std::vector<TileKey> m_visible;  // of that level
  bool m_isCovered = false, m_hidesContent = false;
  int m_mayDress = 0;  // more in this frame
  bool m_owesTiles = false;
  HeatmapTiles m_tiles;
  std::unordered_map<TileKey, std::shared_ptr<const HeatmapContent>, TileKeyHash> m_dressed;
  std::map<int, ValueRange> m_extents;  // of levels whose range is known
};

/// A map's values as floats, and the tokens that its cells stand for.
Matrix floatValues(const AnyMatrix& values);
MapGrid gridOf(const MapResult& map);

}  // namespace uc
