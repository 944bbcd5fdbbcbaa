"""Two products in one DSP slice: at the ends of all ranges every simulator agrees, and Yosys finds
half as many slices.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mutant import RTL, Mutant, mutated
from together import prove

import qfx
from qfx import boards, flow
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import Folding
from qfx.hardware.fabric import fabric_of
from qfx.hardware.layout import lay_out
from qfx.hardware.multipliers import fits_pairs
from qfx.hardware.sections import plan
from qfx.ir import GraphBuilder
from qfx.ops import Cast, Conv2d, Matmul, Op
from qfx.project.folder import Project
from qfx.synthesis.yosys import multiplications

BOARD = boards.load("pynq_z2")  # its slices are the narrower ones


def ends(dtype: FixedPointType, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Random integers, mostly those at the ends of the range and around zero."""
    rng, low, high = np.random.default_rng(seed), dtype.min_int, dtype.max_int
    around = np.clip([low, low + 1, -1, 0, 1, high - 1, high], low, high)
    return np.where(
        rng.random(shape) < 0.7, rng.choice(around, shape), rng.integers(low, high + 1, shape)
    )


def matmul(shape: tuple[int, int], dtype: FixedPointType) -> Matmul:
    return Matmul(FixedPointArray(ends(dtype, shape, 1), dtype))


S, U = True, False
KERNEL = FixedPointType(6, 0)
# Bits of the operand and its sign, the op, the operand's shape, (pe, simd), DSP slices.
CASES: dict[str, tuple[int, bool, Op, tuple[int, ...], tuple[int, int], int]] = {
    "unsigned_signed": (8, U, matmul((8, 8), FixedPointType(6, 0, S)), (8,), (4, 2), 4),
    "signed_signed": (8, S, matmul((8, 8), FixedPointType(8, 0, S)), (8,), (2, 1), 1),
    "signed_unsigned": (4, S, matmul((4, 6), FixedPointType(5, 0, U)), (4,), (6, 4), 12),
    "unsigned_unsigned": (8, U, matmul((4, 6), FixedPointType(8, 0, U)), (4,), (2, 2), 2),
    "odd": (5, U, matmul((6, 9), FixedPointType(3, 0, S)), (6,), (3, 2), 4),
    "one_bit": (1, U, matmul((6, 4), FixedPointType(1, 0, U)), (6,), (4, 3), 6),
    "wide": (14, S, matmul((4, 4), FixedPointType(5, 0, S)), (4,), (4, 1), 2),
    "two_of_each": (
        6, U, Conv2d(FixedPointArray(ends(KERNEL, (8, 1, 2, 2), 2), KERNEL), groups=4),
        (4, 4, 5), (4, 2), 2,
    ),
}  # fmt: skip


def exported(name: str, folder: Path) -> Project:
    bits, signed, op, shape, lanes, _ = CASES[name]
    builder, dtype = GraphBuilder(name), FixedPointType(bits, 0, signed)
    x = builder.input(shape, Cast(0, dtype))
    planned = plan(builder.build(builder.add(op, x)), BOARD.dma_width_bits)
    design = lay_out(planned, BOARD, [Folding(*lanes, "dsp_pairs")], "a test")
    samples = ends(dtype, (150, *shape), 3).astype(float)
    return flow.write(design, folder, samples=samples)


def test_every_simulator(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator", "yosys"):
        require_tool(tool)
    projects = [exported(name, tmp_path / name) for name in CASES]
    for project in projects:
        expected = CASES[project.manifest.name][-1]
        (stage,) = (s for s in project.stages() if s.product_cost() is not None)
        assert sum(multiplications(project).dsps.values()) == expected
        assert stage.estimate(fabric_of(BOARD.part)).dsps == expected
    prove(projects, tmp_path / "together")


@pytest.mark.long
@pytest.mark.parametrize(
    ("wrong", "right", "name"),
    [
        (r"\? once : '0", "? '0 : '0", "unsigned_signed"),
        (r"X_SIGNED && products\[K-1\];", "1'b0;", "signed_signed"),
        (r"W_SIGNED && w\[W_BITS-1\]", "w[0]", "unsigned_signed"),
        (r"\(BOTH_BITS\),\n      \.PROD", "(BOTH_BITS - 1),\n      .PROD", "unsigned_unsigned"),
    ],
    ids=["lower", "borrow", "sign", "width"],
)
def test_a_mutant_is_caught(
    wrong: str, right: str, name: str, tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("verilator")
    mutant = Mutant(RTL + "qfx_pair.sv", wrong, right)
    changed = mutated(exported(name, tmp_path / "p"), tmp_path / "mutant", mutant)
    assert not qfx.cosim(changed, ("golden", "rtl")).equal


def test_two_products_share_a_slice_where_both_fit() -> None:
    assert [fits_pairs(*bits) for bits in ((8, 8), (17, 3), (9, 8), (18, 2))] == [
        True, True, False, False,
    ]  # fmt: skip
