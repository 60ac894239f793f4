#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Makes the golden reference files of tests/data from Hugging Face transformers and tokenizers.

    python3 -m venv VENV && VENV/bin/pip install -r tools/requirements-golden.txt
    VENV/bin/python tools/make_golden.py [tokenizer] [mamba] [griffin] [containers]

Without arguments it makes everything. The same versions on the same kind of processor give the same
files; other processors may differ in the last bits of the .npy files. The tokenizer part goes
first: mamba/hf-text takes its tokenizer from there.
"""

import argparse
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
PARTS = ("tokenizer", "mamba", "griffin", "containers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)} (default: all)"
    )
    wanted = parser.parse_args().parts or PARTS
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}: choose from {', '.join(PARTS)}")
    if "tokenizer" in wanted:
        import make_golden_tokenizer

        make_golden_tokenizer.make(DATA / "tokenizer")
        import make_golden_tokenizer_more

        make_golden_tokenizer_more.make(DATA / "tokenizer")
    if "mamba" in wanted:
        import make_golden_mamba

        make_golden_mamba.make(DATA / "mamba", DATA / "tokenizer" / "neox-small.json")
    if "griffin" in wanted:
        import make_golden_griffin

        make_golden_griffin.make(DATA / "griffin")
    if "containers" in wanted:
        import make_golden_containers

        make_golden_containers.make(DATA / "containers")


if __name__ == "__main__":
    main()
