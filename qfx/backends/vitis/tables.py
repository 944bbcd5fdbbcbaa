"""The constant tables that stages of the C++ look up, other than the weights of contractions."""

from __future__ import annotations

from typing import Any

from qfx.backends.vitis.expressions import bits_type, cpp_type, nested
from qfx.fixedpoint import FixedPointArray
from qfx.hardware import Embed, SoftmaxStage, Stage


def tables(stage: Stage) -> list[dict[str, Any]]:
    """What table.hpp.j2 needs, for each table of the stage in the order of its arguments."""
    if isinstance(stage, Embed):
        beats = stage.table.reshape((-1, stage.pe))
        return [_table(stage, "rows", beats)]
    if isinstance(stage, SoftmaxStage):
        return [
            _table(stage, "exponentials", stage.exponentials),
            _table(stage, "reciprocals", stage.reciprocals),
        ]
    return []


def table_names(stage: Stage) -> list[str]:
    """Of the tables, which are also the headers that hold them."""
    return [table["name"] for table in tables(stage)]


def _table(stage: Stage, holds: str, array: FixedPointArray) -> dict[str, Any]:
    return {
        "name": f"{stage.name}_{holds}",
        "title": f"{holds} of {stage.source or stage.name}",
        "type": cpp_type(array.dtype),
        "bits_type": bits_type(array.dtype),
        "sizes": "".join(f"[{size}]" for size in array.shape),
        "rows": [nested(row) for row in array.integers.tolist()],
    }
