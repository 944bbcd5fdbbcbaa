"""What the tables of activations hold: the function of each operand, rounded to the output."""

from collections.abc import Callable
from math import erf, exp, sqrt, tanh

import numpy as np
import pytest
import torch

from models import as_built
from qfx import nn
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.nn.bypass import bypassed

FUNCTIONS: dict[type[nn.Layer], Callable[[float], float]] = {
    nn.GELU: lambda x: x * (1 + erf(x / sqrt(2))) / 2,
    nn.Hardsigmoid: lambda x: min(max(x + 3, 0), 6) / 6,
    nn.Hardswish: lambda x: x * min(max(x + 3, 0), 6) / 6,
    nn.SiLU: lambda x: x / (1 + exp(-x)),
    nn.Sigmoid: lambda x: 1 / (1 + exp(-x)),
    nn.Tanh: tanh,
}
FINE = FixedPointType(60, 48)


@pytest.mark.parametrize("layer", FUNCTIONS)
@pytest.mark.parametrize("operand", [FixedPointType(6, 2), FixedPointType(5, 2, False)], ids=str)
def test_each_entry_is_the_function_of_its_operand(
    layer: type[nn.Layer], operand: FixedPointType
) -> None:
    entry = nn.Quantizer(operand.wordlength, operand.fraction_bits, signed=operand.signed)
    activation = layer(entry, nn.Quantizer(8, 6)).eval()
    as_built(activation)
    integers = range(operand.min_int, operand.max_int + 1)
    exact = np.array([FUNCTIONS[layer](n * operand.lsb) for n in integers])
    rounded = FixedPointArray(np.rint(exact * 2.0**48).astype(np.int64), FINE)
    wanted = rounded.cast(FixedPointType(8, 6), Rounding.RND, Overflow.SAT).integers
    np.testing.assert_array_equal(activation.table_integers.numpy(), wanted)


@pytest.mark.parametrize("layer", FUNCTIONS)
def test_it_trains_through_the_function(layer: type[nn.Layer]) -> None:
    activation, x = layer(), torch.linspace(-2.3, 2.4, 20, requires_grad=True)
    with bypassed(activation):
        y = activation(x)
    np.testing.assert_allclose(
        y.detach(), [FUNCTIONS[layer](float(v)) for v in x.detach()], 1e-5, 1e-6
    )
    y.sum().backward()
    step = 1e-3
    slopes = [
        (FUNCTIONS[layer](float(v) + step) - FUNCTIONS[layer](float(v) - step)) / (2 * step)
        for v in x.detach()
    ]
    np.testing.assert_allclose(x.grad, slopes, atol=2e-3)


def test_what_cannot_be_negative_spends_no_sign() -> None:
    signed = {layer: layer().output.signed for layer in FUNCTIONS}
    assert {layer for layer, sign in signed.items() if not sign} == {nn.Sigmoid, nn.Hardsigmoid}
