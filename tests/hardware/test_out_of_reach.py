"""A goal out of reach is refused with what sets the pace, and what would lift it."""

import numpy as np
import pytest

from qfx import boards
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import ScheduleError, schedule
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Conv2d, Matmul, Relu, Reshape

WIDE = boards.load("ultra96").model_copy(update={"dma_width_bits": 4096})


def net() -> Graph:
    """A convolution of one channel and a linear layer."""
    builder, generator = GraphBuilder("net"), np.random.default_rng(0)

    def weights(*shape: int) -> FixedPointArray:
        return FixedPointArray(generator.integers(-4, 4, shape), FixedPointType(3, 0))

    x = builder.input((1, 12, 12), Cast(0, FixedPointType(4, 0, signed=False)))
    with builder.scope("features"):
        x = builder.add(Relu(), builder.add(Conv2d(weights(2, 1, 3, 3), padding=(1, 1)), x))
    with builder.scope("classify"):
        return builder.build(builder.add(Matmul(weights(288, 3)), builder.add(Reshape((288,)), x)))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            {},
            "out of reach: layer features sets the pace: features_window reads 144 elements a"
            " frame, 1 a beat, which is the most for an input of 1 x 12 x 12, so a frame needs 144"
            " cycles; a smaller input of that layer would lift that",
        ),
        (
            {"classify": {"simd": 1}},
            "out of reach: layer classify sets the pace: with what overrides leave it a frame needs"
            " 288 cycles, without them 1",
        ),
        (
            {"features": {"window": 0}},
            "out of reach: layer features sets the pace: with what overrides leave it a frame needs"
            " 1,296 cycles, without them 144",
        ),
    ],
)
def test_what_sets_the_pace_is_named(overrides: dict, said: str) -> None:
    with pytest.raises(ScheduleError) as refused:
        schedule(net(), WIDE, goal_ii=100, overrides=overrides)
    assert said in str(refused.value)


def test_what_would_fit_names_what_sets_its_pace() -> None:
    small = WIDE.resources.model_copy(update={"luts": 11_000, "dsps": 0})
    board = WIDE.model_copy(update={"resources": small})
    with pytest.raises(
        ScheduleError, match=r"where classify_matmul of layer classify sets the pace"
    ):
        schedule(net(), board, goal_ii=150)
