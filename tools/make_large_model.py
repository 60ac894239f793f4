#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Writes a Mamba of the 1.4b shape with random bfloat16 weights (2.7 GB), one tensor at a time.

    python tools/make_large_model.py FOLDER

For seeing that a checkpoint larger than the memory at hand runs layer by layer: run the command line on
it under a memory limit, e.g. `undercurrent-cli predict FOLDER --ids 1,2,3 --memory 0.6`. Needs numpy.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

E, LAYERS, N, K, V = 2048, 48, 16, 4, 50280
D, R = 2 * E, E // 16


def tensors():
    """Name, shape, and how its values are drawn: a spread, with an offset; or ones; or the state's rates."""
    yield "backbone.embeddings.weight", (V, E), (0.02, 0)
    for i in range(LAYERS):
        block = f"backbone.layers.{i}."
        mixer = block + "mixer."
        yield block + "norm.weight", (E,), "ones"
        yield mixer + "in_proj.weight", (2 * D, E), (0.02, 0)
        yield mixer + "conv1d.weight", (D, 1, K), (0.3, 0)
        yield mixer + "conv1d.bias", (D,), (0.1, 0)
        yield mixer + "x_proj.weight", (R + 2 * N, D), (0.02, 0)
        yield mixer + "dt_proj.weight", (D, R), (0.05, 0)
        yield mixer + "dt_proj.bias", (D,), (0.5, -4)
        yield mixer + "A_log", (D, N), "rates"
        yield mixer + "D", (D,), "ones"
        yield mixer + "out_proj.weight", (E, D), (0.003, 0)
    yield "backbone.norm_f.weight", (E,), "ones"


def values(shape, kind, random):
    count = int(np.prod(shape))
    if kind == "ones":
        return np.ones(count, np.float32)
    if kind == "rates":
        return np.tile(np.log(np.arange(1, N + 1, dtype=np.float32)), D)
    spread, offset = kind
    return random.standard_normal(count, dtype=np.float32) * np.float32(spread) + np.float32(offset)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    header, end = {}, 0
    for name, shape, _ in tensors():
        begin, end = end, end + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    random = np.random.default_rng(0)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, kind in tensors():
            bits = np.ascontiguousarray(values(shape, kind, random)).view(np.uint32) >> 16
            file.write(bits.astype("<u2").tobytes())
    config = {"model_type": "mamba", "vocab_size": V, "hidden_size": E, "num_hidden_layers": LAYERS,
              "state_size": N, "conv_kernel": K, "intermediate_size": D, "time_step_rank": R,
              "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True}
    (folder / "config.json").write_text(json.dumps(config))


if __name__ == "__main__":
    main()
