# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Tiny random Falcon-Mamba models with reference logits and generated tokens.

Run through make_golden.py. As for Mamba, the float32 logits come from transformers'
FalconMambaForCausalLM and the float64 values from the restatement in make_golden_mamba.py, checked
against the class in float32 and, with its conversions to float32 patched out, in float64.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from golden_reference import NO_FLOAT, greedy, patched, quiet, rms_norm, top_gap
from make_golden_mamba import EPSILON, forward, random_weights
from safetensors.torch import save_file
from transformers import FalconMambaConfig, FalconMambaForCausalLM
from transformers.models.falcon_mamba import modeling_falcon_mamba as modeling

COMMON = {"format": "hf", "norm": "rms", "conv_bias": True}
MODELS = {
    # `expand` of the published 7B config contradicts its intermediate_size: 10 and 34 stand for 16 and 8192.
    "hf-untied": COMMON
    | {
        "seed": 401,
        "hidden": 20,
        "inner": 34,
        "expand": 10,
        "state": 5,
        "rank": 3,
        "conv": 4,
        "layers": 3,
        "vocab": 29,
        "bias": False,
        "tied": False,
        "selection_eps": 1e-6,
        "lengths": (1, 37, 300),
    },
    "hf-tied-bias": COMMON
    | {
        "seed": 402,
        "hidden": 18,
        "inner": 36,
        "expand": 2,
        "state": 16,
        "rank": None,
        "conv": 3,
        "layers": 2,
        "vocab": 23,
        "bias": True,
        "tied": True,
        "selection_eps": 0.05,
        "lengths": (1, 37),
    },
}
NEW_TOKENS = 20


def falcon_config(spec: dict) -> FalconMambaConfig:
    return FalconMambaConfig(
        vocab_size=spec["vocab"],
        hidden_size=spec["hidden"],
        intermediate_size=spec["inner"],
        expand=spec["expand"],
        state_size=spec["state"],
        time_step_rank="auto" if spec["rank"] is None else spec["rank"],
        conv_kernel=spec["conv"],
        num_hidden_layers=spec["layers"],
        use_bias=spec["bias"],
        use_conv_bias=spec["conv_bias"],
        layer_norm_epsilon=EPSILON,
        mixer_rms_eps=spec["selection_eps"],
        tie_word_embeddings=spec["tied"],
        use_associative_scan=False,
    )


def double_precision():
    """Patches out the conversions to float32 inside transformers' Falcon-Mamba."""
    return patched(NO_FLOAT, (modeling.FalconMambaRMSNorm, "forward", rms_norm))


def reference_double(
    spec: dict, weights: dict[str, torch.Tensor], inputs: list[list[int]]
) -> list[torch.Tensor]:
    config = falcon_config(spec)
    config.residual_in_fp32 = False
    model = FalconMambaForCausalLM(config).double()
    model.load_state_dict({name: value.double() for name, value in weights.items()}, strict=False)
    model.tie_weights()
    with double_precision():
        return [model.eval()(torch.tensor([ids])).logits[0] for ids in inputs]


def write_generated(folder: Path, spec: dict, weights: dict, model, ids: list[int]) -> float:
    full = greedy(model, ids, NEW_TOKENS)
    new = full[len(ids) :]
    rows = forward(weights, spec, full[:-1], torch.float64)[0][len(ids) - 1 :]
    assert len(new) == NEW_TOKENS and rows.argmax(-1).tolist() == new
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
        config = falcon_config(spec).to_dict() | {"architectures": ["FalconMambaForCausalLM"]}
        config["intermediate_size"] = spec["inner"]
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        model, report = FalconMambaForCausalLM.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
        assert not any(report.values()), report
        rng = np.random.default_rng(spec["seed"] + 1000)
        inputs = [rng.integers(0, spec["vocab"], length).tolist() for length in spec["lengths"]]
        doubles = reference_double(spec, weights, inputs)
        for ids, double in zip(inputs, doubles, strict=True):
            exact = forward(weights, spec, ids, torch.float64)[0]
            logits = model.eval()(torch.tensor([ids])).logits[0]
            double_error = (double - exact).abs().max().item()
            assert double_error <= 1e-12, (name, double_error)
            assert torch.equal(logits.argmax(-1), exact.argmax(-1)), f"{name}: take another seed"
            (folder / f"ids_{len(ids)}.json").write_text(json.dumps(ids) + "\n")
            np.save(folder / f"logits_{len(ids)}.npy", logits.numpy())
            np.save(folder / f"logits64_{len(ids)}.npy", exact.numpy())
            print(
                f"{name:15} {len(ids):3} |fp32-fp64| {(logits.double() - exact).abs().max().item():.2e}, "
                f"HF-restated fp64 {double_error:.2e}, largest {exact.abs().max():.2f}, "
                f"smallest top-1 gap {top_gap(exact):.4f}"
            )
        gap = write_generated(folder, spec, weights, model, inputs[1])
        print(f"{name:15} generated; smallest top-1 gap {gap:.4f}")
