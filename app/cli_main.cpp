// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli.h"

int main(int argc, char** argv) { return uc::runCommandLine(argc, argv); }
