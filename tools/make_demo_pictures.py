#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Draw the pictures of the vision demo: one large shape and a few small ones on a textured ground.

The class is the shape of the largest object. Colors, textures, places and the small shapes are
drawn at random and tell nothing of it.

    python tools/make_demo_pictures.py --out resources/demo/vision --count 256
"""
import argparse
import math
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 64
CLASSES = ["disk", "square", "triangle", "cross", "ring"]
ROWS, COLS = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) + 0.5


def distance(shape, x, y):
    """Signed distance from the outline of a shape of radius 1; negative inside."""
    if shape == "disk":
        return np.hypot(x, y) - 0.95
    if shape == "ring":
        return np.abs(np.hypot(x, y) - 0.78) - 0.22
    if shape == "square":
        return np.maximum(np.abs(x), np.abs(y)) - 0.8
    if shape == "triangle":
        s = math.sqrt(3) / 2
        return np.maximum(y, np.maximum(s * x, -s * x) - y / 2) - 0.55
    arm = 0.32  # cross
    return np.minimum(np.maximum(np.abs(x) - 1, np.abs(y) - arm),
                      np.maximum(np.abs(y) - 1, np.abs(x) - arm))


def texture(rng, first, second):
    """[SIZE, SIZE, 3] between two colors: plain, stripes, checks or dots, and a little noise."""
    turn, wave = rng.uniform(0, math.pi), 2 * math.pi / rng.uniform(5, 12)
    u = wave * (COLS * math.cos(turn) + ROWS * math.sin(turn)) + rng.uniform(0, 6)
    v = wave * (ROWS * math.cos(turn) - COLS * math.sin(turn)) + rng.uniform(0, 6)
    kind = rng.integers(4)
    if kind == 0:
        share = np.zeros_like(u)
    elif kind == 1:
        share = np.sin(u) > 0
    else:
        share = np.sin(u) * np.sin(v) > (0 if kind == 2 else 0.5)
    return (first + share[..., None] * (second - first)
            + rng.integers(-1, 2, (SIZE, SIZE, 1)) * 0.02)


def two_colors(rng, away):
    """Two similar colors, both far from the color `away`."""
    while True:
        first = rng.uniform(0, 1, 3)
        second = np.clip(first + rng.uniform(-0.25, 0.25, 3), 0, 1)
        if min(np.linalg.norm(first - away), np.linalg.norm(second - away)) > 0.4:
            return first, second


def draw(rng):
    """One picture: uint8 [SIZE, SIZE, 3], the coverage of the largest object, its class."""
    ground = rng.uniform(0, 1, 3)
    near = np.clip(ground + rng.uniform(-0.15, 0.15, 3), 0, 1)
    picture = texture(rng, ground, near)
    label, large = int(rng.integers(len(CLASSES))), rng.uniform(18, 24)
    objects = [(int(rng.integers(len(CLASSES))), rng.uniform(4, 7))
               for _ in range(rng.integers(1, 4))] + [(label, large)]
    for kind, radius in objects:  # the largest comes last, on top of the others
        margin = min(0.9 * radius, SIZE / 2)
        row, col = rng.uniform(margin, SIZE - margin, 2)
        turn = rng.uniform(-0.2, 0.2)
        x, y = (COLS - col) / radius, (ROWS - row) / radius
        x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        cover = np.clip(0.5 - radius * distance(CLASSES[kind], x, y), 0, 1)
        picture += cover[..., None] * (texture(rng, *two_colors(rng, ground)) - picture)
    return np.clip(np.round(picture * 255), 0, 255).astype(np.uint8), cover, label


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--seed", type=int, default=2024)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    for folder in ("images", "masks"):
        (args.out / folder).mkdir(parents=True, exist_ok=True)
    rows = ["name,label"]
    for i in range(args.count):
        picture, cover, label = draw(rng)
        name = f"{i:03d}.png"
        few = Image.fromarray(picture).quantize(32, dither=Image.Dither.NONE)
        few.save(args.out / "images" / name, optimize=True)
        mask = np.where(cover > 0.75, 255, np.where(cover < 0.25, 0, 128)).astype(np.uint8)
        Image.fromarray(mask).save(args.out / "masks" / name, optimize=True)
        rows.append(f"{name},{label}")
    (args.out / "labels.csv").write_text("\n".join(rows) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
