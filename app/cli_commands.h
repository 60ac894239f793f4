// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/cli_output.h"

#include <memory>
#include <vector>

namespace uc {

// One function a command; each prints its result and throws Failure or Cancelled.
void runVersion(const Arguments& arguments);
void runDevices(const Arguments& arguments);
void runInfo(const Arguments& arguments, Console& console);
void runTokens(const Arguments& arguments, Console& console);
void runPredict(const Arguments& arguments, Console& console);
void runVerify(const Arguments& arguments, Console& console);
void runBench(const Arguments& arguments, Console& console);
void runMap(const Arguments& arguments, Console& console);
void runStatistics(const Arguments& arguments, Console& console);

/// Opens the model that `arguments` name and shows its notices.
std::shared_ptr<const Engine> openEngine(const Arguments& arguments, Console& console);

/// The input of `arguments`: files are read here.
Input readInput(const Arguments& arguments);

/// The input's run, with its notices shown; a long one's layers are run when they are asked for. Refuses an
/// input of no tokens.
RunHandle runInput(const Arguments& arguments, const Engine& engine, Console& console);

}  // namespace uc
