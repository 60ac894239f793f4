// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/tiles.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace uc {

namespace {

int64_t bytesOf(const MapResult& tile) {
  return std::visit([](const auto& m) { return static_cast<int64_t>(m.values.size() * sizeof(m.values[0])); },
                    tile.values);
}

/// Whether any query of the rows attends to any key of the columns; both half open.
bool hasAttended(Attended attended, const TokenRange& rows, const TokenRange& cols) {
  if (attended == Attended::Earlier) return cols.begin < rows.end;
  return attended == Attended::All || cols.end > rows.begin;
}

/// Tiles along one axis that hold the tokens of [from, from + size), half open.
std::pair<int64_t, int64_t> tileRange(double from, double size, int64_t side, int64_t tokens) {
  const int64_t count = (tokens + side - 1) / side;
  const auto tile = [side](double token) { return token / static_cast<double>(side); };
  const auto begin = static_cast<int64_t>(std::floor(tile(std::max(0.0, from))));
  const auto end = static_cast<int64_t>(std::ceil(tile(from + size)));
  return {std::clamp<int64_t>(begin, 0, count), std::clamp<int64_t>(end, 0, count)};
}

template <typename T>
void copyCells(const MatrixOf<T>& from, const MapResult& tile, const MapResult& into, MatrixOf<T>& to) {
  const int64_t pool = tile.pool;
  const int64_t top = std::max(tile.row0, into.row0), left = std::max(tile.col0, into.col0);
  const int64_t bottom = std::min(tile.row1, into.row1), right = std::min(tile.col1, into.col1);
  if (top >= bottom || left >= right) return;
  const int64_t width = (right - left + pool - 1) / pool;
  for (int64_t t = top; t < bottom; t += pool) {
    const T* source = from.row((t - tile.row0) / pool) + (left - tile.col0) / pool;
    std::copy_n(source, width, to.row((t - into.row0) / pool) + (left - into.col0) / pool);
  }
}

}  // namespace

MapPart tilePart(const TileKey& key, int64_t tokens) {
  const int64_t side = key.tokens();
  const auto range = [&](int64_t tile) {
    return TokenRange{tile * side, std::min((tile + 1) * side, tokens)};
  };
  return {range(key.row), range(key.col), key.pool(), key.pooling};
}

int tileLevel(double tokensPerPixel) {
  int level = 0;
  while (std::ldexp(1.0, level) < tokensPerPixel * (1.0 - 1e-9) && level < 40) ++level;
  return level;
}

std::vector<TileKey> tilesIn(const Viewport& viewport, int64_t tokens, Attended attended, const TileKey& like,
                             int64_t margin) {
  const int64_t side = like.tokens(), count = (tokens + side - 1) / side;
  const auto [row0, row1] = tileRange(viewport.top, viewport.height, side, tokens);
  const auto [col0, col1] = tileRange(viewport.left, viewport.width, side, tokens);
  if (row0 >= row1 || col0 >= col1) return {};
  struct Spot {
    TileKey key;
    bool isBehind = false;
    double distance = 0.0;
  };
  const double middleRow = (viewport.top + viewport.height / 2.0) / static_cast<double>(side) - 0.5;
  const double middleCol = (viewport.left + viewport.width / 2.0) / static_cast<double>(side) - 0.5;
  std::vector<Spot> spots;
  for (int64_t row = std::max<int64_t>(row0 - margin, 0); row < std::min(row1 + margin, count); ++row) {
    for (int64_t col = std::max<int64_t>(col0 - margin, 0); col < std::min(col1 + margin, count); ++col) {
      TileKey key = like;
      key.row = row, key.col = col;
      const MapPart part = tilePart(key, tokens);
      if (!hasAttended(attended, part.rows, part.cols)) continue;
      const bool isSeen = row0 <= row && row < row1 && col0 <= col && col < col1;
      spots.push_back(
          {key, !isSeen,
           std::hypot(static_cast<double>(row) - middleRow, static_cast<double>(col) - middleCol)});
    }
  }
  std::stable_sort(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) {
    return std::pair(a.isBehind, a.distance) < std::pair(b.isBehind, b.distance);
  });
  std::vector<TileKey> result;
  for (const Spot& spot : spots) result.push_back(spot.key);
  return result;
}

std::optional<MapResult> composed(const std::vector<TilePointer>& tiles, TokenRange rows, TokenRange cols) {
  if (tiles.empty()) return std::nullopt;
  MapResult result = *tiles.front();
  result.row0 = rows.begin, result.row1 = rows.end, result.col0 = cols.begin, result.col1 = cols.end;
  result.seconds = 0.0;
  const int64_t pool = result.pool, side = kTileCells * pool;
  const auto cells = [pool](const TokenRange& range) { return (range.end - range.begin + pool - 1) / pool; };
  for (int64_t top = rows.begin / side * side; top < rows.end; top += side) {
    for (int64_t left = cols.begin / side * side; left < cols.end; left += side) {
      const bool isThere = std::any_of(tiles.begin(), tiles.end(), [&](const TilePointer& tile) {
        return tile->row0 == top && tile->col0 == left;
      });
      const TokenRange seenRows{std::max(top, rows.begin), std::min(top + side, rows.end)};
      const TokenRange seenCols{std::max(left, cols.begin), std::min(left + side, cols.end)};
      if (!isThere && hasAttended(result.attended, seenRows, seenCols)) return std::nullopt;
    }
  }
  std::visit(
      [&](auto& values) {
        using Values = std::decay_t<decltype(values)>;
        values = Values(cells(rows), cells(cols));
        for (const TilePointer& tile : tiles)
          copyCells(std::get<Values>(tile->values), *tile, result, values);
      },
      result.values);
  for (const TilePointer& tile : tiles) {
    result.seconds += tile->seconds;
    result.stride = std::max(result.stride, tile->stride);
    for (const std::string& notice : tile->notices) {
      if (std::find(result.notices.begin(), result.notices.end(), notice) == result.notices.end())
        result.notices.push_back(notice);
    }
  }
  return result;
}

// ---- the cache

TilePointer TileCache::find(const TileKey& key) {
  const auto found = m_entries.find(key);
  if (found == m_entries.end()) return nullptr;
  m_order.splice(m_order.begin(), m_order, found->second);
  return found->second->tile;
}

TilePointer TileCache::peek(const TileKey& key) const {
  const auto found = m_entries.find(key);
  return found == m_entries.end() ? nullptr : found->second->tile;
}

void TileCache::insert(const TileKey& key, TilePointer tile) {
  if (const auto found = m_entries.find(key); found != m_entries.end()) {
    m_bytes -= bytesOf(*found->second->tile);
    m_order.erase(found->second);
    m_entries.erase(found);
  }
  m_bytes += bytesOf(*tile);
  m_order.push_front({key, std::move(tile)});
  m_entries[key] = m_order.begin();
  while (m_bytes > m_budget && m_order.size() > 1) {
    m_bytes -= bytesOf(*m_order.back().tile);
    m_entries.erase(m_order.back().key);
    m_order.pop_back();
  }
}

size_t TileCache::room() const {
  constexpr auto kTileBytes = static_cast<int64_t>(kTileCells * kTileCells * sizeof(double));
  return static_cast<size_t>(std::max<int64_t>(m_budget / kTileBytes, 1));
}

void TileCache::clear() {
  m_order.clear();
  m_entries.clear();
  m_bytes = 0;
}

// ---- the server

std::vector<TileKey> TileServer::want(std::vector<TileKey> keys) {
  m_wanted = std::move(keys);
  // More than are kept would be computed over and over.
  m_wanted.resize(std::min(m_wanted.size(), m_cache.room()));
  for (auto key = m_wanted.rbegin(); key != m_wanted.rend(); ++key) m_cache.find(*key);
  std::vector<TileKey> stale;
  for (const TileKey& key : m_running) {
    if (std::find(m_wanted.begin(), m_wanted.end(), key) == m_wanted.end()) stale.push_back(key);
  }
  for (const TileKey& key : stale) m_running.erase(std::find(m_running.begin(), m_running.end(), key));
  return stale;
}

std::optional<TileKey> TileServer::next() {
  const auto isOpen = [this](const TileKey& key) {
    return !m_cache.has(key) && m_failed.count(key) == 0 &&
           std::find(m_running.begin(), m_running.end(), key) == m_running.end();
  };
  const auto found = std::find_if(m_wanted.begin(), m_wanted.end(), isOpen);
  if (found == m_wanted.end()) return std::nullopt;
  m_running.push_back(*found);
  return *found;
}

void TileServer::arrived(const TileKey& key, TilePointer tile) {
  m_running.erase(std::remove(m_running.begin(), m_running.end(), key), m_running.end());
  m_cache.insert(key, std::move(tile));
  ++m_computed;
}

void TileServer::failed(const TileKey& key) {
  m_running.erase(std::remove(m_running.begin(), m_running.end(), key), m_running.end());
  m_failed.insert(key);
}

std::vector<TileKey> TileServer::clear() {
  m_cache.clear();
  m_wanted.clear();
  m_failed.clear();
  return std::exchange(m_running, {});
}

}  // namespace uc
