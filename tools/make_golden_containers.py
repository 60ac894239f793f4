#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
"""Small files as torch.save writes them, with the values that a reader must find in them.

Run through make_golden.py. Each NAME.json tells what NAME.pth holds: `tensors`, in the order of the
file, each with name, shape, storage dtype and values (row-major, as float64; null where the kind of
tensor cannot be read), and `arguments`, the plain part of "args", where there is one.
"""

import argparse
import collections
import json
import shutil
from pathlib import Path

import numpy as np
import torch

SEED = 611


def views() -> dict:
    """Every storage type, and views that share storages."""
    base = torch.randn(4, 6)
    shared = torch.arange(24, dtype=torch.float32)
    with_attribute = torch.randn(3)
    with_attribute.note = "an attribute makes torch write another call"
    parameter = torch.nn.Parameter(torch.randn(2, 2))
    marked = torch.nn.Parameter(torch.randn(2))
    marked._no_weight_decay = True
    conjugate = torch.complex(torch.randn(2), torch.randn(2)).conj()
    return {
        "plain": base,
        "transposed": base.t(),
        "rows": base[1:3],
        "columns": base[:, 1:4],
        "every_other": shared[1::2],
        "reshaped": shared.view(2, 3, 4),
        "permuted": shared.view(2, 3, 4).permute(2, 0, 1),
        "overlapping": shared.as_strided((5, 4), (3, 1), 2),
        "tied": base,
        "tied_part": base[2:],
        "scalar": torch.tensor(2.5),
        "scalar_inside": shared[7],
        "empty": torch.zeros(0, 3),
        "empty_inside": base[:, 6:],
        "one_by_one": torch.randn(1, 1, 5).to(torch.bfloat16),
        "half": torch.randn(3, 2).half(),
        "double": torch.randn(2, dtype=torch.float64),
        "long": torch.tensor([-1, 2**53]),
        "int": torch.tensor([-7, 2**31 - 1], dtype=torch.int32),
        "byte": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "parameter": parameter,
        "parameter_with_attribute": marked,
        "tensor_with_attribute": with_attribute,
        "char": torch.tensor([-1], dtype=torch.int8),
        "uint16": torch.tensor([1, 2]).to(torch.uint16),
        "float8": torch.ones(2).to(torch.float8_e4m3fn),
        "complex": torch.complex(torch.ones(1), torch.ones(1)),
        "conjugate": conjugate,
        "negative": torch.complex(torch.randn(2), torch.randn(2)).conj().imag,
        "repeated": torch.ones(1).expand(5),
        "sparse": torch.eye(2).to_sparse(),
    }


UNREADABLE = {"char", "uint16", "float8", "complex", "conjugate", "negative", "repeated", "sparse"}


def facts(tensors: dict) -> list:
    result = []
    for name, tensor in tensors.items():
        is_readable = name not in UNREADABLE
        values = tensor.detach().double().flatten().tolist() if is_readable else None
        result.append({"name": name, "shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:], "values": values})
    return result


def write_facts(path: Path, tensors: dict, arguments: dict | None = None) -> None:
    text = {"tensors": facts(tensors)}
    if arguments is not None:
        text["arguments"] = arguments
    path.write_text(json.dumps(text, separators=(",", ":")) + "\n")


def training() -> tuple[dict, dict, dict]:
    """A training checkpoint as vision models come: wrapped names, optimizer, arguments."""
    model = torch.nn.Sequential(collections.OrderedDict(a=torch.nn.Linear(3, 2), b=torch.nn.LayerNorm(2)))
    wrapped = torch.nn.Sequential(collections.OrderedDict(module=model))
    optimizer = torch.optim.AdamW(wrapped.parameters())
    wrapped(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    plain = {
        "model": "tiny_patch16_stride8_224",
        "input_size": 224,
        "lr": 5e-4,
        "resume": None,
        "distributed": True,
        "opt_betas": [0.9, 0.999],
        "crop": [7, "center"],
    }
    namespace = argparse.Namespace(**plain)
    namespace.crop = tuple(plain["crop"])
    namespace.output_dir = Path("out")  # a class that is not known
    namespace.nested = [[1], [2]]  # not plain
    checkpoint = {
        "model_ema": collections.OrderedDict(other=torch.zeros(1)),
        "model": wrapped.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 7,
        "best": np.float64(81.5),
        "args": namespace,
    }
    tensors = {name.removeprefix("module."): tensor for name, tensor in wrapped.state_dict().items()}
    return checkpoint, tensors, plain


class Doubled(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2


def make(folder: Path) -> None:
    torch.manual_seed(SEED)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tensors = views()
    torch.save(tensors, folder / "views.pth")
    write_facts(folder / "views.json", tensors)
    readable = {name: tensor for name, tensor in tensors.items() if name not in UNREADABLE}
    torch.save(collections.OrderedDict(readable), folder / "protocol4.pth", pickle_protocol=4)
    write_facts(folder / "protocol4.json", readable)
    checkpoint, inside, plain = training()
    torch.save(checkpoint, folder / "training.pth")
    write_facts(folder / "training.json", inside, plain)
    small = {"w": torch.ones(2)}
    torch.save(torch.nn.Linear(2, 1), folder / "module.pth")
    torch.jit.script(Doubled()).save(str(folder / "script.pt"))
    torch.serialization.set_crc32_options(False)
    torch.save(small, folder / "without_sums.pth")
    torch.serialization.set_crc32_options(True)
