# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tiny random Mamba models with reference logits, generated tokens and attention maps.

Run through make_golden.py. The float32 logits come from transformers' MambaForCausalLM on the CPU.
That class computes parts in float32 whatever the dtype, so the float64 values come from `forward`
below, a plain restatement, which is checked twice: in float32 against the class as it is, and in
float64 against the class with its conversions to float32 patched out.
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
from tokenizers import Tokenizer
from transformers import MambaConfig, MambaForCausalLM
from transformers.models.mamba import modeling_mamba

TEXT = (
    "The implicit attention of Mamba: don't stop at the café, 日本語 works too 🦀\n"
    "\tdef f(x):\n    return x  # 2.5e-3"
)

# name: seed, storage dtype, config. `format` is "hf" or "ssm"; `norm` is "rms" or "layer"; `rank`
# None means "auto".
HF = {
    "format": "hf",
    "norm": "rms",
    "bias": False,
    "conv_bias": True,
    "tied": True,
    "lengths": (1, 37),
}
MODELS = {
    "hf-tied": HF
    | {
        "seed": 228,
        "hidden": 24,
        "inner": 48,
        "state": 5,
        "rank": 3,
        "conv": 4,
        "layers": 3,
        "vocab": 67,
        "lengths": (1, 37, 130),
        "maps": True,
        "generate": True,
    },
    "hf-untied-bias": HF
    | {
        "seed": 102,
        "hidden": 20,
        "inner": 34,
        "state": 16,
        "rank": None,
        "conv": 3,
        "layers": 2,
        "vocab": 53,
        "bias": True,
        "tied": False,
        "generate": True,
    },
    "hf-noconvbias": HF
    | {
        "seed": 113,
        "hidden": 16,
        "inner": 32,
        "state": 1,
        "rank": 2,
        "conv": 2,
        "layers": 2,
        "vocab": 31,
        "conv_bias": False,
    },
    "hf-bf16": HF
    | {
        "seed": 104,
        "hidden": 24,
        "inner": 48,
        "state": 8,
        "rank": 2,
        "conv": 4,
        "layers": 2,
        "vocab": 61,
        "store": torch.bfloat16,
    },
    "hf-fp16": HF
    | {
        "seed": 105,
        "hidden": 24,
        "inner": 48,
        "state": 8,
        "rank": 2,
        "conv": 4,
        "layers": 2,
        "vocab": 61,
        "store": torch.float16,
    },
    "ssm-names": HF
    | {
        "seed": 228,
        "hidden": 24,
        "inner": 48,
        "state": 5,
        "rank": 3,
        "conv": 4,
        "layers": 3,
        "vocab": 67,
        "format": "ssm",
    },
    "hf-fp64": HF
    | {
        "seed": 107,
        "hidden": 20,
        "inner": 40,
        "state": 4,
        "rank": 2,
        "conv": 4,
        "layers": 2,
        "vocab": 59,
        "store": torch.float64,
    },
    "ssm-layernorm": HF
    | {
        "seed": 108,
        "hidden": 24,
        "inner": 48,
        "state": 6,
        "rank": 2,
        "conv": 4,
        "layers": 2,
        "vocab": 48,
        "format": "ssm",
        "norm": "layer",
        "bias": True,
    },
    "hf-text": HF
    | {
        "seed": 305,
        "hidden": 16,
        "inner": 32,
        "state": 4,
        "rank": 1,
        "conv": 4,
        "layers": 2,
        "tied": False,
        "text": TEXT,
        "generate": True,
    },
}
NEW_TOKENS = 12
EPSILON = 1e-5
MAP_LAYER, MAP_LENGTH = 1, 37
MAP_LANES = (0, 7, 23, 47)
SCAN_LANE = 7
MERGES = ("mean", "mean-abs", "max-abs", "l2", "positive-mean")
PAD_MULTIPLE = 8


def round_up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


# ---- weights -------------------------------------------------------------------------------------


def random_weights(spec: dict) -> dict[str, torch.Tensor]:
    """Weights under Hugging Face names, drawn in float64 and rounded to the dtype that is stored.

    No parameter is left trivial.
    """
    rng = np.random.default_rng(spec["seed"])
    e, d, n, r, k = (spec[key] for key in ("hidden", "inner", "state", "rank", "conv"))
    r = math.ceil(e / 16) if r is None else r

    def normal(*shape: int, scale: float = 1.0, offset: float = 0.0) -> torch.Tensor:
        return torch.from_numpy(offset + scale * rng.standard_normal(shape))

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = normal(e, scale=0.3, offset=1.0)
        if spec["norm"] == "layer":
            weights[f"{name}.bias"] = normal(e, scale=0.2)

    weights = {"backbone.embeddings.weight": normal(spec["vocab"], e, scale=0.5)}
    for layer in range(spec["layers"]):
        block = f"backbone.layers.{layer}"
        norm(f"{block}.norm")
        mixer = f"{block}.mixer"
        weights[f"{mixer}.in_proj.weight"] = normal(2 * d, e, scale=1.0 / math.sqrt(e))
        weights[f"{mixer}.conv1d.weight"] = normal(d, 1, k, scale=0.6)
        weights[f"{mixer}.x_proj.weight"] = normal(r + 2 * n, d, scale=1.0 / math.sqrt(d))
        weights[f"{mixer}.dt_proj.weight"] = normal(d, r, scale=0.7 / math.sqrt(r))
        weights[f"{mixer}.dt_proj.bias"] = normal(d, scale=0.8, offset=-1.5)
        weights[f"{mixer}.A_log"] = torch.log(
            torch.arange(1.0, n + 1, dtype=torch.float64)
        ) + normal(d, n, scale=0.3)
        weights[f"{mixer}.D"] = normal(d, scale=0.5, offset=1.0)
        weights[f"{mixer}.out_proj.weight"] = normal(e, d, scale=0.8 / math.sqrt(d))
        if spec["conv_bias"]:
            weights[f"{mixer}.conv1d.bias"] = normal(d, scale=0.3)
        if spec["bias"]:
            weights[f"{mixer}.in_proj.bias"] = normal(2 * d, scale=0.3)
            weights[f"{mixer}.out_proj.bias"] = normal(e, scale=0.2)
    norm("backbone.norm_f")
    if not spec["tied"]:
        weights["lm_head.weight"] = normal(spec["vocab"], e, scale=0.5)
    if spec["format"] == "ssm":  # mamba_ssm stores the padding rows too
        extra = round_up(spec["vocab"], PAD_MULTIPLE) - spec["vocab"]
        rows = [weights["backbone.embeddings.weight"], normal(extra, e, scale=0.5)]
        weights["backbone.embeddings.weight"] = torch.cat(rows)
    store = spec.get("store", torch.float32)
    return {name: value.to(store).contiguous() for name, value in weights.items()}


def hf_config(spec: dict) -> MambaConfig:
    return MambaConfig(
        vocab_size=spec["vocab"]
        if spec["format"] == "hf"
        else round_up(spec["vocab"], PAD_MULTIPLE),
        hidden_size=spec["hidden"],
        intermediate_size=spec["inner"],
        state_size=spec["state"],
        time_step_rank="auto" if spec["rank"] is None else spec["rank"],
        conv_kernel=spec["conv"],
        num_hidden_layers=spec["layers"],
        use_bias=spec["bias"],
        use_conv_bias=spec["conv_bias"],
        layer_norm_epsilon=EPSILON,
        tie_word_embeddings=spec["tied"],
        use_associative_scan=False,
    )


def write_model(folder: Path, spec: dict, weights: dict[str, torch.Tensor]) -> None:
    if spec["format"] == "hf":
        # Every key of the class is written, defaults too, as the files on the hub have them.
        keys = (
            "vocab_size hidden_size state_size num_hidden_layers layer_norm_epsilon pad_token_id bos_token_id eos_token_id "
            "expand conv_kernel use_bias use_conv_bias hidden_act initializer_range residual_in_fp32 time_step_rank "
            "time_step_scale time_step_min time_step_max time_step_init_scheme time_step_floor rescale_prenorm_residual "
            "use_cache use_mambapy intermediate_size tie_word_embeddings"
        ).split()
        config = {"architectures": ["MambaForCausalLM"], "model_type": "mamba"}
        config |= {key: getattr(hf_config(spec), key) for key in keys}
        config["torch_dtype"] = str(spec.get("store", torch.float32)).removeprefix("torch.")
        if spec["rank"] is None:
            config["time_step_rank"] = "auto"
        stored = weights
    else:
        ssm = {
            "d_state": spec["state"],
            "d_conv": spec["conv"],
            "expand": spec["inner"] // spec["hidden"],
            "dt_rank": spec["rank"],
        }
        if spec["bias"]:
            ssm["bias"] = True
        config = {
            "d_model": spec["hidden"],
            "n_layer": spec["layers"],
            "vocab_size": spec["vocab"],
            "ssm_cfg": ssm,
            "rms_norm": spec["norm"] == "rms",
            "residual_in_fp32": True,
            "fused_add_norm": True,
            "pad_vocab_size_multiple": PAD_MULTIPLE,
            "tie_embeddings": True,
        }
        stored = {name.replace("embeddings", "embedding"): value for name, value in weights.items()}
        stored["lm_head.weight"] = weights["backbone.embeddings.weight"].clone()
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})


# ---- the restatement -----------------------------------------------------------------------------


def normalize(w: dict[str, torch.Tensor], name: str, h: torch.Tensor) -> torch.Tensor:
    if f"{name}.bias" in w:
        return F.layer_norm(h, h.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], EPSILON)
    return w[f"{name}.weight"] * (h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + EPSILON))


def forward(
    weights: dict[str, torch.Tensor], spec: dict, ids: list[int], dtype: torch.dtype
) -> tuple[torch.Tensor, list[dict]]:
    """Logits [L, V] and, for each layer, what the maps need; everything in `dtype`."""
    w = {name: value.to(dtype) for name, value in weights.items()}
    d, n, k = spec["inner"], spec["state"], spec["conv"]
    h = w["backbone.embeddings.weight"][ids]
    layers = []
    for layer in range(spec["layers"]):
        block, mixer = f"backbone.layers.{layer}", f"backbone.layers.{layer}.mixer"
        u = normalize(w, f"{block}.norm", h)
        x, z = F.linear(u, w[f"{mixer}.in_proj.weight"], w.get(f"{mixer}.in_proj.bias")).split(
            d, dim=-1
        )
        padded = F.pad(x.T[None], (k - 1, 0))
        c = F.conv1d(padded, w[f"{mixer}.conv1d.weight"], w.get(f"{mixer}.conv1d.bias"), groups=d)[
            0
        ].T
        a = F.silu(c)
        low, b, query = F.linear(a, w[f"{mixer}.x_proj.weight"]).split(
            [w[f"{mixer}.dt_proj.weight"].shape[1], n, n], dim=-1
        )
        if "selection_eps" in spec:  # Falcon-Mamba: norms without weights
            low, b, query = (
                value * torch.rsqrt(value.pow(2).mean(-1, keepdim=True) + spec["selection_eps"])
                for value in (low, b, query)
            )
        delta = F.softplus(F.linear(low, w[f"{mixer}.dt_proj.weight"], w[f"{mixer}.dt_proj.bias"]))
        rate = -torch.exp(w[f"{mixer}.A_log"])
        state = torch.zeros(d, n, dtype=dtype)
        rows = []
        for t in range(len(ids)):
            state = torch.exp(delta[t, :, None] * rate) * state + (delta[t] * a[t])[:, None] * b[t]
            rows.append(state @ query[t])
        y = (torch.stack(rows) + w[f"{mixer}.D"] * a) * F.silu(z)
        h = h + F.linear(y, w[f"{mixer}.out_proj.weight"], w.get(f"{mixer}.out_proj.bias"))
        layers.append(
            {
                "x": x,
                "z": z,
                "c": c,
                "delta": delta,
                "rate": rate,
                "B": b,
                "C": query,
                "y": y,
                "taps": w[f"{mixer}.conv1d.weight"][:, 0],
                "skip": w[f"{mixer}.D"],
                "conv_bias": w.get(f"{mixer}.conv1d.bias", torch.zeros(d, dtype=dtype)),
            }
        )
    head = w.get("lm_head.weight", w["backbone.embeddings.weight"])
    return F.linear(normalize(w, "backbone.norm_f", h), head), layers


# ---- maps ----------------------------------------------------------------------------------------


def maps(layer: dict) -> dict[str, torch.Tensor]:
    """The maps of all lanes, [D, L, L] float64, by the closed form; checks that they rebuild y."""
    length, lanes = layer["x"].shape
    taps = layer["taps"].shape[1]
    # alpha[t, s] = sum_n C_t[n] exp(A[d, n] (tau_t - tau_s)) delta_s[d] B_s[n]
    tau = layer["delta"].cumsum(0).T  # [D, L]
    span = (
        tau[:, :, None] - tau[:, None, :]
    ).tril()  # masked before exp: the exponents are positive above the diagonal
    decay = torch.exp(layer["rate"][:, None, None, :] * span[..., None])  # [D, L, L, N]
    no_step = torch.einsum("tn,dtsn,sn->dts", layer["C"], decay, layer["B"]).tril()
    alpha = no_step * layer["delta"].T[:, None, :]
    gate = F.silu(layer["z"]).T[:, :, None]
    activation = torch.sigmoid(layer["c"]).T[:, None, :]
    band = torch.zeros(lanes, length, length, dtype=torch.float64)
    for back in range(min(taps, length)):
        index = torch.arange(back, length)
        band[:, index, index - back] = layer["taps"][:, taps - 1 - back, None]
    with_skip = alpha + torch.diag_embed(layer["skip"][:, None].expand(lanes, length))
    unified = (gate * alpha * activation) @ band
    exact = (gate * with_skip * activation) @ band
    additive = ((gate * with_skip * activation).sum(-1) * layer["conv_bias"][:, None]).T  # [L, D]
    rebuilt = torch.einsum("dts,sd->td", exact, layer["x"]) + additive
    skip_path = (
        gate * torch.diag_embed(layer["skip"][:, None].expand(lanes, length)) * activation
    ) @ band
    from_unified = torch.einsum("dts,sd->td", unified + skip_path, layer["x"]) + additive
    error = max(
        (rebuilt - layer["y"]).abs().max().item(), (from_unified - layer["y"]).abs().max().item()
    )
    assert error <= 1e-12, f"the maps do not rebuild the mixer's output: {error}"
    assert unified.triu(1).abs().max() == 0 and exact.triu(1).abs().max() == 0
    return {
        "scan": alpha,
        "no_step": no_step,
        "unified": unified,
        "exact": exact,
        "additive": additive,
        "error": error,
    }


def merges(unified: torch.Tensor) -> np.ndarray:
    """Over lanes, in the order of MERGES: [5, L, L]."""
    array = unified.numpy()
    largest = np.abs(array).argmax(axis=0)  # argmax takes the first, so the lower lane among equals
    return np.stack(
        [
            array.mean(axis=0),
            np.abs(array).mean(axis=0),
            np.take_along_axis(array, largest[None], axis=0)[0],
            np.sqrt((array**2).mean(axis=0)),
            np.maximum(array, 0).mean(axis=0),
        ]
    )


def write_maps(folder: Path, weights: dict[str, torch.Tensor], spec: dict, ids: list[int]) -> float:
    _, layers = forward(weights, spec, ids, torch.float64)
    for index, layer in enumerate(layers):
        np.save(folder / f"layer{index}_x_{len(ids)}.npy", layer["x"].numpy())
        np.save(folder / f"layer{index}_y_{len(ids)}.npy", layer["y"].numpy())
    error = max(maps(layer)["error"] for layer in layers)
    found = maps(layers[MAP_LAYER])
    prefix = folder / f"layer{MAP_LAYER}"
    lanes = list(MAP_LANES)
    np.save(f"{prefix}_unified_{len(ids)}.npy", found["unified"][lanes].numpy())
    np.save(f"{prefix}_exact_{len(ids)}.npy", found["exact"][lanes].numpy())
    np.save(f"{prefix}_additive_{len(ids)}.npy", found["additive"].numpy())
    np.save(f"{prefix}_merges_{len(ids)}.npy", merges(found["unified"]))
    np.save(f"{prefix}_scan_{len(ids)}.npy", found["scan"][SCAN_LANE].numpy())
    np.save(f"{prefix}_nostep_{len(ids)}.npy", found["no_step"][SCAN_LANE].numpy())
    about = {
        "layer": MAP_LAYER,
        "tokens": len(ids),
        "lanes": lanes,
        "merges": MERGES,
        "scan_lane": SCAN_LANE,
    }
    (folder / "maps.json").write_text(json.dumps(about) + "\n")
    return error


# ---- the reference class -------------------------------------------------------------------------


def bare_reference(spec: dict, weights: dict[str, torch.Tensor]) -> MambaForCausalLM:
    """The class with these weights.

    It has no LayerNorm of its own, so torch's takes the place of its RMSNorm.
    """
    config = hf_config(spec)
    model = MambaForCausalLM(config)
    if spec["norm"] == "layer":
        for block in model.backbone.layers:
            block.norm = torch.nn.LayerNorm(spec["hidden"], eps=EPSILON)
        model.backbone.norm_f = torch.nn.LayerNorm(spec["hidden"], eps=EPSILON)
    if next(iter(weights.values())).dtype == torch.float64:
        model = model.double()
        config.residual_in_fp32 = False
        for block in model.backbone.layers:
            block.residual_in_fp32 = False
    left = model.load_state_dict(weights, strict=False)
    assert (
        left.missing_keys == (["lm_head.weight"] if spec["tied"] else [])
        and not left.unexpected_keys
    ), left
    model.tie_weights()
    return model.eval()


def load_reference(folder: Path, spec: dict, weights: dict[str, torch.Tensor]) -> MambaForCausalLM:
    """The model as transformers reads it from the folder; where it cannot, the class with the same weights."""
    if spec["format"] == "ssm":
        return bare_reference(spec, weights)
    model, report = MambaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    assert not any(report.values()), report
    return model.eval()


def double_precision():
    """Patches out the conversions to float32 inside transformers' Mamba."""
    return patched(NO_FLOAT, (modeling_mamba.MambaRMSNorm, "forward", rms_norm))


def reference_double(spec: dict, weights: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    model = bare_reference(spec, {name: value.double() for name, value in weights.items()})
    with double_precision():
        return model(torch.tensor([ids])).logits[0]


def write_generated(
    folder: Path,
    spec: dict,
    weights: dict[str, torch.Tensor],
    model: MambaForCausalLM,
    ids: list[int],
    tokenizer: Tokenizer | None,
) -> float:
    full = greedy(model, ids, NEW_TOKENS)
    new = full[len(ids) :]
    rows = forward(weights, spec, full[:-1], torch.float64)[0][len(ids) - 1 :]
    assert len(new) == NEW_TOKENS and rows.argmax(-1).tolist() == new, (
        "generation with and without the cache differ"
    )
    assert 0 not in new, "the end-of-text id was generated: take another seed"
    generated = {"prompt": ids, "new": new}
    if tokenizer:
        generated["text"] = tokenizer.decode(new, skip_special_tokens=False)
    (folder / "generate.json").write_text(json.dumps(generated) + "\n")
    return top_gap(rows)


# ---- all of it -----------------------------------------------------------------------------------


@torch.no_grad()
def make(root: Path, tokenizer_file: Path) -> None:
    quiet()
    print(
        "model            L    |fp32-fp64|  HF-restated fp32  HF-restated fp64  largest  smallest top-1 gap"
    )
    for name, spec in MODELS.items():
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        tokenizer = None
        if "text" in spec:
            shutil.copyfile(tokenizer_file, folder / "tokenizer.json")
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            text_ids = tokenizer.encode(spec["text"]).ids
            spec = spec | {
                "vocab": round_up(tokenizer.get_vocab_size(), PAD_MULTIPLE),
                "lengths": (len(text_ids),),
            }
            (folder / "text.json").write_text(
                json.dumps({"text": spec["text"], "ids": text_ids}) + "\n"
            )
        weights = random_weights(spec)
        write_model(folder, spec, weights)
        model = load_reference(folder, spec, weights)
        rng = np.random.default_rng(spec["seed"] + 1000)
        for length in spec["lengths"]:
            ids = text_ids if tokenizer else rng.integers(0, spec["vocab"], length).tolist()
            exact = forward(weights, spec, ids, torch.float64)[0]
            restated = forward(weights, spec, ids, torch.float32)[0]
            logits = model(torch.tensor([ids])).logits[0]
            error = (logits - restated).abs().max().item()
            double_error = (reference_double(spec, weights, ids) - exact).abs().max().item()
            assert error <= 1e-5 and double_error <= 1e-12, (name, error, double_error)
            assert top_gap(exact) >= 1e-3, f"{name}: two logits are nearly equal, take another seed"
            (folder / f"ids_{length}.json").write_text(json.dumps(ids) + "\n")
            np.save(folder / f"logits_{length}.npy", logits.numpy())
            np.save(folder / f"logits64_{length}.npy", exact.numpy())
            assert torch.equal(logits.argmax(-1), exact.argmax(-1)), (
                f"{name}: float32 changes an arg-max, take another seed"
            )
            difference = (logits.double() - exact).abs().max().item()
            print(
                f"{name:15} {length:3} {difference:12.2e} {error:15.2e} {double_error:17.2e} {exact.abs().max():11.2f} "
                f"{top_gap(exact):12.4f}"
            )
            if spec.get("maps") and length == MAP_LENGTH:
                print(f"{name:15} maps rebuild y to {write_maps(folder, weights, spec, ids):.1e}")
            if spec.get("generate") and length == (MAP_LENGTH if not tokenizer else length):
                gap = write_generated(folder, spec, weights, model, ids, tokenizer)
                print(f"{name:15} generated; smallest top-1 gap {gap:.4f}")
