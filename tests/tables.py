"""The pages of docs/ that are found out, not written: each cell comes from trying what it says."""

import inspect
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import layer_cases
import numpy as np
import op_cases
import test_layers
import test_matrix
import torch
from refusal_pages import refusal_pages

import qfx
from markdown_tables import MADE, cell, table
from qfx import boards, nn
from qfx.backends import qonnx, verilog, vitis
from qfx.backends.languages import LANGUAGES
from qfx.fixedpoint import FixedPointArray
from qfx.hardware import STAGE_OF, Design, Fifo, Resize, ScheduleError, schedule
from qfx.ir import Graph
from qfx.ir.several import each_of
from qfx.ops import OPS, Op
from site_pages import (
    DOCS,
    command_line_page,
    decisions_page,
    layers_api_page,
    registers_page,
)

TESTS = Path(__file__).parent
BOARD = "ultra96"
_WORDS = 9  # of a refusal's sentence, in a cell
_LEGEND = f"""\
| word | what was done |
| --- | --- |
| equal | computed for each case, every integer the same; one that differs makes no page |
| written | each case was laid out for {BOARD} and its sources written; nothing was compiled here, \
which `make test` does for whole models |
| refused | so many of the cases have no such form, and how the sentence begins that says so |
"""


def pages() -> dict[Path, str]:
    """The text of every page by its path."""
    makers: dict[str, Callable[[], str]] = {
        "layers.md": layers_page,
        "ops.md": ops_page,
        "api/layers.md": layers_api_page,
        "api/command-line.md": command_line_page,
        "decisions.md": decisions_page,
        "registers.md": registers_page,
    }
    made = {name: make() for name, make in makers.items()} | refusal_pages()
    return {DOCS / name: text for name, text in made.items()}


def main() -> None:
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(DOCS.parent)}")


def layers_page() -> str:
    exported = [getattr(nn, name) for name in nn.__all__]
    layers = [
        thing
        for thing in exported
        if isinstance(thing, type) and issubclass(thing, nn.Layer) and thing is not nn.Layer
    ]
    return f"""\
# Layers

What can be trained, and where it is proven to give the same integers. {MADE}

Each layer stands behind an 8-bit quantizer, with random weights, frozen, in the cases of
`tests/nn/layer_cases.py`. *torch* is the frozen layer in evaluation, *golden* the integer graph it
lowers to; both compute {len(_any_data())} random samples of each case. *QONNX* is the file, run by
qonnx's own executor on these samples. *Vitis* is HLS C++, *Verilog* SystemVerilog.

{_LEGEND}
{table(("layer", "what it is", "cases", *_LANGUAGES), [_layer_row(layer) for layer in layers])}"""


_SOURCES = {"vitis": vitis.sources, "verilog": verilog.modules}
_LANGUAGES = ("torch", "golden", *(LANGUAGES[name].label for name in ("qonnx", *_SOURCES)))


def _any_data() -> torch.Tensor:
    return test_layers.data(next(iter(layer_cases.CASES.values()))[0])


def _layer_row(layer: type[nn.Layer]) -> list[str]:
    cases = layer_cases.CASES.get(layer.__name__, [])
    if not cases:
        raise LookupError(f"{layer.__name__}: give it a case in tests/nn/layer_cases.py")
    tried = []
    for case in cases:
        model = test_layers.frozen(case)
        graph = qfx.lower(model, case.shape)
        x = graph.inputs[0].read(test_layers.data(case).numpy())
        found = each_of(model(torch.from_numpy(x.to_float())))
        for ours, golden in zip(found, graph.run_all(x), strict=True):
            given = ours.detach().double().numpy()
            np.testing.assert_array_equal(given, golden.to_float(), layer.__name__)
        tried.append({"torch": "equal", "golden": "equal", **languages(graph, (x,))})
    cells = [summary([result[language] for result in tried]) for language in _LANGUAGES]
    return [f"`{layer.__name__}`", cell(paragraph(layer.__doc__)), str(len(cases)), *cells]


def ops_page() -> str:
    header = ("op", "what it computes", "parameters", "golden", "QONNX", "stage", "Vitis")
    return f"""\
# Ops

The primitives of the integer graph, and how each language spells them. {MADE}

Each is tried alone, in its case of `tests/ops/op_cases.py`. *golden* is its `evaluate`, compared
with its meaning in exact fractions; *QONNX* the file, run by qonnx's own executor. *stage* names
the modules of the design that compute it; *map* is generated for each chain of element-wise ops,
the others are in `hls_templates/`. *Vitis* is HLS C++, *Verilog* SystemVerilog.

{_LEGEND}
{table((*header, "Verilog"), [_op_row(op) for op in OPS])}"""


def _op_row(op: type[Op]) -> list[str]:
    if op not in op_cases.CASES:
        raise LookupError(f"{op.__name__}: give it a case in tests/ops/op_cases.py")
    case = op_cases.CASES[op]
    test_matrix.test_golden(op)
    graph, data = test_matrix.graph_of(case), test_matrix.samples_of(case)
    found = languages(graph, (data,))
    parameters = ", ".join(f"`{field.name}`" for field in fields(op))
    return [
        f"`{op.__name__}`",
        cell(paragraph(inspect.getmodule(op).__doc__)),
        parameters,
        "equal",
        summary([found["QONNX"]]),
        _stages(op, graph),
        summary([found["Vitis"]]),
        summary([found["Verilog"]]),
    ]


def _stages(op: type[Op], graph: Graph) -> str:
    """The kinds of the stages that compute, as folded in one way or another, in order; what only
    passes beats on is left out.
    """
    stage = STAGE_OF[op]
    design = _design(graph)
    if stage is None or isinstance(design, str):
        return "wiring" if stage is None else stage.kind
    kinds = dict.fromkeys(s.kind for s in design.stages if not isinstance(s, (Fifo, Resize)))
    for head in design.plan.heads:
        for folding, _ in head.foldings() if isinstance(head.node.op, op) else ():
            reads = [replace(stream, lanes=folding.reads) for stream in head.operands()]
            kinds |= dict.fromkeys(s.kind for s in head.stages("section", reads, folding))
    if stage.kind not in kinds:
        raise LookupError(
            f"{op.__name__}: STAGE_OF says {stage.kind}, the design has {list(kinds)}"
        )
    return ", ".join(kinds)


def languages(graph: Graph, data: Sequence[FixedPointArray]) -> dict[str, str]:
    """By language "equal", "written", or the sentence of its refusal."""
    found = {"QONNX": _qonnx(graph, data)}
    design = _design(graph)
    for language, write in _SOURCES.items():
        name = LANGUAGES[language].label
        if isinstance(design, str):
            found[name] = design
            continue
        try:
            texts = write(design)
        except vitis.VitisError as error:
            found[name] = str(error)
            continue
        if not all(texts.values()):
            raise AssertionError(f"{graph.name}: an empty file of {name}")
        found[name] = "written"
    return found


def _design(graph: Graph) -> Design | str:
    """The graph laid out, or why it cannot be."""
    try:
        return schedule(graph, boards.load(BOARD))
    except ScheduleError as error:
        return str(error)


def _qonnx(graph: Graph, data: Sequence[FixedPointArray]) -> str:
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        try:
            qonnx.write(graph, path)
        except qonnx.QonnxError as error:
            return str(error)
        model = ModelWrapper(str(path))
    for info in (*model.graph.input, *model.graph.output):  # all samples at once
        info.type.tensor_type.shape.dim[0].dim_value = len(data[0].integers)
    del model.graph.value_info[:]
    model = model.transform(InferShapes())
    floats = {
        info.name: x.to_float().astype(np.float32)
        for info, x in zip(model.graph.input, data, strict=True)
    }
    found = execute_onnx(model, floats)
    for info, golden in zip(model.graph.output, graph.run_all(*data), strict=True):
        np.testing.assert_array_equal(found[info.name], golden.to_float(), graph.name)
    return "equal"


def summary(results: list[str]) -> str:
    """A cell for the results of all cases: the word, and how many were refused and why."""
    done = [result for result in results if result in ("equal", "written")]
    if len(done) == len(results):
        return done[0]
    refusals = dict.fromkeys(result for result in results if result not in done)
    said = "; ".join(f"“{cell(_start(sentence))}”" for sentence in refusals)
    fine = f"{len(done)} {done[0]}, " if done else ""
    return f"{fine}{len(results) - len(done)} refused: {said}"


def _start(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words[:_WORDS]).rstrip(",:;") + (" …" if len(words) > _WORDS else "")


def paragraph(doc: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    if not doc:
        raise LookupError("a layer or a page of ops has no docstring")
    return " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())
