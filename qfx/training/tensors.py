"""What people hand over as numbers, as tensors; the rules are `qfx.data.numbers`'."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qfx.data import DataError, numbers
from qfx.errors import QfxError

Tensors = Tensor | tuple[Tensor, ...]  # of one input or output, or of each
_AT_A_TIME = 1 << 22  # elements looked at: little memory beside what may lie on a disk
_INDEXED = {torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.int64}


class TrainingError(QfxError):
    """Data, a model or a result that training cannot go on with."""


def as_tensor(given: Any, what: str) -> Tensor:
    """Return `given` as a tensor that shares its memory where torch can.

    Args:
        given: whatever `qfx.data.numbers` takes; a dense tensor stays on its device.
        what: it is called in the sentence.

    Raises:
        TrainingError: no numbers.
    """
    if isinstance(given, Tensor) and given.layout == torch.strided and not given.is_quantized:
        tensor = given.detach()
        if tensor.is_complex():
            raise TrainingError(
                f"{what} holds {tensor.dtype}, not numbers: read or encode it first"
            )
    else:
        try:
            array = numbers(given, what)
        except DataError as error:
            raise TrainingError(str(error)) from None
        if any(stride < 0 for stride in array.strides):
            array = np.ascontiguousarray(array)
        with warnings.catch_warnings():  # of memory that is read-only: nothing here writes to it
            warnings.simplefilter("ignore", UserWarning)
            tensor = torch.from_numpy(array)
    if tensor.dtype in _INDEXED:  # torch cannot choose samples of these
        tensor = tensor.to(_INDEXED[tensor.dtype])
    return tensor.float() if tensor.is_floating_point() and tensor.itemsize < 2 else tensor


def operands(x: Any) -> tuple[Tensor, ...]:
    """Return what a model is called with for a batch's x."""
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def count_samples(x: Any) -> int:
    """Count them of a tensor, or of each in a tuple."""
    return len(operands(x)[0])


def require_finite(x: Tensor, name: str) -> None:
    """Raise TrainingError naming the first NaN or infinity, or what float32 does not hold."""
    if not x.is_floating_point():
        return
    rows = max(1, _AT_A_TIME // max(1, x[:1].numel()))
    for start in range(0, len(x), rows):
        finite = torch.isfinite(x[start : start + rows].float())
        if finite.all():
            continue
        first, *rest = (int(i) for i in torch.argwhere(~finite)[0])
        index = (start + first, *rest)
        value = x[index]
        beyond = bool(torch.isfinite(value))
        raise TrainingError(
            f"{name} holds {value.item()} at index {index}"
            + (", which float32 does not hold: scale the data" if beyond else ": clean the data")
            + " first"
        )
