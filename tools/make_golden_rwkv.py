# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tiny random RWKV-4 to 7 models with reference logits.

Run through make_golden.py. The float32 logits come from transformers' RwkvForCausalLM (RWKV-4) and from
BlinkDL's package `rwkv` on the CPU (all versions). The float64 values come from golden_reference import quiet, top_gap
from make_golden_rwkv_forward.py, a
plain restatement that is checked here against those in float32. Names and configs that neither reference
reads (flash-linear-attention's, Hugging Face's for RWKV-5 and 6) hold the same weights as a model that one of
them does read, so that their logits must be the same.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from make_golden_rwkv_forward import forward
from safetensors.torch import save_file
from transformers import RwkvForCausalLM

# name: seed and sizes. C width, A lanes, F width of the feed-forward, H heads. `reference` is where the float32
# logits come from; `names` are the file's; `same` is the model whose weights and reference a folder shares.
BASE = {"A": None, "H": None, "lengths": (1, 37), "reference": "package", "names": "blinkdl", "layers": 2}
LONG = {"lengths": (1, 37, 300)}
HALF = {"store": torch.bfloat16}
V4 = BASE | {"version": 4, "C": 20, "F": 28, "V": 31}
V5 = BASE | HALF | {"version": 5.2, "C": 24, "F": 36, "V": 29, "H": 3, "first": "time_faaaa"}
V6 = BASE | HALF | {"version": 6, "C": 24, "F": 28, "V": 27, "H": 3, "mix": 5, "decay": 3}
V7 = BASE | HALF | {"version": 7, "layers": 3, "C": 24, "F": 44, "V": 33, "H": 3, "ranks": (6, 5, 7, 4)}
MODELS = {
    "v4-hf-rescale0": V4 | {"seed": 401, "names": "hf", "reference": "transformers", "rescale": 0},
    "v4-hf-rescale2": V4
    | LONG
    | HALF
    | {"seed": 402, "names": "hf", "reference": "transformers", "rescale": 2, "layers": 3},
    "v4-hf-wide": V4
    | HALF
    | {"seed": 403, "names": "hf", "reference": "transformers", "rescale": None, "layers": 7}
    | {"A": 26, "C": 12, "F": 10, "V": 19},
    "v4-blinkdl": V4 | LONG | HALF | {"seed": 404},
    "v5.0": V5 | LONG | {"seed": 500, "version": 5.0, "first": "time_first"},
    "v5.1": V5 | {"seed": 511, "version": 5.1, "first": "time_first"},
    "v5.2": V5 | LONG | {"seed": 512},
    "v5.2-hf": V5 | {"seed": 512, "names": "hf", "same": "v5.2"},
    "v5.2-head36": V5 | {"seed": 503, "layers": 1, "C": 72, "F": 12, "H": 2, "V": 17},
    "v6": V6 | LONG | {"seed": 600},
    "v6-hf": V6 | {"seed": 600, "names": "hf", "same": "v6"},
    "v6-fla": V6 | {"seed": 600, "names": "fla", "same": "v6"},
    "v6-state": V6 | {"seed": 601, "state": True, "H": 4},
    "v6-lowrank-gate": V6 | {"seed": 602, "gate": 6, "reference": "restated"},
    "v7": V7 | LONG | {"seed": 700},
    "v7-fla": V7 | {"seed": 700, "names": "fla", "same": "v7"},
    "v7-fla-old": V7 | {"seed": 700, "names": "fla-old", "same": "v7"},
    "v7-head64": V7 | {"seed": 703, "layers": 1, "C": 64, "F": 12, "H": 1, "V": 17},
}
# Of longer inputs the last row and every so many before it are stored.
STEPS = {1: 1, 37: 6, 300: 25}

PROJECTIONS = ("receptance", "key", "value")


def sized(spec: dict) -> dict:
    return spec | {"A": spec["A"] or spec["C"]}


# ---- weights, under BlinkDL's names ---------------------------------------------------------------


def random_weights(spec: dict) -> dict[str, torch.Tensor]:
    """Every parameter random, none left at 0 or 1; decays from nearly none to nearly all within a token."""
    g = torch.Generator().manual_seed(spec["seed"])
    c, a, f, v, version = spec["C"], spec["A"], spec["F"], spec["V"], int(spec["version"])

    def normal(*shape, scale=1.0, mean=0.0):
        return torch.randn(*shape, generator=g) * scale + mean

    def matrix(rows, columns, gain=1.0):
        return normal(rows, columns, scale=gain / math.sqrt(columns))

    def low(rows, columns, gain=1.0):  # multiplied from the right
        return normal(rows, columns, scale=gain / math.sqrt(rows))

    def mix():
        return torch.rand(1, 1, c, generator=g) * 0.9 + 0.05

    def norm(name, size):
        return {f"{name}.weight": normal(size, scale=0.2, mean=1.0), f"{name}.bias": normal(size, scale=0.2)}

    w = {"emb.weight": normal(v, c)}
    w |= norm("blocks.0.ln0", c)
    for i in range(spec["layers"]):
        att, ffn = f"blocks.{i}.att.", f"blocks.{i}.ffn."
        w |= norm(f"blocks.{i}.ln1", c) | norm(f"blocks.{i}.ln2", c)
        for name in PROJECTIONS:
            w[f"{att}{name}.weight"] = matrix(a, c, 1.5)
        w[f"{att}output.weight"] = matrix(c, a)
        w |= mixer_weights(spec, att, i, normal, matrix, low, mix)
        if version > 4:
            w |= norm(f"{att}ln_x", a)
        style = "x_" if version == 7 else "time_maa_" if version == 6 else "time_mix_"
        w[f"{ffn}{style}k"] = mix()
        w[f"{ffn}key.weight"] = matrix(f, c)
        w[f"{ffn}value.weight"] = matrix(c, f)
        if version < 7:
            w[f"{ffn}{style}r"] = mix()
            w[f"{ffn}receptance.weight"] = matrix(c, c)
    w |= norm("ln_out", c)
    w["head.weight"] = matrix(v, c, 2.0)
    store = spec.get("store", torch.float32)
    return {name: value.to(store).contiguous() for name, value in w.items()}


def mixer_weights(spec, att, layer, normal, matrix, low, mix) -> dict[str, torch.Tensor]:
    c, a, h, version = spec["C"], spec["A"], spec["H"], spec["version"]
    w = {}
    if version < 6:
        for letter in "kvr" + ("g" if version > 5 else ""):
            w[f"{att}time_mix_{letter}"] = mix()
    if version == 4:
        return w | {f"{att}time_decay": normal(a, scale=2.0, mean=-1.0), f"{att}time_first": normal(a)}
    n = a // h
    if version < 6:
        per = (h, n) if version == 5.2 else (h,)
        w[f"{att}time_decay"] = normal(*per, scale=1.5, mean=-1.5)
        w[f"{att}{spec['first']}"] = normal(*per, scale=0.7)
        if version > 5:
            w[f"{att}gate.weight"] = matrix(a, c, 1.5)
    elif version == 6:
        for letter in "xwkvrg":
            w[f"{att}time_maa_{letter}"] = mix()
        w[f"{att}time_maa_w1"] = low(c, 5 * spec["mix"], 0.7)
        w[f"{att}time_maa_w2"] = torch.stack([low(spec["mix"], c, 0.3) for _ in range(5)])
        w[f"{att}time_decay"] = normal(1, 1, a, scale=1.5, mean=-1.5)
        w[f"{att}time_decay_w1"] = low(c, spec["decay"])
        w[f"{att}time_decay_w2"] = low(spec["decay"], a)
        w[f"{att}time_faaaa"] = normal(h, n, scale=0.7)
        if "gate" in spec:
            w[f"{att}gate_w1"], w[f"{att}gate_w2"] = low(c, spec["gate"]), low(spec["gate"], a, 1.5)
        else:
            w[f"{att}gate.weight"] = matrix(a, c, 1.5)
        if "state" in spec:
            w[f"{att}time_state"] = normal(h, n, n, scale=0.5)
    else:
        for letter in "rwkvag":
            w[f"{att}x_{letter}"] = mix()
        for letter, rank in zip("wagv", spec["ranks"], strict=True):
            if letter != "g":
                w[f"{att}{letter}0"] = normal(1, 1, c, scale=1.5, mean=-1.0 if letter == "w" else 0.0)
            w[f"{att}{letter}1"], w[f"{att}{letter}2"] = low(c, rank), low(rank, c)
        w[f"{att}k_k"] = normal(1, 1, c, scale=0.3, mean=0.8)
        w[f"{att}k_a"] = normal(1, 1, c, scale=0.3, mean=1.0)
        w[f"{att}r_k"] = normal(h, n, scale=0.3)
    return w


# ---- files ---------------------------------------------------------------------------------------

LONG_NAMES = {"k": "key", "v": "value", "r": "receptance", "g": "gate"}


def hf_name(name: str) -> str:
    if name == "head.weight":
        return name
    for old, new in (("emb.", "embeddings."), (".ln0.", ".pre_ln."), (".att.", ".attention."), (".ffn.", ".feed_forward.")):
        name = name.replace(old, new)
    start, mark, letter = name.rpartition("time_mix_")
    return "rwkv." + (start + mark + LONG_NAMES[letter] if mark else name)


def fla_names(weights: dict[str, torch.Tensor], spec: dict) -> dict[str, torch.Tensor]:
    """As flash-linear-attention 0.6.0 spells and turns them (its layers/rwkv6.py and rwkv7.py)."""
    whole = {
        "emb.weight": "model.embeddings.weight",
        "ln_out.weight": "model.norm.weight",
        "ln_out.bias": "model.norm.bias",
        "head.weight": "lm_head.weight",
    }
    result = {new: weights[old] for old, new in whole.items()}
    for i in range(spec["layers"]):
        start, new = f"blocks.{i}.", f"model.layers.{i}."
        w = {n[len(start) :]: v for n, v in weights.items() if n.startswith(start)}
        for old, kind in (("ln0", "pre_norm"), ("ln1", "attn_norm"), ("ln2", "ffn_norm"), ("att.ln_x", "attn.g_norm")):
            for part in ("weight", "bias"):
                if f"{old}.{part}" in w:
                    result[f"{new}{kind}.{part}"] = w[f"{old}.{part}"]
        result[f"{new}attn.o_proj.weight"] = w["att.output.weight"]
        mixer = fla6 if spec["version"] == 6 else fla7
        result |= {new + name: value.contiguous() for name, value in mixer(w, spec, i).items()}
    return result


def fla6(w: dict[str, torch.Tensor], spec: dict, layer: int) -> dict[str, torch.Tensor]:
    order = "rwkvg"
    places = ["wkvrg".index(letter) for letter in order]
    c = spec["C"]
    down = w["att.time_maa_w1"].T.reshape(5, -1, c)[places].reshape(-1, c)
    up = w["att.time_maa_w2"][places].permute(2, 0, 1).reshape(c, -1)
    result = {
        "attn.x_proj.0.mu": w["att.time_maa_x"].flatten(),
        "attn.x_proj.0.linear.weight": down,
        "attn.x_proj.2.weight": up,
        "attn.x_bias": torch.stack([w[f"att.time_maa_{letter}"].flatten() for letter in order]),
        "attn.w_proj.linear.lora.0.weight": w["att.time_decay_w1"].T,
        "attn.w_proj.linear.lora.2.weight": w["att.time_decay_w2"].T,
        "attn.w_proj.linear.lora.2.bias": w["att.time_decay"].flatten(),
        "attn.bonus": w["att.time_faaaa"],
        "ffn.key.mu": w["ffn.time_maa_k"].flatten(),
        "ffn.receptance.mu": w["ffn.time_maa_r"].flatten(),
        "ffn.key.linear.weight": w["ffn.key.weight"],
        "ffn.receptance.linear.weight": w["ffn.receptance.weight"],
        "ffn.value.weight": w["ffn.value.weight"],
    }
    for name in (*PROJECTIONS, "gate"):
        result[f"attn.{name[0]}_proj.linear.weight"] = w[f"att.{name}.weight"]
    return result


def fla7(w: dict[str, torch.Tensor], spec: dict, layer: int) -> dict[str, torch.Tensor]:
    result = {
        "ffn.x_k": w["ffn.x_k"].flatten(),
        "ffn.key.weight": w["ffn.key.weight"],
        "ffn.value.weight": w["ffn.value.weight"],
        "attn.k_k": w["att.k_k"].flatten(),
        "attn.k_a": w["att.k_a"].flatten(),
        "attn.r_k": w["att.r_k"],
    }
    for name in PROJECTIONS:
        result[f"attn.{name[0]}_proj.weight"] = w[f"att.{name}.weight"]
    for letter in "wag" if layer == 0 else "wagv":
        lora = f"attn.{letter}_lora.lora."
        result[f"{lora}0.weight"], result[f"{lora}2.weight"] = w[f"att.{letter}1"].T, w[f"att.{letter}2"].T
        if letter != "g":
            result[f"{lora}2.bias"] = w[f"att.{letter}0"].flatten()
    mixes = {letter: w[f"att.x_{letter}"] for letter in "rwkvag"}
    if spec["names"] == "fla-old":
        return result | {"attn.x_x": torch.cat(list(mixes.values())).view(6, -1)}
    return result | {f"attn.x_{letter}": mix for letter, mix in mixes.items()}


def config_of(spec: dict) -> dict | None:
    sizes = {"vocab_size": spec["V"], "hidden_size": spec["C"], "num_hidden_layers": spec["layers"]}
    sizes["intermediate_size"] = spec["F"]
    head = spec["C"] // spec["H"] if spec["H"] else None
    if spec["names"] == "blinkdl":
        return None
    version = int(spec["version"])
    if spec["names"] != "hf":
        config = {"model_type": f"rwkv{version}"} | sizes | {"hidden_act": "sqrelu", "norm_eps": 1e-5}
        config |= {"norm_bias": True, "norm_first": True, "fuse_norm": True, "attn": None, "tie_word_embeddings": False}
        if version == 6:
            return config | {"num_heads": spec["H"], "expand_k": 1.0, "expand_v": 1.0, "proj_low_rank_dim": spec["mix"]}
        ranks = {"decay": spec["ranks"][0], "a": spec["ranks"][1], "gate": spec["ranks"][2], "v": spec["ranks"][3]}
        return config | {"head_dim": head} | {f"{key}_low_rank_dim": value for key, value in ranks.items()}
    config = sizes | {"attention_hidden_size": spec["A"], "layer_norm_epsilon": 1e-5, "tie_word_embeddings": False}
    if version == 4:
        config |= {"model_type": "rwkv", "context_length": 1024}
        return config if spec["rescale"] is None else config | {"rescale_every": spec["rescale"]}
    # The published files say 64 heads whatever they have.
    return config | {"model_type": f"rwkv{version}", "head_size": head, "num_attention_heads": 64, "rescale_every": 6}


def write_model(folder: Path, spec: dict, weights: dict[str, torch.Tensor]) -> None:
    config = config_of(spec)
    if config:
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    stored = weights
    if spec["names"] == "hf":
        stored = {hf_name(name): value for name, value in weights.items()}
    elif spec["names"] != "blinkdl":
        stored = fla_names(weights, spec)
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})


# ---- the references ------------------------------------------------------------------------------


def by_transformers(folder: Path, ids: list[int]) -> torch.Tensor:
    model, report = RwkvForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not any(report.values()), report
    return model.eval()(torch.tensor([ids]), use_cache=False).logits[0]


def by_package(spec: dict, weights: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    """BlinkDL's package chooses RWKV-7 by the environment when it is imported: one process a model."""
    with tempfile.TemporaryDirectory() as folder:
        # It expects the group norm's tensors before the decays, as in files of several blocks.
        order = sorted(weights, key=lambda name: "ln_x" not in name)
        torch.save({name: weights[name].float() for name in order}, f"{folder}/model.pth")
        environment = os.environ | {"RWKV_JIT_ON": "0", "RWKV_CUDA_ON": "0", "PYTHONWARNINGS": "ignore"}
        environment["RWKV_V7_ON"] = "1" if spec["version"] == 7 else "0"
        command = [sys.executable, __file__, f"{folder}/model", json.dumps(ids), f"{folder}/logits.npy"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        return torch.from_numpy(np.load(f"{folder}/logits.npy"))


def run_package(model: str, ids: list[int], output: str) -> None:
    from rwkv.model import RWKV

    logits, _ = RWKV(model=model, strategy="cpu fp32").forward(ids, None, full_output=True)
    np.save(output, logits.view(len(ids), -1).float().numpy())


def reference(folder: Path, spec: dict, weights: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    if spec["reference"] == "transformers":
        return by_transformers(folder, ids)
    if spec["reference"] == "package":
        return by_package(spec, weights, ids)
    return restated(spec, weights, ids, torch.float32)


def restated(spec: dict, weights, ids: list[int], dtype: torch.dtype) -> torch.Tensor:
    rescale = 0
    if spec["reference"] == "transformers":
        rescale = 6 if spec["rescale"] is None else spec["rescale"]
    return forward(weights, int(spec["version"]), spec["H"], ids, dtype, rescale)


def stored_rows(length: int) -> list[int]:
    return list(range((length - 1) % STEPS[length], length, STEPS[length]))


def write_logits(folder: Path, spec: dict, weights: dict[str, torch.Tensor], name: str) -> None:
    rng = np.random.default_rng(spec["seed"] + 1000)
    for length in spec["lengths"]:
        ids = rng.integers(0, spec["V"], length).tolist()
        exact = restated(spec, weights, ids, torch.float64)
        logits = reference(folder, spec, weights, ids)
        error = (logits.double() - exact).abs().max().item()
        assert error <= 5e-5, f"{name}: the restatement is {error} away from the reference"
        rows = stored_rows(length)
        gap = top_gap(exact[rows])
        assert gap >= 1e-3, f"{name}: two logits are nearly equal, take another seed"
        assert torch.equal(logits[rows].argmax(-1), exact[rows].argmax(-1))
        (folder / f"ids_{length}.json").write_text(json.dumps(ids) + "\n")
        np.save(folder / f"logits_{length}.npy", logits[rows].numpy())
        np.save(folder / f"logits64_{length}.npy", exact[rows].numpy())
        print(f"{name:16} {length:4} {error:12.2e} {exact.abs().max():9.2f} {gap:10.4f}")


@torch.no_grad()
def make(root: Path) -> None:
    quiet()
    print("model               L  |fp32-fp64|   largest  smallest top-1 gap")
    for name, spec in MODELS.items():
        spec = sized(spec)
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        weights = random_weights(spec)
        write_model(folder, spec, weights)
        if "same" not in spec:
            write_logits(folder, spec, weights, name)


if __name__ == "__main__":
    run_package(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3])
