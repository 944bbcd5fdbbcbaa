"""Pauses of a few cycles never get through the queues of a small design: ports that stop for long
do, and a stage that does not heed `ready` is then found, whichever it is.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from mutant import RTL, Mutant, mutated

import qfx
from qfx.backends.project import Project

# the stages of the design, and how each goes on without being heard
DEAF = {
    "a map": Mutant(RTL + "net_layer2_map.sv", r"in_ready = [^;]*;", "in_ready = 1'b1;"),
    "a resize": Mutant(RTL + "qfx_resize.sv", r"give = out_valid && out_ready", "give = out_valid"),
    "a contraction": Mutant(RTL + "qfx_contract.sv", r"advance = [^;]*;", "advance = 1'b1;"),
    "a queue": Mutant(RTL + "qfx_fifo.sv", r"give = out_valid && out_ready", "give = out_valid"),
}


@pytest.mark.parametrize("stage", DEAF)
def test_a_stage_that_ignores_ready_is_caught(
    stage: str, project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    result = qfx.cosim(mutated(project, tmp_path / "p", DEAF[stage]), ("rtl-stalled",))
    assert not result.equal, stage
