# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tiny random Mamba-2 models with reference logits, generated tokens and attention maps.

Run through make_golden.py. The float32 logits of the `hf` models come from transformers'
Mamba2ForCausalLM on the CPU. That class computes parts in float32 whatever the dtype, so the float64
values come from `forward` below, a plain recurrence, which is checked twice: in float32 against the
class as it is, and in float64 against the class with its conversions to float32 patched out. What
only mamba_ssm has (norm before gate, no norm, a skip for every lane) comes from `forward` alone.
"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from golden_reference import NO_FLOAT, greedy, patched, quiet, rms_norm, top_gap
from safetensors.torch import save_file
from transformers import Mamba2Config, Mamba2ForCausalLM
from transformers.models.mamba2 import modeling_mamba2 as modeling

INFINITY = float("inf")
BASE = dict(
    format="hf",
    norm="rms",
    bias=False,
    conv_bias=True,
    tied=True,
    limit=(0.0, INFINITY),
    gated_norm=True,
    norm_before_gate=False,
    skip_of_lanes=False,
    lengths=(1, 37),
)


def sized(seed, hidden, expand, heads, groups, state, conv, layers, vocab, **others) -> dict:
    sizes = dict(hidden=hidden, expand=expand, heads=heads, groups=groups, state=state)
    return BASE | sizes | dict(seed=seed, conv=conv, layers=layers, vocab=vocab) | others


ONE_GROUP = sized(501, 14, 3, 7, 1, 5, 4, 3, 29)
MODELS = {
    "hf-one-group": ONE_GROUP | dict(lengths=(1, 37, 300), generate=True),
    "hf-groups": sized(502, 20, 2, 4, 2, 6, 3, 2, 31, bias=True, tied=False, limit=(0.05, 0.4))
    | dict(lengths=(1, 37, 300), maps=True, generate=True),
    "ssm-names": ONE_GROUP | dict(format="ssm", pad=16),
    "ssm-before-gate": sized(504, 15, 2, 6, 3, 4, 4, 2, 23, format="ssm", pad=1, tied=False)
    | dict(limit=(0.0, 0.5), norm_before_gate=True, skip_of_lanes=True),
    "ssm-no-norm": sized(505, 12, 2, 3, 1, 9, 2, 2, 22, format="ssm", pad=8, norm="layer")
    | dict(bias=True, conv_bias=False, gated_norm=False),
}
NEW_TOKENS = 20
EPSILON = 1e-5
MAP_LAYER, MAP_LENGTH, MAP_LANES = 1, 37, (0, 13, 39)
CHUNK = 16  # of the reference's algorithm; 300 tokens are 19 of them


def rows_of(spec: dict) -> int:
    return -(-spec["vocab"] // spec.get("pad", 1)) * spec.get("pad", 1)


def random_weights(spec: dict) -> dict[str, torch.Tensor]:
    """Weights under Hugging Face names, float32. No parameter is left trivial."""
    rng = np.random.default_rng(spec["seed"])
    e, h, k = spec["hidden"], spec["heads"], spec["conv"]
    d = e * spec["expand"]
    channels = d + 2 * spec["groups"] * spec["state"]

    def normal(*shape: int, scale: float = 1.0, offset: float = 0.0) -> torch.Tensor:
        return torch.from_numpy(offset + scale * rng.standard_normal(shape))

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = normal(e, scale=0.3, offset=1.0)
        if spec["norm"] == "layer":
            weights[f"{name}.bias"] = normal(e, scale=0.2)

    weights = {"backbone.embeddings.weight": normal(spec["vocab"], e, scale=0.5)}
    for layer in range(spec["layers"]):
        block, mixer = f"backbone.layers.{layer}", f"backbone.layers.{layer}.mixer"
        norm(f"{block}.norm")
        weights[f"{mixer}.in_proj.weight"] = normal(d + channels + h, e, scale=1.2 / math.sqrt(e))
        weights[f"{mixer}.conv1d.weight"] = normal(channels, 1, k, scale=0.6)
        weights[f"{mixer}.dt_bias"] = normal(h, scale=0.8, offset=-1.5)
        weights[f"{mixer}.A_log"] = normal(h, scale=0.8)
        weights[f"{mixer}.D"] = normal(d if spec["skip_of_lanes"] else h, scale=0.5, offset=1.0)
        if spec["gated_norm"]:
            weights[f"{mixer}.norm.weight"] = normal(d, scale=0.3, offset=1.0)
        weights[f"{mixer}.out_proj.weight"] = normal(e, d, scale=0.8 / math.sqrt(d))
        if spec["conv_bias"]:
            weights[f"{mixer}.conv1d.bias"] = normal(channels, scale=0.3)
        if spec["bias"]:
            weights[f"{mixer}.in_proj.bias"] = normal(d + channels + h, scale=0.3)
            weights[f"{mixer}.out_proj.bias"] = normal(e, scale=0.2)
    norm("backbone.norm_f")
    if not spec["tied"]:
        weights["lm_head.weight"] = normal(rows_of(spec), e, scale=0.5)
    extra = normal(rows_of(spec) - spec["vocab"], e, scale=0.5)  # mamba_ssm stores the padding rows
    weights["backbone.embeddings.weight"] = torch.cat([weights["backbone.embeddings.weight"], extra])
    return {name: value.float().contiguous() for name, value in weights.items()}


def hf_config(spec: dict) -> Mamba2Config:
    return Mamba2Config(
        vocab_size=rows_of(spec),
        hidden_size=spec["hidden"],
        expand=spec["expand"],
        num_heads=spec["heads"],
        head_dim=spec["hidden"] * spec["expand"] // spec["heads"],
        n_groups=spec["groups"],
        state_size=spec["state"],
        conv_kernel=spec["conv"],
        num_hidden_layers=spec["layers"],
        use_bias=spec["bias"],
        use_conv_bias=spec["conv_bias"],
        layer_norm_epsilon=EPSILON,
        time_step_limit=spec["limit"],
        chunk_size=CHUNK,
        tie_word_embeddings=spec["tied"],
    )


def ssm_config(spec: dict) -> dict:
    ssm = {
        "layer": "Mamba2",
        "d_state": spec["state"],
        "d_conv": spec["conv"],
        "expand": spec["expand"],
        "headdim": spec["hidden"] * spec["expand"] // spec["heads"],
    }
    # What is left at mamba_ssm's default is not in the file.
    for key, value, default in (
        ("ngroups", spec["groups"], 1),
        ("bias", spec["bias"], False),
        ("conv_bias", spec["conv_bias"], True),
        ("rmsnorm", spec["gated_norm"], True),
        ("norm_before_gate", spec["norm_before_gate"], False),
        ("D_has_hdim", spec["skip_of_lanes"], False),
        ("dt_limit", list(spec["limit"]), [0.0, INFINITY]),
    ):
        if value != default:
            ssm[key] = value
    return {
        "d_model": spec["hidden"],
        "d_intermediate": 0,
        "n_layer": spec["layers"],
        "vocab_size": spec["vocab"],
        "ssm_cfg": ssm,
        "attn_layer_idx": [],
        "attn_cfg": {},
        "rms_norm": spec["norm"] == "rms",
        "residual_in_fp32": True,
        "fused_add_norm": True,
        "pad_vocab_size_multiple": spec["pad"],
        "tie_embeddings": spec["tied"],
    }


def write_model(folder: Path, spec: dict, weights: dict[str, torch.Tensor]) -> None:
    stored = dict(weights)
    if spec["format"] == "hf":
        # to_dict() has the limit as numbers: Infinity is written as transformers 4 wrote it.
        config = hf_config(spec).to_dict() | {"architectures": ["Mamba2ForCausalLM"]}
    else:
        config = ssm_config(spec)
        stored = {name.replace("embeddings", "embedding"): value for name, value in weights.items()}
        if spec["tied"]:
            stored["lm_head.weight"] = weights["backbone.embeddings.weight"].clone()
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})


# ---- the restatement -----------------------------------------------------------------------------


def normalize(w: dict[str, torch.Tensor], name: str, h: torch.Tensor) -> torch.Tensor:
    if f"{name}.bias" in w:
        return F.layer_norm(h, h.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], EPSILON)
    return w[f"{name}.weight"] * (h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + EPSILON))


def row_scale(spec: dict, y: torch.Tensor, z: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """G: the mixer's output is y · G."""
    gate = F.silu(z)
    if not spec["gated_norm"]:
        return gate
    normed = (y if spec["norm_before_gate"] else y * gate).unflatten(-1, (spec["groups"], -1))
    rho = torch.rsqrt(normed.pow(2).mean(-1, keepdim=True) + EPSILON)
    return gate * rho.expand_as(normed).flatten(-2) * weight


def forward(
    weights: dict[str, torch.Tensor], spec: dict, ids: list[int], dtype: torch.dtype
) -> tuple[torch.Tensor, list[dict]]:
    """Logits [L, V] and, for each layer, what the maps need; everything in `dtype`."""
    w = {name: value.to(dtype) for name, value in weights.items()}
    heads, groups, n, k = (spec[key] for key in ("heads", "groups", "state", "conv"))
    d = spec["hidden"] * spec["expand"]
    channels, p = d + 2 * groups * n, d // heads
    h = w["backbone.embeddings.weight"][ids]
    layers = []
    for layer in range(spec["layers"]):
        block, mixer = f"backbone.layers.{layer}", f"backbone.layers.{layer}.mixer"
        u = normalize(w, f"{block}.norm", h)
        projected = F.linear(u, w[f"{mixer}.in_proj.weight"], w.get(f"{mixer}.in_proj.bias"))
        z, xbc, dt = projected.split([d, channels, heads], dim=-1)
        taps, bias = w[f"{mixer}.conv1d.weight"], w.get(f"{mixer}.conv1d.bias")
        c = F.conv1d(F.pad(xbc.T[None], (k - 1, 0)), taps, bias, groups=channels)[0].T
        a, b, query = F.silu(c).split([d, groups * n, groups * n], dim=-1)
        b = b.unflatten(-1, (groups, n)).repeat_interleave(heads // groups, dim=1)  # [L, H, N]
        query = query.unflatten(-1, (groups, n)).repeat_interleave(heads // groups, dim=1)
        delta = F.softplus(dt + w[f"{mixer}.dt_bias"]).clamp(*spec["limit"])
        rate = -torch.exp(w[f"{mixer}.A_log"])
        skip = w[f"{mixer}.D"]
        skip = skip if spec["skip_of_lanes"] else skip.repeat_interleave(p)
        state = torch.zeros(heads, p, n, dtype=dtype)
        rows = []
        for t in range(len(ids)):
            write = (delta[t, :, None] * a[t].view(heads, p))[:, :, None] * b[t][:, None, :]
            state = torch.exp(delta[t] * rate)[:, None, None] * state + write
            rows.append(torch.einsum("hpn,hn->hp", state, query[t]).flatten())
        scanned = torch.stack(rows) + skip * a
        gate = row_scale(spec, scanned, z, w.get(f"{mixer}.norm.weight"))
        y = scanned * gate
        h = h + F.linear(y, w[f"{mixer}.out_proj.weight"], w.get(f"{mixer}.out_proj.bias"))
        layers.append(
            {"x": xbc[:, :d], "c": c[:, :d], "delta": delta, "rate": rate, "B": b, "C": query}
            | {"gate": gate, "taps": taps[:d, 0], "y": y}
        )
    head = w.get("lm_head.weight", w["backbone.embeddings.weight"])
    return F.linear(normalize(w, "backbone.norm_f", h), head), layers


def unified(layer: dict, lane: int) -> torch.Tensor:
    """G α Z M of one lane, [L, L], by the closed form."""
    length, k = layer["x"].shape[0], layer["taps"].shape[1]
    head = lane * layer["rate"].shape[0] // layer["x"].shape[1]
    tau = layer["delta"][:, head].cumsum(0)
    span = (tau[:, None] - tau[None, :]).tril()  # masked before exp
    decay = torch.exp(layer["rate"][head] * span)
    alpha = (layer["C"][:, head] @ layer["B"][:, head].T * decay).tril()
    alpha = alpha * layer["delta"][None, :, head]
    band = sum(
        torch.diag_embed(layer["taps"][lane, k - 1 - back].expand(length - back), -back)
        for back in range(k)
    )
    activation = torch.sigmoid(layer["c"][:, lane])
    return (layer["gate"][:, lane, None] * alpha * activation[None, :]) @ band


# ---- the reference class -------------------------------------------------------------------------


def double_precision():
    """Patches out the conversions to float32 inside transformers' Mamba-2."""

    def gated(self, h, gate=None):
        h = (h * F.silu(gate)).unflatten(-1, (-1, self.group_size))
        h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)
        return self.weight * h.flatten(-2)

    return patched(
        NO_FLOAT,
        (modeling.Mamba2RMSNorm, "forward", rms_norm),
        (modeling.MambaRMSNormGated, "forward", gated),
    )


def bare_reference(spec: dict, weights: dict[str, torch.Tensor]) -> Mamba2ForCausalLM:
    model = Mamba2ForCausalLM(hf_config(spec))
    if weights["backbone.norm_f.weight"].dtype == torch.float64:
        model.config.residual_in_fp32 = False
        model = model.double()
        for block in model.backbone.layers:
            block.residual_in_fp32 = False
    left = model.load_state_dict(weights, strict=False)
    assert not left.unexpected_keys and left.missing_keys in ([], ["lm_head.weight"]), left
    model.tie_weights()
    return model.eval()


def check_reference(
    folder: Path, spec: dict, weights: dict, ids: list[int], exact: torch.Tensor
) -> tuple[torch.Tensor, float]:
    """The class's logits, and how far the restatement is from it in float64."""
    if spec["format"] == "hf":
        model, report = Mamba2ForCausalLM.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
        assert not any(report.values()), report
    else:
        model = bare_reference(spec, weights)
    logits = model.eval()(torch.tensor([ids])).logits[0]
    double = bare_reference(spec, {name: value.double() for name, value in weights.items()})
    with double_precision():
        error = (double(torch.tensor([ids])).logits[0] - exact).abs().max().item()
    return logits, error


def write_generated(folder: Path, spec: dict, weights: dict, ids: list[int]) -> float:
    """Greedy continuation, with the cache where the class's step does not forget `time_step_limit`."""
    model = bare_reference(spec, weights)
    full = greedy(model, ids, NEW_TOKENS, use_cache=spec["limit"] == BASE["limit"])
    new = full[len(ids) :]
    rows = forward(weights, spec, full[:-1], torch.float64)[0][len(ids) - 1 :]
    assert len(new) == NEW_TOKENS and rows.argmax(-1).tolist() == new, "take another seed"
    (folder / "generate.json").write_text(json.dumps({"prompt": ids, "new": new}) + "\n")
    return top_gap(rows)


@torch.no_grad()
def make(root: Path) -> None:
    quiet()
    shutil.rmtree(root, ignore_errors=True)
    for name, spec in MODELS.items():
        folder = root / name
        folder.mkdir(parents=True)
        weights = random_weights(spec)
        write_model(folder, spec, weights)
        hf_has_it = spec["norm"] == "rms" and spec["gated_norm"] and not spec["norm_before_gate"]
        rng = np.random.default_rng(spec["seed"] + 1000)
        for length in spec["lengths"]:
            ids = rng.integers(0, spec["vocab"], length).tolist()
            exact, layers = forward(weights, spec, ids, torch.float64)
            logits = forward(weights, spec, ids, torch.float32)[0]
            checked = "restatement only"
            if hf_has_it:
                restated = logits
                logits, error = check_reference(folder, spec, weights, ids, exact)
                difference = (logits - restated).abs().max().item()
                assert error <= 1e-12 and difference <= 3e-5, (name, error, difference)
                checked = f"HF-restated fp32 {difference:.1e} fp64 {error:.1e}"
            assert torch.equal(logits.argmax(-1), exact.argmax(-1)), f"{name}: take another seed"
            (folder / f"ids_{length}.json").write_text(json.dumps(ids) + "\n")
            np.save(folder / f"logits_{length}.npy", logits.numpy())
            np.save(folder / f"logits64_{length}.npy", exact.numpy())
            print(
                f"{name:15} {length:3} |fp32-fp64| {(logits.double() - exact).abs().max().item():.1e}, {checked}, "
                f"largest {exact.abs().max():.2f}, smallest top-1 gap {top_gap(exact):.4f}"
            )
            if spec.get("maps") and length == MAP_LENGTH:
                layer = layers[MAP_LAYER]
                found = torch.stack([unified(layer, lane) for lane in MAP_LANES])
                for key, value in (("unified", found), ("x", layer["x"]), ("y", layer["y"])):
                    np.save(folder / f"layer{MAP_LAYER}_{key}_{length}.npy", value.numpy())
            if spec.get("generate") and length == MAP_LENGTH:
                gap = write_generated(folder, spec, weights, ids)
                print(f"{name:15} generated; smallest top-1 gap {gap:.4f}")
