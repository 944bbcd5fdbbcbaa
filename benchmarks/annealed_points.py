"""A way to learn binary points that benchmarks/binary_points.py compares: a real step, rounded bit
by bit.

The step is 2**-f with a real f, as in LSQ (arXiv 1902.08153), for a share of the learning phase;
over the rest f is drawn to the nearest whole number, so that weights can follow; then it stays.
"""

import math
from typing import Any

import torch
from torch import Tensor

from qfx import nn
from qfx.nn.bypass import quantizers
from qfx.nn.cast import integer_range


class _RealCast(torch.autograd.Function):
    """To the grid of step 2**-position, saturating; gradients of METHODS 1.3's form."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, position: Tensor, low: float, high: float) -> Tensor:
        scale = torch.exp2(position)
        y = torch.round(x * scale).clamp_(low, high) / scale
        ctx.save_for_backward(x, y, scale)
        ctx.ends = low, high
        return y

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        (grad,) = grad_outputs
        x, y, scale = ctx.saved_tensors
        low, high = ctx.ends
        within = grad * ((x >= low / scale) & (x <= high / scale))
        slope = math.log(2) * ((within * x).sum() - (grad * y).sum())
        return within, slope.reshape(scale.shape), None, None


def anneal(net: nn.Sequential, real: float, steps: int) -> None:
    """Make the quantizers of `net` learn so while it is trained.

    Args:
        net: with one binary point per tensor.
        real: share of `steps` in which f is a real number.
        steps: of the learning phase; afterwards points are whole and stay.
    """
    done = 0

    def count(module: nn.Layer, inputs: Any) -> None:
        nonlocal done
        if module.training:
            done += 1
            if done == steps:
                for quantizer in quantizers(net).values():
                    quantizer.binary_point.data.round_()

    net.register_forward_pre_hook(count)

    def forward(quantizer: nn.Quantizer, x: Tensor) -> Tensor:
        rounded = min(1.0, max(0.0, (done / steps - real) / (1 - real)))
        if not quantizer.training or quantizer.bypassed or rounded >= 1 or not quantizer.learned:
            return nn.Quantizer.forward(quantizer, x)
        point = quantizer.binary_point
        position = point + rounded * (torch.round(point) - point).detach()
        return _RealCast.apply(x, position, *integer_range(quantizer.wordlength, quantizer.signed))

    for quantizer in quantizers(net).values():
        quantizer.forward = lambda x, own=quantizer: forward(own, x)
