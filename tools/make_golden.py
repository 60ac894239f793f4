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
from importlib import import_module
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
NEOX = (DATA / "tokenizer" / "neox-small.json",)
# Each part is a folder of tests/data: the scripts that make it, and what they are given beside the folder.
PARTS = {
    "tokenizer": (["make_golden_tokenizer", "make_golden_tokenizer_more"], ()),
    "containers": (["make_golden_containers"], ()),
    "images": (["make_golden_images"], ()),
    "mamba": (["make_golden_mamba"], NEOX),
    "falcon-mamba": (["make_golden_mamba_falcon"], ()),
    "mamba2": (["make_golden_mamba2"], ()),
    "griffin": (["make_golden_griffin"], ()),
    "vim": (["make_golden_vim"], ()),
    "rwkv": (["make_golden_rwkv"], ()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)} (default: all)"
    )
    wanted = parser.parse_args().parts or list(PARTS)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}: choose from {', '.join(PARTS)}")
    for part, (scripts, arguments) in PARTS.items():
        for script in scripts if part in wanted else []:
            import_module(script).make(DATA / part, *arguments)


if __name__ == "__main__":
    main()
