# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""The vision demo's Vision Mamba (Vim) as a torch module, and plainly in float64 to check it.

Names and shapes are those of the official checkpoints: two directions (bimamba v2), class token in
the middle, the sum of the directions halved, RMS norm.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from demo_mixers import depthwise, time_step_bias
from demo_scans import STATE, ConvSilu, SelectiveScan

WIDTH, DEPTH, PATCH, RANK = 64, 6, 8, 4
INNER = 2 * WIDTH


class VimMixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.in_proj = nn.Linear(WIDTH, 2 * INNER, bias=False)
        self.out_proj = nn.Linear(INNER, WIDTH, bias=False)
        for end in ("", "_b"):
            self.add_module("conv1d" + end, depthwise(INNER))
            self.add_module("x_proj" + end, nn.Linear(INNER, RANK + 2 * STATE, bias=False))
            step = nn.Linear(RANK, INNER)
            with torch.no_grad():
                step.bias.copy_(time_step_bias(INNER))
                step.weight.uniform_(-RANK ** -0.5, RANK ** -0.5)
            self.add_module("dt_proj" + end, step)
            rates = torch.arange(1.0, STATE + 1).log().repeat(INNER, 1)
            self.register_parameter(f"A{end}_log", nn.Parameter(rates))
            self.register_parameter("D" + end, nn.Parameter(torch.ones(INNER)))
        with torch.no_grad():
            self.out_proj.weight /= math.sqrt(DEPTH)

    def direction(self, x, end):
        conv, step, backward = getattr(self, "conv1d" + end), getattr(self, "dt_proj" + end), end == "_b"
        a = ConvSilu.apply(x, conv.weight, conv.bias, -1 if backward else 1)
        low, B, C = getattr(self, "x_proj" + end)(a).split([RANK, STATE, STATE], -1)
        A = -torch.exp(getattr(self, f"A{end}_log"))
        return (SelectiveScan.apply(a, F.softplus(step(low)), A, B, C, backward)
                + getattr(self, "D" + end) * a)

    def forward(self, u):
        x, z = self.in_proj(u).chunk(2, -1)
        y = self.direction(x, "") + self.direction(x, "_b")
        return self.out_proj(y * F.silu(z) / 2)


class VimModel(nn.Module):
    """forward: normalized pictures [batch, 3, size, size] to logits [batch, classes]."""

    def __init__(self, size, stride, classes):
        super().__init__()
        self.size, self.stride = size, stride
        tokens = ((size - PATCH) // stride + 1) ** 2 + 1
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, WIDTH, PATCH, stride)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, WIDTH))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, tokens, WIDTH))
        self.layers = nn.ModuleList(nn.ModuleDict(
            {"norm": nn.RMSNorm(WIDTH, 1e-5), "mixer": VimMixer()}) for _ in range(DEPTH))
        self.norm_f = nn.RMSNorm(WIDTH, 1e-5)
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, pictures, pooled=False):
        """With pooled, also the logits of the mean over the tokens (an aid in training)."""
        h = self.patch_embed.proj(pictures).flatten(2).mT
        middle = h.shape[1] // 2
        token = self.cls_token.expand(len(h), -1, -1)
        h = torch.cat([h[:, :middle], token, h[:, middle:]], 1) + self.pos_embed
        for layer in self.layers:
            h = h + layer["mixer"](layer["norm"](h))
        h = self.norm_f(h)
        logits = self.head(h[:, middle])
        return (logits, self.head(h.mean(1))) if pooled else logits

    def refined(self, stride):
        """The same model on a finer grid: position embeddings are interpolated."""
        result = VimModel(self.size, stride, len(self.head.bias))
        old, new = (math.isqrt(m.pos_embed.shape[1] - 1) for m in (self, result))
        weights, rows = self.state_dict(), self.pos_embed.detach()[0]
        patches = torch.cat([rows[:old ** 2 // 2], rows[old ** 2 // 2 + 1:]])
        patches = F.interpolate(patches.T.reshape(1, -1, old, old), (new, new), mode="bilinear",
                                align_corners=True).flatten(2)[0].T
        half = new ** 2 // 2
        weights["pos_embed"] = torch.cat(
            [patches[:half], rows[old ** 2 // 2, None], patches[half:]])[None]
        result.load_state_dict(weights)
        return result


def plain_direction(x, z, w, end):
    """x and z [length, inner] in the order of the scan; the gated output of one direction."""
    def sigmoid(v):
        return 1 / (1 + np.exp(-v))
    inner, taps = x.shape[1], w[f"conv1d{end}.weight"].shape[-1]
    state, out = np.zeros((inner, STATE)), []
    for t in range(len(x)):
        c = w[f"conv1d{end}.bias"].copy()
        for k in range(taps):
            if t - (taps - 1) + k >= 0:
                c += w[f"conv1d{end}.weight"][:, 0, k] * x[t - (taps - 1) + k]
        a = c * sigmoid(c)
        p = w[f"x_proj{end}.weight"] @ a
        rank = len(p) - 2 * STATE
        delta = np.log1p(np.exp(w[f"dt_proj{end}.weight"] @ p[:rank] + w[f"dt_proj{end}.bias"]))
        decay = np.exp(-delta[:, None] * np.exp(w[f"A{end}_log"]))
        state = decay * state + (delta * a)[:, None] * p[rank:rank + STATE]
        out.append((state @ p[rank + STATE:] + w[f"D{end}"] * a) * z[t] * sigmoid(z[t]))
    return np.array(out)


def plain_logits(weights, picture, stride):
    """The forward pass written out for one normalized picture [3, size, size], in float64."""
    w = {k: v.double().numpy() for k, v in weights.items()}

    def norm(h, weight):
        return weight * h / np.sqrt((h * h).mean(-1, keepdims=True) + 1e-5)
    kernel, picture = w["patch_embed.proj.weight"], picture.astype(np.float64)
    patch = kernel.shape[-1]
    places = range(0, picture.shape[1] - patch + 1, stride)
    h = [(kernel * picture[:, r:r + patch, c:c + patch]).sum((1, 2, 3)) + w["patch_embed.proj.bias"]
         for r in places for c in places]
    middle = len(h) // 2
    h = np.array(h[:middle] + [w["cls_token"][0, 0]] + h[middle:]) + w["pos_embed"][0]
    for i in range(sum(k.endswith("A_b_log") for k in w)):
        layer = {k.split("mixer.")[1]: v for k, v in w.items() if k.startswith(f"layers.{i}.mixer.")}
        x, z = np.split(norm(h, w[f"layers.{i}.norm.weight"]) @ layer["in_proj.weight"].T, 2, 1)
        y = plain_direction(x, z, layer, "") + plain_direction(x[::-1], z[::-1], layer, "_b")[::-1]
        h = h + y / 2 @ layer["out_proj.weight"].T
    return w["head.weight"] @ norm(h[middle], w["norm_f.weight"]) + w["head.bias"]
