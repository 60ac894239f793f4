// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/feedback.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace uc {

/// How many threads the loops below use. Set once, before work (engine/device.h does); 0: as many as the
/// machine has.
void setThreadCount(int count);
int threadCount();

/// A piece of work: `item` counts from 0, `worker` is below threadCount() and never runs two pieces at a
/// time, so that it may index scratch space.
using Work = std::function<void(int64_t item, int64_t worker)>;

/// Runs work(item) for every item in [0, count) on several threads, the calling one among them, and
/// merge(item) right after it on the same worker, one at a time and in the order of items. What is merged is
/// therefore the same whatever the number of threads. Threads flush denormal numbers to zero while they work.
///
/// Returns when all is done. When a stop is requested, no further piece begins and Cancelled is thrown; long
/// pieces may ask feedback.isCancelled() or call checkpoint() themselves. What a piece throws ends the others
/// in the same way and is thrown on the calling thread: a Failure as it is, std::bad_alloc too, anything else
/// as a Failure. With a `stage`, the calling thread reports progress; callbacks run nowhere else.
void parallelInOrder(int64_t count, const Work& work, const Work& merge, std::string_view stage,
                     const Feedback& feedback);

/// The same with nothing to merge: pieces that write to places of their own.
void parallelFor(int64_t count, const Work& work, std::string_view stage, const Feedback& feedback);

/// How many workers a loop over `count` items gets: for sizing scratch space.
int64_t workersFor(int64_t count);

}  // namespace uc
