# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tiny random RecurrentGemma models with reference logits and generated tokens.

Run through make_golden.py. The float32 logits come from transformers' RecurrentGemmaForCausalLM on
the CPU. That class computes parts in float32 whatever the dtype, so the float64 values come from
`forward` below, a plain restatement, which is checked twice: in float32 against the class as it is,
and in float64 against the class with its conversions to float32 patched out.
"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from golden_reference import NO_FLOAT, greedy, patched, quiet, top_gap
from safetensors.torch import save_file
from transformers import RecurrentGemmaConfig, RecurrentGemmaForCausalLM
from transformers.models.recurrent_gemma import modeling_recurrent_gemma as reference

# `rotary` says how config.json spells the rotary positions: "nested" as transformers 5 writes them,
# "flat" as older files have them.
MODELS = {
    "hf-mqa": {
        "seed": 414,
        "hidden": 24,
        "lru": 18,
        "feed": 27,
        "heads": 3,
        "kv": 1,
        "conv": 4,
        "window": 16,
        "types": ["recurrent", "recurrent", "attention"],
        "layers": 4,
        "vocab": 43,
        "cap": 30.0,
        "theta": 10000.0,
        "share": 0.5,
        "bias": False,
        "tied": True,
        "rotary": "nested",
        "lengths": (1, 37, 130),
    },
    "hf-mha-bias": {
        "seed": 438,
        "hidden": 24,
        "lru": None,
        "feed": 22,
        "heads": 2,
        "kv": None,
        "conv": 3,
        "window": 16,
        "types": ["attention", "recurrent"],
        "layers": 2,
        "vocab": 31,
        "cap": 5.0,
        "theta": 500.0,
        "share": 0.7,
        "bias": True,
        "tied": False,
        "rotary": "flat",
        "lengths": (1, 37),
    },
}
NEW_TOKENS = 20
PROMPT_LENGTH = 37
EPSILON = 1e-6


# ---- weights -------------------------------------------------------------------------------------


def is_attention(spec: dict, layer: int) -> bool:
    return spec["types"][layer % len(spec["types"])] == "attention"


def random_weights(spec: dict) -> dict[str, torch.Tensor]:
    """Weights under Hugging Face names, drawn in float64 and rounded to float32.

    No parameter is left trivial.
    """
    rng = np.random.default_rng(spec["seed"])
    e, h, k, f = spec["hidden"], spec["heads"], spec["conv"], spec["feed"] // 2
    w, p = spec["lru"] or e, e // h
    kv = spec["kv"] or h
    weights = {}

    def normal(name: str, *shape: int, scale: float = 1.0, offset: float = 0.0) -> None:
        weights[name] = torch.from_numpy(offset + scale * rng.standard_normal(shape))

    def linear(name: str, rows: int, columns: int, scale: float = 1.0, bias: bool = True) -> None:
        normal(f"{name}.weight", rows, columns, scale=scale / math.sqrt(columns))
        if bias:
            normal(f"{name}.bias", rows, scale=0.2)

    normal("model.embed_tokens.weight", spec["vocab"], e, scale=0.35)
    for layer in range(spec["layers"]):
        block = f"model.layers.{layer}"
        mixer = f"{block}.temporal_block"
        normal(f"{block}.temporal_pre_norm.weight", e, scale=0.3)
        if is_attention(spec, layer):
            linear(f"{mixer}.q_proj", h * p, e, scale=1.6, bias=spec["bias"])
            linear(f"{mixer}.k_proj", kv * p, e, scale=1.6, bias=spec["bias"])
            linear(f"{mixer}.v_proj", kv * p, e, bias=spec["bias"])
            linear(f"{mixer}.o_proj", e, h * p, scale=2.0)
        else:
            linear(f"{mixer}.linear_x", w, e)
            linear(f"{mixer}.linear_y", w, e)
            normal(f"{mixer}.conv_1d.weight", w, 1, k, scale=0.6)
            normal(f"{mixer}.conv_1d.bias", w, scale=0.3)
            normal(f"{mixer}.rg_lru.recurrent_param", w, scale=1.5, offset=-3.5)
            for gate in ("input", "recurrent"):
                size = w // h
                name = f"{mixer}.rg_lru.{gate}_gate"
                normal(f"{name}_weight", h, size, size, scale=1.0 / math.sqrt(size))
                normal(f"{name}_bias", h, size, scale=0.5)
            linear(f"{mixer}.linear_out", e, w, scale=2.5)
        normal(f"{block}.channel_pre_norm.weight", e, scale=0.3)
        linear(f"{block}.mlp_block.gate_proj", f, e)
        linear(f"{block}.mlp_block.up_proj", f, e)
        linear(f"{block}.mlp_block.down_proj", e, f, scale=2.0)
    normal("model.final_norm.weight", e, scale=0.3)
    if not spec["tied"]:
        normal("lm_head.weight", spec["vocab"], e, scale=0.5)
    return {name: value.float().contiguous() for name, value in weights.items()}


def hf_config(spec: dict) -> RecurrentGemmaConfig:
    return RecurrentGemmaConfig(
        vocab_size=spec["vocab"],
        hidden_size=spec["hidden"],
        lru_width=spec["lru"],
        intermediate_size=spec["feed"],
        num_hidden_layers=spec["layers"],
        num_attention_heads=spec["heads"],
        num_key_value_heads=spec["kv"],
        conv1d_width=spec["conv"],
        attention_window_size=spec["window"],
        attention_bias=spec["bias"],
        logits_soft_cap=spec["cap"],
        rms_norm_eps=EPSILON,
        block_types=spec["types"],
        rope_parameters={
            "rope_type": "default",
            "rope_theta": spec["theta"],
            "partial_rotary_factor": spec["share"],
        },
        tie_word_embeddings=spec["tied"],
    )


def write_model(folder: Path, spec: dict, weights: dict[str, torch.Tensor]) -> None:
    """As the class writes config.json itself, or as files on the hub had it before transformers 5."""
    config = hf_config(spec).to_dict() | {"architectures": ["RecurrentGemmaForCausalLM"]}
    # What the class fills in is written as it was said: null.
    config |= {"lru_width": spec["lru"], "num_key_value_heads": spec["kv"]}
    if spec["rotary"] == "flat":
        del config["rope_parameters"]
        config |= {"rope_theta": spec["theta"], "partial_rotary_factor": spec["share"]}
    for key in ("transformers_version", "_name_or_path", "dtype"):
        config.pop(key, None)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


# ---- the restatement -----------------------------------------------------------------------------


def rms_norm(weight: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    return h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + EPSILON) * (1 + weight)


def recurrent(w: dict[str, torch.Tensor], spec: dict, u: torch.Tensor) -> torch.Tensor:
    heads, k = spec["heads"], spec["conv"]
    gate = F.gelu(F.linear(u, w["linear_y.weight"], w["linear_y.bias"]), approximate="tanh")
    x = F.linear(u, w["linear_x.weight"], w["linear_x.bias"])
    lanes = x.shape[1]
    padded = F.pad(x.T[None], (k - 1, 0))
    c = F.conv1d(padded, w["conv_1d.weight"], w["conv_1d.bias"], groups=lanes)[0].T
    blocks = c.view(len(c), heads, -1)

    def sigmoid_of(name: str) -> torch.Tensor:
        weight, bias = w[f"rg_lru.{name}_weight"], w[f"rg_lru.{name}_bias"]
        return torch.sigmoid(torch.einsum("thi,hij->thj", blocks, weight) + bias).flatten(1)

    log_a = -8 * sigmoid_of("recurrent_gate") * F.softplus(w["rg_lru.recurrent_param"])
    scale = torch.sqrt(-torch.expm1(2 * log_a))
    scale[0] = 1
    written = scale * sigmoid_of("input_gate") * c
    state = torch.zeros(lanes, dtype=u.dtype)
    rows = []
    for t in range(len(u)):
        state = torch.exp(log_a[t]) * state + written[t]
        rows.append(state)
    y = torch.stack(rows) * gate
    return F.linear(y, w["linear_out.weight"], w["linear_out.bias"])


def attention(w: dict[str, torch.Tensor], spec: dict, u: torch.Tensor) -> torch.Tensor:
    length, heads = len(u), spec["heads"]
    size = spec["hidden"] // heads
    turned = int(size * spec["share"])
    steps = torch.arange(0, turned, 2, dtype=torch.float64)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * spec["theta"] ** (-steps / turned)
    cosine, sine = (f(angles)[:, None].to(u.dtype) for f in (torch.cos, torch.sin))

    def projected(name: str) -> torch.Tensor:
        return F.linear(u, w[f"{name}.weight"], w.get(f"{name}.bias")).view(length, -1, size)

    def rotated(rows: torch.Tensor) -> torch.Tensor:
        first, second, rest = rows.split([turned // 2, turned // 2, size - turned], dim=-1)
        return torch.cat(
            [first * cosine - second * sine, second * cosine + first * sine, rest], dim=-1
        )

    q, k, v = rotated(projected("q_proj")), rotated(projected("k_proj")), projected("v_proj")
    k, v = (rows.repeat_interleave(heads // rows.shape[1], dim=1) for rows in (k, v))
    scores = torch.einsum("thp,shp->hts", q, k) / math.sqrt(size)
    back = torch.arange(length)[:, None] - torch.arange(length)
    scores = scores.masked_fill((back < 0) | (back >= spec["window"]), -math.inf)
    y = torch.einsum("hts,shp->thp", scores.softmax(-1), v).flatten(1)
    return F.linear(y, w["o_proj.weight"], w["o_proj.bias"])


def forward(
    weights: dict[str, torch.Tensor], spec: dict, ids: list[int], dtype: torch.dtype
) -> torch.Tensor:
    """Logits [L, V], everything in `dtype`."""
    w = {name: value.to(dtype) for name, value in weights.items()}
    scale = torch.tensor(spec["hidden"] ** 0.5, dtype=torch.bfloat16).to(dtype)
    h = w["model.embed_tokens.weight"][ids] * scale
    for layer in range(spec["layers"]):
        block = f"model.layers.{layer}."
        mixer = {
            name.removeprefix(f"{block}temporal_block."): value
            for name, value in w.items()
            if name.startswith(f"{block}temporal_block.")
        }
        mix = attention if is_attention(spec, layer) else recurrent
        h = h + mix(mixer, spec, rms_norm(w[f"{block}temporal_pre_norm.weight"], h))
        u = rms_norm(w[f"{block}channel_pre_norm.weight"], h)

        def feed(name: str, rows: torch.Tensor, block: str = block) -> torch.Tensor:
            name = f"{block}mlp_block.{name}_proj"
            return F.linear(rows, w[f"{name}.weight"], w[f"{name}.bias"])

        h = h + feed("down", F.gelu(feed("gate", u), approximate="tanh") * feed("up", u))
    head = w.get("lm_head.weight", w["model.embed_tokens.weight"])
    logits = F.linear(rms_norm(w["model.final_norm.weight"], h), head)
    return spec["cap"] * torch.tanh(logits / spec["cap"])


# ---- the reference class -------------------------------------------------------------------------


def load_reference(folder: Path) -> RecurrentGemmaForCausalLM:
    model, report = RecurrentGemmaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    assert not any(report.values()), report
    return model.eval()


def double_precision():
    """Patches out the conversions to float32 inside transformers' RecurrentGemma."""

    def rotary(self, x, position_ids):
        parameters = self.config.rope_parameters
        turned = int(self.config.head_dim * parameters["partial_rotary_factor"])
        steps = torch.arange(0, turned, 2, dtype=torch.float64)
        angles = position_ids[..., None].double() / parameters["rope_theta"] ** (steps / turned)
        both = torch.cat((angles, angles), dim=-1)
        return both.cos(), both.sin()

    scan = reference.RecurrentGemmaRglru._rnn_scan
    return patched(
        NO_FLOAT,
        (reference.RecurrentGemmaRotaryEmbedding, "forward", rotary),
        (scan, "__defaults__", (torch.float64,)),
    )


def reference_double(model: RecurrentGemmaForCausalLM, ids: list[int]) -> torch.Tensor:
    with double_precision():
        logits = model.double()(torch.tensor([ids]), use_cache=False).logits[0]
    model.float()
    return logits


def write_generated(
    folder: Path,
    spec: dict,
    weights: dict[str, torch.Tensor],
    model: RecurrentGemmaForCausalLM,
    ids: list[int],
) -> float:
    """Greedy tokens of the class with its cache, which must be those without."""
    full = greedy(model, ids, NEW_TOKENS)
    new = full[len(ids) :]
    rows = forward(weights, spec, full[:-1], torch.float64)[len(ids) - 1 :]
    assert len(new) == NEW_TOKENS and rows.argmax(-1).tolist() == new, (
        f"generation with and without the cache differ: {new}, {rows.argmax(-1).tolist()}"
    )
    assert len(set(new)) > NEW_TOKENS // 3, f"generation repeats itself, take another seed: {new}"
    (folder / "generate.json").write_text(json.dumps({"prompt": ids, "new": new}) + "\n")
    return top_gap(rows)


# ---- all of it -----------------------------------------------------------------------------------


@torch.no_grad()
def make(root: Path) -> None:
    quiet()
    print(
        "model            L    |fp32-fp64|  HF-restated fp32  HF-restated fp64  largest  smallest top-1 gap"
    )
    for name, spec in MODELS.items():
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        weights = random_weights(spec)
        write_model(folder, spec, weights)
        model = load_reference(folder)
        rng = np.random.default_rng(spec["seed"] + 1000)
        for length in spec["lengths"]:
            ids = rng.integers(0, spec["vocab"], length).tolist()
            exact = forward(weights, spec, ids, torch.float64)
            restated = forward(weights, spec, ids, torch.float32)
            logits = model(torch.tensor([ids]), use_cache=False).logits[0]
            error = (logits - restated).abs().max().item()
            double_error = (reference_double(model, ids) - exact).abs().max().item()
            difference = (logits.double() - exact).abs().max().item()
            print(
                f"{name:15} {length:3} {difference:12.2e} {error:15.2e} {double_error:17.2e} {exact.abs().max():11.2f} "
                f"{top_gap(exact):12.4f}"
            )
            assert error <= 5e-5 and double_error <= 1e-12, (name, error, double_error)
            assert top_gap(exact) >= 5e-4, f"{name}: two logits are nearly equal, take another seed"
            assert torch.equal(logits.argmax(-1), exact.argmax(-1)), (
                f"{name}: float32 changes an arg-max, take another seed"
            )
            (folder / f"ids_{length}.json").write_text(json.dumps(ids) + "\n")
            np.save(folder / f"logits_{length}.npy", logits.numpy())
            np.save(folder / f"logits64_{length}.npy", exact.numpy())
            if length == PROMPT_LENGTH:
                gap = write_generated(folder, spec, weights, load_reference(folder), ids)
                print(f"{name:15} generated; smallest top-1 gap {gap:.4f}")
