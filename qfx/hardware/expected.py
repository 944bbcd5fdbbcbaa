"""What every stream of a design must carry by the golden model: to find the stage that errs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qfx.fixedpoint.array import Integers
from qfx.hardware.sections import orders
from qfx.hardware.stage import Stage
from qfx.hardware.stream import Order
from qfx.ir import Graph


def expected(
    graph: Graph, stages: Iterable[Stage], values: dict[str, Integers]
) -> Iterator[tuple[Stage, Integers]]:
    """Yield each stage with the elements that its output streams carry, of which a fork has two.

    Args:
        graph: what is computed.
        stages: of its design, each behind those whose streams it reads.
        values: the batch's integers by value, as `graph.trace` gives them.

    Yields:
        The stage and (samples, elements), in the order of the stream.
    """
    order, entering = orders(graph), iter(graph.inputs)
    carried: dict[str, Integers] = {}
    for stage in stages:
        if stage.input.name not in carried:  # a port's
            entry = next(entering).name
            carried[stage.input.name] = _in_order(values[entry], order[entry])
        elements = carried[stage.input.name]
        if stage.value is not None and stage.value in values:  # a line buffer before a head is none
            elements = _in_order(values[stage.value], order[stage.value])
        else:
            elements = stage.passed_on(elements)
        carried |= {stream.name: elements for stream in stage.outputs}
        yield stage, elements


def _in_order(value: Integers, order: Order) -> Integers:
    return value.reshape(len(value), -1)[:, order]
