"""What is refused, in whole sentences; calls without a layer are in tests/refusals/of_fixed.py."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from layers import Rescale

import qfx
from models import as_built
from qfx import fixed, nn
from qfx.backends import qonnx
from qfx.fixed import FixedPointType
from qfx.fixedpoint import FixedPointArray
from qfx.ir import GraphBuilder
from qfx.nn.bypass import bypassed
from qfx.ops import Cast, DivideConstant, OpError, Sqrt

BYTE = FixedPointType(8, 4)


def number(dtype: FixedPointType = BYTE) -> fixed.Tensor:
    return fixed.tensor([1.0, 0.5], dtype)


def in_float() -> fixed.Tensor:
    with bypassed(layer := Rescale()):
        return fixed.tensor(torch.zeros(3), layer.input)


@pytest.mark.parametrize(
    ("attempt", "kind", "sentence"),
    [
        (
            lambda: in_float().integers,
            fixed.FixedPointError,
            "there are no integers while the model computes in float, before its calibration",
        ),
        (
            lambda: DivideConstant(FixedPointArray(np.array([[2], [0]]), BYTE)),
            OpError,
            "divide: the constant is 0 at index (1, 0), and no quotient exists: a finer grid or a"
            " larger value keeps it from 0",
        ),
        (lambda: Sqrt(-1), OpError, "sqrt appends -1 bits to its operand: cast the operand first"),
        (
            lambda: nn.LiteralBatchNorm2d(3, deviation=nn.Quantizer(1)),
            ValueError,
            "deviation=fixed<1,1> holds no positive number: use signed=False",
        ),
    ],
)
def test_arithmetic(attempt: Callable[[], Any], kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as error:
        attempt()
    assert str(error.value) == sentence


class Given(fixed.Layer):
    """A layer whose compute is a function given."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__(BYTE)
        self.two = fixed.Parameter(torch.full((3, 3), 2.0), BYTE)
        self.function = function

    def compute(self, x: fixed.Number) -> fixed.Number:
        result: fixed.Number = self.function(x, self.two)
        return result


BRANCHES = (
    "of two streamed values needs two branches of one stream, and branches are not streamed yet:"
    " make one of them a constant (a fixed.Parameter), or compute a function of a single value with"
    " a Lookup layer"
)
STREAMED = "matmul is streamed as x @ weight with a constant weight of shape (inputs, outputs)"


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda x, two: x * x, f"layer 1: mul {BRANCHES}"),
        (lambda x, two: x - fixed.relu(x), f"layer 1: sub {BRANCHES}"),
        (
            lambda x, two: fixed.tensor([1.0, 1, 1], BYTE) / x,
            "layer 1 divides a constant by a streamed value: only division by constants is in"
            " hardware; compute the reciprocal with a Lookup layer and multiply by it",
        ),
        (lambda x, two: two @ x, f"layer 1: {STREAMED}"),
        (lambda x, two: x @ fixed.tensor([1.0, 1, 1], BYTE), f"layer 1: {STREAMED}"),
        (
            lambda x, two: fixed.Tensor(x.values + 1, x.dtype),
            "layer 1 reads .values, which only a fixed.Tensor has: while a layer is lowered no"
            " numbers flow, so compute with the functions of qfx.fixed alone",
        ),
        (
            lambda x, two: two,
            "Given.compute gives a constant: it has to return a fixed-point number that depends"
            " on x",
        ),
        (
            lambda x, two: 3,
            "Given.compute gives int: it has to return a fixed-point number that depends on x",
        ),
        (
            lambda x, two: x + two,
            "layer 1: add: a constant of shape (3, 3) does not fit (3,)",
        ),
        (
            lambda x, two: fixed.sqrt(x, fraction_bits=26),
            "layer 1: sqrt of fixed<8,4> to 26 fraction bits takes the root of 55 bits, and float64"
            " does so exactly up to 52: cast the operand to fewer bits, or ask for fewer fraction"
            " bits",
        ),
    ],
)
def test_lowering(function: Callable[[Any, Any], Any], sentence: str) -> None:
    model = nn.Sequential(nn.Quantizer(8, 4), Given(function)).eval()
    as_built(model)
    with pytest.raises(nn.LoweringError) as error:
        qfx.lower(model, (3,))
    assert str(error.value) == sentence


def test_two_streamed_values_compute_in_torch() -> None:
    x = torch.tensor([[1.5, -2.0, 0.25]])
    squared = Given(lambda x, two: x * x)(x)
    assert torch.equal(squared, x * x)
    doubled = Given(lambda x, two: x + fixed.relu(x))(x)
    assert torch.equal(doubled, torch.tensor([[3.0, -2.0, 0.5]]))


def test_a_layer_says_when_it_is_not_ready() -> None:
    layer = Given(lambda x, two: x)
    builder = GraphBuilder("g")
    x = builder.input((3,), Cast(4, BYTE))
    with pytest.raises(nn.LoweringError, match="has no integers yet"):
        layer.lower(builder, x)
    layer.freeze()
    with pytest.raises(nn.LoweringError) as error:
        layer.lower(builder, x)
    assert str(error.value) == (
        "Given at the top is in training mode, where its numbers are floats: call model.eval()"
        " first"
    )
    with pytest.raises(TypeError) as wrong:
        Given(lambda x, two: x.values)(torch.zeros(1, 3))
    assert str(wrong.value) == (
        "Given.compute gives Tensor: it has to return a fixed-point number that depends on x"
    )


def test_what_float32_cannot_hold_is_refused_for_qonnx() -> None:
    def refusal(op: DivideConstant | Sqrt) -> str:
        builder = GraphBuilder("wide")
        x = builder.input((2,), Cast(4, FixedPointType(20, 4)))
        with pytest.raises(qonnx.QonnxError) as error:
            qonnx.model(builder.build(builder.add(op, x)))
        return str(error.value)

    rest = (
        ", and qonnx computes in float32, exact up to 24: add a Quantizer before it or narrow the"
        " weights"
    )
    divisor = FixedPointArray(np.array(-1000), FixedPointType(12, 5))
    assert refusal(DivideConstant(divisor)) == f"divide, its dividend needs 25 bits{rest}"
    assert refusal(Sqrt(6)) == f"sqrt, its radicand needs 25 bits{rest}"
    builder = GraphBuilder("odd")
    x = builder.input((2,), Cast(4, FixedPointType(20, 4)))
    with pytest.raises(OpError) as error:
        builder.add(Sqrt(5), x)
    assert str(error.value) == (
        "sqrt of 4 fraction bits with 5 appended has no whole number of fraction bits: append one"
        " more, or one less"
    )
    with pytest.raises(OpError) as error:
        builder.add(Sqrt(34), x)
    assert str(error.value) == (
        "sqrt of 53 bits, zeros appended, exceeds the 52 of which torch emulates roots exactly:"
        " narrow the operand or the result"
    )
