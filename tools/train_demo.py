#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Train one of the small language models that Undercurrent opens as its demos.

The model has the layout of Hugging Face transformers and is written as float16. The corpus is the
six novels of Jane Austen, one text file each (*.txt) in the folder --corpus. An empty folder is
filled through Rscript from the R package janeaustenr.

    pip install -r tools/requirements-demo.txt
    python tools/train_demo.py --check
    python tools/train_demo.py --family mamba --corpus austen --out resources/demo/mamba
    python tools/train_demo.py --family rwkv --corpus austen --out resources/demo/rwkv \\
        --tokenizer resources/demo/mamba/tokenizer.json
    python tools/train_demo.py --family rwkv --out resources/demo/rwkv --compare
"""
import argparse
import json
import math
import os
import time
from pathlib import Path

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "2")  # read when numba and torch load
os.environ.setdefault("NUMBA_NUM_THREADS", THREADS)
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save as safetensors_bytes
from tokenizers import Tokenizer
from torch import nn

from demo_mixers import FAMILIES
from demo_scans import check
from demo_text import EOS, load_corpus, ngram_bits, train_tokenizer

BATCH, LENGTH, RATE, DROPOUT, EVERY = 16, 256, 4e-3, 0.1, 90  # EVERY: seconds per checkpoint


def write_atomically(path, data):
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def save_model(model, out):
    """float16 weights only: what is measured and shipped is what was rounded."""
    weights = {k: v.detach().half().contiguous() for k, v in model.state_dict().items()}
    write_atomically(out / "model.safetensors", safetensors_bytes(weights, {"format": "pt"}))


def load_model(out, family):
    """The model as stored: its weights are the float16 ones."""
    model, weights = FAMILIES[family][0](), load_file(out / "model.safetensors")
    model.load_state_dict({k: v.float() for k, v in weights.items()})
    return model.eval()


@torch.no_grad()
def held_out_bits(model, texts, window=512):
    """Sum of bits over all tokens of the texts; at least window / 2 tokens of context."""
    bits = 0.0
    for ids in texts:
        ids, start = torch.tensor([0, *ids]), 0
        while start + 1 < len(ids):
            begin = max(0, start - window // 2)
            piece = ids[begin:start + window // 2 + 1]
            loss = F.cross_entropy(model(piece[None, :-1])[0], piece[1:], reduction="none")
            bits += loss[start - begin:].double().sum().item() / math.log(2)
            start += window // 2
    return bits


def train(model, ids, held, out, args):
    groups = [{"params": v, "weight_decay": 0.1 * (v.dim() == 2 and "A_log" not in k)}
              for k, v in model.named_parameters()]  # decay for the matrices only
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95))
    rng = np.random.default_rng(args.seed)
    start = last = time.monotonic()
    losses, step, progress = [], 0, 0
    while progress < 1:  # of the time or of the steps, whichever is further on
        progress = (time.monotonic() - start) / (60 * args.minutes)
        progress = max(progress, (step + 1) / args.steps if args.steps else 0)
        cosine = math.cos(math.pi * min(1, progress))
        rate = RATE * min(1, (step + 1) / 100) * (0.51 + 0.49 * cosine)
        for group in optimizer.param_groups:
            group["lr"] = rate
        at = rng.integers(0, len(ids) - LENGTH - 1, BATCH)
        rows = torch.stack([ids[i:i + LENGTH + 1] for i in at])
        logits = model(rows[:, :-1], drop=DROPOUT).flatten(0, 1)
        loss = F.cross_entropy(logits, rows[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses, step, now = [*losses[-99:], loss.item()], step + 1, time.monotonic()
        if step == 20 or now - last > EVERY or progress >= 1:
            last = now
            save_model(model, out)
            bits = held_out_bits(load_model(out, args.family), held) / sum(map(len, held))
            print(f"step {step} {now - start:.0f} s rate {rate:.1e} bits/token: training "
                  f"{np.mean(losses) / math.log(2):.3f} held-out {bits:.3f}", flush=True)


@torch.no_grad()
def report(args, tokenizer, training, held, ids):
    characters, tokens = sum(map(len, held)), sum(map(len, ids))
    out, model = args.out, load_model(args.out, args.family)
    bits = held_out_bits(model, ids)
    size = sum((out / n).stat().st_size for n in ("model.safetensors", "tokenizer.json"))
    print(f"parameters {sum(p.numel() for p in model.parameters())}, bytes {size}, "
          f"held-out characters {characters}, tokens {tokens}")
    print(f"model (float16) {bits / characters:.4f} bits/character {bits / tokens:.4f} bits/token")
    for name, order in (("bigram", 2), ("5-gram", 5)):
        print(f"{name} {ngram_bits(training, held, order) / characters:.4f} bits/character")
    generator, text = torch.Generator().manual_seed(7), tokenizer.encode(args.prompt).ids
    for _ in range(80):  # at temperature 0.8
        chances = (model(torch.tensor([text]))[0, -1] / 0.8).softmax(-1)
        text.append(torch.multinomial(chances, 1, generator=generator).item())
    print("sample:", tokenizer.decode(text))


@torch.no_grad()
def compare(out, family):
    """Logits of the forward pass used here beside those of transformers, on 40 tokens."""
    from transformers import AutoModelForCausalLM
    text = "It was read in silence, and with more of surprise than Elinor had ever felt before. " * 3
    ids = torch.tensor([Tokenizer.from_file(str(out / "tokenizer.json")).encode(text).ids[:40]])
    reference = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32).eval()
    error = (load_model(out, family)(ids) - reference(ids, use_cache=False).logits).abs().max()
    print(f"{family}: largest difference of logits from transformers {error:.1e}")
    assert error <= 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--family", choices=FAMILIES, default="mamba")
    parser.add_argument("--corpus", type=Path, help="folder with one .txt file per novel")
    parser.add_argument("--tokenizer", type=Path, help="copy this tokenizer.json, train none")
    parser.add_argument("--out", type=Path, help="folder for the model's three files")
    parser.add_argument("--minutes", type=float, default=40, help="wall-clock bound of training")
    parser.add_argument("--steps", type=int, default=0, help="bound on steps (0: time only)")
    parser.add_argument("--seed", type=int, default=1811)
    parser.add_argument("--prompt", default="Elizabeth was", help="the sample begins so")
    parser.add_argument("--report", action="store_true", help="measure --out, train nothing")
    parser.add_argument("--compare", action="store_true", help="compare --out with transformers")
    parser.add_argument("--check", action="store_true", help="verify the scans and stop")
    args = parser.parse_args()
    if args.check:
        return check()
    if not args.out or not (args.corpus or args.compare):
        parser.error("--corpus and --out are needed")
    if args.compare:
        return compare(args.out, args.family)
    model, config = FAMILIES[args.family]
    training, held = load_corpus(args.corpus)
    args.out.mkdir(parents=True, exist_ok=True)
    if not args.report:
        tokenizer = (args.tokenizer.read_bytes() if args.tokenizer
                     else train_tokenizer(training).to_str(pretty=False).encode())
        write_atomically(args.out / "tokenizer.json", tokenizer)
        write_atomically(args.out / "config.json", (json.dumps(config, indent=2) + "\n").encode())
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    held_ids = [tokenizer.encode(text).ids for text in held]
    if not args.report:
        torch.manual_seed(args.seed)
        ids = torch.tensor(tokenizer.encode(EOS + EOS.join(training)).ids)
        print(f"training characters {sum(map(len, training))}, tokens {len(ids)}", flush=True)
        train(model(), ids, [h[:4096] for h in held_ids[:3]], args.out, args)
    report(args, tokenizer, training, held, held_ids)


if __name__ == "__main__":
    main()
