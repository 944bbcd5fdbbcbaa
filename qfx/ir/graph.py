"""The integer graph; running it is the golden model that every simulator must match."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.ir.names import require_identifier
from qfx.ir.value import GraphError, Input, Node, Value

_AT_A_TIME = 1 << 20  # elements of the largest value: so many stay in a processor's cache


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each reads only what is already made.

    Raises:
        GraphError: a value is read before it is made, made twice, or is not what its op infers.
    """

    name: str
    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Value, ...]

    def __post_init__(self) -> None:
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
            known[node.output.name] = node.output
        for value in self.outputs:
            if known.get(value.name) != value:
                raise GraphError(f"output {value.name} is made by no node")

    def _check_names(self) -> None:
        """Names and sources are printed into generated code, so a file cannot smuggle code in."""
        names = [self.name, *(i.name for i in self.inputs), *(n.output.name for n in self.nodes)]
        for name in names:
            try:
                require_identifier(name)
            except ValueError as error:
                raise GraphError(str(error)) from None
        for node in self.nodes:
            if not node.source.isprintable() or "*/" in node.source:
                raise GraphError(f"{node.output.name} comes from a layer with an odd name")

    def trace(self, *data: FixedPointArray | npt.ArrayLike) -> dict[str, Integers]:
        """The integers of every value, by name; `data` as for `run`."""
        if len(data) != len(self.inputs):
            raise GraphError(
                f"graph {self.name} has {len(self.inputs)} inputs, not {len(data)}: give one batch"
                " for each"
            )
        values = {i.name: i.read(x).integers for i, x in zip(self.inputs, data, strict=True)}
        for node in self.nodes:
            values[node.output.name] = node.op.evaluate(*(values[v.name] for v in node.inputs))
        return values

    def run(self, *data: FixedPointArray | npt.ArrayLike) -> FixedPointArray:
        """The golden model: the exact fixed-point output for a batch.

        Args:
            data: one (samples, *shape) batch per input: floats, quantized as the input says, or
                FixedPointArray.

        Raises:
            GraphError: wrong count, shape or dtype, or values that are not finite.
        """
        if len(self.outputs) != 1:
            raise GraphError(
                f"graph {self.name} has {len(self.outputs)} outputs: read them from trace"
            )
        output = self.outputs[0]
        if len(data) != 1 or len(self.inputs) != 1:
            return FixedPointArray(self.trace(*data)[output.name], output.dtype)
        x = self.inputs[0].read(data[0])
        values = (self.inputs[0].value, *(node.output for node in self.nodes))
        count = max(1, _AT_A_TIME // max(prod(value.type.shape) for value in values))
        starts = range(0, max(1, len(x.integers)), count)
        parts = (FixedPointArray(x.integers[n : n + count], x.dtype) for n in starts)
        integers = np.concatenate([self.trace(part)[output.name] for part in parts])
        return FixedPointArray(integers, output.dtype)
