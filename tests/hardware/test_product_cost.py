"""What products are said to be built of: counted by hand, and in what Yosys reads."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qfx import assets, boards
from qfx.backends import verilog
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.hardware import Contract, Design, Folding, Map, Multipliers, Stage
from qfx.hardware.layout import lay_out
from qfx.hardware.product_cost import ProductCost
from qfx.hardware.sections import plan
from qfx.ir import GraphBuilder
from qfx.ops import AddConstant, Cast, Matmul, MultiplyConstant, Op, PRelu

LANES = 8
# adders of each: none, one of each place but the first, one more where all are subtracted
CONSTANTS = {0: 0, 1: 0, -4: 1, 3: 1, -3: 1, 5: 1, -5: 2, 11: 2, 85: 3, -43: 3, 64: 0, -127: 1}


def laid_out(
    op: Op, elements: int, multipliers: Multipliers, folding: Folding | None = None
) -> Design:
    builder = GraphBuilder("net")
    x = builder.input((elements,), Cast(0, FixedPointType(7, 0)))
    planned = plan(builder.build(builder.add(op, x)), 8 * LANES, multipliers)
    return lay_out(planned, boards.load("pynq_z2"), [folding] if folding else [], "a test")


def scale(integers: object, op: type[MultiplyConstant | PRelu] = MultiplyConstant) -> Op:
    return op(FixedPointArray(np.array(integers), FixedPointType(9, 3)))


def stage_of(design: Design, kind: type[Stage]) -> Stage:
    return next(stage for stage in design.stages if isinstance(stage, kind))


def cost(design: Design, kind: type[Stage]) -> ProductCost:
    found = stage_of(design, kind).product_cost()
    assert found is not None
    return found


@pytest.mark.parametrize("constant", CONSTANTS)
def test_a_constant_of_wires_has_an_adder_between_its_digits(constant: int) -> None:
    found = cost(laid_out(scale(constant), LANES, "none"), Map)
    assert (found.adders, found.shifters) == (LANES * CONSTANTS[constant], 0)
    assert (found.rom_bits, found.integer_rom_bits) == (0, 0)


def test_a_rom_feeds_shifters_on_every_lane() -> None:
    integers = np.resize([3, -7, 21, 0, 1], 4 * LANES)  # at most three digits
    found = cost(laid_out(scale(integers), 4 * LANES, "none"), Map)
    # five bits a term: a shift up to 16, and the sign; the integers have six bits
    assert found == ProductCost(
        multiplier="shift_add",
        mean_digits=float(np.resize([2, 2, 3, 0, 1], 4 * LANES).mean()),
        most_digits=3,
        adders=2 * LANES,
        shifters=3 * LANES,
        rom_bits=4 * LANES * 3 * (3 + 1),
        integer_rom_bits=4 * LANES * 6,
        lut_luts=stage_of(laid_out(scale(integers), 4 * LANES, "lut"), Map).estimate().luts,
        dsps=LANES,
    )


def test_two_products_of_a_map_add_up() -> None:
    builder = GraphBuilder("net")
    x = builder.input((LANES,), Cast(0, FixedPointType(5, 0)))
    for op in (scale(3), scale([5, -5] * 4, PRelu)):
        x = builder.add(op, x)
    design = lay_out(plan(builder.build(x), 64, "none"), boards.load("pynq_z2"), [], "a test")
    found = cost(design, Map)
    assert found.adders == LANES * 1 + 4 * (1 + 2)
    assert (found.mean_digits, found.most_digits, found.dsps) == (2.0, 2, 2 * LANES)


def test_a_contraction_shares_the_negatives_of_its_operands() -> None:
    weight = FixedPointArray(np.array([[3, -7], [5, 6], [1, 0], [-2, 7]]), FixedPointType(4, 0))
    found = cost(laid_out(Matmul(weight), 4, "none", Folding(2, 2)), Contract)
    assert (found.adders, found.shifters) == (2 * 2 * 1 + 2, 2 * 2 * 2)
    assert (found.rom_bits, found.integer_rom_bits) == (8 * 2 * (2 + 1), 8 * 4)
    assert (found.mean_digits, found.most_digits) == (1.5, 2)
    asked: dict[Multipliers, tuple[int, int]] = {"lut": (0, 0), "dsp": (0, 4)}
    for multipliers, (adders, dsps) in asked.items():
        design = laid_out(Matmul(weight), 4, multipliers, Folding(2, 2))
        other = cost(design, Contract)
        assert (other.multiplier, other.adders, other.shifters) == (multipliers, adders, 0)
        assert other.rom_bits == other.integer_rom_bits == found.integer_rom_bits
        assert (other.lut_luts, other.dsps) == (found.lut_luts, found.dsps)
        assert stage_of(design, Contract).estimate().dsps == dsps


def test_what_multiplies_nothing_costs_no_products() -> None:
    design = laid_out(AddConstant(FixedPointArray(np.array(3), FixedPointType(4, 0))), 4, "none")
    assert [stage.product_cost() for stage in design.stages] == [None] * len(design.stages)


def test_auto_takes_what_needs_fewer_luts() -> None:
    few, many = np.resize([64, -2, 1], 4 * LANES), np.resize([85, -43, 107, 91, 77], 4 * LANES)
    for integers, expected in ((few, "shift_add"), (many, "lut")):
        kinds = {
            kind: stage_of(laid_out(scale(integers), len(integers), kind), Map)
            for kind in ("auto", "lut", "none")
        }
        luts = {kind: stage.estimate().luts for kind, stage in kinds.items()}
        assert luts["auto"] == min(luts.values())
        assert luts["lut"] != luts["none"]
        (stage,) = (s for s in [kinds["auto"]] if isinstance(s, Map))
        assert stage.multiplier == expected


@pytest.mark.parametrize("op", [MultiplyConstant, PRelu])
def test_yosys_reads_as_many_adders_and_shifters(
    op: type[MultiplyConstant | PRelu],
    tmp_path: Path,
    require_tool: Callable[[str], None],
) -> None:
    """Of wires nothing is left but adders: no shifter, and no selection of PRelu's but one."""
    require_tool("yosys")
    library = assets.folder("hls_templates") / "verilog" / "lib"
    some = [3, -5, 0, 11, -1, 100, 64, -127]  # as many as lanes
    for integers, wires in ((some, True), ([*some, *some[::-1]], False)):
        design = laid_out(scale(integers, op), len(integers), "none")
        ((name, text),) = (
            (name, t) for name, t in verilog.modules(design).items() if name.endswith("_map")
        )
        (tmp_path / "map.sv").write_text(text)
        files = " ".join(str(library / f"qfx_{name}.sv") for name in ("shift_add", "sum"))
        script = f"read_verilog -sv {tmp_path}/map.sv {files}; hierarchy -top {name}"
        script += "; proc; flatten; opt -full; stat"
        result = subprocess.run(("yosys", "-p", script), capture_output=True, text=True, check=True)
        last = result.stdout[result.stdout.rindex("Number of cells") :]
        cells = {kind: int(n) for kind, n in re.findall(r"\$(\w+) +(\d+)", last)}
        found = cost(design, Map)
        adders = sum(cells.get(kind, 0) for kind in ("add", "sub", "neg"))
        if wires:
            assert adders == found.adders
            assert not cells.keys() & {"shl", "sshl", "shift", "shiftx", "mul", "macc"}
        else:  # a register cuts each shifter in two; one more adder counts the beats
            assert cells["shl"] == 2 * found.shifters
            assert adders == found.adders + 1
