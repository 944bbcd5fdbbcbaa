"""Pauses of a few cycles never get through the queues of a small design: ports that stop until
everything stands still do, together and one at a time, and a stage that does not heed `ready` is
then found, whichever it is; and a queue that is shallower than designed is named.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from mutant import CPP, RTL, Mutant, mutated

import qfx
from models import as_built
from qfx import nn
from qfx.project.folder import Project
from qfx.simulation.rtl import verilator

# the stages of the design, and how each goes on without being heard
DEAF = {
    "a map": Mutant(RTL + "net_layer2_map.sv", r"in_ready = [^;]*;", "in_ready = 1'b1;"),
    "a resize": Mutant(RTL + "qfx_resize.sv", r"give = out_valid && out_ready", "give = out_valid"),
    "a contraction": Mutant(RTL + "qfx_results.sv", r"valid && !ready", "1'b0"),
    "a queue": Mutant(RTL + "qfx_fifo.sv", r"give = out_valid && out_ready", "give = out_valid"),
}


@pytest.mark.parametrize("stage", DEAF)
def test_a_stage_that_ignores_ready_is_caught(
    stage: str, project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    result = qfx.cosim(mutated(project, tmp_path / "p", DEAF[stage]), ("rtl-stalled",))
    assert not result.equal, stage


def test_pieces_of_a_long_run_have_every_turn_among_them() -> None:
    for turns in (2, 6, 8, 18, 34):
        for pieces in range(1, 33):
            given = [verilator.holds_of(turns, pieces, piece) for piece in range(pieces)]
            held = {first + n for count, first in given for n in range(count)}
            assert set(range(turns)) <= held
            assert sum(count for count, _ in given) <= max(12, turns)


def test_a_stage_before_one_of_several_outputs_that_ignores_ready_is_caught(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    """Where all outputs stop at once, the scores stand still first, and no more classes come."""
    require_tool("verilator")
    torch.manual_seed(0)
    nodes = [
        ("scores", nn.Linear(6, 3, weight=nn.Quantizer(5, 3), output=nn.Quantizer(8, 3))),
        ("kind", nn.ArgMax(), "scores"),
    ]
    model = nn.Sequential(nn.Quantizer(6, 3), nn.Network(nodes, outputs=("scores", "kind")))
    project = qfx.export(as_built(model), tmp_path / "net", input_shape=(6,), goal_ii=64)
    deaf = Mutant(RTL + "qfx_argmax.sv", r"in_ready = [^;]*;", "in_ready = 1'b1;")
    result = qfx.cosim(mutated(project, tmp_path / "p", deaf), ("rtl-stalled",), progress=False)
    assert "beats were lost" in result.rows[0].error


@pytest.mark.parametrize(
    ("simulator", "mutant", "said"),
    [
        (
            "rtl",
            Mutant(RTL + "net.sv", r"\.DEPTH\(2\)(\s+\) u_output_fifo)", r".DEPTH(3)\1"),
            "RTL of net: output_fifo holds 3 beats, 2 are designed",
        ),
        (
            "csim",
            Mutant(CPP + "net.cpp", "=layer2_map_out depth=2", "=layer2_map_out depth=1"),
            "C++ of net: layer2_map_out holds 1 beats, 2 are designed",
        ),
    ],
)  # fmt: skip
def test_a_queue_of_another_depth_is_named(
    simulator: str,
    mutant: Mutant,
    said: str,
    project: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool("verilator" if simulator == "rtl" else "g++")
    row = qfx.cosim(mutated(project, tmp_path / "p", mutant), (simulator,), progress=False).rows[0]
    assert row.error == said
