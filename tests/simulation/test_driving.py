"""What drives casts into overflow: found by slopes, in counted work, and said where it was not."""

from pathlib import Path

import numpy as np
import pytest
from op_cases import CASES
from rich.console import Console

import qfx
from branches import random_branches
from models import small_mlp, tiny_graphs
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir import Graph, GraphBuilder, Node, Value
from qfx.ops import (
    OPS,
    Add,
    Cast,
    Concat,
    Conv2d,
    Matmul,
    MultiplyConstant,
    Op,
    Pad,
    Relu,
    Reshape,
    TensorType,
    Transpose,
    Upsample,
)
from qfx.report.terminal import show_cosim, show_project
from qfx.simulation import Cosim
from qfx.simulation.stimuli import slopes, vectors
from qfx.simulation.stimuli.driving import targets

GRID = FixedPointType(8, 4)
# By the seed of a random network: ends of casts that the search before this one drove, which sent
# 260 rows for each end of each cast through the whole graph.
DRIVEN_BEFORE = {5: 4, 9: 22, 10: 7, 19: 12}


def array(*shape: int, seed: int = 0) -> FixedPointArray:
    integers = np.random.default_rng(seed).integers(-7, 8, shape)
    return FixedPointArray(integers, FixedPointType(4, 0))


LINEAR: list[tuple[Op, tuple[int, ...]]] = [
    (Conv2d(array(4, 3, 3, 2), (2, 1), (1, 2), 1, (1, 2)), (3, 6, 7)),
    (Conv2d(array(4, 2, 1, 3), (1, 2), (0, 1), 2), (4, 5, 6)),
    (Conv2d(array(2, 2, 2, 2), (3, 3)), (2, 6, 7)),
    (Matmul(array(5, 4)), (5,)),
    (MultiplyConstant(array(3, 1, 1)), (3, 2, 2)),
    (Pad((1, 2), (0, 3)), (2, 3, 4)),
    (Pad((-1, 2), (3, -2)), (2, 3, 4)),
    (Pad((0, -2), (-1, 0)), (2, 3, 4)),
    (Upsample((2, 3)), (2, 3, 4)),
    (Reshape((4, 6)), (2, 3, 4)),
    (Transpose((2, 0, 1)), (2, 3, 4)),
    (Add(), (2, 3, 4)),
    (Concat(), (2, 3, 4)),
]


@pytest.mark.parametrize(("op", "shape"), LINEAR, ids=lambda x: getattr(x, "name", ""))
def test_slopes_of_what_is_linear_are_exact(op: Op, shape: tuple[int, ...]) -> None:
    generator = np.random.default_rng(1)
    count = 2 if isinstance(op, (Add, Concat)) else 1
    operands = [generator.integers(-9, 9, (3, *shape)) for _ in range(count)]
    moved = [x + generator.integers(-9, 9, x.shape) for x in operands]
    entering = [Value(f"x{n}", TensorType.of(shape, GRID)) for n in range(count)]
    node = Node(op, tuple(entering), Value("y", op.infer(*(v.type for v in entering))))
    y = op.evaluate(*operands)
    values = {"y": y} | {v.name: x for v, x in zip(entering, operands, strict=True)}
    driven = generator.integers(-8, 9, y.shape).astype(float)
    found = slopes.slopes(node, driven, values)
    by_operands = sum((s * (m - x)).sum() for s, m, x in zip(found, moved, operands, strict=True))
    assert by_operands == (driven * (op.evaluate(*moved) - y)).sum()


def test_every_op_has_slopes() -> None:
    assert set(slopes._RULES) == set(OPS)


@pytest.mark.parametrize("op", CASES, ids=lambda op: op.name)
def test_slopes_are_shaped_as_the_operands_are(op: type[Op]) -> None:
    case, builder = CASES[op], GraphBuilder("one_op")
    x = builder.input(case.shape, Cast(case.entry.fraction_bits, case.entry))
    graph = builder.build(builder.add(case.op, *case.operands(builder, x)))
    ends = case.entry.interval
    words = np.random.default_rng(0).integers(ends.low, ends.high + 1, (4, *case.shape))
    node, values = graph.nodes[-1], graph.trace(FixedPointArray(words, case.entry))
    found = slopes.slopes(node, np.ones(values[node.output.name].shape), values)
    assert [s.shape for s in found] == [values[v.name].shape for v in node.inputs]


def test_no_fewer_casts_are_driven_than_by_chance() -> None:
    for seed, before in DRIVEN_BEFORE.items():
        model, shape = random_branches(seed)
        graph = qfx.lower(model, shape)
        stimuli = vectors.make(graph, None, 0)
        assert sum(map(len, stimuli.saturated.values())) >= before
        require_truth(graph, stimuli)


def require_truth(graph: Graph, stimuli: vectors.Stimuli) -> None:
    """What is said to be driven is, what is not is not, and nothing else can be."""
    rows = (
        FixedPointArray(x, i.cast.dtype) for x, i in zip(stimuli.inputs, graph.inputs, strict=True)
    )
    values, driven = graph.trace(*rows), dict[str, list[str]]()
    for node in graph.nodes:
        if isinstance(node.op, Cast):
            found = node.op.before_overflow(values[node.inputs[0].name])
            ends = {
                "low": found.min() < node.op.fitting.low,
                "high": found.max() > node.op.fitting.high,
            }
            driven |= {node.output.name: [e for e, beyond in ends.items() if beyond]}
    assert stimuli.saturated == {name: ends for name, ends in driven.items() if ends}
    possible = {(aim.node.output.name, aim.end) for aim in targets(graph)}
    said = (stimuli.saturated, stimuli.undriven)
    assert possible == {(n, end) for each in said for n, ends in each.items() for end in ends}


def deep(width: int = 96) -> Graph:
    """Three layers, in which one end is beyond what random words reach."""
    builder = GraphBuilder("deep")
    x = builder.input((width,), Cast(4, GRID))
    for n in range(3):
        x = builder.add(Matmul(array(width, width, seed=n)), x)
        x = builder.add(Relu(), x) if n < 2 else x
        x = builder.cast(x, FixedPointType(17 if n == 2 else 12, 0), Rounding.RND, Overflow.SAT)
    return builder.build(x)


def test_slopes_reach_what_chance_does_not() -> None:
    without, with_ = (vectors.make(deep(), None, 0, n) for n in (0, None))
    assert without.undriven == {"cast": ["high"]}
    assert with_.undriven == {}


def test_the_same_seed_finds_the_same_rows_and_another_others() -> None:
    one, again, other = (vectors.make(deep(), None, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.inputs[0], again.inputs[0])
    assert not np.array_equal(one.inputs[0], other.inputs[0])


def test_the_search_may_be_left_out_or_bounded() -> None:
    none = vectors.make(deep(), None, 0, 0)
    assert none.counts == {"random": 64, "minimum and maximum": 2}
    assert none.search == "not looked for: drive_casts=0"
    assert none.undriven
    few = vectors.make(deep(), None, 0, 9)
    assert few.search == (
        "looked for by the work of 9 inferences, all that was allowed: a larger drive_casts looks"
        " farther"
    )
    require_truth(deep(), none)
    require_truth(deep(), few)
    matmul = tiny_graphs()["only_matmul"]
    assert vectors.make(matmul, None, 0).search == "no cast can be driven beyond its range"


def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few are held at once, what is said is true."""
    monkeypatch.setattr("qfx.simulation.stimuli.space._AT_A_TIME", 1)
    graph = qfx.lower(small_mlp(), (16,))
    require_truth(graph, vectors.make(graph, None, 0))


def test_what_was_not_driven_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = qfx.export(deep(), tmp_path / "deep", drive_casts=0)
    recorded = project.manifest.vectors
    assert recorded.undriven == {"cast": ["high"]}
    missed = (f"{cast} {' and '.join(ends)}" for cast, ends in recorded.undriven.items())
    said = f"not driven: {', '.join(missed)}"
    assert recorded.casts_driven.endswith(said)
    assert "(not looked for: drive_casts=0)" in recorded.casts_driven
    show_project(project)
    show_cosim(Cosim(project, ()), Console(width=200))
    printed = capsys.readouterr().out.replace("\n", " ")
    assert printed.count(said) == 2
    page = (project.path / "report.html").read_text()
    assert "Not driven beyond their range, though some input might: <code>" in page
    assert "What drives casts: not looked for: drive_casts=0." in page
    assert "--drive-casts 0" in page.replace("<span>", "").replace("</span>", "")
