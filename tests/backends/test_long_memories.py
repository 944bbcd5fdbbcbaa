"""Memories of many words are written so that simulators build them in little memory, and hold the
same words.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qfx
from models import as_built
from qfx import nn
from qfx.backends.netlist import Rom
from qfx.backends.verilog.templates import render

PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000)
"""


def words_of(depth: int, bits: int) -> list[int]:
    drawn = np.random.default_rng(depth).bytes(depth * -(-bits // 8))
    size = len(drawn) // depth
    mask = (1 << bits) - 1
    return [int.from_bytes(drawn[n * size : (n + 1) * size], "big") & mask for n in range(depth)]


def rom(words: list[int], bits: int) -> str:
    made = Rom("rom", "rom", "weights", "a test", tuple(words), bits, "block")
    return render("rom.sv.j2", r=made)


def read_back(text: str, depth: int) -> list[int]:
    """The words of a ROM's text, read without what wrote it."""
    found = [0] * depth
    for part in re.findall(r"logic \[\d+:0\] (memory(?:_(\d+))?)\[", text):
        memory, low = part[0], int(part[1] or 0)
        for index, word in re.findall(rf"    {memory}\[(\d+)\] = \d+'h(\w+);", text):
            found[int(index)] |= int(word, 16) << low
        loops = rf"i < (\d+); i = i \+ 1\) {memory}\[(?:(\d+) \+ )?i\] = (\w+)\[i\*(\d+)\+:\4\];"
        for count, first, literal, bits in re.findall(loops, text):
            given = re.search(rf" {literal} = (\d+)'h(\w+);", text)
            assert given is not None
            assert int(given[1]) == int(count) * int(bits)
            for n in range(int(count)):
                word = int(given[2], 16) >> n * int(bits) & (1 << int(bits)) - 1
                found[int(first or 0) + n] |= word << low
    return found


@pytest.mark.parametrize(
    ("depth", "bits"), [(64, 2048), (65, 100), (65, 200), (2000, 5), (300, 37), (70_000, 3)]
)
def test_long_memories_hold_the_same_words(depth: int, bits: int) -> None:
    words = words_of(depth, bits)
    text = rom(words, bits)
    assert read_back(text, depth) == words
    widths = [int(width) + 1 for width in re.findall(r"logic \[(\d+):0\] memory\w*\[", text)]
    assert depth <= 64 or max(widths) * depth <= 1_000_000  # bits of a variable, in Vivado
    assert all(int(bits) <= 65_536 for bits in re.findall(r"= (\d+)'h", text))  # of a literal


def test_a_long_rom_is_read_by_every_tool(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    (tmp_path / "rom.sv").write_text(rom(words_of(700, 80), 80))
    for command in (
        ("verilator", "--lint-only", "-Wall", "rom.sv"),
        ("iverilog", "-g2012", "-Wall", "-o", "rom", "rom.sv"),
        ("yosys", "-q", "-p", "read_verilog -sv rom.sv; proc; check -assert"),
    ):
        require_tool(command[0])
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_a_million_weights_take_verilator_little_memory(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    (tmp_path / "rom.sv").write_text(rom(words_of(4096, 2048), 2048))
    command = ("verilator", "--cc", "-O3", "--no-timing", "--Mdir", "build", "rom.sv")
    said = subprocess.run(
        (sys.executable, "-c", PEAK, *command),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(said.stdout) < 150  # MB; 600 when words were stated one by one
    written = [file.stat().st_size for file in (tmp_path / "build").glob("*.cpp")]
    assert max(written) < 1_000_000  # bytes, of which g++ takes 150 each; 23 MB when stated


def test_a_design_with_long_roms_is_proven(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    model = nn.Sequential(
        nn.Quantizer(8, 4),
        nn.Linear(40, 60, weight=nn.Quantizer(8, 6), output=nn.Quantizer(8, 3)),
    ).eval()
    as_built(model)
    samples = np.random.default_rng(0).normal(size=(2, 40)).astype("f4")
    project = qfx.export(model, tmp_path / "p", samples=samples, goal_ii=600, board="zcu104")
    text = next((project.path / "verilog" / "src").glob("*_rom.sv")).read_text()
    assert "for (int i = 0" in text
    assert qfx.cosim(project, simulators=("golden", "rtl")).equal
