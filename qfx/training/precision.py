"""Training and calibration compute in float32, whatever the model or torch's default was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def single_precision(model: nn.Module) -> Iterator[None]:
    """Inside, new tensors of torch are float32, as the model's floats are from now on."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        model.float()
        yield
    finally:
        torch.set_default_dtype(before)
