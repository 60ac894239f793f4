#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Makes the golden reference files of tests/data from Hugging Face transformers and tokenizers.

    python3 -m venv VENV && VENV/bin/pip install -r tools/requirements-golden.txt
    VENV/bin/python tools/make_golden.py [PART …]

Without arguments it makes everything. The same versions on the same kind of processor give the same
files; other processors may differ in the last bits of the .npy files. The tokenizer part goes
first: mamba/hf-text takes its tokenizer from there.
"""

import argparse
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
PARTS = ("tokenizer", "containers", "images", "mamba", "falcon-mamba", "mamba2", "griffin", "vim")


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
    if "falcon-mamba" in wanted:
        import make_golden_mamba_falcon

        make_golden_mamba_falcon.make(DATA / "falcon-mamba")
    if "mamba2" in wanted:
        import make_golden_mamba2

        make_golden_mamba2.make(DATA / "mamba2")
    if "containers" in wanted:
        import make_golden_containers

        make_golden_containers.make(DATA / "containers")
    if "vim" in wanted:
        import make_golden_vim

        make_golden_vim.make(DATA / "vim")
    if "images" in wanted:
        import make_golden_images

        make_golden_images.make(DATA / "images")


if __name__ == "__main__":
    main()
