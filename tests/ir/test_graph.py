"""The graph: what it refuses, its text, its passes before and after, its file."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

import qfx
from models import small_mlp, tiny_graphs
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import FileError, Graph, GraphBuilder, GraphError, simplify, to_text
from qfx.ir import file as graph_file
from qfx.ir.passes import PIPELINE
from qfx.ops import AddConstant, Cast, Conv2d, Matmul, Relu, Reshape

FIXED = FixedPointType(6, 2)


def redundant() -> Graph:
    """x + 1 + 2, a cast that fits, relu twice, a reshape to itself, and a dead branch."""
    builder = GraphBuilder("redundant")
    x = builder.input((3,), Cast(2, FIXED))
    one, two = (FixedPointArray(np.array([n, n, n]), FIXED) for n in (1, 2))
    y = builder.add(AddConstant(two), builder.add(AddConstant(one), x))
    y = builder.cast(y, FixedPointType(9, 2), Rounding.RND, Overflow.SAT)
    y = builder.add(Relu(), builder.add(Relu(), y))
    y = builder.add(Reshape((3,)), y)
    builder.add(Matmul(FixedPointArray(np.ones((3, 1), int), FIXED)), y)
    y = builder.add(AddConstant(FixedPointArray(np.zeros(3, int), FIXED)), y)
    return builder.build(y)


AFTER = """\
graph redundant
  input   x                fixed<6,4> RND SAT        (3,) fixed<6,4> [-32, 31]
  add     add2   x         constant (3,) ufixed<2,0>  (3,) fixed<7,5> [-29, 34]
  relu    relu   add2                                 (3,) ufixed<6,4> [0, 34]
  output  relu                                        (3,) ufixed<6,4> [0, 34]
"""


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_pipeline_removes_what_changes_nothing() -> None:
    assert squeezed(to_text(simplify(redundant()))) == squeezed(AFTER)


@pytest.mark.parametrize("rewrite", PIPELINE)
def test_every_pass_leaves_the_output_as_it_was(rewrite) -> None:
    model = small_mlp()
    for graph in (redundant(), *tiny_graphs().values(), qfx.lower(model, (16,))):
        x = 4 * np.random.default_rng(0).normal(size=(100, *graph.inputs[0].shape))
        before, after = graph.run(x), rewrite(graph).run(x)
        np.testing.assert_array_equal(before.integers, after.integers)


def test_a_columns_width_follows_its_longest_cell() -> None:
    lines = to_text(tiny_graphs()["layer"]).splitlines()
    assert lines[0] == "graph layer"
    assert lines[1].startswith("  input   x ")
    assert lines[-1].split() == ["output", "relu_cast", "(2,)", "ufixed<3,2>", "[0,", "7]"]


def test_files_round_trip_and_repeat() -> None:
    for graph in (*tiny_graphs().values(), qfx.lower(small_mlp(), (16,))):
        data = graph_file.to_bytes(graph)
        assert graph_file.from_bytes(data) == graph
        assert graph_file.to_bytes(graph) == data


def test_a_file_from_before_dilation_is_read_and_written_as_it_was() -> None:
    data = (Path(__file__).parents[2] / "examples" / "02_fashion_mnist.qfx").read_bytes()
    assert graph_file.to_bytes(graph_file.from_bytes(data)) == data
    builder = GraphBuilder("dilated")
    x = builder.input((1, 5, 5), Cast(0, FixedPointType(4, 0)))
    weight = FixedPointArray(np.ones((1, 1, 2, 2), int), FixedPointType(2, 0))
    dilated = builder.build(builder.add(Conv2d(weight, dilation=(3, 1)), x))
    assert graph_file.from_bytes(graph_file.to_bytes(dilated)) == dilated


@pytest.mark.parametrize("kept", [0, 10, 100, 0.5, -1])
def test_a_truncated_file_is_refused(kept: float, tmp_path: Path) -> None:
    data = graph_file.to_bytes(qfx.lower(small_mlp(), (16,)))
    path = tmp_path / "cut.qfx"
    path.write_bytes(data[: int(kept * len(data)) if isinstance(kept, float) else kept])
    with pytest.raises(FileError, match=r"cut.qfx is not a whole .qfx file"):
        qfx.load(path)


def edited(change) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(graph_file.to_bytes(tiny_graphs()["layer"])))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "graph.json":
                document = json.loads(data)
                change(document)
                data = json.dumps(document).encode()
            target.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(version=2), "this qfx reads 'qfx graph' version 1"),
        (lambda d: d.update(format="other"), "holds 'other'"),
        (lambda d: d["nodes"][0]["op"].update(name="erf"), "op 'erf' is unknown to this qfx"),
        (lambda d: d["nodes"][0].update(inputs=["nothing"]), "not a whole"),
        (lambda d: d["nodes"].reverse(), "not a whole"),
        (lambda d: d["nodes"][0]["op"]["weight"]["dtype"].update(wordlength=2), "is outside"),
        (lambda d: d["nodes"][0]["op"]["weight"]["dtype"].update(wordlength=99), "1 to 63 bits"),
        (
            lambda d: d["nodes"][0]["op"]["weight"].update(constant="../../etc/passwd"),
            "has no array",
        ),
        (lambda d: d.update(outputs=[]), "needs inputs with names of their own, and an output"),
        (lambda d: d.pop("nodes"), "not a whole"),
    ],
)
def test_what_a_file_says_is_validated(change, sentence: str) -> None:
    with pytest.raises(FileError, match=sentence):
        graph_file.from_bytes(edited(change))


def test_bad_data_is_refused_with_a_sentence() -> None:
    graph = qfx.lower(small_mlp(), (16,))
    nan = np.zeros((2, 16))
    nan[1, 3] = np.nan
    beyond = FixedPointType(6, 3)
    for data, sentence in (
        (nan, r"input x: nan at index \(1, 3\) has no fixed-point value"),
        (np.zeros((2, 15)), r"takes an array of shape \(samples, 16\), not \(2, 15\)"),
        (np.zeros(16), r"takes an array of shape \(samples, 16\), not \(16,\)"),
        (FixedPointArray(np.zeros((2, 16), int), FixedPointType(7, 3)), "cast it first"),
    ):
        with pytest.raises(GraphError, match=sentence):
            graph.run(data)
    with pytest.raises(ValueError, match=r"40 at index \(0, 0\) is outside fixed<6,3>"):
        graph.run(FixedPointArray(np.full((1, 16), 40), beyond))
    with pytest.raises(GraphError, match="has 1 inputs, not 2"):
        graph.run(nan, nan)


def test_float64_and_int64_products_agree() -> None:
    generator = np.random.default_rng(0)
    small = Matmul(FixedPointArray(generator.integers(-99, 99, (40, 7)), FixedPointType(8, 0)))
    large = Matmul(
        FixedPointArray(generator.integers(-(2**31), 2**31, (4, 7)), FixedPointType(33, 0))
    )
    for op, bits in ((small, 8), (large, 26)):
        x = generator.integers(-(2**bits), 2**bits, (30, op.weight.shape[0]))
        exact = x.astype(object) @ op.weight.integers.astype(object)
        assert (op.evaluate(x) == exact).all()
