"""Yosys finds the products of maps where they were asked for, and where none shall be, none."""

from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from product_graphs import GRAPHS, every_op
from qfx.hardware import Multipliers
from qfx.ir import Graph
from qfx.ops import ELEMENTWISE
from qfx.synthesis import Multiplications
from qfx.synthesis.yosys import multiplications

pytestmark = pytest.mark.usefixtures("yosys_is_here")


def test_every_element_wise_op_is_among_them() -> None:
    assert {type(node.op) for node in every_op("net").nodes} == set(ELEMENTWISE)


@pytest.mark.parametrize("make", GRAPHS)
def test_none_is_left_where_none_shall_be(make: Callable[[str], Graph], tmp_path: Path) -> None:
    project = qfx.export(make("net"), tmp_path / "p", multipliers="none")
    assert multiplications(project) == Multiplications({}, {})


@pytest.mark.parametrize("multipliers", ["lut", "dsp"])
def test_others_are_where_their_module_wants_them(multipliers: Multipliers, tmp_path: Path) -> None:
    project = qfx.export(every_op("net"), tmp_path / "p", multipliers=multipliers)
    found = multiplications(project)
    lanes = project.stages()[1].input.lanes
    assert found.products == {"input_map": 2 * lanes}
    assert found.dsps == (found.products if multipliers == "dsp" else {})
