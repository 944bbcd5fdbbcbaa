"""One wrong bit of each kind, in either language or in the vectors: cosim finds it and names it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mutant import CPP, RTL, Mutant, mutated, next_digit

import qfx
from qfx.project.folder import Project

MAP = RTL + "net_layer2_map.sv"
ROM = RTL + "net_layer2_matmul_rom.sv"
WEIGHTS = CPP + "layer2_matmul_weights.hpp"

MUTANTS = {
    ("rtl", "weight"): Mutant(ROM, r"(memory\[3\] = \d+'h[0-9a-f]*)([0-9a-f])", next_digit),
    ("rtl", "shift"): Mutant(MAP, r"y2_wide\[13:6\]", "y2_wide[13:7]"),
    ("rtl", "rounding"): Mutant(MAP, r"_carry = y2_half;", "_carry = 1'b0;"),
    ("rtl", "overflow"): Mutant(MAP, r"y2_rounded > \S+ \?", "1'b0 ?"),
    ("rtl", "sign"): Mutant(RTL + "net.sv", r"\.X_SIGNED\(1\)", ".X_SIGNED(0)"),
    ("rtl", "ROM order"): Mutant(ROM, r"memory\[0\](.*)memory\[1\]", r"memory[1]\1memory[0]"),
    ("rtl", "bias"): Mutant(MAP, r"(c0_rom\[1\] = \d+'h)([0-9a-f])", next_digit),
    ("csim", "weight"): Mutant(WEIGHTS, r"(\{\{+)-?\d+", r"\g<1>7"),
    ("csim", "shift"): Mutant(CPP + "net.cpp", r"ap_ufixed<5, 2, AP_RND", "ap_ufixed<5, 3, AP_RND"),
    ("csim", "rounding"): Mutant(CPP + "net.cpp", "AP_RND, AP_SAT", "AP_TRN, AP_SAT"),
    ("csim", "overflow"): Mutant(CPP + "net.cpp", "AP_RND, AP_SAT", "AP_RND, AP_WRAP"),
    ("csim", "sign"): Mutant(CPP + "net.cpp", r"Multiply<ap_fixed<", "Multiply<ap_ufixed<"),
    ("csim", "ROM order"): Mutant(
        CPP + "qfx_contract.hpp", r"\[step\]\[p\]\[s\]", "[IN_BEATS - 1 - step][p][s]"
    ),
    ("csim", "bias"): Mutant(CPP + "net.cpp", r"(c0\[\d+\]\[\d+\] = \{\s+\{)-?\d+", r"\g<1>1"),
}


def test_the_original_is_equal_everywhere(
    project: Project, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    result = qfx.cosim(project)
    assert result.equal, result.verdict()
    assert [row.simulator for row in result.rows if row.mismatches == 0] == [
        "torch", "golden", "qonnx", "csim", "rtl", "rtl-stalled", "rtl-reset",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "kind"), MUTANTS)
def test_a_mutant_is_caught_and_named(
    language: str,
    kind: str,
    project: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool("verilator" if language == "rtl" else "g++")
    mutant = MUTANTS[language, kind]
    changed = mutated(project, tmp_path / "mutant", mutant)
    result = qfx.cosim(changed, ("golden", language))
    assert not result.equal
    assert result.rows[0].mismatches == 0
    difference = result.rows[1].difference
    assert difference is not None, result.verdict()
    assert difference.node == "layer5_cast"
    assert f"sample {difference.sample}" in result.verdict()
    assert difference.expected != difference.found
    assert changed.changed_files() == [mutant.file]


def test_a_changed_vector_is_caught(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "mutant"
    shutil.copytree(project.path, folder)
    golden = np.load(folder / "vectors" / "golden.npy")
    golden[17, 2] += 1
    np.save(folder / "vectors" / "golden.npy", golden)
    result = qfx.cosim(folder, ("torch", "golden"))
    assert [row.mismatches for row in result.rows] == [1, 1]
    value = int(golden[17, 2])
    sentence = f"node layer5_cast, sample 17, index (2,): expected {value}, found {value - 1}"
    assert str(result.rows[1].difference) == sentence


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "sentence"),
    [
        ("net.sv", r"m_axis_tlast = 1'b1", "m_axis_tlast = 1'b0", "m_axis_tlast is not on"),
        ("net.sv", r"m_axis_tkeep = 16'h", "m_axis_tkeep = 16'h1", "m_axis_tkeep does not mark"),
        ("qfx_fifo.sv", "in_ready  = !full", "in_ready = empty && !full", None),
        ("qfx_fifo.sv", "out_valid = !empty", "out_valid = 1'b0", "a deadlock"),
    ],
)
def test_the_protocol_is_checked(
    file: str,
    pattern: str,
    replacement: str,
    sentence: str | None,
    project: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool("verilator")
    changed = mutated(project, tmp_path / "mutant", Mutant(RTL + file, pattern, replacement))
    result = qfx.cosim(changed, ("rtl",))
    if sentence is None:  # a slower queue is still a queue
        assert result.equal
    else:
        assert not result.equal
        assert sentence in result.verdict()
