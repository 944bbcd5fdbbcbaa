"""The integer graph; running it is the golden model that every simulator must match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.ir.names import require_identifier
from qfx.ir.several import alone
from qfx.ir.value import GraphError, Input, Node, Value
from qfx.ops import Shape
from qfx.shown import Shown

_AT_A_TIME = 1 << 20  # elements of the largest value: so many stay in a processor's cache
MOST_NODES = 4096  # ResNet-152 has some 700
MOST_ELEMENTS = 1 << 28  # of one value: 64 channels of 2048 x 2048
_MOST_AXES, _LONGEST_SOURCE = 8, 1000


@dataclass(frozen=True)
class Graph(Shown):
    """Nodes in an order in which each reads only what is already made.

    Raises:
        GraphError: a value is read before it is made, made twice, or is not what its op infers; a
            name or a shape that no hardware has, or more of either than can be built.
    """

    shown_by = "qfx.report.terminal:show_graph"

    name: str
    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Value, ...]

    def __post_init__(self) -> None:
        self._check_sizes()
        self._check_names()
        known = {i.name: i.value for i in self.inputs}
        if len(known) != len(self.inputs) or not known or not self.outputs:
            raise GraphError(
                f"graph {self.name} needs inputs with names of their own, and an output"
            )
        for node in self.nodes:
            for value in node.inputs:
                if known.get(value.name) != value:
                    raise GraphError(
                        f"{node.output.name} reads {value.name}, which nothing before it makes"
                    )
            if node.output.name in known:
                raise GraphError(f"{node.output.name} is made twice")
            inferred = node.op.infer(*(v.type for v in node.inputs))
            if node.output.type != inferred:
                raise GraphError(
                    f"{node.output.name} is declared {node.output.type}, its op makes {inferred}"
                )
            _ = inferred.dtype  # refuses what does not fit 63 bits
            _require_shape(node.output.name, inferred.shape)
            known[node.output.name] = node.output
        for value in self.outputs:
            if known.get(value.name) != value:
                raise GraphError(f"output {value.name} is made by no node")
        if len({value.name for value in self.outputs}) != len(self.outputs):
            names = ", ".join(value.name for value in self.outputs)
            raise GraphError(f"graph {self.name} gives one value twice ({names}): once is enough")

    def _check_sizes(self) -> None:
        if len(self.nodes) > MOST_NODES:
            raise GraphError(
                f"a graph of {len(self.nodes):,} nodes, more than {MOST_NODES:,}: split the model"
            )
        for entry in self.inputs:
            _require_shape(entry.name, entry.shape)

    @property
    def elements(self) -> int:
        """Of all values together, of one sample."""
        values = (*(entry.value for entry in self.inputs), *(node.output for node in self.nodes))
        return sum(prod(value.type.shape) for value in values)

    def _check_names(self) -> None:
        """Names and sources are printed into generated code, so a file cannot smuggle code in."""
        names = [self.name, *(i.name for i in self.inputs), *(n.output.name for n in self.nodes)]
        for name in names:
            try:
                require_identifier(name)
            except ValueError as error:
                raise GraphError(str(error)) from None
        for node in self.nodes:
            source = node.source
            odd = not isinstance(source, str) or not source.isprintable() or "*/" in source
            if odd or len(source) > _LONGEST_SOURCE:
                raise GraphError(f"{node.output.name} comes from a layer with an odd name")

    def trace(self, *data: FixedPointArray | npt.ArrayLike) -> dict[str, Integers]:
        """Return the integers of every value, by name; `data` as for `run`."""
        return dict(self.walk(*data))

    def walk(self, *data: FixedPointArray | npt.ArrayLike) -> Iterator[tuple[str, Integers]]:
        """Return the name and the integers of every value, one after the other; what nothing reads
        any more is let go, so that memory does not grow with the depth. `data` as for `run`.
        """
        read = self.read(*data)
        values = {i.name: x.integers for i, x in zip(self.inputs, read, strict=True)}
        yield from values.items()
        last = {v.name: index for index, node in enumerate(self.nodes) for v in node.inputs}
        for index, node in enumerate(self.nodes):
            integers = node.op.evaluate(*(values[v.name] for v in node.inputs))
            for value in node.inputs:
                if last[value.name] == index:
                    values.pop(value.name, None)
            if node.output.name in last:
                values[node.output.name] = integers
            yield node.output.name, integers
            del integers

    def run(self, *data: FixedPointArray | npt.ArrayLike) -> Any:
        """Run the golden model: return the exact fixed-point output for a batch.

        Args:
            data: one (samples, *shape) batch per input: floats, quantized as the input says, or
                FixedPointArray.

        Returns:
            A FixedPointArray; of several outputs, a tuple of them in the graph's order.

        Raises:
            GraphError: wrong count, shape or dtype, or values that are not finite.
        """
        return alone(self.run_all(*data))

    def run_all(self, *data: FixedPointArray | npt.ArrayLike) -> tuple[FixedPointArray, ...]:
        """Return every output of `run`, in the graph's order: a tuple, of one output too."""
        read = self.read(*data)
        values = (*(entry.value for entry in self.inputs), *(node.output for node in self.nodes))
        count = max(1, _AT_A_TIME // max(prod(value.type.shape) for value in values))
        found: dict[str, list[Integers]] = {output.name: [] for output in self.outputs}
        for start in range(0, max(1, len(read[0].integers)), count):
            part = slice(start, start + count)
            some = (FixedPointArray(x.integers[part], x.dtype) for x in read)
            for name, integers in self.walk(*some):
                if name in found:
                    found[name].append(integers)
        return tuple(
            FixedPointArray(np.concatenate(found[output.name]), output.dtype)
            for output in self.outputs
        )

    def read(self, *data: FixedPointArray | npt.ArrayLike) -> list[FixedPointArray]:
        """Return each input's batch as fixed-point numbers; `data` and errors as for `run`."""
        if len(data) != len(self.inputs):
            raise GraphError(
                f"graph {self.name} has {len(self.inputs)} inputs, not {len(data)}: give one batch"
                " for each"
            )
        read = [entry.read(x) for entry, x in zip(self.inputs, data, strict=True)]
        counts = [len(x.integers) for x in read]
        if len({*counts}) > 1:
            given = " and ".join(
                f"{count} of {entry.name}" for count, entry in zip(counts, self.inputs, strict=True)
            )
            raise GraphError(
                f"graph {self.name} was given {given}: give as many samples of each input"
            )
        return read


def _require_shape(name: str, shape: Shape) -> None:
    """Raises GraphError unless a value has a shape of some elements, and not too many."""
    whole = isinstance(shape, tuple) and all(type(size) is int and size > 0 for size in shape)
    if not whole or len(shape) > _MOST_AXES or prod(shape) > MOST_ELEMENTS:
        raise GraphError(
            f"{name} has shape {shape}: give at most {_MOST_AXES} axes of at least one element"
            f" each, and no more than {MOST_ELEMENTS:,} in all"
        )
