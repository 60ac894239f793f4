# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""The corpus, the tokenizer and the n-gram baselines of the demo language models."""
import math
import re
import subprocess
from collections import Counter

import numpy as np
from tokenizers import (AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers,
                        processors, trainers)

EOS = "<|endoftext|>"
NOVELS = "sensesensibility prideprejudice mansfieldpark emma northangerabbey persuasion".split()
VOCAB = 1024


def read_novel(path):
    """Paragraphs without inner line breaks; EOS stands in place of chapter headings."""
    heading = re.compile(r"(chapter|volume)\s+[\w.]+|the end|finis|by jane austen|\(\d{4}\)", re.I)
    result, began = [], False
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        text = " ".join(block.replace("_", "").split())
        if text == "A NOTE ON THE TEXT":
            break
        if not text or re.match(r"\*|\[(At|End)\b", text):
            continue
        capitals = len(text) < 60 and text.upper() == text != text.lower()
        if capitals or heading.fullmatch(text.rstrip(".")):
            if not began and text.lower().startswith("chapter"):
                result, began = [], True  # drops the title page
            elif result and result[-1] != EOS:
                result.append(EOS)
        else:
            result.append(text)
    return result


def load_corpus(folder, held_out=0.05):
    """Training texts (with EOS between chapters) and held-out texts, one each per novel."""
    if not list(folder.glob("*.txt")):  # write the novels of the R package, one file each
        folder.mkdir(parents=True, exist_ok=True)
        code = "library(janeaustenr);" + "".join(
            f"writeLines({n}, file.path(commandArgs(TRUE)[1], '{n}.txt'));" for n in NOVELS)
        subprocess.run(["Rscript", "-e", code, str(folder)], check=True)
    training, held = [], []
    for path in sorted(folder.glob("*.txt")):
        paragraphs = read_novel(path)
        seen = np.cumsum([len(p) for p in paragraphs])
        cut = int(np.searchsorted(seen, seen[-1] * (1 - held_out))) + 1
        training.append("\n".join(paragraphs[:cut]).replace(f"\n{EOS}\n", EOS))
        held.append("\n".join(p for p in paragraphs[cut:] if p != EOS))
    return training, held


def train_tokenizer(texts):
    """Byte-level BPE in the manner of GPT-NeoX."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = AddedToken(EOS, special=True, normalized=False)
    tokenizer.train_from_iterator(
        (part for text in texts for part in text.replace(EOS, "\n").split("\n")),
        trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=[special], show_progress=False,
                            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def ngram_bits(training, held, order):
    """Bits of the held-out text under an interpolated character n-gram (Witten-Bell)."""
    counts, totals, kinds, bits = Counter(), Counter(), Counter(), 0.0
    for text in (t.replace(EOS, "\n") for t in training):
        for n in range(1, order + 1):
            counts.update(text[i:i + n] for i in range(len(text) - n + 1))
    for gram, count in counts.items():
        totals[gram[:-1]] += count
        kinds[gram[:-1]] += 1
    alphabet = set("".join(training + held))
    for text in held:
        for i in range(len(text)):
            p = 1 / len(alphabet)
            for gram in (text[j:i + 1] for j in range(i, max(-1, i - order), -1)):
                if totals[gram[:-1]]:
                    p = (counts[gram] + kinds[gram[:-1]] * p) / (
                        totals[gram[:-1]] + kinds[gram[:-1]])
            bits -= math.log2(p)
    return bits
