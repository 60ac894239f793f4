#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Train the small Mamba language model that Undercurrent opens as its demo.

The model has the layout of Hugging Face's MambaForCausalLM and is written as float16.
The corpus is the six novels of Jane Austen, one text file each (*.txt) in the folder
--corpus. An empty folder is filled through Rscript from the R package janeaustenr.

    pip install -r tools/requirements-demo.txt
    python tools/train_demo_mamba.py --check
    python tools/train_demo_mamba.py --corpus austen --out resources/demo/mamba --minutes 40
"""
import argparse
import json
import math
import os
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "2")  # read when numba and torch load
os.environ.setdefault("NUMBA_NUM_THREADS", THREADS)
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
import torch.nn.functional as F
from numba import njit, prange
from safetensors.torch import load_file, save as safetensors_bytes
from tokenizers import (AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers,
                        processors, trainers)
from torch import nn

EOS = "<|endoftext|>"
NOVELS = "sensesensibility prideprejudice mansfieldpark emma northangerabbey persuasion".split()
VOCAB, HIDDEN, LAYERS, EXPAND, STATE, KERNEL, RANK = 1024, 96, 6, 2, 16, 4, 6
INNER = HIDDEN * EXPAND
BATCH, LENGTH, RATE, DROPOUT, EVERY = 16, 256, 4e-3, 0.1, 90  # EVERY: seconds per checkpoint
CONFIG = {
    "architectures": ["MambaForCausalLM"], "model_type": "mamba", "vocab_size": VOCAB,
    "hidden_size": HIDDEN, "intermediate_size": INNER, "expand": EXPAND, "state_size": STATE,
    "num_hidden_layers": LAYERS, "conv_kernel": KERNEL, "time_step_rank": RANK,
    "use_bias": False, "use_conv_bias": True, "hidden_act": "silu", "layer_norm_epsilon": 1e-5,
    "residual_in_fp32": True, "initializer_range": 0.02, "bos_token_id": 0, "eos_token_id": 0,
    "pad_token_id": 0, "tie_word_embeddings": True, "torch_dtype": "float16", "use_cache": True,
}


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


@njit(fastmath=True, inline="always")
def fast_exp(x):
    """exp for x <= 0 in float32; LLVM turns it into vector code."""
    y = max(x * np.float32(1.4426950408889634), np.float32(-125.0))
    k = np.floor(y + np.float32(0.5))
    f = y - k
    p = np.float32(1.5403530e-4) * f + np.float32(1.3333558e-3)
    p = (p * f + np.float32(9.6181291e-3)) * f + np.float32(5.5504109e-2)
    p = (p * f + np.float32(2.4022651e-1)) * f + np.float32(6.9314718e-1)
    p = p * f + np.float32(1)
    return p * np.int32((np.int32(k) + np.int32(127)) << np.int32(23)).view(np.float32)


@njit(parallel=True, fastmath=True, cache=True)
def scan_forward(a, delta, A, B, C, y):
    batch, length, inner = a.shape
    for b in prange(batch):
        state = np.empty(STATE, np.float32)
        for d in range(inner):
            state[:] = 0
            for t in range(length):
                dt = delta[b, t, d]
                u = dt * a[b, t, d]
                total = np.float32(0)
                for n in range(STATE):
                    s = fast_exp(dt * A[d, n]) * state[n] + u * B[b, t, n]
                    state[n] = s
                    total += s * C[b, t, n]
                y[b, t, d] = total


@njit(parallel=True, fastmath=True, cache=True)
def scan_backward(a, delta, A, B, C, gy, ga, gdelta, gA, gB, gC):
    """Recomputes the states of one lane at a time; gA has one slice per batch entry."""
    batch, length, inner = a.shape
    for b in prange(batch):
        states, g = np.zeros((length + 1, STATE), np.float32), np.empty(STATE, np.float32)
        decay = np.empty((length, STATE), np.float32)
        for d in range(inner):
            for t in range(length):
                dt = delta[b, t, d]
                u = dt * a[b, t, d]
                for n in range(STATE):
                    e = fast_exp(dt * A[d, n])
                    decay[t, n] = e
                    states[t + 1, n] = e * states[t, n] + u * B[b, t, n]
            g[:] = 0
            for t in range(length - 1, -1, -1):
                dt, x, up = delta[b, t, d], a[b, t, d], gy[b, t, d]
                u = dt * x
                along_b, along_a = np.float32(0), np.float32(0)
                for n in range(STATE):
                    gn = g[n] + up * C[b, t, n]
                    gC[b, t, n] += up * states[t + 1, n]
                    gB[b, t, n] += gn * u
                    along_b += gn * B[b, t, n]
                    gn *= decay[t, n]
                    carried = gn * states[t, n]
                    along_a += carried * A[d, n]
                    gA[b, d, n] += carried * dt
                    g[n] = gn
                ga[b, t, d] = along_b * dt
                gdelta[b, t, d] = along_b * x + along_a


class SelectiveScan(torch.autograd.Function):
    """y_t = C_t . S_t with S_t = exp(delta_t A) S_{t-1} + delta_t a_t B_t."""

    @staticmethod
    def forward(ctx, a, delta, A, B, C):
        inputs = [v.detach().contiguous() for v in (a, delta, A, B, C)]
        ctx.save_for_backward(*inputs)
        y = torch.empty_like(inputs[0])
        scan_forward(*[v.numpy() for v in inputs], y.numpy())
        return y

    @staticmethod
    def backward(ctx, gy):
        a, delta, A, B, C = ctx.saved_tensors
        grads = [torch.empty_like(a), torch.empty_like(delta),
                 torch.zeros(a.shape[0], *A.shape), torch.zeros_like(B), torch.zeros_like(C)]
        scan_backward(*[v.numpy() for v in (a, delta, A, B, C, gy.contiguous(), *grads)])
        return grads[0], grads[1], grads[2].sum(0), grads[3], grads[4]


def plain_scan(a, delta, A, B, C):
    state, out = a.new_zeros(a.shape[0], a.shape[2], A.shape[1]), []
    for t in range(a.shape[1]):
        u = (delta[:, t] * a[:, t])[..., None] * B[:, t, None]
        state = torch.exp(delta[:, t, :, None] * A) * state + u
        out.append((state * C[:, t, None]).sum(-1))
    return torch.stack(out, 1)


def check():
    """The compiled scan in float32 beside a plain loop in float64: values and gradients."""
    torch.manual_seed(1)
    inputs = [torch.randn(3, 90, 8), F.softplus(torch.randn(3, 90, 8) - 2),
              -torch.exp(torch.randn(8, STATE)), *torch.randn(2, 3, 90, STATE)]
    weight, results = torch.randn(3, 90, 8), []
    for scan, dtype in ((SelectiveScan.apply, torch.float32), (plain_scan, torch.float64)):
        args = [v.to(dtype).requires_grad_() for v in inputs]
        y = scan(*args)
        results.append([y, *torch.autograd.grad((y * weight.to(dtype)).sum(), args)])
    for name, got, want in zip(["y", "da", "ddelta", "dA", "dB", "dC"], *results):
        error = ((got - want).abs().max() / want.abs().max()).item()
        print(f"check {name:7s} largest error / largest value = {error:.2e}")
        assert error < 2e-5, name


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.in_proj = nn.Linear(HIDDEN, 2 * INNER, bias=False)
        self.conv1d = nn.Conv1d(INNER, INNER, KERNEL, groups=INNER)
        self.x_proj = nn.Linear(INNER, RANK + 2 * STATE, bias=False)
        self.dt_proj = nn.Linear(RANK, INNER)
        self.A_log = nn.Parameter(torch.arange(1.0, STATE + 1).log().repeat(INNER, 1))
        self.D = nn.Parameter(torch.ones(INNER))
        self.out_proj = nn.Linear(INNER, HIDDEN, bias=False)
        with torch.no_grad():
            dt = torch.exp(torch.rand(INNER) * math.log(100)) * 1e-3
            self.dt_proj.bias.copy_(dt + torch.log(-torch.expm1(-dt)))
            self.dt_proj.weight.uniform_(-RANK ** -0.5, RANK ** -0.5)
            self.out_proj.weight /= math.sqrt(LAYERS)

    def forward(self, u):
        length = u.shape[1]
        x, z = self.in_proj(u).chunk(2, -1)
        padded = F.pad(x, (0, 0, KERNEL - 1, 0))
        c = self.conv1d.bias
        for k in range(KERNEL):
            c = c + padded[:, k:k + length] * self.conv1d.weight[:, 0, k]
        a = F.silu(c)
        low, B, C = self.x_proj(a).split([RANK, STATE, STATE], -1)
        delta = F.softplus(self.dt_proj(low))
        y = SelectiveScan.apply(a, delta, -torch.exp(self.A_log), B, C)
        return self.out_proj((y + self.D * a) * F.silu(z))


class Mamba(nn.Module):
    """The tree of names is that of MambaForCausalLM; the head is the embedding."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Module()
        self.backbone.embeddings = nn.Embedding(VOCAB, HIDDEN)
        self.backbone.layers = nn.ModuleList(nn.ModuleDict(
            {"norm": nn.RMSNorm(HIDDEN, 1e-5), "mixer": Mixer()}) for _ in range(LAYERS))
        self.backbone.norm_f = nn.RMSNorm(HIDDEN, 1e-5)
        nn.init.normal_(self.backbone.embeddings.weight, std=0.05)

    def forward(self, ids, drop=0.0):
        h = self.backbone.embeddings(ids)
        for layer in self.backbone.layers:
            h = h + F.dropout(layer["mixer"](layer["norm"](h)), drop, self.training)
        return self.backbone.norm_f(h) @ self.backbone.embeddings.weight.T


def write_atomically(path, data):
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def save_model(model, out):
    """float16 weights only: what is measured and shipped is what was rounded."""
    weights = {k: v.detach().half().contiguous() for k, v in model.state_dict().items()}
    write_atomically(out / "model.safetensors", safetensors_bytes(weights, {"format": "pt"}))


def load_model(out):
    """The model as stored: its weights are the float16 ones."""
    model, weights = Mamba(), load_file(out / "model.safetensors")
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
            bits = held_out_bits(load_model(out), held) / sum(map(len, held))
            print(f"step {step} {now - start:.0f} s rate {rate:.1e} bits/token: training "
                  f"{np.mean(losses) / math.log(2):.3f} held-out {bits:.3f}", flush=True)


@torch.no_grad()
def report(out, tokenizer, training, held, ids, prompt):
    characters, tokens = sum(map(len, held)), sum(map(len, ids))
    model = load_model(out)
    bits = held_out_bits(model, ids)
    size = sum((out / n).stat().st_size for n in ("model.safetensors", "tokenizer.json"))
    print(f"parameters {sum(p.numel() for p in model.parameters())}, bytes {size}, "
          f"held-out characters {characters}, tokens {tokens}")
    print(f"model (float16) {bits / characters:.4f} bits/character {bits / tokens:.4f} bits/token")
    for name, order in (("bigram", 2), ("5-gram", 5)):
        print(f"{name} {ngram_bits(training, held, order) / characters:.4f} bits/character")
    generator, text = torch.Generator().manual_seed(7), tokenizer.encode(prompt).ids
    for _ in range(80):  # at temperature 0.8
        chances = (model(torch.tensor([text]))[0, -1] / 0.8).softmax(-1)
        text.append(torch.multinomial(chances, 1, generator=generator).item())
    print("sample:", tokenizer.decode(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, help="folder with one .txt file per novel")
    parser.add_argument("--out", type=Path, help="folder for the model's three files")
    parser.add_argument("--minutes", type=float, default=40, help="wall-clock bound of training")
    parser.add_argument("--steps", type=int, default=0, help="bound on steps (0: time only)")
    parser.add_argument("--seed", type=int, default=1811)
    parser.add_argument("--prompt", default="Elizabeth was", help="the sample begins so")
    parser.add_argument("--report", action="store_true", help="measure --out, train nothing")
    parser.add_argument("--check", action="store_true", help="verify the compiled scan and stop")
    args = parser.parse_args()
    if args.check:
        return check()
    if not (args.corpus and args.out):
        parser.error("--corpus and --out are needed")
    training, held = load_corpus(args.corpus)
    args.out.mkdir(parents=True, exist_ok=True)
    if not args.report:
        tokenizer = train_tokenizer(training)
        write_atomically(args.out / "tokenizer.json", tokenizer.to_str(pretty=False).encode())
        write_atomically(args.out / "config.json", (json.dumps(CONFIG, indent=2) + "\n").encode())
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    held_ids = [tokenizer.encode(text).ids for text in held]
    if not args.report:
        torch.manual_seed(args.seed)
        ids = torch.tensor(tokenizer.encode(EOS + EOS.join(training)).ids)
        print(f"training characters {sum(map(len, training))}, tokens {len(ids)}", flush=True)
        train(Mamba(), ids, [h[:4096] for h in held_ids[:3]], args.out, args)
    report(args.out, tokenizer, training, held, held_ids, args.prompt)


if __name__ == "__main__":
    main()
