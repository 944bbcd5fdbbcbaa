"""Contractions without a multiplier, alone between two ports: every kind of word."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from shares import share
from together import prove

from qfx import boards, flow
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import Contract, Folding
from qfx.hardware.layout import lay_out
from qfx.hardware.sections import plan
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, Conv2d, Matmul, Op
from qfx.project.folder import Project
from qfx.synthesis import Multiplications
from qfx.synthesis.yosys import multiplications

BOARD = boards.load("pynq_z2")


def graph_of(name: str, op: Op, shape: tuple[int, ...], signed: bool) -> Graph:
    builder = GraphBuilder(name)
    x = builder.input(shape, Cast(0, FixedPointType(5, 2, signed)))
    return builder.build(builder.add(op, x))


def drawn(low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
    """Random integers from low to high, both among them."""
    integers = np.random.default_rng(1).integers(low, high, shape, endpoint=True)
    integers.flat[0], integers.flat[-1] = low, high
    return integers


def matmul(integers: np.ndarray, bits: int, signed: bool = True) -> Matmul:
    return Matmul(FixedPointArray(integers, FixedPointType(bits, 3, signed)))


ROWS = drawn(-7, 7, (4, 6)) | 1
CASES: dict[str, tuple[Op, tuple[int, ...], bool, tuple[int, int]]] = {
    # op, shape of its operand, whether that is signed, (pe, simd)
    "four_bits": (matmul(drawn(-8, 7, (12, 6)), 4), (12,), True, (3, 4)),
    "one_by_one": (matmul(drawn(-8, 7, (12, 6)), 4), (12,), False, (1, 1)),
    "all_at_once": (matmul(drawn(-128, 127, (6, 4)), 8), (6,), True, (4, 6)),
    "unsigned_both": (matmul(drawn(0, 31, (4, 6)), 5, False), (4,), False, (2, 2)),
    "no_signs": (matmul(drawn(2, 3, (4, 6)) * 4 // 3, 4), (4,), True, (3, 1)),
    "powers_and_zero": (matmul(np.array([[0, 1, -2], [4, -8, 0]]), 4), (2,), True, (3, 1)),
    "powers": (matmul(np.array([[1, -2], [4, -8]]), 4), (2,), False, (1, 2)),
    "gaps_alone": (matmul(np.array([[0, 1], [1, 0]]), 1, False), (2,), True, (2, 1)),
    "ones": (matmul(np.ones((4, 2), int), 1, False), (4,), True, (1, 2)),
    "zeros": (matmul(np.zeros((4, 2), int), 2), (4,), True, (2, 2)),
    "shifted_rows": (matmul(ROWS << np.array([0, 4, 1, 2, 0, 3]), 8), (4,), True, (3, 2)),
    "many_digits": (matmul(drawn(-0x2AAAAAA, 0x1555555, (4, 2)), 27), (4,), True, (2, 2)),
    "grouped": (
        Conv2d(FixedPointArray(drawn(-8, 7, (6, 2, 2, 3)), FixedPointType(4, 1)), groups=2),
        (4, 3, 4),
        False,
        (3, 2),
    ),
}


def stage_of(name: str) -> Contract:
    op, shape, signed, folding = CASES[name]
    planned = plan(graph_of(name, op, shape, signed), BOARD.dma_width_bits, "none")
    design = lay_out(planned, BOARD, [folding], "a test")
    return next(stage for stage in design.stages if isinstance(stage, Contract))


@pytest.mark.parametrize("half", share(1, of=2))
def test_every_simulator(half: int, tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator", "yosys"):
        require_tool(tool)
    projects = []
    for name in list(CASES)[half::2]:
        op, shape, signed, folding = CASES[name]
        graph = graph_of(name, op, shape, signed)
        planned = plan(graph, BOARD.dma_width_bits, "none")
        data = graph.inputs[0].cast.dtype
        samples = np.ldexp(drawn(data.min_int, data.max_int, (200, *shape)), -data.fraction_bits)
        design = lay_out(planned, BOARD, [folding], "a test")
        projects.append(flow.write(design, tmp_path / name, samples=samples))
        assert multiplications(projects[-1]) == Multiplications({}, {})
    prove(projects, tmp_path / "together")


def test_every_kind_of_word_is_there() -> None:
    terms = {name: stage_of(name).terms for name in CASES}
    assert {t.count for t in terms.values()} >= {1, 2, 3, 4}
    for field in ("has_signs", "has_gaps"):
        assert {getattr(t, field) for t in terms.values()} == {True, False}
    assert {t.shift_bits for t in terms.values()} >= {0, 1, 2, 3, 5}
    assert terms["ones"].word_bits == terms["zeros"].word_bits == 1
    assert terms["many_digits"].word_bits > 64
    assert stage_of("shifted_rows").row_shifts.any()
    assert stage_of("grouped").groups == 2


def test_a_project_lays_out_the_same_stages(tmp_path: Path) -> None:
    op, shape, signed, folding = CASES["four_bits"]
    planned = plan(graph_of("same", op, shape, signed), BOARD.dma_width_bits, "auto")
    for kind in ("lut", "dsp", "dsp_pairs", "shift_add"):
        design = lay_out(planned, BOARD, [Folding(*folding, kind)], "a test")
        again = flow.write(design, tmp_path / kind)
        assert Project.open(again.path).manifest.foldings == (Folding(*folding, kind),)
        (contract,) = (stage for stage in again.stages() if isinstance(stage, Contract))
        assert contract.multiplier == kind
