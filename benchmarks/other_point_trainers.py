"""Ways to learn binary points other than the default, for benchmarks/binary_points.py."""

from typing import Any

import torch
from torch import Tensor

from qfx import nn
from qfx.nn.bypass import quantizers
from qfx.nn.cast import fake_cast


def straight_through(net: nn.Sequential) -> None:
    """Every forward rounds f to a whole number; its gradient passes the rounding (TQT, arXiv
    1903.08066).
    """

    def round_steps(module: nn.Layer, inputs: Any) -> None:
        for quantizer in quantizers(net).values():
            quantizer.real_step = False

    net.register_forward_pre_hook(round_steps)


def anneal(net: nn.Sequential, real: float, steps: int) -> None:
    """The step is 2**-f with a real f for a share of the learning phase; over the rest f is drawn
    to the nearest whole number, so that weights can follow.

    Args:
        net: with one binary point per tensor.
        real: share of `steps` in which f is a real number.
        steps: of the learning phase.
    """
    done = 0

    def count(module: nn.Layer, inputs: Any) -> None:
        nonlocal done
        done += module.training

    net.register_forward_pre_hook(count)

    def forward(own: nn.Quantizer, x: Tensor) -> Tensor:
        if not (own.real_step and own.training) or own.bypassed:
            return nn.Quantizer.forward(own, x)
        rounded = min(1.0, max(0.0, (done / steps - real) / (1 - real)))
        position = (
            own.binary_point + rounded * (torch.round(own.binary_point) - own.binary_point).detach()
        )
        modes = own.wordlength, own.signed, own.active_rounding, own.overflow
        return fake_cast(x, position, *modes, real_step=True)

    for quantizer in quantizers(net).values():
        quantizer.forward = lambda x, own=quantizer: forward(own, x)
