"""Small graphs whose streams part and meet, op by op."""

from collections.abc import Callable

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder, Value
from qfx.ops import Add, Cast, Concat, Conv2d, Multiply, Op, Relu

_GRID = FixedPointType(6, 3, signed=False)
_MODES = (Rounding.RND, Overflow.SAT)
_WEIGHTS = FixedPointType(4, 3)


class Drawing:
    """A graph in the making; every layer ends on one grid.

    Args:
        name: of the graph.
        shape: of its input.
    """

    def __init__(self, name: str, shape: tuple[int, ...] = (3, 8, 9)) -> None:
        self.generator = np.random.default_rng(0)
        self.builder = GraphBuilder(name)
        self.x = self.builder.input(shape, Cast(3, _GRID, *_MODES))

    def conv(
        self, name: str, x: Value, outputs: int = 4, kernel: int = 3, stride: int = 1
    ) -> Value:
        """A convolution of size-keeping padding."""
        weight = self.generator.integers(-7, 8, (outputs, x.type.shape[0], kernel, kernel))
        padding = (kernel // 2, kernel // 2)
        op = Conv2d(FixedPointArray(weight, _WEIGHTS), stride=(stride, stride), padding=padding)
        with self.builder.scope(name):
            y = self.builder.add(Relu(), self.builder.add(op, x))
            return self.builder.cast(y, _GRID, *_MODES)

    def join(self, name: str, op: Op, a: Value, b: Value) -> Value:
        """Two values as one, on the grid again."""
        with self.builder.scope(name):
            return self.builder.cast(self.builder.add(op, a, b), _GRID, *_MODES)

    def graph(self, *outputs: Value) -> Graph:
        return self.builder.build(*outputs)


def residual() -> Graph:
    """An identity, then a projection of stride 2."""
    draw = Drawing("residual")
    x = draw.conv("stem", draw.x)
    x = draw.join("same", Add(), draw.conv("b", draw.conv("a", x)), x)
    y = draw.conv("d", draw.conv("c", x, 6, stride=2), 6)
    return draw.graph(draw.join("less", Add(), y, draw.conv("p", x, 6, 1, 2)))


def nested() -> Graph:
    """Two residual blocks within a third."""
    draw = Drawing("nested")
    x = outer = draw.conv("stem", draw.x)
    for name in ("first", "second"):
        y = draw.conv(f"{name}_b", draw.conv(f"{name}_a", x))
        x = draw.join(name, Add(), y, x)
    return draw.graph(draw.join("outer", Add(), x, outer))


def joined() -> Graph:
    """Kernels of 1, 3 and 5 side by side, then multiplied by themselves."""
    draw = Drawing("joined")
    x = draw.conv("stem", draw.x)
    near = draw.join("near", Concat(), draw.conv("one", x, 4, 1), draw.conv("three", x, 2))
    far = draw.conv("five", draw.conv("before", x), 6, 5)
    both = draw.join("far", Concat(), near, far)
    return draw.graph(draw.join("square", Multiply(), both, both))


def crossed() -> Graph:
    """Two sums, each of one operand that is far and one that is near, the other way round."""
    draw = Drawing("crossed")
    u, v = draw.conv("u", draw.x), draw.conv("v", draw.x)
    p = draw.join("p", Add(), draw.conv("f", u), v)
    q = draw.join("q", Add(), u, draw.conv("g", v))
    return draw.graph(draw.join("r", Multiply(), p, q))


GRAPHS: dict[str, Callable[[], Graph]] = {
    make.__name__: make for make in (residual, nested, joined, crossed)
}
