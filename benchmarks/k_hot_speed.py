"""What the projection costs in training: a K-hot quantizer over a plain one, in pairs."""

import statistics
import time

import torch
from torch import Tensor

from qfx import nn

SHAPES = {
    "(32, 64)": (32, 64),
    "(64, 64, 3, 3)": (64, 64, 3, 3),
    "(512, 64, 3, 3)": (512, 64, 3, 3),
}
PAIRS, CALLS = 25, 20


def projection_over_cast() -> dict[str, dict[str, float]]:
    """Medians of paired ratios, by the weight's shape and what is compared with a cast to 8 bits:
    forward alone, and forward and backward.
    """
    torch.set_num_threads(1)
    found = {}
    for name, shape in SHAPES.items():
        x, grad = (0.2 * torch.randn(shape)).requires_grad_(), torch.randn(shape)
        plain = nn.Quantizer(8, 7).for_parameter(shape)
        for k in (1, 2, 3):
            hot = nn.KHot(k, 8, fraction_bits=7).for_parameter(shape)
            found[f"{name}, K = {k}"] = {
                "forward": _ratio(hot, plain, x.detach()),
                "forward_and_backward": _ratio(hot, plain, x, grad),
            }
    return found


def _ratio(own: nn.Quantizer, other: nn.Quantizer, x: Tensor, grad: Tensor | None = None) -> float:
    ratios = []
    for _ in range(PAIRS):
        seconds = []
        for quantizer in (own, other):
            _call(quantizer, x, grad)
            start = time.perf_counter()
            for _ in range(CALLS):
                _call(quantizer, x, grad)
            seconds.append(time.perf_counter() - start)
        ratios.append(seconds[0] / seconds[1])
    return round(statistics.median(ratios), 2)


def _call(quantizer: nn.Quantizer, x: Tensor, grad: Tensor | None) -> None:
    y = quantizer(x)
    if grad is not None:
        y.backward(grad)
