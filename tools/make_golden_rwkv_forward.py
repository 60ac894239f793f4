# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""RWKV-4 to 7 restated: one token after another, from the formulas of the papers (arXiv 2305.13048, 2404.05892,
2503.14456), under BlinkDL's names and in any dtype. make_golden_rwkv.py checks it against the references.
"""

import torch
import torch.nn.functional as F

EPSILON = 1e-5
GROUP_EPSILON = 64e-5


class Layer:
    """The tensors of one block, without ones in their shapes."""

    def __init__(self, w: dict[str, torch.Tensor], number: int, dtype: torch.dtype):
        start = f"blocks.{number}."
        self.w = {n[len(start) :]: v.to(dtype).squeeze() for n, v in w.items() if n.startswith(start)}
        self.number = number

    def __getitem__(self, name: str) -> torch.Tensor:
        return self.w[name]

    def __contains__(self, name: str) -> bool:
        return name in self.w

    def norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, x.shape[-1:], self[f"{name}.weight"], self[f"{name}.bias"], EPSILON)

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return x @ self[f"{name}.weight"].T

    def low(self, name: str, x: torch.Tensor, between) -> torch.Tensor:
        return between(x @ self[f"{name}1"]) @ self[f"{name}2"]


def shift(x: torch.Tensor) -> torch.Tensor:
    return torch.cat([torch.zeros_like(x[:1]), x[:-1]])


def mixer4(at: Layer, x: torch.Tensor) -> torch.Tensor:
    def mixed(letter):
        mix = at[f"att.time_mix_{letter}"]
        return x * mix + shift(x) * (1 - mix)

    r = torch.sigmoid(at.linear("att.receptance", mixed("r")))
    k, v = at.linear("att.key", mixed("k")), at.linear("att.value", mixed("v"))
    decay, first = -torch.exp(at["att.time_decay"]), at["att.time_first"]
    rows = []
    for t in range(len(x)):  # the definition: a softmax over the past, without a running state
        exponents = k[: t + 1] + (t - 1 - torch.arange(t + 1, dtype=x.dtype))[:, None] * decay
        exponents[t] = k[t] + first
        rows.append((torch.softmax(exponents, 0) * v[: t + 1]).sum(0))
    return r * torch.stack(rows)


def scan(r, k, v, decay, first, state):
    """RWKV-5 and 6: everything [L, H, N], state [H, N, N] of key and value."""
    rows = []
    for t in range(len(r)):
        now = k[t, :, :, None] * v[t, :, None, :]
        rows.append(torch.einsum("hk,hkv->hv", r[t], first[:, :, None] * now + state))
        state = decay[t][:, :, None] * state + now
    return torch.stack(rows)


def group_norm(at: Layer, o: torch.Tensor) -> torch.Tensor:
    """o [L, H, N] → [L, A]"""
    centered = o - o.mean(-1, keepdim=True)
    scaled = centered * torch.rsqrt(centered.square().mean(-1, keepdim=True) + GROUP_EPSILON)
    return scaled.flatten(1) * at["att.ln_x.weight"] + at["att.ln_x.bias"]


def mixer5(at: Layer, x: torch.Tensor, heads: int) -> torch.Tensor:
    def part(name, letter):
        mix = at[f"att.time_mix_{letter}"]
        return at.linear(f"att.{name}", x * mix + shift(x) * (1 - mix))

    r, k, v = (
        part(name, name[0]).unflatten(-1, (heads, -1)) for name in ("receptance", "key", "value")
    )
    n = r.shape[-1]
    decay = torch.exp(-torch.exp(at["att.time_decay"])).reshape(heads, -1).expand(heads, n)
    if "att.time_faaaa" in at:
        first = at["att.time_faaaa"]
    else:
        first = torch.exp(at["att.time_first"])
    first = first.reshape(heads, -1).expand(heads, n)
    state = torch.zeros(heads, n, n, dtype=x.dtype)
    y = group_norm(at, scan(r, k, v, decay.expand_as(r), first, state))
    return y * F.silu(part("gate", "g")) if "att.gate.weight" in at else y


def mixer6(at: Layer, x: torch.Tensor, heads: int) -> torch.Tensor:
    delta = shift(x) - x
    low = torch.tanh((x + delta * at["att.time_maa_x"]) @ at["att.time_maa_w1"]).unflatten(-1, (5, -1))
    z = {}
    for place, letter in enumerate("wkvrg"):
        mix = at[f"att.time_maa_{letter}"] + low[:, place] @ at["att.time_maa_w2"][place]
        z[letter] = x + delta * mix
    r, k, v = (
        at.linear(f"att.{name}", z[name[0]]).unflatten(-1, (heads, -1))
        for name in ("receptance", "key", "value")
    )
    decay = at["att.time_decay"].flatten() + at.low("att.time_decay_w", z["w"], torch.tanh)
    decay = torch.exp(-torch.exp(decay)).view_as(r)
    n = r.shape[-1]
    state = torch.zeros(heads, n, n, dtype=x.dtype)
    if "att.time_state" in at:
        state = at["att.time_state"].reshape(heads, n, n).transpose(1, 2)
    y = group_norm(at, scan(r, k, v, decay, at["att.time_faaaa"].reshape(heads, n), state))
    if "att.gate_w1" in at:
        return y * at.low("att.gate_w", z["g"], torch.tanh)
    return y * F.silu(at.linear("att.gate", z["g"]))


def mixer7(at: Layer, x: torch.Tensor, heads: int, first_values):
    delta = shift(x) - x
    z = {letter: x + delta * at[f"att.x_{letter}"] for letter in "rwkvag"}
    r, k, v = (at.linear(f"att.{name}", z[name[0]]) for name in ("receptance", "key", "value"))
    none = torch.nn.Identity()
    w = at["att.w0"] + at.low("att.w", z["w"], torch.tanh)
    decay = torch.exp(-torch.exp(-F.softplus(-w) - 0.5))
    a = torch.sigmoid(at["att.a0"] + at.low("att.a", z["a"], none))
    gate = at.low("att.g", z["g"], torch.sigmoid)
    if at.number == 0:
        first_values = v
    else:
        v = v + (first_values - v) * torch.sigmoid(at["att.v0"] + at.low("att.v", z["v"], none))
    split = lambda lanes: lanes.unflatten(-1, (heads, -1))  # noqa: E731
    remove = F.normalize(split(k * at["att.k_k"]), dim=-1)
    k = k * (1 + (a - 1) * at["att.k_a"])
    r, k, v, a, decay = (split(lanes) for lanes in (r, k, v, a, decay))
    n = r.shape[-1]
    state = torch.zeros(heads, n, n, dtype=x.dtype)  # of value and key
    rows = []
    for t in range(len(x)):
        gone = torch.einsum("hvk,hk->hv", state, remove[t])
        state = state * decay[t][:, None] - gone[:, :, None] * (remove[t] * a[t])[:, None]
        state = state + v[t][:, :, None] * k[t][:, None]
        rows.append(torch.einsum("hvk,hk->hv", state, r[t]))
    bonus = (r * k * at["att.r_k"].reshape(heads, n)).sum(-1, keepdim=True) * v
    return (group_norm(at, torch.stack(rows)) + bonus.flatten(1)) * gate, first_values


def feed_forward(at: Layer, x: torch.Tensor, version: int) -> torch.Tensor:
    name = {4: "time_mix_", 5: "time_mix_", 6: "time_maa_", 7: "x_"}[version]

    def mixed(letter):
        mix = at[f"ffn.{name}{letter}"]
        before, now = (1 - mix, mix) if version < 6 else (mix, 1 - mix)
        return shift(x) * before + x * now

    out = at.linear("ffn.value", torch.relu(at.linear("ffn.key", mixed("k"))) ** 2)
    return out if version == 7 else torch.sigmoid(at.linear("ffn.receptance", mixed("r"))) * out


def forward(weights, version: int, heads, ids, dtype, rescale: int = 0) -> torch.Tensor:
    """Logits [L, V]. `rescale`: the stream is halved after every so many blocks; 0: never."""
    w = {name: value.to(dtype) for name, value in weights.items()}
    x = w["emb.weight"][ids]
    count = 1 + max(int(name.split(".")[1]) for name in w if name.startswith("blocks."))
    first_values = None
    for number in range(count):
        at = Layer(w, number, dtype)
        scale = 2.0 ** -(number // rescale) if rescale else 1.0
        if number == 0:
            x = at.norm("ln0", x)
        u = at.norm("ln1", x)
        if version == 7:
            y, first_values = mixer7(at, u, heads, first_values)
        else:
            y = mixer4(at, u) if version == 4 else (mixer5, mixer6)[version - 5](at, u, heads)
        x = x + scale * at.linear("att.output", y)
        x = x + scale * feed_forward(at, at.norm("ln2", x), version)
        if rescale and (number + 1) % rescale == 0:
            x = x / 2
    x = F.layer_norm(x, x.shape[-1:], w["ln_out.weight"], w["ln_out.bias"], EPSILON)
    return x @ w["head.weight"].T
