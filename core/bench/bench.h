// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/feedback.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace uc::bench {

/// What this program does how fast, each row beside a baseline and a limit that are measured in the same run
/// (docs/performance.md). Runs on the calling thread, which uses the threads of parallel.h.

/// What bounds a row on this machine: see rates.h.
enum class Limit { None, MatrixProduct, MemoryStream, Exponentials };

/// Does a row's work once and returns the seconds that it took; scaled to the whole when it did a part.
using Timed = std::function<double(const Feedback&)>;

class Supplies;

/// Makes what a row's work needs, which is not timed.
using Prepare = std::function<Timed(Supplies&, const Feedback&)>;

struct Row {
  std::string name;  // short and stable: what --only takes
  std::string title = {};
  Limit limit = Limit::None;
  double amount = 0.0;  // of the limit's unit in one run: FLOPs, bytes, exponentials
  Prepare ours;
  std::string baseline = {};      // what it is compared with; empty: nothing
  std::string baselinePart = {};  // which part of it is done unless the bench is full
  Prepare baselineWork = nullptr;
  bool isLong = false;   // left out unless the bench is full or the row is asked for
  bool isOnce = false;   // a repetition does it once, however short it is
  bool isWorst = false;  // the worst of the repetitions counts, not the best
};

struct Result {
  std::string name, title;
  double seconds = 0.0;
  std::string baseline;
  std::optional<double> baselineSeconds;
  std::optional<double> ratio;  // of the baseline's time to ours
  Limit limit = Limit::None;
  std::optional<double> limitShare;  // of the limit's time in ours: 1 is as fast as the machine can
  double memoryMb = 0.0;             // growth of the resident memory's peak while our work ran
};

struct Report {
  std::vector<std::pair<std::string, std::string>> machine;  // program, libraries, processor, compiler
  int threads = 0;
  double matrixGflops = 0.0, memoryGbPerSecond = 0.0, exponentialsGPerSecond = 0.0;  // 0: not needed
  std::vector<Result> results;
};

std::string_view name(Limit limit);  // "sgemm", "memory", "exp"; None: ""

const std::vector<Row>& allRows();

/// The row of that name, else all whose names begin so; nothing: none does. An empty name: all but the long
/// ones, which a full bench has too.
std::vector<Row> chosenRows(const std::string& only, bool isFull);

/// For messages: the first words of the names, which --only takes too ("mean, unified, …"). All names would
/// be longer than a message may be.
std::string rowBeginnings();
/// For --help: a line each.
std::string rowHelp();

/// Measures the rows one after the other by Google Benchmark: three repetitions each of ours and of the
/// baseline, of which the fastest counts. Progress names the rows. Throws Cancelled between two repetitions
/// or within.
Report measure(const std::vector<Row>& rows, bool isFull, const Feedback& feedback);

}  // namespace uc::bench
