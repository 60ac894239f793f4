// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

namespace uc {

/// The command line, from arguments to exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted. Results
/// go to stdout, progress and errors to stderr. Starts Qt (offscreen) only to draw figures.
int runCommandLine(int argc, char** argv);

}  // namespace uc
