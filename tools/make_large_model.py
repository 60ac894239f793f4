#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Writes a model with random bfloat16 weights, one tensor at a time.

    python tools/make_large_model.py FOLDER [SHAPE]

SHAPE is mamba-1.4b (the default, 2.7 GB), mamba-130m, mamba2-130m, rwkv4-169m, rwkv5-170m, rwkv6-170m,
rwkv7-170m or griffin-150m: published sizes where there are such, else their siblings cut to 768 channels.
The large one shows that a checkpoint larger than the memory at hand runs layer by layer: run the command
line on it under a memory limit, e.g. `undercurrent-cli predict FOLDER --ids 1,2,3 --memory 0.6`. The others
are for long inputs of every family (docs/performance.md). Needs numpy.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

V = 50280

# Tensors are given by name, shape and how their values are drawn: a spread, with an offset; or "rates", the
# logarithms of 1, 2, … along the last axis.
ONES = (0, 1)


def weight(rows, columns):
    return (rows, columns), (0.5 / columns**0.5, 0)


def mamba(e, layers):
    n, k, d, r = 16, 4, 2 * e, e // 16
    yield "backbone.embeddings.weight", (V, e), (0.02, 0)
    for i in range(layers):
        block = f"backbone.layers.{i}."
        mixer = block + "mixer."
        yield block + "norm.weight", (e,), ONES
        yield mixer + "in_proj.weight", (2 * d, e), (0.02, 0)
        yield mixer + "conv1d.weight", (d, 1, k), (0.3, 0)
        yield mixer + "conv1d.bias", (d,), (0.1, 0)
        yield mixer + "x_proj.weight", (r + 2 * n, d), (0.02, 0)
        yield mixer + "dt_proj.weight", (d, r), (0.05, 0)
        yield mixer + "dt_proj.bias", (d,), (0.5, -4)
        yield mixer + "A_log", (d, n), "rates"
        yield mixer + "D", (d,), ONES
        yield mixer + "out_proj.weight", (e, d), (0.003, 0)
    yield "backbone.norm_f.weight", (e,), ONES


def mamba_config(e, layers):
    return {"model_type": "mamba", "vocab_size": V, "hidden_size": e, "num_hidden_layers": layers,
            "state_size": 16, "conv_kernel": 4, "intermediate_size": 2 * e, "time_step_rank": e // 16,
            "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True}


def mamba2(e, layers):
    n, k, d, h = 128, 4, 2 * e, e // 32
    yield "backbone.embeddings.weight", (V, e), (0.02, 0)
    for i in range(layers):
        block = f"backbone.layers.{i}."
        mixer = block + "mixer."
        yield block + "norm.weight", (e,), ONES
        yield mixer + "in_proj.weight", (2 * d + 2 * n + h, e), (0.02, 0)
        yield mixer + "conv1d.weight", (d + 2 * n, 1, k), (0.3, 0)
        yield mixer + "conv1d.bias", (d + 2 * n,), (0.1, 0)
        yield mixer + "dt_bias", (h,), (0.5, -4)
        yield mixer + "A_log", (h,), "rates"
        yield mixer + "D", (h,), ONES
        yield mixer + "norm.weight", (d,), ONES
        yield mixer + "out_proj.weight", (e, d), (0.003, 0)
    yield "backbone.norm_f.weight", (e,), ONES


def mamba2_config(e, layers):
    return {"model_type": "mamba2", "vocab_size": V, "hidden_size": e, "num_hidden_layers": layers,
            "state_size": 128, "conv_kernel": 4, "expand": 2, "num_heads": e // 32, "head_dim": 64, "n_groups": 1,
            "use_bias": False, "use_conv_bias": True, "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True}


def norm(name, e):
    yield name + ".weight", (e,), ONES
    yield name + ".bias", (e,), (0.01, 0)


def rwkv_mixer(version, i, e):
    """The tensors of time mixing that versions do not share, without the prefix."""
    share = (0.2, 0.5)
    if version <= 5:
        for letter in "kvr" if version == 4 else "kvrg":
            yield f"time_mix_{letter}", (1, 1, e), share
    if version == 4:
        yield "time_decay", (e,), (1, -4)
        yield "time_first", (e,), (0.5, 0)
        return
    h = e // 64
    if version == 7:
        for letter in "rwkvag":
            yield f"x_{letter}", (1, 1, e), share
        for letter, rank, offset in (("w", 64, -3), ("a", 64, 0), ("v", 32, 1), ("g", 128, None)):
            if letter == "v" and i == 0:
                continue
            yield f"{letter}1", (e, rank), (0.02, 0)
            yield f"{letter}2", (rank, e), (0.05, 0)
            if offset is not None:
                yield f"{letter}0", (1, 1, e), (0.5, offset)
        yield "k_k", (1, 1, e), (0.05, 0.8)
        yield "k_a", (1, 1, e), (0.05, 1)
        yield "r_k", (h, 64), (0.05, 0)
    else:
        yield "gate.weight", *weight(e, e)
        yield "time_faaaa", (h, 64), (0.3, 0)
    if version == 5:
        yield "time_decay", (h, 64), (1, -4)
    if version == 6:
        for letter in "xwkvrg":
            yield f"time_maa_{letter}", (1, 1, e), share
        yield "time_maa_w1", (e, 160), (0.02, 0)
        yield "time_maa_w2", (5, 32, e), (0.05, 0)
        yield "time_decay", (1, 1, e), (1, -4)
        yield "time_decay_w1", (e, 64), (0.02, 0)
        yield "time_decay_w2", (64, e), (0.05, 0)
    yield from norm("ln_x", e)


def rwkv(version, e, layers):
    hidden = int(3.5 * e) // 32 * 32 if version in (5, 6) else 4 * e
    yield "emb.weight", (V, e), (0.02, 0)
    yield from norm("blocks.0.ln0", e)
    for i in range(layers):
        block = f"blocks.{i}."
        yield from norm(block + "ln1", e)
        yield from norm(block + "ln2", e)
        for name in ("receptance", "key", "value", "output"):
            yield f"{block}att.{name}.weight", *weight(e, e)
        for name, shape, kind in rwkv_mixer(version, i, e):
            yield f"{block}att.{name}", shape, kind
        yield block + "ffn.key.weight", *weight(hidden, e)
        yield block + "ffn.value.weight", *weight(e, hidden)
        if version == 7:
            yield block + "ffn.x_k", (1, 1, e), (0.2, 0.5)
            continue
        mix = "ffn.time_maa_" if version == 6 else "ffn.time_mix_"
        yield block + mix + "k", (1, 1, e), (0.2, 0.5)
        yield block + mix + "r", (1, 1, e), (0.2, 0.5)
        yield block + "ffn.receptance.weight", *weight(e, e)
    yield from norm("ln_out", e)
    yield "head.weight", *weight(V, e)


def griffin_types(layers):
    return ["attention" if i % 3 == 2 else "recurrent" for i in range(layers)]


def griffin(e, layers):
    h, hidden = e // 64, 3 * e

    def linear(name, rows, columns, bias=True):
        yield name + ".weight", *weight(rows, columns)
        if bias:
            yield name + ".bias", (rows,), (0.01, 0)

    yield "model.embed_tokens.weight", (V, e), (0.02, 0)
    for i, kind in enumerate(griffin_types(layers)):
        block = f"model.layers.{i}."
        mixer = block + "temporal_block."
        yield block + "temporal_pre_norm.weight", (e,), (0.02, 0)
        yield block + "channel_pre_norm.weight", (e,), (0.02, 0)
        if kind == "attention":
            for name, rows in (("q", e), ("k", 64), ("v", 64)):
                yield from linear(f"{mixer}{name}_proj", rows, e, bias=False)
            yield from linear(mixer + "o_proj", e, e)
        else:
            for name in ("linear_x", "linear_y", "linear_out"):
                yield from linear(mixer + name, e, e)
            yield mixer + "conv_1d.weight", (e, 1, 4), (0.3, 0)
            yield mixer + "conv_1d.bias", (e,), (0.01, 0)
            yield mixer + "rg_lru.recurrent_param", (e,), (0.5, -4)
            for gate in ("input", "recurrent"):
                yield f"{mixer}rg_lru.{gate}_gate_weight", (h, 64, 64), (0.06, 0)
                yield f"{mixer}rg_lru.{gate}_gate_bias", (h, 64), (0.1, 0)
        yield from linear(block + "mlp_block.gate_proj", hidden, e)
        yield from linear(block + "mlp_block.up_proj", hidden, e)
        yield from linear(block + "mlp_block.down_proj", e, hidden)
    yield "model.final_norm.weight", (e,), (0.02, 0)


def griffin_config(e, layers):
    return {"model_type": "recurrent_gemma", "vocab_size": V, "hidden_size": e, "lru_width": e,
            "intermediate_size": 6 * e, "num_hidden_layers": layers, "conv1d_width": 4,
            "num_attention_heads": e // 64, "num_key_value_heads": 1, "head_dim": 64,
            "attention_window_size": 2048, "block_types": ["recurrent", "recurrent", "attention"],
            "tie_word_embeddings": True}


SHAPES = {
    "mamba-1.4b": (mamba(2048, 48), mamba_config(2048, 48)),
    "mamba-130m": (mamba(768, 24), mamba_config(768, 24)),
    "mamba2-130m": (mamba2(768, 24), mamba2_config(768, 24)),
    "rwkv4-169m": (rwkv(4, 768, 12), None),
    "rwkv5-170m": (rwkv(5, 768, 12), None),
    "rwkv6-170m": (rwkv(6, 768, 12), None),
    "rwkv7-170m": (rwkv(7, 768, 12), None),
    "griffin-150m": (griffin(768, 12), griffin_config(768, 12)),
}


def values(shape, kind, random):
    count = int(np.prod(shape))
    if kind == "rates":
        return np.resize(np.log(np.arange(1, shape[-1] + 1, dtype=np.float32)), count)
    spread, offset = kind
    return random.standard_normal(count, dtype=np.float32) * np.float32(spread) + np.float32(offset)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    tensors, config = SHAPES[sys.argv[2] if len(sys.argv) > 2 else "mamba-1.4b"]
    tensors = list(tensors)
    header, end = {}, 0
    for name, shape, _ in tensors:
        begin, end = end, end + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    random = np.random.default_rng(0)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, kind in tensors:
            bits = np.ascontiguousarray(values(shape, kind, random)).view(np.uint32) >> 16
            file.write(bits.astype("<u2").tobytes())
    if config:
        (folder / "config.json").write_text(json.dumps(config))


if __name__ == "__main__":
    main()
