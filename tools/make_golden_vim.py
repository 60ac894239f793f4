#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tiny random Vision Mamba models in the layout of the authors' checkpoints, with reference logits and maps.

Run through make_golden.py. The authors' code needs a GPU, so the values come from `forward` below: the paper's
algorithm 1 token by token in numpy, in float32 and in float64. The maps come from the closed form
exp(A Σ Δ), a second way, and are checked to rebuild y.
"""

import json
import math
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

EPSILON = 1e-5
MAP_LAYER, MAP_LANES = 1, (0, 5, 13)

# place: where the class token stands; config: whether there is a config.json.
MODELS = {
    "middle": {
        "seed": 801, "image": (16, 16), "patch": 4, "stride": 4, "place": "middle", "halved": True,
        "width": 10, "inner": 20, "state": 4, "rank": 2, "conv": 4, "layers": 2, "classes": 7,
        "config": False, "labels": "file",
    },
    "first": {
        "seed": 802, "image": (12, 20), "patch": 4, "stride": 4, "place": "first", "halved": True,
        "width": 8, "inner": 16, "state": 5, "rank": 3, "conv": 3, "layers": 3, "classes": 5,
        "config": True, "labels": "config", "maps": True,
    },
    "none": {
        "seed": 803, "image": (15, 18), "patch": 6, "stride": 3, "place": "none", "halved": True,
        "width": 8, "inner": 18, "state": 3, "rank": 1, "conv": 4, "layers": 2, "classes": 4,
        "config": True, "labels": None,
    },
    "sum": {
        "seed": 804, "image": (10, 14), "patch": 4, "stride": 2, "place": 5, "halved": False,
        "width": 9, "inner": 14, "state": 4, "rank": 2, "conv": 4, "layers": 2, "classes": 6,
        "config": True, "labels": None, "maps": True,
    },
}  # fmt: skip


def grid(spec: dict) -> tuple[int, int]:
    height, width = spec["image"]
    return (height - spec["patch"]) // spec["stride"] + 1, (width - spec["patch"]) // spec["stride"] + 1


def token_place(spec: dict) -> int | None:
    patches = math.prod(grid(spec))
    named = {"middle": patches // 2, "first": 0, "last": patches, "none": None}
    return named.get(spec["place"], spec["place"])


def random_weights(spec: dict) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(spec["seed"])
    E, D, N, R, K = (spec[key] for key in ("width", "inner", "state", "rank", "conv"))
    weights = {}

    def normal(name: str, *shape: int, scale: float = 1.0, offset: float = 0.0) -> None:
        weights[name] = (offset + scale * rng.standard_normal(shape)).astype(np.float32)

    tokens = math.prod(grid(spec)) + (token_place(spec) is not None)
    normal("patch_embed.proj.weight", E, 3, spec["patch"], spec["patch"], scale=0.15)
    normal("patch_embed.proj.bias", E, scale=0.2)
    if token_place(spec) is not None:
        normal("cls_token", 1, 1, E)
    normal("pos_embed", 1, tokens, E, scale=0.6)
    for i in range(spec["layers"]):
        mixer = f"layers.{i}.mixer."
        normal(f"layers.{i}.norm.weight", E, scale=0.2, offset=1.0)
        normal(mixer + "in_proj.weight", 2 * D, E, scale=0.6)
        for suffix, rate, skip in (("", "A_log", "D"), ("_b", "A_b_log", "D_b")):
            normal(mixer + f"conv1d{suffix}.weight", D, 1, K, scale=0.5)
            normal(mixer + f"conv1d{suffix}.bias", D, scale=0.3)
            normal(mixer + f"x_proj{suffix}.weight", R + 2 * N, D, scale=0.4)
            normal(mixer + f"dt_proj{suffix}.weight", D, R, scale=0.5)
            normal(mixer + f"dt_proj{suffix}.bias", D, scale=0.5, offset=-1.0)
            normal(mixer + rate, D, N, scale=0.5)
            normal(mixer + skip, D, scale=0.4, offset=0.6)
        normal(mixer + "out_proj.weight", E, D, scale=0.3)
    normal("norm_f.weight", E, scale=0.2, offset=1.0)
    normal("head.weight", spec["classes"], E, scale=0.7)
    normal("head.bias", spec["classes"], scale=0.3)
    return weights


def rms_norm(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + x.dtype.type(EPSILON)) * weight


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def direction(w: dict, mixer: str, suffix: str, rate: str, skip: str, x: np.ndarray, z: np.ndarray) -> dict:
    """One scan over x and z [L, D] in its own order."""
    L, D = x.shape
    N = w[mixer + rate].shape[1]
    R = w[mixer + f"dt_proj{suffix}.weight"].shape[1]
    taps = w[mixer + f"conv1d{suffix}.weight"][:, 0]
    bias = w[mixer + f"conv1d{suffix}.bias"]
    K = taps.shape[1]
    padded = np.concatenate([np.zeros((K - 1, D), x.dtype), x])
    c = np.stack([(padded[t : t + K].T * taps).sum(1) + bias for t in range(L)])
    activation = sigmoid(c)
    a = c * activation
    selected = a @ w[mixer + f"x_proj{suffix}.weight"].T
    step = np.logaddexp(
        0, selected[:, :R] @ w[mixer + f"dt_proj{suffix}.weight"].T + w[mixer + f"dt_proj{suffix}.bias"]
    ).astype(x.dtype)
    B, C = selected[:, R : R + N], selected[:, R + N :]
    A = -np.exp(w[mixer + rate])
    gate = z * sigmoid(z)
    state, y = np.zeros((D, N), x.dtype), np.zeros_like(x)
    for t in range(L):
        state = np.exp(step[t][:, None] * A) * state + (step[t] * a[t])[:, None] * B[t]
        y[t] = (state * C[t]).sum(1)
    y = (y + a * w[mixer + skip]) * gate
    return {
        "y": y, "gate": gate, "activation": activation, "step": step, "B": B, "C": C, "A": A,
        "taps": taps, "bias": bias, "skip": w[mixer + skip],
    }  # fmt: skip


def forward(spec: dict, stored: dict[str, np.ndarray], pixels: np.ndarray, dtype) -> dict:
    w = {name: value.astype(dtype) for name, value in stored.items()}
    pixels = pixels.astype(dtype)
    P, S = spec["patch"], spec["stride"]
    rows, cols = grid(spec)
    kernel = w["patch_embed.proj.weight"].reshape(spec["width"], -1)
    patches = [
        kernel @ pixels[:, r * S : r * S + P, c * S : c * S + P].reshape(-1) + w["patch_embed.proj.bias"]
        for r in range(rows)
        for c in range(cols)
    ]
    place = token_place(spec)
    if place is not None:
        patches.insert(place, w["cls_token"][0, 0])
    h = np.stack(patches) + w["pos_embed"][0]
    layers = []
    for i in range(spec["layers"]):
        mixer = f"layers.{i}.mixer."
        u = rms_norm(h, w[f"layers.{i}.norm.weight"])
        x, z = np.split(u @ w[mixer + "in_proj.weight"].T, 2, axis=1)
        front = direction(w, mixer, "", "A_log", "D", x, z)
        back = direction(w, mixer, "_b", "A_b_log", "D_b", x[::-1], z[::-1])
        share = dtype(0.5 if spec["halved"] else 1.0)
        y = (front["y"] + back["y"][::-1]) * share
        layers.append({"x": x, "y": y, "forward": front, "backward": back, "share": share})
        h = h + y @ w[mixer + "out_proj.weight"].T
    last = rms_norm(h, w["norm_f.weight"])
    row = last.mean(0) if place is None else last[place]
    return {"logits": (w["head.weight"] @ row + w["head.bias"])[None], "layers": layers, "tokens": len(h)}


def dense(part: dict, lane: int, has_skip: bool) -> tuple[np.ndarray, np.ndarray]:
    """G (α + S) Z M of one lane, in the scan's own order, and the additive term of the convolution's bias."""
    step = part["step"][:, lane]
    L = len(step)
    total = np.cumsum(step)
    alpha = np.zeros((L, L))
    for t in range(L):
        for s in range(t + 1):
            decay = np.exp(part["A"][lane] * (total[t] - total[s]))
            alpha[t, s] = (part["C"][t] * decay * part["B"][s]).sum() * step[s]
    if has_skip:
        alpha += np.eye(L) * part["skip"][lane]
    scaled = part["gate"][:, lane][:, None] * alpha * part["activation"][:, lane][None]
    band = np.zeros((L, L))
    K = part["taps"].shape[1]
    for t in range(L):
        for s in range(max(0, t - K + 1), t + 1):
            band[t, s] = part["taps"][lane, K - 1 - (t - s)]
    return scaled @ band, scaled.sum(1) * part["bias"][lane]


def maps(layer: dict) -> dict[str, np.ndarray]:
    found = {"unified": [], "exact": [], "forward": [], "backward": []}
    for lane in MAP_LANES:
        front, front_rest = dense(layer["forward"], lane, True)
        back, back_rest = dense(layer["backward"], lane, True)
        exact = (front + back[::-1, ::-1]) * layer["share"]
        rest = (front_rest + back_rest[::-1]) * layer["share"]
        error = np.abs(exact @ layer["x"][:, lane] + rest - layer["y"][:, lane]).max()
        assert error < 1e-12, error
        front, back = dense(layer["forward"], lane, False)[0], dense(layer["backward"], lane, False)[0][::-1, ::-1]
        for name, value in (("exact", exact), ("unified", front + back), ("forward", front), ("backward", back)):
            found[name].append(value)
    return {name: np.stack(value) for name, value in found.items()}


def write_config(folder: Path, spec: dict) -> None:
    config = {
        "model_type": "vim", "image_size": list(spec["image"]), "patch_size": spec["patch"],
        "stride": spec["stride"], "class_token": spec["place"], "divide_out": spec["halved"],
    }  # fmt: skip
    if spec["labels"] == "config":
        config["id2label"] = {str(i): f"thing {i}" for i in range(spec["classes"])}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def make(root: Path) -> None:
    size = 0
    for name, spec in MODELS.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        weights = random_weights(spec)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        if spec["config"]:
            write_config(folder, spec)
        if spec["labels"] == "file":
            (folder / "labels.txt").write_text("".join(f"label {i}\n" for i in range(spec["classes"] - 1)))
        pixels = np.random.default_rng(spec["seed"] + 1000).standard_normal((3, *spec["image"])).astype(np.float32)
        np.save(folder / "pixels.npy", pixels)
        exact = forward(spec, weights, pixels, np.float64)
        plain = forward(spec, weights, pixels, np.float32)
        np.save(folder / "logits64.npy", exact["logits"])
        np.save(folder / "logits.npy", plain["logits"])
        for index, layer in enumerate(exact["layers"]):
            np.save(folder / f"layer{index}_y.npy", layer["y"])
            for values in [maps(layer)]:
                if spec.get("maps") and index == MAP_LAYER:
                    for kind, value in values.items():
                        np.save(folder / f"layer{index}_{kind}.npy", value)
        difference = np.abs(exact["logits"] - plain["logits"]).max()
        print(f"vim/{name}: {exact['tokens']} tokens, float32 differs by {difference:.1e}")
        size += sum(file.stat().st_size for file in folder.iterdir())
    print(f"vim: {size} bytes")
