"""Models in other floats than float32, which their layers are made, trained and compared in."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import nn

from qfx.errors import ArgumentError

M = TypeVar("M", bound=nn.Module)


@contextmanager
def float32_by_default() -> Iterator[None]:
    """Inside, new tensors of torch are float32, whatever its default was."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def in_float32(model: M) -> M:
    """Return the model itself; or a copy in float32 on the CPU, where it is in another type or
    elsewhere.

    Raises:
        ArgumentError: it cannot be copied.
    """
    tensors = [*model.parameters(), *model.buffers()]
    casts = (module for module in model.modules() if not getattr(module, "keeps_float64", False))
    own = [t for m in casts for t in (*m.parameters(False), *m.buffers(False))]
    floats = {each.dtype for each in own if each.is_floating_point()}
    if floats <= {torch.float32} and all(each.device.type in ("cpu", "meta") for each in tensors):
        return model
    try:
        return copy.deepcopy(model).cpu().float()
    except Exception as error:  # whatever the model's own modules raise
        raise ArgumentError(
            f"{type(model).__name__} is not in float32 on the CPU and cannot be copied ({error}):"
            " call model.cpu().float() first"
        ) from error
