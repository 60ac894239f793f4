#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Checks what ptxas said of every kernel: nothing spilled, no stack, at most 48 KB of static shared memory.

Usage: check_kernels.py FOLDER ARCHITECTURE…. FOLDER holds NAME.ptxas files, as cmake/Cuda.cmake makes them. Exits 1 when a
kernel breaks a rule or one was not compiled for an architecture, 77 (skipped) without a folder.
"""
import re
import sys
from pathlib import Path

SHARED_LIMIT = 48 * 1024
ENTRY = re.compile(r"Compiling entry function '(\w+)' for 'sm_(\d+)\w?'")
FRAME = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
SHARED = re.compile(r"(\d+) bytes smem")


def check_file(path, architectures):
    problems, kernels, entry = [], {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := ENTRY.search(line):
            entry = match.groups()
            kernels.setdefault(entry[0], set()).add(entry[1])
        elif (match := FRAME.search(line)) and entry and any(int(value) for value in match.groups()):
            problems.append(f"{entry[0]}, sm_{entry[1]}: {line.strip()}")
        elif USED.search(line) and (match := SHARED.search(line)) and int(match.group(1)) > SHARED_LIMIT:
            problems.append(f"{entry[0]}, sm_{entry[1]}: {match.group(1)} bytes of shared memory")
    if not kernels:
        problems.append("no kernel in it")
    for kernel, compiled in kernels.items():
        for missing in sorted(architectures - compiled):
            problems.append(f"{kernel}: not compiled for sm_{missing}")
    return len(kernels), [f"{path.stem}: {problem}" for problem in problems]


def main():
    if len(sys.argv) < 3:
        print("no CUDA Toolkit: kernels were not compiled")
        return 77
    files = sorted(Path(sys.argv[1]).glob("*.ptxas"))
    count, problems = 0, [] if files else ["nothing was compiled"]
    for file in files:
        kernels, found = check_file(file, set(sys.argv[2:]))
        count += kernels
        problems += found
    for problem in problems:
        print(problem)
    print(f"check_kernels: {count} kernels, {len(problems)} violations")
    return 1 if problems else 0


sys.exit(main())
