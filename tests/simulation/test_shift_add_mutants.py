"""A wrong sign, shift or term of products without a multiplier: cosim finds it and names it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mutant import CPP, RTL, Mutant, mutated, next_digit

import qfx
from models import small_mlp
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import Contract
from qfx.ir import GraphBuilder
from qfx.ops import Cast, Matmul
from qfx.project.folder import Project

PRODUCT, PRODUCTS = RTL + "qfx_shift_add.sv", RTL + "qfx_products.sv"
ROM, WEIGHTS = RTL + "net_layer2_matmul_rom.sv", CPP + "layer2_matmul_weights.hpp"
CPP_PRODUCT = CPP + "qfx_products.hpp"

MUTANTS = {
    ("rtl", "term"): Mutant(ROM, r"(memory\[3\] = \d+'h[0-9a-f]*)([0-9a-f])", next_digit),
    ("rtl", "sign"): Mutant(PRODUCT, r"\? negative : once", "? once : negative"),
    ("rtl", "place of the sign"): Mutant(PRODUCT, r"PLACE \+ SHIFT_BITS : 0", "PLACE : 0"),
    ("rtl", "shift"): Mutant(PRODUCT, r"<< w\[PLACE\+:EARLY\]", "<< 1"),
    ("rtl", "rest of the shift"): Mutant(PRODUCT, r"\{left, \{EARLY\{1'b0\}\}\}", "EARLY"),
    ("rtl", "dropped term"): Mutant(PRODUCT, r"addends\(terms\)", "addends(terms >> PRODUCT_BITS)"),
    ("rtl", "negative"): Mutant(PRODUCT, r"negative <= -x", "negative <= ~x"),
    ("rtl", "sign of x"): Mutant(PRODUCTS, r"\{X_SIGNED && next_x\[X_BITS-1\]", "{1'b0"),
    ("csim", "term"): Mutant(WEIGHTS, r"\{\{\{(\d+),", r"{{{\g<1> ^ 1,"),
    ("csim", "sign"): Mutant(CPP_PRODUCT, "negative : positive", "positive : negative"),
    ("csim", "place of the sign"): Mutant(CPP_PRODUCT, r"term\[SHIFT_BITS\]", "term[0]"),
    ("csim", "shift"): Mutant(CPP_PRODUCT, "<< shift;", "<< 1;"),
    ("csim", "dropped term"): Mutant(CPP_PRODUCT, "int t = 0;", "int t = 1;"),
    ("csim", "negative"): Mutant(CPP_PRODUCT, r"= -to_integer", "= ~to_integer"),
}
POWERS = {
    ("rtl-stalled", "negative"): Mutant(PRODUCT, r"if \(enable\) begin(\s+once)", r"begin\1"),
    ("rtl", "gap"): Mutant(PRODUCT, r"HAS_GAPS && !w\[PRESENT\]", "1'b0"),
    ("csim", "gap"): Mutant(CPP_PRODUCT, "!HAS_GAPS", "true"),
}
TOOLS = {"rtl": "verilator", "rtl-stalled": "verilator", "csim": "g++"}


@pytest.fixture(scope="module")
def shifting(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Three terms a weight, none of them absent."""
    samples = np.random.default_rng(0).normal(0, 3, (50, 16))
    folder = tmp_path_factory.mktemp("shifting") / "net"
    project = qfx.export(
        small_mlp(), folder, samples=samples, goal_ii=32, multipliers="none", name="net"
    )
    contracts = [stage for stage in project.stages() if isinstance(stage, Contract)]
    assert [(c.multiplier, c.terms.count, c.terms.has_gaps) for c in contracts] == [
        ("shift_add", 3, False)
    ] * 2
    return project


@pytest.fixture(scope="module")
def powers(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One term a weight, or none; a vector a cycle, so that stalls reach the contraction."""
    builder = GraphBuilder("net")
    weight = FixedPointArray(np.array([[0, 1], [-2, 0], [4, -4]]), FixedPointType(4, 2))
    x = builder.input((3,), Cast(0, FixedPointType(4, 2)))
    graph = builder.build(builder.add(Matmul(weight), x))
    return qfx.export(graph, tmp_path_factory.mktemp("powers") / "net", multipliers="none")


def test_the_originals_are_equal_everywhere(
    shifting: Project, powers: Project, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    for project in (shifting, powers):
        result = qfx.cosim(project, ("golden", "csim", "rtl", "rtl-stalled"))
        assert result.equal, result.verdict()


@pytest.mark.long
@pytest.mark.parametrize(("language", "kind"), [*MUTANTS, *POWERS])
def test_a_mutant_is_caught(
    language: str,
    kind: str,
    shifting: Project,
    powers: Project,
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    require_tool(TOOLS[language])
    if (language, kind) in MUTANTS:
        changed = mutated(shifting, tmp_path / "mutant", MUTANTS[language, kind])
    else:
        changed = mutated(powers, tmp_path / "mutant", POWERS[language, kind])
    result = qfx.cosim(changed, ("golden", language))
    assert not result.equal
    assert result.rows[0].mismatches == 0
    assert result.rows[1].difference is not None, result.verdict()
