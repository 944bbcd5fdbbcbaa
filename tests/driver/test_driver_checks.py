"""What the simulator `driver` finds beyond recorded vectors: one wrong edit of driver.py or of the
IP each, and what it says.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import qfx
from qfx.project.folder import Project

DRIVER = "pynq/driver.py"
CONTROL = "verilog/src/qfx_control.sv"

# what is wrong in driver.py -> the model, the edit, and what is said
BOTH = r"(INPUTS = \(\n)(    Port\(.*?\n    \),\n)(    Port\(.*?\n    \),\n)"
MUTANTS = {
    "rounding": ("vector", r'rounding="RND"', 'rounding="RND_CONV"', "quantizes"),
    "overflow": ("vector", r'overflow="SAT"', 'overflow="WRAP"', "quantizes"),
    "input point": ("vector", r"fraction_bits=3", "fraction_bits=4", "quantizes"),
    "output point": ("vector", r"fraction_bits=4", "fraction_bits=5", "output .* says"),
    "not finite": ("vector", r"not np\.isfinite\(reach\)", "False", "takes an input .* nan"),
    "off the grid": ("vector", r"int\(x\.max\(\)\) > high", "False", "takes .* integer 32"),
    "status": ("vector", r'"status": 0x30', '"status": 0x34', "nothing is inside"),
    "frames": ("vector", r'"frames": 0x38', '"frames": 0x3c', "counters say 0 frames"),
    "stalled": ("apart", r'"stalled": 0x8', '"stalled": 0x10', "counter stalled of inputs"),
    "ports": ("apart", r"AT, PORT_STRIDE = \(0x100,", "AT, PORT_STRIDE = (0x200,", "inputs 0 says"),
    "stride": ("apart", r"= \(0x100, 0x200\), 0x20", "= (0x100, 0x200), 0x10", "of inputs 1"),
    "clearing": ("apart", r"RESET, CLEAR = 1, 2", "RESET, CLEAR = 1, 4", "clears nothing"),
    "ports' order": ("apart", BOTH, r"\1\3\2", "input slow takes an array"),
}


def error_of(project: Project, folder: Path, file: str, pattern: str, replacement: str) -> str:
    shutil.copytree(project.path, folder)
    text = (folder / file).read_text()
    changed = re.sub(pattern, replacement, text, count=1, flags=re.DOTALL)
    assert changed != text, "the mutation found nothing to change"
    (folder / file).write_text(changed)
    row = qfx.cosim(folder, ("driver",), samples=4, progress=False).rows[0]
    return row.error


@pytest.mark.parametrize("wrong", MUTANTS)
def test_a_wrong_driver_is_caught_and_named(
    wrong: str,
    project_of: Callable[[str], Project],
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool("verilator")
    model, *edit, said = MUTANTS[wrong]
    found = error_of(project_of(model), tmp_path / "p", DRIVER, *edit)
    assert re.search(said, found), found
    assert found.startswith("pynq/driver.py: ")


def test_counters_of_the_ip_are_compared(
    project_of: Callable[[str], Project], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    stalls, twice = r"32'\((valid\[port\] && !ready\[port\])\)", r"(\1 ? 32'd2 : 32'd0)"
    ip = "verilog/src/vector_ip.v"
    edits = {
        "step": (CONTROL, stalls, twice),
        "address": (ip, r"\.PORT_STARVED\(16\)", ".PORT_STARVED(24)"),
    }
    for name, edit in edits.items():
        found = error_of(project_of("vector"), tmp_path / name, *edit)
        assert re.search(r"counter (stalled|starved) of (inputs|outputs) 0 says", found), found
