"""Differences and extremes of two streams, of signed and unsigned numbers, in every simulator."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from together import prove

import qfx
from qfx.fixedpoint import FixedPointType
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Maximum, Minimum, Subtract

TYPES = FixedPointType(5, 2), FixedPointType(6, 2, signed=False)  # -4 to 3.75, 0 to 15.75


def merged() -> Graph:
    """Each op of both inputs, either way round."""
    builder = GraphBuilder("merged")
    a, b = (builder.input((6,), Cast(2, dtype)) for dtype in TYPES)
    outputs = [
        builder.add(op(), *operands)
        for op in (Subtract, Maximum, Minimum)
        for operands in ((a, b), (b, a))
    ]
    return builder.build(*outputs)


def test_every_simulator(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    generator = np.random.default_rng(0)
    samples = tuple(
        dtype.lsb * generator.integers(dtype.min_int, dtype.max_int, (60, 6), endpoint=True)
        for dtype in TYPES
    )
    project = qfx.export(merged(), tmp_path / "p", goal_ii=6, samples=samples)
    kinds = [stage.kind for stage in project.stages()]
    assert kinds.count("merge") == 6
    prove([project], tmp_path / "together")
