// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/tiles.h"

#include "core/engine/jobs.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

namespace uc {
namespace {

constexpr int64_t kTileBytes = kTileCells * kTileCells * 4;

TileKey keyAt(int64_t row, int64_t col, int level = 0) {
  TileKey key;
  key.level = level;
  key.row = row, key.col = col;
  return key;
}

/// A value that names the entry.
float entry(int64_t t, int64_t s) { return static_cast<float>(t) + static_cast<float>(s) / 65536.0F; }

/// What an engine would give for the tile's part, of an input of `tokens` tokens.
TilePointer tileOf(const TileKey& key, int64_t tokens) {
  const MapPart part = tilePart(key, tokens);
  MapResult tile;
  tile.row0 = part.rows.begin, tile.row1 = part.rows.end;
  tile.col0 = part.cols.begin, tile.col1 = part.cols.end;
  tile.pool = part.pool;
  Matrix values((tile.row1 - tile.row0 + part.pool - 1) / part.pool,
                (tile.col1 - tile.col0 + part.pool - 1) / part.pool);
  for (int64_t i = 0; i < values.rows; ++i)
    for (int64_t j = 0; j < values.cols; ++j)
      values.at(i, j) = entry(tile.row0 + i * part.pool, tile.col0 + j * part.pool);
  tile.values = std::move(values);
  return std::make_shared<const MapResult>(std::move(tile));
}

TilePointer wholeTile() { return tileOf(keyAt(0, 0), 10 * kTileCells); }

// ---- which tiles

TEST(Tiles, KeysDifferInEverythingThatDecidesTheValues) {
  const TileKey key = keyAt(1, 2);
  std::vector<TileKey> others(9, key);
  others[0].id.layer = 1;
  others[1].id.lanes.index = 1;
  others[2].id.factors = named(Convention::Exact);
  others[3].id.direction = Direction::Forward;
  others[4].timesInput = true;
  others[5].pooling = Pooling::MaxAbs;
  others[6].level = 1;
  others[7].row = 2;
  others[8].col = 1;
  for (const TileKey& other : others) EXPECT_FALSE(other == key);
  EXPECT_EQ(keyAt(1, 2), key);
  EXPECT_EQ(TileKeyHash()(keyAt(1, 2)), TileKeyHash()(key));
}

TEST(Tiles, TheLevelIsTheFinestWhoseCellsAreNoSmallerThanAPixel) {
  EXPECT_EQ(tileLevel(0.1), 0);
  EXPECT_EQ(tileLevel(1.0), 0);
  EXPECT_EQ(tileLevel(1.01), 1);
  EXPECT_EQ(tileLevel(2.0), 1);
  EXPECT_EQ(tileLevel(60.0), 6);
}

TEST(Tiles, TheLastTileEndsWithTheMap) {
  EXPECT_EQ(tilePart(keyAt(1, 0), 300), (MapPart{{256, 300}, {0, 256}, 1}));
  EXPECT_EQ(tilePart(keyAt(0, 0, 3), 300), (MapPart{{0, 300}, {0, 300}, 8}));
  EXPECT_EQ(tilePart(keyAt(2, 1, 2), 5000), (MapPart{{2048, 3072}, {1024, 2048}, 4}));
}

TEST(Tiles, TheMiddleComesFirstAndTheMarginLast) {
  const Viewport viewport{2600, 40000, 900, 900};  // tiles 10 … 13 by 156 … 159
  const auto keys = tilesIn(viewport, 65536, Attended::Earlier, keyAt(0, 0), 1);
  ASSERT_EQ(keys.size(), 36U);
  EXPECT_EQ(keys[0], keyAt(158, 11));
  std::set<std::pair<int64_t, int64_t>> seen;
  for (size_t i = 0; i < 16; ++i) seen.insert({keys[i].row, keys[i].col});
  EXPECT_EQ(*seen.begin(), std::make_pair(int64_t{156}, int64_t{10}));
  EXPECT_EQ(*seen.rbegin(), std::make_pair(int64_t{159}, int64_t{13}));
  EXPECT_EQ(seen.size(), 16U);
}

TEST(Tiles, WhatIsNotAttendedIsNotAskedFor) {
  const Viewport whole{0, 0, 1024, 1024};
  EXPECT_EQ(tilesIn(whole, 1024, Attended::Earlier, keyAt(0, 0), 2).size(), 10U);
  EXPECT_EQ(tilesIn(whole, 1024, Attended::Later, keyAt(0, 0), 0).size(), 10U);
  EXPECT_EQ(tilesIn(whole, 1024, Attended::All, keyAt(0, 0), 0).size(), 16U);
  EXPECT_TRUE(tilesIn({600, 0, 200, 200}, 1024, Attended::Earlier, keyAt(0, 0), 0).empty());
  EXPECT_TRUE(tilesIn({2000, 2000, 200, 200}, 1024, Attended::All, keyAt(0, 0), 0).empty());
}

// ---- composition

TEST(Tiles, ComposeToTheMapThatTheyAreCutFrom) {
  for (const int level : {0, 2}) {
    const int64_t pool = int64_t{1} << level, tokens = 700 * pool + (level > 0 ? 3 : 0);
    std::vector<TilePointer> tiles;
    for (int64_t row = 0; row < 3; ++row)
      for (int64_t col = 0; col <= row; ++col) tiles.push_back(tileOf(keyAt(row, col, level), tokens));
    const auto map = composed(tiles, {200 * pool, tokens}, {10 * pool, 600 * pool});
    ASSERT_TRUE(map) << level;
    const auto& values = std::get<Matrix>(map->values);
    ASSERT_EQ(values.rows, (tokens - 200 * pool + pool - 1) / pool);
    ASSERT_EQ(values.cols, 590);
    EXPECT_EQ(map->pool, pool);
    for (int64_t i = 0; i < values.rows; ++i) {
      const int64_t t = (200 + i) * pool;
      for (int64_t j = 0; j < values.cols; ++j) {
        const int64_t s = (10 + j) * pool;
        const bool hasTile = s / (kTileCells * pool) <= t / (kTileCells * pool);
        ASSERT_EQ(values.at(i, j), hasTile ? entry(t, s) : 0.0F) << t << " " << s;
      }
    }
  }
}

TEST(Tiles, ComposedSayWhatEachOfThemSays) {
  const auto saying = [](int64_t row, std::vector<std::string> notices) {
    MapResult tile = *tileOf(keyAt(row, 0), 512);
    tile.notices = std::move(notices);
    return std::make_shared<const MapResult>(std::move(tile));
  };
  const auto map = composed({saying(0, {"a"}), saying(1, {"b", "a"})}, {0, 512}, {0, 256});
  ASSERT_TRUE(map);
  EXPECT_EQ(map->notices, (std::vector<std::string>{"a", "b"}));
}

TEST(Tiles, ComposeToNothingWhileOneIsMissing) {
  std::vector<TilePointer> tiles{tileOf(keyAt(0, 0), 512), tileOf(keyAt(1, 1), 512)};
  EXPECT_FALSE(composed(tiles, {0, 512}, {0, 512}));
  EXPECT_TRUE(composed(tiles, {0, 256}, {0, 512}));  // nothing is attended beside the first one
  tiles.push_back(tileOf(keyAt(1, 0), 512));
  EXPECT_TRUE(composed(tiles, {0, 512}, {0, 512}));
  EXPECT_FALSE(composed({}, {0, 1}, {0, 1}));
}

// ---- the cache

TEST(TileCache, DropsWhatWasNotUsedForLongest) {
  TileCache cache(3 * kTileBytes);
  for (int64_t col : {0, 1, 2}) cache.insert(keyAt(9, col), wholeTile());
  EXPECT_NE(cache.find(keyAt(9, 0)), nullptr);
  cache.insert(keyAt(9, 3), wholeTile());
  EXPECT_TRUE(cache.has(keyAt(9, 0)));
  EXPECT_FALSE(cache.has(keyAt(9, 1)));
  EXPECT_EQ(cache.bytes(), 3 * kTileBytes);
}

TEST(TileCache, KeepsTheNewestWhateverTheBudget) {
  TileCache cache(1);
  cache.insert(keyAt(0, 0), wholeTile());
  cache.insert(keyAt(1, 0), wholeTile());
  EXPECT_EQ(cache.size(), 1);
  EXPECT_NE(cache.find(keyAt(1, 0)), nullptr);
}

TEST(TileCache, ATileThatComesAgainIsCountedOnce) {
  TileCache cache(3 * kTileBytes);
  for (int i = 0; i < 3; ++i) cache.insert(keyAt(0, 0), wholeTile());
  EXPECT_EQ(cache.bytes(), kTileBytes);
  EXPECT_EQ(cache.size(), 1);
}

// ---- the server

constexpr int64_t kManyBytes = int64_t{1} << 26;

TEST(TileServer, GivesTheMostUrgentOneThatIsMissing) {
  TileServer server(kManyBytes);
  server.arrived(keyAt(0, 0), wholeTile());
  EXPECT_TRUE(server.want({keyAt(0, 0), keyAt(1, 0), keyAt(1, 1)}).empty());
  EXPECT_EQ(server.next(), keyAt(1, 0));
  EXPECT_EQ(server.next(), keyAt(1, 1));
  EXPECT_FALSE(server.next());
  EXPECT_FALSE(server.isIdle());
  server.arrived(keyAt(1, 0), wholeTile());
  server.failed(keyAt(1, 1));
  EXPECT_TRUE(server.isIdle());
  EXPECT_FALSE(server.next());
}

TEST(TileServer, NamesWhatIsUnderWayAndNotWantedAnyMore) {
  TileServer server(kManyBytes);
  server.want({keyAt(1, 0), keyAt(1, 1)});
  server.next();
  server.next();
  EXPECT_EQ(server.want({keyAt(1, 1), keyAt(5, 0)}), (std::vector<TileKey>{keyAt(1, 0)}));
  EXPECT_EQ(server.next(), keyAt(5, 0));
  EXPECT_EQ(server.clear().size(), 2U);
  EXPECT_FALSE(server.next());
}

TEST(TileServer, WantsNoMoreThanItKeeps) {
  TileServer server(4 * kTileBytes);  // two of doubles
  server.want({keyAt(1, 0), keyAt(2, 0), keyAt(3, 0), keyAt(4, 0)});
  int computed = 0;
  while (const auto key = server.next()) {
    server.arrived(*key, wholeTile());
    ASSERT_LE(++computed, 2);
  }
  EXPECT_EQ(computed, 2);
}

/// An owner as the window is one: computes on the job queue's worker.
TEST(TileServer, ATileThatIsNotWantedAnyMoreStopsAndTheNextOneArrives) {
  std::mutex mutex;
  std::condition_variable changed;
  bool isMail = false, hasStarted = false;
  std::atomic<bool> hasStopped = false;
  JobQueue queue([&] {
    const std::lock_guard lock(mutex);
    isMail = true;
    changed.notify_all();
  });
  TileServer server(kManyBytes);
  LatestJob running;
  const auto start = [&](const TileKey& key, bool isEndless) {
    auto result = std::make_shared<TilePointer>();
    JobQueue::Job job;
    job.work = [&, key, isEndless, result](const Feedback& feedback) {
      if (isEndless) {
        {
          const std::lock_guard lock(mutex);
          hasStarted = true;
          changed.notify_all();
        }
        try {
          for (;;) feedback.checkpoint();
        } catch (...) {
          hasStopped = true;
          throw;
        }
      }
      *result = tileOf(key, 65536);
    };
    job.done = [&, key, result] { server.arrived(key, *result); };
    running.start(queue, std::move(job));
  };
  server.want({keyAt(3, 3)});
  start(*server.next(), true);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return hasStarted; });
  }
  ASSERT_EQ(server.want({keyAt(7, 1)}).size(), 1U);
  running.cancel();
  start(*server.next(), false);
  while (!server.isIdle()) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return isMail; });
    isMail = false;
    lock.unlock();
    queue.deliver();
  }
  EXPECT_TRUE(hasStopped);
  EXPECT_FALSE(server.cache().has(keyAt(3, 3)));
  ASSERT_TRUE(server.cache().has(keyAt(7, 1)));
  EXPECT_EQ(std::get<Matrix>(server.cache().find(keyAt(7, 1))->values).at(1, 0), entry(7 * 256 + 1, 256));
}

}  // namespace
}  // namespace uc
