"""A wrong sign, shift or term of a map's products: cosim finds it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from mutant import CPP, RTL, Mutant, mutated, next_digit

import qfx
from product_graphs import from_roms
from qfx.project.folder import Project

MAP, CPP_MAP = RTL + "net_input_map.sv", CPP + "net.cpp"
MUTANTS = {
    ("rtl", "added"): Mutant(MAP, r"_held - (\w+_term1)", r"_held + \1"),
    ("rtl", "operand of a slope"): Mutant(MAP, r"17'\(y1_at_\d+\)", "17'(y1)"),
    ("rtl", "first term"): Mutant(MAP, r"\? -y4_term0", "? y4_term0"),
    ("rtl", "wires"): Mutant(MAP, r"(wire \[\d+:0\] c8 = \d+'h)([0-9a-f])", next_digit),
    ("csim", "term"): Mutant(CPP_MAP, r"(c0\[3\]\[8\]\[6\] = \{\s*\{\{.*?\}, \{)\d+", r"\g<1>11"),
    ("csim", "lane"): Mutant(CPP_MAP, r"c4\[0\]\[lane\]", "c4[0][0]"),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("maps") / "net"
    return qfx.export(from_roms("net"), folder, board="pynq_z2", multipliers="none")


@pytest.mark.parametrize(("language", "kind"), MUTANTS)
def test_a_mutant_is_caught(
    language: str,
    kind: str,
    original: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool("verilator" if language == "rtl" else "g++")
    changed = mutated(original, tmp_path / "mutant", MUTANTS[language, kind])
    result = qfx.cosim(changed, ("golden", language))
    assert [row.mismatches == 0 for row in result.rows] == [True, False], result.verdict()
    assert result.rows[1].difference is not None
