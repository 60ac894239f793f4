#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Train the Vision Mamba that Undercurrent opens as its vision demo, on drawn pictures.

Training draws new pictures all the time and sees only their classes, never a mask. It is cheap on
a coarse grid (one patch beside the other) and goes on, with the same weights, on the fine one.

    pip install -r tools/requirements-demo.txt
    python tools/make_demo_pictures.py --out resources/demo/vision --count 256
    python tools/train_demo_vision.py --out resources/demo/vision --stride 8 --minutes 40
    python tools/train_demo_vision.py --out resources/demo/vision --stride 4 --minutes 20 \\
        --begin resources/demo/vision/model.safetensors
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
from PIL import Image
from safetensors.torch import load_file, save as safetensors_bytes
from torch import nn

from demo_vim import PATCH, VimModel, plain_logits
from make_demo_pictures import CLASSES, SIZE, draw
from train_demo import write_atomically

BATCH, POOL, FRESH, EVERY = 32, 4096, 2, 60  # EVERY: seconds per line of the record
CONFIG = {
    "architectures": ["VisionMamba"], "model_type": "vim", "image_size": [SIZE, SIZE],
    "patch_size": PATCH, "class_token": "middle", "divide_out": True,
    "id2label": {str(i): name for i, name in enumerate(CLASSES)}, "torch_dtype": "float16",
}


def official(picture):
    """The official evaluation: shorter side to SIZE / 0.875, bicubic; the center of it."""
    side = int(SIZE / 0.875)
    at = round((side - SIZE) / 2)
    large = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(large.crop((at, at, at + SIZE, at + SIZE)))


def normalized(pictures):
    """uint8 [count, size, size, 3] to float32 [count, 3, size, size]."""
    values = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[..., None, None]
    return (values - mean) / std


class Pool:
    """POOL drawn pictures, every second one as the official evaluation sees it.

    A batch takes BATCH of them, some mirrored, with their color channels exchanged, and FRESH
    pictures are drawn anew.
    """

    def __init__(self, rng):
        self.rng, self.next = rng, 0
        self.pictures, self.labels = np.empty((POOL, SIZE, SIZE, 3), np.uint8), np.empty(POOL, int)
        self.draw(POOL)

    def draw(self, count):
        for _ in range(count):
            picture, _, self.labels[self.next] = draw(self.rng)
            self.pictures[self.next] = official(picture) if self.next % 2 else picture
            self.next = (self.next + 1) % POOL

    def batch(self):
        self.draw(FRESH)
        at = self.rng.integers(0, POOL, BATCH)
        pictures = [self.pictures[i][:, ::self.rng.choice((-1, 1)), self.rng.permutation(3)]
                    for i in at]
        return normalized(pictures), torch.from_numpy(self.labels[at])


def load_held_out(out):
    rows = (out / "labels.csv").read_text(encoding="ascii").split()[1:]
    names, labels = zip(*(row.split(",") for row in rows))
    pictures = [np.asarray(Image.open(out / "images" / n).convert("RGB")) for n in names]
    return pictures, torch.tensor([int(v) for v in labels])


@torch.no_grad()
def accuracy(model, pictures, labels):
    right = 0
    for at in range(0, len(labels), BATCH):
        logits = model(normalized(pictures[at:at + BATCH]))
        right += (logits.argmax(-1) == labels[at:at + BATCH]).sum().item()
    return right / len(labels)


def save_model(model, out):
    weights = {k: v.detach().half().contiguous() for k, v in model.state_dict().items()}
    write_atomically(out / "model.safetensors", safetensors_bytes(weights, {"format": "pt"}))


def train(model, held, args):
    pool, seconds = Pool(np.random.default_rng(args.seed)), 60 * args.minutes
    groups = [{"params": v, "weight_decay": 0.05 * (v.dim() == 2 and "_log" not in k)}
              for k, v in model.named_parameters()]  # decay for the matrices only
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    start = last = time.monotonic()
    losses, hits, step, progress = [], [], 0, 0
    while progress < 1:
        progress = (time.monotonic() - start) / seconds
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min(1, (step + 1) / 100) * (
                0.51 + 0.49 * math.cos(math.pi * min(1, progress)))
        pictures, labels = pool.batch()
        logits, pooled = model(pictures, pooled=True)
        loss = F.cross_entropy(logits, labels) + F.cross_entropy(pooled, labels) / 2
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses, step, now = [*losses[-99:], loss.item()], step + 1, time.monotonic()
        hits = [*hits[-99:], (logits.argmax(-1) == labels).float().mean().item()]
        if step == 20 or now - last > EVERY or progress >= 1:
            last = now
            save_model(model, args.out)
            print(f"stride {model.stride} step {step} {now - start:.0f} s loss {np.mean(losses):.3f}"
                  f" training {np.mean(hits):.3f} held-out {accuracy(model, *held):.3f}", flush=True)


def load_model(path):
    """A model as stored, on its own grid: its weights are the float16 ones."""
    weights = {k: v.float() for k, v in load_file(path).items()}
    grid = math.isqrt(weights["pos_embed"].shape[1] - 1)
    model = VimModel(SIZE, (SIZE - PATCH) // (grid - 1), len(CLASSES))
    model.load_state_dict(weights)
    return model


@torch.no_grad()
def report(out, held):
    model, (pictures, labels) = load_model(out / "model.safetensors"), held
    print(f"parameters {sum(p.numel() for p in model.parameters())}, "
          f"bytes {(out / 'model.safetensors').stat().st_size}")
    print(f"held-out accuracy, float16 weights: as drawn {accuracy(model, pictures, labels):.4f}, "
          f"official {accuracy(model, [official(p) for p in pictures], labels):.4f}")
    one = normalized(pictures[:1])
    want = plain_logits(model.state_dict(), one[0].numpy(), model.stride)
    error = np.abs(model(one)[0].double().numpy() - want).max()
    print(f"largest difference of logits from the plain forward pass in float64: {error:.1e}")
    assert error < 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="holds images/ and labels.csv")
    parser.add_argument("--stride", type=int, default=4, help="from patch to patch, in pixels")
    parser.add_argument("--begin", type=Path, help="weights to begin with, of any grid")
    parser.add_argument("--minutes", type=float, default=25, help="wall-clock bound of training")
    parser.add_argument("--rate", type=float, default=2e-3, help="largest learning rate")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--report", action="store_true", help="measure --out, train nothing")
    args = parser.parse_args()
    held = load_held_out(args.out)
    if not args.report:
        torch.manual_seed(args.seed)
        model = load_model(args.begin) if args.begin else VimModel(SIZE, args.stride, len(CLASSES))
        if model.stride != args.stride:
            model = model.refined(args.stride)
        train(model, held, args)
        config = json.dumps({**CONFIG, "stride": args.stride}, indent=2) + "\n"
        write_atomically(args.out / "config.json", config.encode())
    report(args.out, held)


if __name__ == "__main__":
    main()
