"""Arrays as people have them: each holds the numbers of a plain one, or some of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import torch

Array = np.ndarray[Any, Any]


class Framed:
    """As a table of pandas gives its numbers, which is no array itself."""

    def __init__(self, values: Array) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return self.values if dtype is None else self.values.astype(dtype)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, column: str) -> Array:
        raise KeyError(column)

    def keys(self) -> list[str]:
        return ["image", "label"]


def mapped(x: Array) -> Array:
    path = Path(tempfile.mkdtemp()) / "x.npy"
    np.save(path, x)
    return np.load(path, mmap_mode="r")


def read_only(x: Array) -> Array:
    x = x.copy()
    x.flags.writeable = False
    return x


def objects(x: Array) -> Array:
    rows = np.empty(len(x), object)
    rows[:] = list(x)
    return rows


def plain(x: Array) -> Array:
    """Numbers that every type below holds: quarters from -4 to 3.75."""
    return np.clip(np.round(x * 4) / 4, -4, 3.75).astype(np.float32)


CASES: dict[str, Callable[[Array], Any]] = {
    "flipped": lambda x: x[:, ::-1].copy()[:, ::-1],
    "upside down": lambda x: x[::-1].copy()[::-1],
    "every second": lambda x: np.repeat(x, 2, axis=0)[::2],
    "in Fortran's order": np.asfortranarray,
    "big-endian": lambda x: x.astype(">f4"),
    "big-endian doubles": lambda x: x.astype(">f8"),
    "halves": lambda x: x.astype(np.float16),
    "doubles": lambda x: x.astype(np.float64),
    "longdouble": lambda x: x.astype(np.longdouble),
    "bfloat16 of another library": lambda x: x.astype(ml_dtypes.bfloat16),
    "read-only": read_only,
    "mapped from a disk": mapped,
    "objects": lambda x: x.astype(object),
    "an array of arrays": objects,
    "with __array__": Framed,
    "unmasked": np.ma.masked_invalid,
    "lists": lambda x: x.tolist(),
    "a list of arrays": list,
    "a tensor": torch.from_numpy,
    "a tensor with gradient": lambda x: torch.from_numpy(x).requires_grad_(),
    "a parameter": lambda x: torch.nn.Parameter(torch.from_numpy(x)),
    "bfloat16": lambda x: torch.from_numpy(x).bfloat16(),
    "a half tensor": lambda x: torch.from_numpy(x).half(),
    "a tensor of doubles": lambda x: torch.from_numpy(x).double(),
    "a transposed tensor": lambda x: torch.from_numpy(x.swapaxes(0, 1).copy()).transpose(0, 1),
    "a sparse tensor": lambda x: torch.from_numpy(x).to_sparse(),
    "a list of tensors with gradient": lambda x: list(torch.from_numpy(x).requires_grad_()),
}
INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "bool", ">i2", ">u4")
