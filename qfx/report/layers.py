"""Where accuracy and cycles go, layer by layer: ranges, saturation, noise, folding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint.array import Integers
from qfx.hardware import STAGE_OF, Stage
from qfx.ir import Graph, Input, Node
from qfx.ops import Cast
from qfx.project.input_fit import InputFit
from qfx.project.manifest import LayerRecord

Floats = npt.NDArray[np.float64]
EXACT_DB = 200.0  # what is reported when there is no noise at all


def layers(
    graph: Graph,
    stages: Iterable[Stage],
    values: Mapping[str, Integers],
    floats: Mapping[str, Floats],
    fits: Sequence[InputFit] = (),
) -> tuple[LayerRecord, ...]:
    """Return one record for each layer that computes, in order, behind one for each input.

    Args:
        graph: the layers' nodes are told by their `source`.
        stages: of its design.
        values: a batch's integers by value, as `graph.trace` gives them.
        floats: by layer, what the float model gives for the same batch; may lack any.
        fits: of the samples that were given, for each input.
    """
    by_layer: dict[str, list[Node]] = {}
    for node in graph.nodes:
        by_layer.setdefault(node.source, []).append(node)
    used: dict[str, list[Stage]] = {}
    for stage in stages:
        used.setdefault(stage.source, []).append(stage)
    alone = len(graph.inputs) == 1
    fit = {each.input: each for each in fits}
    entries = [
        _of_input("" if alone else e.name, e, values[e.name], fit.get(e.name)) for e in graph.inputs
    ]
    rest = [
        _record(layer, nodes, values, floats.get(layer), used.get(layer, []))
        for layer, nodes in by_layer.items()
        if _computing(nodes)
    ]
    return (*entries, *rest)


def _of_input(layer: str, entry: Input, integers: Integers, fit: InputFit | None) -> LayerRecord:
    dtype = entry.cast.dtype
    return LayerRecord(
        layer=layer,
        ops=("input",),
        dtype=str(dtype),
        fraction_bits=dtype.fraction_bits,
        low=int(integers.min()),
        high=int(integers.max()),
        range_used=_range_used(integers, dtype.min_int, dtype.max_int),
        saturated=None if fit is None else fit.saturated,
        cast_sqnr_db=None if fit is None else fit.sqnr_db,
        float_sqnr_db=None,
        folding="",
        cycles=0,
    )


def _record(
    layer: str,
    nodes: list[Node],
    values: Mapping[str, Integers],
    reference: Floats | None,
    stages: list[Stage],
) -> LayerRecord:
    output = nodes[-1].output
    casts = [node for node in nodes if isinstance(node.op, Cast) and _can_lose(node)]
    computing = _computing(nodes)
    last = computing[-1].op
    dtype = last.dtype if isinstance(last, Cast) else output.dtype
    integers = values[output.name]
    folded = next((stage.chosen for stage in stages if "pe" in stage.chosen), None)
    return LayerRecord(
        layer=layer,
        ops=tuple(node.op.name for node in computing),
        dtype=str(dtype),
        fraction_bits=dtype.fraction_bits,
        low=int(integers.min()),
        high=int(integers.max()),
        range_used=_range_used(integers, dtype.min_int, dtype.max_int)
        if isinstance(last, Cast)
        else None,
        saturated=max((_overflowing(node, values) for node in casts), default=None),
        cast_sqnr_db=min((_cast_sqnr(node, values) for node in casts), default=None),
        float_sqnr_db=None
        if reference is None
        else sqnr_db(reference, np.ldexp(integers.astype(np.float64), -output.type.fraction_bits)),
        folding=_folding(folded) if folded else "",
        cycles=max((stage.cycles for stage in stages), default=0),
    )


def _folding(chosen: Mapping[str, int | str]) -> str:
    """As LayerRecord has it."""
    window = f", window {chosen['window']}" if "window" in chosen else ""
    return f"{chosen['pe']} x {chosen['simd']}{window}"


def _computing(nodes: list[Node]) -> list[Node]:
    """Without those that are only wiring."""
    return [node for node in nodes if STAGE_OF[type(node.op)] is not None]


def sqnr_db(signal: Floats, found: Floats) -> float:
    """Return signal power over that of the difference, in dB; EXACT_DB where there is none."""
    noise = float(np.square(signal.reshape(-1) - found.reshape(-1)).sum())
    power = float(np.square(signal).sum())
    if noise == 0.0:
        return EXACT_DB
    return float(10 * np.log10(max(power, 1e-300) / noise))


def _can_lose(node: Node) -> bool:
    """Whether a cast rounds, or may overflow: one that only appends zeros shows nothing."""
    assert isinstance(node.op, Cast)
    fits = node.op.rounded(node.inputs[0].type.interval) in node.op.fitting
    return node.op.shift > 0 or not fits


def _range_used(integers: Integers, low: int, high: int) -> float:
    """The share of the type's span between the least and the greatest integer met."""
    return float(int(integers.max()) - int(integers.min())) / (high - low)


def _overflowing(node: Node, values: Mapping[str, Integers]) -> float:
    """The share of elements whose rounded value the type does not hold."""
    assert isinstance(node.op, Cast)
    return float(node.op.overflows(values[node.inputs[0].name]).mean())


def _cast_sqnr(node: Node, values: Mapping[str, Integers]) -> float:
    assert isinstance(node.op, Cast)
    before = np.ldexp(values[node.inputs[0].name].astype(np.float64), -node.op.from_fraction_bits)
    after = np.ldexp(values[node.output.name].astype(np.float64), -node.op.dtype.fraction_bits)
    return sqnr_db(before, after)
