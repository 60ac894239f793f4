// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/tiled_map.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

constexpr int64_t kTileBudget = int64_t{256} << 20;
constexpr size_t kMostDressed = 192;
constexpr int64_t kProbes = 5;   // along the diagonal
constexpr int kMostInFrame = 4;  // tiles; each takes about half a millisecond to dress and to color

QString words(const char* text) { return QCoreApplication::translate("TiledMap", text); }

ValueRange united(const ValueRange& a, const ValueRange& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

bool holds(const MapGrid& grid, const Cell& cell) {
  return grid.row0 <= cell.row && cell.row < grid.row1 && grid.col0 <= cell.col && cell.col < grid.col1;
}

}  // namespace

Matrix floatValues(const AnyMatrix& values) {
  if (const auto* matrix = std::get_if<Matrix>(&values)) return *matrix;
  const auto& wide = std::get<Matrix64>(values);
  Matrix result(wide.rows, wide.cols);
  std::transform(wide.values.begin(), wide.values.end(), result.values.begin(),
                 [](double v) { return static_cast<float>(v); });
  return result;
}

MapGrid gridOf(const MapResult& map) {
  return {map.row0,
          map.row1,
          map.col0,
          map.col1,
          map.pool,
          map.attended == Attended::Earlier,
          map.attended == Attended::Later};
}

TiledMap::TiledMap() : m_server(kTileBudget) {}

void TiledMap::clear() {
  m_server.clear();
  m_map.reset();
  m_whole.reset();
  m_content.reset();
  m_level.reset();
  m_visible.clear();
  m_isCovered = m_hidesContent = false;
  m_tiles.clear();
  m_dressed.clear();
  m_extents.clear();
}

void TiledMap::setWhole(std::shared_ptr<const MapResult> map, std::shared_ptr<const HeatmapContent> content,
                        const Display& display, bool timesInput, int64_t tokens) {
  const bool isSame = m_map == map && m_display.normalization == display.normalization;
  m_map = std::move(map);
  m_whole = m_content = std::move(content);
  m_display = display;
  m_timesInput = timesInput;
  m_tokens = tokens;
  m_tiles.clear();
  m_dressed.clear();
  m_isCovered = m_hidesContent = false;
  if (isSame) return;
  m_extents.clear();
  m_basis = basisOf(m_whole->map, m_whole->grid, display.normalization);
}

TileKey TiledMap::like(int level) const {
  const Pooling pooling = level > 0 ? m_map->pooling : Pooling::Mean;  // single entries are the same in both
  return {m_map->id, m_timesInput, pooling, level, 0, 0};
}

// Where maps are strongest: along the diagonal, and at the first key, which many lanes never forget.
std::vector<TileKey> TiledMap::probes(int level) const {
  TileKey key = like(level);
  const int64_t last = (m_tokens - 1) / key.tokens();
  std::vector<TileKey> result;
  for (int64_t i = 0; i < kProbes; ++i) {
    key.row = key.col = last * i / (kProbes - 1);
    if (result.empty() || !(result.back() == key)) result.push_back(key);
  }
  key.row = m_map->attended == Attended::Later ? 0 : last;
  key.col = last - key.row;
  result.push_back(key);
  return result;
}

std::vector<TileKey> TiledMap::look(const Viewport& viewport, double plotPixels) {
  const auto all = static_cast<double>(m_tokens);
  m_viewport = viewport.isWhole() ? Viewport{0.0, 0.0, all, all} : viewport;
  const int level = tileLevel(std::max(m_viewport.width, m_viewport.height) / std::max(plotPixels, 1.0));
  // Tiles hardly finer than the picture are not worth their time.
  m_level = (int64_t{3} << level) <= 2 * m_map->pool ? std::optional(level) : std::nullopt;
  m_visible.clear();
  if (!m_level) return stop();
  m_visible = tilesIn(m_viewport, m_tokens, m_map->attended, like(level), 0);
  std::vector<TileKey> wanted = m_visible;
  if (!m_display.range && m_extents.count(level) == 0) {
    const std::vector<TileKey> few = probes(level);
    wanted.insert(wanted.end(), few.begin(), few.end());
  }
  // Those of one lane take no time: they are there before one gets to them.
  const int64_t margin = m_map->id.lanes.kind == LaneChoice::Kind::Lane ? 1 : 0;
  const std::vector<TileKey> around = tilesIn(m_viewport, m_tokens, m_map->attended, like(level), margin);
  const auto behind = std::min(m_visible.size(), around.size());
  wanted.insert(wanted.end(), around.begin() + static_cast<std::ptrdiff_t>(behind), around.end());
  return m_server.want(std::move(wanted));
}

std::vector<TileKey> TiledMap::stop() { return m_server.want({}); }

std::shared_ptr<const HeatmapContent> TiledMap::dressed(const TileKey& key) {
  const TilePointer tile = m_server.cache().find(key);
  if (tile == nullptr) return nullptr;
  std::shared_ptr<const HeatmapContent>& content = m_dressed[key];
  if (content != nullptr) return content;
  auto made = std::make_shared<HeatmapContent>();
  made->map = floatValues(tile->values);
  made->grid = gridOf(*tile);
  made->shown = normalized(made->map, made->grid, tile->isUnsigned);
  made->scale = m_content->scale;
  made->showGrid = m_content->showGrid;
  content = std::move(made);
  return content;
}

std::shared_ptr<const HeatmapContent> TiledMap::dressedInTime(const TileKey& key) {
  if (m_dressed.count(key) == 0 && m_server.cache().has(key)) {
    if (m_mayDress == 0) {
      m_owesTiles = true;
      return nullptr;
    }
    --m_mayDress;
  }
  return dressed(key);
}

std::optional<ValueRange> TiledMap::extentOf(int level) {
  if (const auto known = m_extents.find(level); known != m_extents.end()) return known->second;
  const bool isTrimmed = m_whole->isTrimmed && level > 0;  // single entries are all told apart
  HeatmapTiles known;
  for (const TileKey& key : probes(level)) {
    known.push_back(dressedInTime(key));
    if (known.back() == nullptr) return std::nullopt;
  }
  ValueRange extent = isTrimmed ? m_whole->scale.range() : m_whole->shown.extent;
  for (const auto& tile : known)
    extent = united(extent, isTrimmed ? trimmedExtent(tile->shown, tile->grid) : tile->shown.extent);
  return m_extents[level] = extent;
}

bool TiledMap::takeScale(const ColorScale& scale) {
  if (scale == m_content->scale) return false;
  auto content = std::make_shared<HeatmapContent>(*m_whole);
  content->scale = scale;
  content->isTrimmed = m_whole->isTrimmed && m_level != 0;
  m_content = std::move(content);
  m_dressed.clear();
  return true;
}

bool TiledMap::dress() {
  m_mayDress = kMostInFrame;
  m_owesTiles = false;
  bool isOther = false;
  if (!m_level) {
    isOther = takeScale(m_whole->scale);
  } else if (const auto extent = m_display.range ? std::nullopt : extentOf(*m_level)) {
    Display display = m_display;
    // what the picture does not have may be larger than all that it has
    if (display.normalization == Normalization::MinMax)
      display.range = ValueRange{0.0, std::max(1.0, extent->high)};
    isOther = takeScale(ColorScale(display, m_whole->shown.isSigned, *extent));
  }
  if (m_dressed.size() > kMostDressed) {
    std::erase_if(m_dressed, [this](const auto& entry) {
      return std::find(m_visible.begin(), m_visible.end(), entry.first) == m_visible.end();
    });
  }
  m_tiles.clear();
  m_mayDress = kMostInFrame;
  std::vector<TileKey> missing;
  for (const TileKey& key : m_visible) {
    if (auto content = dressedInTime(key))
      m_tiles.push_back(std::move(content));
    else
      missing.push_back(key);
  }
  m_isCovered = m_level.has_value() && missing.empty();
  m_mayDress = kMostInFrame;  // a few coarser ones stand for many
  HeatmapTiles coarse;
  m_hidesContent = m_level.has_value();
  for (const TileKey& key : missing) m_hidesContent &= addCoarser(key, coarse);
  std::stable_sort(coarse.begin(), coarse.end(),
                   [](const auto& a, const auto& b) { return a->grid.pool > b->grid.pool; });
  m_tiles.insert(m_tiles.begin(), coarse.begin(), coarse.end());
  return isOther;
}

bool TiledMap::addCoarser(const TileKey& missing, HeatmapTiles& tiles) {
  TileKey key = missing;
  key.pooling = m_map->pooling;
  for (++key.level; key.pool() < m_map->pool; ++key.level) {
    key.row /= 2;
    key.col /= 2;
    auto content = dressedInTime(key);
    if (content == nullptr) continue;
    if (std::find(tiles.begin(), tiles.end(), content) == tiles.end()) tiles.push_back(std::move(content));
    return true;
  }
  return false;
}

std::optional<MapResult> TiledMap::shownMap() const {
  if (!m_isCovered) return std::nullopt;
  const int64_t cell = pool();
  const auto range = [&](double from, double size) {
    const auto begin = std::max<int64_t>(0, static_cast<int64_t>(std::floor(from)) / cell * cell);
    return TokenRange{begin, std::min(m_tokens, static_cast<int64_t>(std::ceil(from + size)))};
  };
  std::vector<TilePointer> tiles;
  for (const TileKey& key : m_visible)
    if (const auto tile = m_server.cache().peek(key)) tiles.push_back(tile);
  return composed(tiles, range(m_viewport.top, m_viewport.height), range(m_viewport.left, m_viewport.width));
}

ShownMap TiledMap::normalized(const Matrix& values, const MapGrid& grid, bool isUnsigned) const {
  return normalizePart(values, grid, isUnsigned, m_display.normalization, m_basis);
}

const HeatmapContent& TiledMap::contentAt(const Cell& cell) const {
  const auto found = std::find_if(m_tiles.rbegin(), m_tiles.rend(),
                                  [&](const auto& tile) { return holds(tile->grid, cell); });
  return found == m_tiles.rend() ? *m_content : **found;
}

QString TiledMap::detail() const {
  const auto level = [](const MapResult& map) {
    const QString scale = QStringLiteral("1 : %1").arg(map.pool);
    const bool isLargest = map.pooling == Pooling::MaxAbs;
    if (map.stride > 1)
      return scale +
             (isLargest ? words(", max |α| sampled 1 : %1") : words(", sampled 1 : %1")).arg(map.stride);
    if (map.pool == 1) return scale + words(", exact");
    return scale + (isLargest ? words(", exact max |α|") : words(", exact mean"));
  };
  if (m_isCovered && !m_visible.empty()) {
    if (const auto tile = m_server.cache().peek(m_visible.front())) return level(*tile);
  }
  return m_level && !m_isCovered ? level(*m_map) + words(", finer on its way") : level(*m_map);
}

}  // namespace uc
