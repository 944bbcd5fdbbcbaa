"""A wrong sign, digit or row of a quotient's or a root's rows: cosim finds it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mutant import RTL, Mutant, require_caught

import qfx
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import GraphBuilder
from qfx.ops import Cast, DivideConstant, Sqrt
from qfx.project.folder import Project

pytestmark = pytest.mark.long
DIVIDE, ROOT = RTL + "qfx_divide.sv", RTL + "qfx_sqrt.sv"

MUTANTS = {
    "sign": Mutant(DIVIDE, r"x_negative \^ w_negative", "x_negative"),
    "size": Mutant(DIVIDE, r"X_BITS'\(x_negative\)", "X_BITS'(1'b0)"),
    "digit": Mutant(DIVIDE, r"<< 1\) \| QUOTIENT_BITS'\(!rest", "<< 1) | QUOTIENT_BITS'(rest"),
    "rest": Mutant(DIVIDE, r"minus = !rest\[REST_BITS-1\]", "minus = 1'b1"),
    "last rows": Mutant(DIVIDE, r"if \(row < count\)", "if (row <= count)"),
    "a register": Mutant(DIVIDE, r"if \(enable\) kept <= \{", "kept <= {"),
    "radicand": Mutant(ROOT, r"x\[X_BITS-1\] \? '0 :", "x[0] ? '0 :"),
    "subtrahend": Mutant(ROOT, r"\{minus\}\}, 2'b11", "{minus}}, 2'b01"),
    "rest of a root": Mutant(ROOT, r"minus = !rest\[REST_BITS-1\]", "minus = 1'b1"),
    "place": Mutant(ROOT, r"2'b11\} << ROOT_BITS - 1", "2'b11} << ROOT_BITS - 2"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    builder, divisors = GraphBuilder("net"), np.array([3, -5, 7, -11])
    x = builder.input((4,), Cast(0, FixedPointType(8, 4)))
    by = FixedPointArray(divisors, FixedPointType(5, 5))
    graph = builder.build(builder.add(Sqrt(4), builder.add(DivideConstant(by), x)))
    samples = np.random.default_rng(0).uniform(-8, 8, (60, 4))
    folder = tmp_path_factory.mktemp("rows") / "net"
    project = qfx.export(graph, folder, goal_ii=4, samples=samples)
    assert qfx.cosim(project, ("golden", "rtl", "rtl-stalled")).equal
    return project


@pytest.mark.parametrize("kind", MUTANTS)
def test_a_mutant_is_caught(
    kind: str, project: Project, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_caught(MUTANTS[kind], "rtl-stalled", project, tmp_path, require_tool)
