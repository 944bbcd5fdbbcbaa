"""Softmax refuses tables that are none, and logits that its table does not reach."""

import numpy as np
import pytest

from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.ops import OpError, Softmax, TensorType

EACH, STEPS = [8, 5, 3, 0], [15, 12, 10, 8]


def softmax(each: list[int] = EACH, steps: list[int] = STEPS, bits: int = 5) -> Softmax:
    return Softmax(
        FixedPointArray(np.array(each), FixedPointType(bits, 3)),
        FixedPointArray(np.array(steps), FixedPointType(bits, 4)),
    )


def refusal(op: Softmax, shape: tuple[int, ...] = (3,), span: int = 3) -> str:
    with pytest.raises(OpError) as error:
        op.infer(TensorType(shape, Interval(-1, span - 1), 0))
    return str(error.value)


def test_logits_must_lie_within_the_table() -> None:
    assert "has 4 exponentials, and the logits lie up to 4 LSB apart: quantize" in refusal(
        softmax(), span=4
    )
    assert softmax().infer(TensorType((3,), Interval(-1, 2), 0)).fraction_bits == 7
    for shape in ((1,), (2, 3)):
        assert f"at least two, not {shape}" in refusal(softmax(), shape)


@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        (softmax([7, 5, 3, 0]), "must begin with one and never rise"),
        (softmax([8, 5, 6, 0]), "must begin with one and never rise"),
        (softmax(steps=[15, 12, 10]), "3 reciprocals are no power of two from 2 to 2**3"),
        (softmax(steps=[15]), "1 reciprocals are no power of two"),
        (softmax(steps=[1] * 16), "16 reciprocals are no power of two"),
        (softmax(steps=[12, 13, 10, 8]), "never rise, nor fall below half the first"),
        (softmax(steps=[15, 12, 10, 6]), "never rise, nor fall below half the first"),
        (softmax([8, 5, 3, -1]), "negative"),
        (softmax(bits=27), "products of 54 bits, more than 53"),
        (softmax([[8, 5], [3, 0]]), "two tables of one axis"),
    ],
)
def test_tables_fall_from_one(op: Softmax, sentence: str) -> None:
    assert sentence in refusal(op)
