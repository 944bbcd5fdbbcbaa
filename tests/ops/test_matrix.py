"""The three matrices: op x {golden, QONNX, STAGE_OF}, expression x language, stage x language."""

import re
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import get_args

import numpy as np
import pytest
from op_cases import CASES, ENTRY, OpCase

from qfx import assets, boards
from qfx.backends import netlist, qonnx, verilog, vitis
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.hardware import (
    MULTIPLIERS,
    STAGE_OF,
    STAGES,
    Contract,
    Design,
    Fifo,
    Folding,
    Map,
    Multiplier,
    Multipliers,
    Stage,
)
from qfx.hardware.layout import lay_out
from qfx.hardware.sections import plan
from qfx.ir import Graph, GraphBuilder
from qfx.ops import (
    ELEMENTWISE,
    OPS,
    Add,
    ArgMax,
    Cast,
    Concat,
    Conv2d,
    Embedding,
    GlobalMax,
    Matmul,
    MaxPool2d,
    MultiplyConstant,
    Op,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Upsample,
)
from qfx.templates import Templates

BOARD = boards.load("pynq_z2")


def graph_of(case: OpCase) -> Graph:
    builder = GraphBuilder("one_op")
    entry = Cast(case.entry.fraction_bits, case.entry, Rounding.TRN, Overflow.SAT)
    operands = case.operands(builder, builder.input(case.shape, entry))
    return builder.build(builder.add(case.op, *operands))


def samples_of(case: OpCase) -> FixedPointArray:
    generator = np.random.default_rng(0)
    low, high = case.entry.min_int, case.entry.max_int
    integers = generator.integers(low, high, (50, *case.shape), endpoint=True)
    return FixedPointArray(integers, case.entry)


@pytest.mark.parametrize("op", OPS)
def test_golden(op: type[Op]) -> None:
    case = CASES[op]
    result = graph_of(case).run(samples_of(case))
    for x, y in zip(samples_of(case).integers, result.integers, strict=True):
        values = [Fraction(int(v), 2**case.entry.fraction_bits) for v in x.reshape(-1)]
        scale = Fraction(2) ** result.dtype.fraction_bits
        assert [int(v * scale) for v in case.meaning(values)] == y.reshape(-1).tolist()


@pytest.mark.parametrize("op", OPS)
def test_qonnx(op: type[Op], tmp_path: Path) -> None:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx

    assert op in qonnx.SPELLING
    case, graph = CASES[op], graph_of(CASES[op])
    qonnx.write(graph, tmp_path / "model.onnx")
    model = ModelWrapper(str(tmp_path / "model.onnx"))
    data = samples_of(case)
    result = graph.run(data)
    for x, y in zip(data.to_float(), result.to_float(), strict=True):
        (found,) = execute_onnx(model, {"x_raw": x[None].astype(np.float32)}).values()
        np.testing.assert_array_equal(found[0], y)


@pytest.mark.parametrize("op", OPS)
def test_stage_of(op: type[Op]) -> None:
    assert op in STAGE_OF
    assert STAGE_OF[op] is None or STAGE_OF[op] in STAGES
    assert (STAGE_OF[op] is Map) == (op in ELEMENTWISE)


@pytest.mark.parametrize("language", [verilog, vitis])
def test_every_expression_is_spelled(language: ModuleType) -> None:
    templates: Templates = language.templates.TEMPLATES
    assert templates.macros("expressions.j2") == {op.name for op in ELEMENTWISE}


def map_of(op: type[Op], multipliers: Multipliers) -> tuple[Map, str, str]:
    """The map of an op's case, its module in Verilog and its function in C++."""
    design = lay_out(plan(graph_of(CASES[op]), 32, multipliers), BOARD, [], "a test")
    (stage,) = (stage for stage in design.stages if isinstance(stage, Map))
    cpp = vitis.sources(design)["one_op.cpp"]
    start = cpp.index(f"static void {stage.name}(")
    return (
        stage,
        verilog.modules(design)[f"one_op_{stage.name}"],
        cpp[start : cpp.index("\n}", start)],
    )


@pytest.mark.parametrize("multipliers", MULTIPLIERS)
@pytest.mark.parametrize("op", ELEMENTWISE)
def test_products_of_maps_are_built_of_what_was_asked(
    op: type[Op], multipliers: Multipliers
) -> None:
    stage, rtl, cpp = map_of(op, multipliers)
    expected: set[str | None] = {None}
    if op in (MultiplyConstant, PRelu):
        asked = {"auto": {"lut", "shift_add"}, "none": {"shift_add"}}
        expected = {*asked.get(multipliers, {multipliers})}
    assert stage.multiplier in expected
    products = re.sub(r"//.*|\(\*.*?\*\)|/\*.*?\*/|lane\*|2\*place", "", rtl).count("*")
    assert products == (stage.multiplier == "lut")
    assert ('(* use_dsp = "no" *)\nmodule ' in rtl) == (stage.multiplier == "lut")
    assert ("qfx_times_dsp #(" in rtl) == (stage.multiplier == "dsp")
    assert "*" not in cpp.replace("//", "")
    assert bool(re.search(r"qfx::Multiply<.*, false>::", cpp)) == (stage.multiplier == "lut")
    assert bool(re.search(r"qfx::Multiply<.*, true>::", cpp)) == (stage.multiplier == "dsp")
    assert ("qfx::ShiftAdd<" in cpp) == (stage.multiplier == "shift_add")


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_spelled(stage: type[Stage]) -> None:
    templates = assets.folder("hls_templates")
    if stage is Map:  # generated, in both languages
        assert (templates / "verilog" / "map.sv.j2").is_file()
        assert (templates / "vitis" / "map.j2").is_file()
        return
    text = (templates / "verilog" / "lib" / f"qfx_{stage.kind}.sv").read_text()
    assert f"module qfx_{stage.kind} " in text
    design = _design_with_every_stage()
    found = next(s for s in design.stages if isinstance(s, stage))
    assert found.estimate().luts > 0
    assert re.search(rf"qfx_{stage.kind}(_tree)? #\(", verilog.modules(design)["one_op"])
    cpp = vitis.sources(design)["one_op.cpp"]
    assert ("#pragma HLS STREAM" if stage is Fifo else f"qfx::{stage.kind}<") in cpp


@pytest.mark.parametrize("kind", get_args(Multiplier))
def test_every_multiplier_of_a_contraction_is_spelled(kind: Multiplier) -> None:
    case = CASES[Matmul]
    planned = plan(graph_of(case), BOARD.dma_width_bits)
    design = lay_out(planned, BOARD, [Folding(1, 1, kind)], "a test")
    rtl, cpp = verilog.modules(design)["one_op"], vitis.sources(design)["one_op.cpp"]
    spelled = {
        "dsp": (".USE_DSP(1)", "Multiply<ap_fixed<4, 1>, true>"),
        "dsp_pairs": (".DSP_PAIRS(1)", "Multiply<ap_fixed<4, 1>, true>"),
        "lut": (".USE_DSP(0)", "Multiply<ap_fixed<4, 1>, false>"),
        "shift_add": (".TERMS(", "ShiftAdd<ap_fixed<4, 1>,"),
    }
    for other, (verilog_has, cpp_has) in spelled.items():
        assert (verilog_has in rtl) == (other == kind)
        assert (f"qfx::contract<qfx::{cpp_has}" in cpp) == (cpp_has == spelled[kind][1])
    found = next(s for s in design.stages if isinstance(s, Contract))
    assert found.estimate().dsps == int(kind in ("dsp", "dsp_pairs"))


@pytest.mark.parametrize(("kind", "in_dsp"), [("dsp", True), ("lut", False)])
def test_the_product_of_a_softmax_is_built_of_what_was_asked(
    kind: Multipliers, in_dsp: bool
) -> None:
    planned = plan(graph_of(CASES[Softmax]), BOARD.dma_width_bits, kind)
    design = lay_out(planned, BOARD, [(1, 1)], "a test")
    assert f".USE_DSP({int(in_dsp)})" in verilog.modules(design)["one_op"]
    bound = f"qfx::softmax<qfx::Multiply<ap_ufixed<5, 1>, {str(in_dsp).lower()}>,"
    assert bound in vitis.sources(design)["one_op.cpp"]


def test_the_library_is_what_the_table_names_and_what_that_is_made_of() -> None:
    library = assets.folder("hls_templates") / "verilog" / "lib"
    texts = {path.stem: path.read_text() for path in library.glob("*.sv")}
    kinds = {f"qfx_{stage.kind}" for stage in netlist.SPELLED if stage is not Map}
    ends = {"qfx_control", "qfx_port_in", "qfx_port_out"}  # of ip.v
    others = {"qfx_fifo_block", "qfx_pool_tree"}  # of a stage
    others |= {"qfx_divide", "qfx_sqrt", "qfx_times_dsp"}  # in a map
    used = list(kinds | ends | others)
    for module in used:  # grows as parts of parts are met
        met = re.findall(r"^ +(qfx_\w+) (?:#\(|u_)", texts[module], re.MULTILINE)
        used += sorted(set(met) - set(used))
    assert set(texts) == set(used)


def test_the_top_includes_the_headers_of_what_is_spelled() -> None:
    library = assets.folder("hls_templates") / "vitis" / "lib"
    there = {path.name for path in library.glob("*.hpp")}
    by_others = {"qfx_number.hpp", "qfx_ports.hpp", "qfx_stream.hpp"}
    cpp = vitis.sources(_design_with_every_stage())["one_op.cpp"]
    included = re.findall(r'#include "(qfx_\w+\.hpp)"', cpp)
    assert included == sorted(there - by_others)


def test_nothing_is_missing() -> None:
    assert set(CASES) == set(OPS) == set(STAGE_OF)
    assert set(netlist.SPELLED) == set(STAGES) == set(vitis.SPELLED)
    used = {type(stage) for stage in _design_with_every_stage().stages}
    assert used == set(STAGES)


def _design_with_every_stage() -> Design:
    builder = GraphBuilder("one_op")
    x = builder.input(CASES[Conv2d].shape, Cast(ENTRY.fraction_bits, ENTRY))
    weight = FixedPointArray(np.arange(16).reshape(8, 2), FixedPointType(5, 0))
    points = Conv2d(weight.reshape((4, 4, 1, 1)), (1, 2))
    image = (CASES[Conv2d].op, Relu(), MaxPool2d((2, 2), (1, 1)), Upsample((1, 1)))
    rows = Embedding(FixedPointArray(np.arange(12).reshape(4, 3), FixedPointType(5, 0)))
    last = (Reshape((3,)), CASES[Softmax].op)
    for op in (
        *image,
        points,
        GlobalMax(),
        Reshape((4,)),
        Matmul(weight.reshape((4, 4))),
        ArgMax(),
        rows,
        *last,
    ):
        x = builder.add(op, x)
    x = builder.add(Concat(), x, builder.add(Add(), x, x))
    return lay_out(
        plan(builder.build(x), BOARD.dma_width_bits),
        BOARD,
        [(2, 1), Folding(1, 4, window=1), *[(1, 1)] * 4, (1, 2), (3, 1), *[(1, 1)] * 3],
        "a test",
    )
