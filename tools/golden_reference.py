# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""What the golden scripts of the language models share about running a class of transformers."""

import contextlib

import torch
from transformers import logging


def quiet() -> None:
    """One thread, so that the same machine gives the same bits; no progress bars."""
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()


@contextlib.contextmanager
def patched(*replacements: tuple[object, str, object]):
    """Each (owner, attribute, value) holds inside the block."""
    kept = [getattr(owner, name) for owner, name, _ in replacements]
    for owner, name, value in replacements:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name, _), value in zip(replacements, kept):
            setattr(owner, name, value)


# Conversions to float32 inside a class, without which it is exact in float64.
NO_FLOAT = (torch.Tensor, "float", torch.Tensor.double)


def rms_norm(self, h):
    """The forward of transformers' RMSNorm classes, without their conversions."""
    return self.weight * (h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))


def greedy(model, ids: list[int], count: int, use_cache: bool = True) -> list[int]:
    """The ids with the `count` likeliest after them, end tokens included."""
    prompt = torch.tensor([ids])
    model.generation_config.eos_token_id = None
    return model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        do_sample=False,
        use_cache=use_cache,
        max_new_tokens=count,
    )[0].tolist()


def top_gap(logits: torch.Tensor) -> float:
    """The smallest distance between the largest and the second largest logit of a row."""
    top = logits.topk(2, dim=-1).values
    return (top[..., 0] - top[..., 1]).min().item()
