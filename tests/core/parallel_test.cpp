// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

namespace uc {
namespace {

class ParallelTest : public ::testing::Test {
 protected:
  ParallelTest() { setThreadCount(4); }
  ~ParallelTest() override { setThreadCount(0); }
};

TEST_F(ParallelTest, EveryItemIsWorkedOnOnceAndMergedInOrder) {
  std::vector<std::atomic<int>> worked(500);
  std::vector<int64_t> merged;
  parallelInOrder(
      500,
      [&](int64_t item, int64_t worker) {
        EXPECT_LT(worker, workersFor(500));
        ++worked[static_cast<size_t>(item)];
      },
      [&](int64_t item, int64_t) { merged.push_back(item); }, {}, Feedback());
  for (const auto& count : worked) EXPECT_EQ(count, 1);
  ASSERT_EQ(merged.size(), 500U);
  for (int64_t i = 0; i < 500; ++i) EXPECT_EQ(merged[static_cast<size_t>(i)], i);
}

TEST_F(ParallelTest, AFailureOnAnyThreadArrivesAsItself) {
  const auto run = [](int64_t count) {
    parallelFor(
        count,
        [](int64_t item, int64_t) {
          if (item == 17) fail("It broke.", "item 17", "Mend it.");
        },
        {}, Feedback());
  };
  try {
    run(100);
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error(), (Error{"It broke.", "item 17", "Mend it."}));
  }
  EXPECT_NO_THROW(run(17));
}

TEST_F(ParallelTest, RunningOutOfMemoryArrivesAsItselfAndTheUnexpectedAsAFailure) {
  EXPECT_THROW(parallelFor(
                   9, [](int64_t, int64_t) { throw std::bad_alloc(); }, {}, Feedback()),
               std::bad_alloc);
  EXPECT_THROW(parallelFor(
                   9, [](int64_t, int64_t) { throw std::logic_error("odd"); }, {}, Feedback()),
               Failure);
}

TEST_F(ParallelTest, AfterAStopNoPieceBegins) {
  std::stop_source stop;
  const Feedback feedback(stop.get_token());
  std::atomic<int> begun{0};
  const auto work = [&](int64_t, int64_t) {
    ++begun;
    stop.request_stop();
  };
  EXPECT_THROW(parallelFor(1000, work, {}, feedback), Cancelled);
  EXPECT_LE(begun, 4);  // one for each thread
}

TEST_F(ParallelTest, ProgressIsReportedOnTheCallingThreadAndRises) {
  const auto here = std::this_thread::get_id();
  double last = 0.0;
  const Feedback feedback({}, [&](double fraction, std::string_view stage) {
    EXPECT_EQ(std::this_thread::get_id(), here);
    EXPECT_GT(fraction, last);
    EXPECT_LE(fraction, 1.0);
    EXPECT_EQ(stage, "Counting");
    last = fraction;
  });
  setThreadCount(1);
  parallelFor(
      10, [](int64_t, int64_t) {}, "Counting", feedback);
  EXPECT_EQ(last, 1.0);
  last = 0.0;
  setThreadCount(3);
  parallelFor(
      1000, [](int64_t, int64_t) {}, "Counting", feedback);
}

TEST_F(ParallelTest, ALoopOverNothingDoesNothing) {
  parallelFor(
      0, [](int64_t, int64_t) { FAIL(); }, {}, Feedback());
}

}  // namespace
}  // namespace uc
