#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Checks what a reader of the tree may rely on: who includes whom, how long files and functions are, and a few words.

Usage: check_layers.py ROOT. Prints one line for each violation and exits 1 when there is one.
"""
import re
import sys
from pathlib import Path

ROOT = Path(sys.argv[1])
CODE = ("core", "gpu", "widgets", "app", "tests")

# Folder -> folders whose headers it may include. The longest matching folder counts.
MAY_INCLUDE = {
    "core/values": {"core/values"},
    "core/io": {"core/values", "core/io"},
    "core/simd": {"core/simd"},
    "core/attention": {"core/values", "core/simd", "core/attention"},
    "core/models": {"core/values", "core/io", "core/simd", "core/models", "core/attention"},
    "core/engine": {"core/values", "core/io", "core/models", "core/attention", "core/engine", "gpu"},
    "core/bench": {"core/values", "core/io", "core/simd", "core/models", "core/attention", "core/engine", "core/bench",
                   "gpu"},
    "core": set(),
    "gpu": {"gpu"},
    "widgets/paint": {"core/values", "widgets/paint"},
    "widgets": {"core/values", "widgets/paint", "widgets"},
    "app": {"core/values", "core/engine", "core/bench", "core/io", "widgets/paint", "widgets", "app"},
    "tests": {"core", "core/values", "core/io", "core/simd", "core/attention", "core/models", "core/engine",
              "core/bench", "gpu", "widgets/paint", "widgets", "app", "tests"},
}
# core/io headers that app may use: files that the program writes and reads back, never models.
APP_IO = {"core/io/save.h", "core/io/session.h", "core/io/view_json.h", "core/io/json.h"}
# The files of core/attention and core/models that may include gpu.
GPU_FILES = {"core/attention/operators_gpu.cpp", "core/models/device_scan.cpp"}
ATEN_HEADERS = {"core/models/model.h", "core/attention/factors.h", "core/attention/operators.h"}
QT = re.compile(r"^Q[A-Z]|^Qt")
FORBIDDEN = re.compile(r"^(torch/torch\.h|torch/script\.h|QtWidgets|QtCore|QtGui)$")
THREADS = re.compile(r"\bstd::(thread|jthread|async)\b(?!::hardware_concurrency)|\bQThread\b|\bQtConcurrent\b")
THREAD_FILES = {"core/engine/jobs.h", "core/engine/jobs.cpp", "core/attention/parallel.h",
                "core/attention/parallel.cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')

problems = []


def report(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def folder_of(name):
    best = ""
    for folder in MAY_INCLUDE:
        if (name == folder or name.startswith(folder + "/")) and len(folder) > len(best):
            best = folder
    return best


def check_include(path, number, quoted, angled):
    folder = folder_of(path)
    if quoted:
        if quoted == "version.h":
            return
        if "/" not in quoted:
            report(path, number, f'include "{quoted}" from the root of the project')
            return
        target = folder_of(quoted)
        if target not in MAY_INCLUDE[folder] and not (target == "gpu" and path in GPU_FILES):
            report(path, number, f"{folder} may not include {quoted}")
        if folder == "app" and quoted.startswith("core/io/") and quoted not in APP_IO:
            report(path, number, f"app may not include {quoted}")
        return
    if FORBIDDEN.match(angled):
        report(path, number, f"umbrella header <{angled}>")
    if QT.match(angled) and folder.startswith(("core", "gpu")):
        report(path, number, f"{folder} is free of Qt")
    if angled.startswith(("ATen/", "torch/", "c10/")):
        if not folder.startswith(("core/", "tests")) or folder in ("core/values", "core/io"):
            if path != "core/precompiled.h":
                report(path, number, f"{folder} is free of LibTorch")
        elif path.endswith(".h") and folder.startswith("core") and path not in ATEN_HEADERS:
            if angled != "ATen/core/Tensor.h":
                report(path, number, "headers include <ATen/core/Tensor.h> at most")
    if re.match(r"^Q(Widget|Application|MainWindow|Dialog|PushButton)$", angled) and folder == "widgets/paint":
        report(path, number, "widgets/paint has no QWidget")


def check_functions(path, lines):
    """A function body longer than 60 lines: from a line that ends in '{' at column 0 to the '}' at column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        opens = line.rstrip().endswith("{") and not line.startswith((" ", "}", "/", "#", "namespace", "extern"))
        if opens and not re.match(r"^(class|struct|enum|union|const|constexpr|static const)\b", line):
            start = number
        elif line.startswith("}"):
            if start is not None and number - start - 1 > 60 and not line.startswith("};"):
                report(path, start, f"function of {number - start - 1} lines (60 at most)")
            start = None


def check_file(file):
    path = file.relative_to(ROOT).as_posix()
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    if "SPDX-License-Identifier: MIT" not in "\n".join(lines[:4]):
        report(path, 1, "no SPDX head")
    limit = 600 if path.startswith("tests/") else 400
    if len(lines) > limit:
        report(path, 1, f"{len(lines)} lines ({limit} at most)")
    has_qt = has_torch = False
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match:
            quoted, angled = match.groups()
            check_include(path, number, quoted, angled)
            has_qt |= bool(angled and QT.match(angled))
            has_torch |= bool(angled and angled.startswith(("ATen/", "torch/")))
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            report(path, number, "work left for later belongs into an issue")
        if not path.startswith("tests/") and THREADS.search(line) and path not in THREAD_FILES:
            report(path, number, "threads live in the job queue and in parallel.h only")
    if has_qt and has_torch:
        report(path, 1, "Qt and LibTorch in one file")
    check_functions(path, lines)


def main():
    for folder in CODE:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".h", ".cpp", ".cu", ".cuh"):
                check_file(file)
    for problem in problems:
        print(problem)
    print(f"check_layers: {len(problems)} violations")
    return 1 if problems else 0


sys.exit(main())
