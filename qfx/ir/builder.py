"""Builds a Graph op by op; layers use it to lower themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir.graph import Graph
from qfx.ir.names import identifier
from qfx.ir.value import Input, Node, Value
from qfx.ops import AddConstant, Cast, Op, Shape

_DIGITS = 5  # that tell results of one name apart, and an underscore


class GraphBuilder:
    """A graph in the making.

    Args:
        name: of the graph; a valid identifier, since it names hardware.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._inputs: list[Input] = []
        self._nodes: list[Node] = []
        self._scope: list[str] = []
        self._names: set[str] = set()

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Values made inside are named after, and come from, the layer `name`."""
        self._scope.append(name)
        yield
        self._scope.pop()

    @property
    def path(self) -> str:
        """The layer being lowered, as `model.named_modules()` names it."""
        return ".".join(self._scope)

    def input(self, shape: Shape, cast: Cast, name: str = "x") -> Value:
        """Declare a graph input, quantized by `cast`."""
        entry = Input(self._unique(name), shape, cast)
        self._inputs.append(entry)
        return entry.value

    def add(self, op: Op, *inputs: Value) -> Value:
        """Append a node and return what it makes.

        Raises:
            OpError, FixedPointError: the op is not defined for the inputs, or its result exceeds 63
                bits.
        """
        inferred = op.infer(*(v.type for v in inputs))
        output = Value(self._unique(self._name(op)), inferred)
        _ = output.dtype  # refuses what does not fit 63 bits here, where the layer is known
        self._nodes.append(Node(op, inputs, output, self.path))
        return output

    def _name(self, op: Op) -> str:
        """Of the layer's result, after its path, as hardware can be called."""
        if not self._scope:
            return op.name
        stem = "_".join(identifier(p, room=1) for p in self._scope)
        return f"{identifier(stem, room=len(op.name) + _DIGITS)}_{op.name}"

    def cast(
        self, x: Value, dtype: FixedPointType, rounding: Rounding, overflow: Overflow
    ) -> Value:
        """Return `x` in another type."""
        return self.add(Cast(x.type.fraction_bits, dtype, rounding, overflow), x)

    def add_constant(self, x: Value, constant: FixedPointArray) -> Value:
        """`x + constant`, both first brought to the finer of the two binary points, which is
        exact.
        """
        finer = max(x.type.fraction_bits, constant.dtype.fraction_bits)
        return self.add(AddConstant(constant.refined(finer)), self.refine(x, finer))

    def refine(self, x: Value, fraction_bits: int) -> Value:
        """Return `x` with at least so many fraction bits, which is exact."""
        extra = fraction_bits - x.type.fraction_bits
        if extra <= 0:
            return x
        finer = FixedPointType.holding(x.type.interval << extra, fraction_bits)
        return self.cast(x, finer, Rounding.TRN, Overflow.WRAP)

    def align(self, *values: Value) -> tuple[Value, ...]:
        """Return the values on the finest of their binary points, which is exact."""
        finest = max(value.type.fraction_bits for value in values)
        return tuple(self.refine(value, finest) for value in values)

    def build(self, *outputs: Value) -> Graph:
        """Return the finished graph."""
        return Graph(self.name, tuple(self._inputs), tuple(self._nodes), outputs)

    def _unique(self, name: str) -> str:
        unique, count = name, 1
        while unique in self._names:
            count += 1
            unique = f"{name}{count}"
        self._names.add(unique)
        return unique
