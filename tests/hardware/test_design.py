"""The schedule reaches goals at least cost within ports and budget; ports pack and unpack."""

from importlib import import_module

import numpy as np
import pytest
from branching_graphs import Drawing

import qfx
from models import small_mlp, tiny_graphs
from qfx import boards
from qfx.boards import Resources
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.hardware import Contract, Port, ScheduleError, schedule, stream_order
from qfx.hardware.sections import orders
from qfx.hardware.shortage import block_rams, hopeless
from qfx.hardware.trade import Costs
from qfx.ir import Graph, GraphBuilder, simplify
from qfx.ops import Add, ArgMax, Cast, Conv2d, Matmul, MaxPool2d, Op, Relu, Reshape, Transpose

ULTRA96 = boards.load("ultra96")


def wide_graph(inputs: int = 256, outputs: int = 128, bits: int = 8) -> Graph:
    builder = GraphBuilder("wide")
    x = builder.input((inputs,), Cast(0, FixedPointType(bits, 0)))
    weight = np.random.default_rng(0).integers(-8, 8, (inputs, outputs))
    y = builder.add(Matmul(FixedPointArray(weight, FixedPointType(4, 0))), x)
    return builder.build(builder.cast(y, FixedPointType(8, -8), Rounding.RND, Overflow.SAT))


@pytest.mark.parametrize("goal", [64, 100, 1000, 10**9])
def test_a_goal_is_reached_and_not_overpaid(goal: int) -> None:
    design = schedule(wide_graph(), ULTRA96, goal_ii=goal)
    assert design.initiation_interval <= goal
    contract = next(s for s in design.stages if isinstance(s, Contract))
    if goal < 32768:
        slower = schedule(wide_graph(), ULTRA96, goal_ii=4 * goal)
        assert slower.resources().luts < design.resources().luts
    else:
        assert (contract.pe, contract.simd) == (1, 1)


def test_frames_per_second_become_cycles() -> None:
    design = schedule(wide_graph(), ULTRA96, goal_fps=50_000)
    assert design.initiation_interval <= 100e6 / 50_000
    assert design.frames_per_second(100) >= 50_000


def test_without_a_goal_the_budget_is_used_and_kept() -> None:
    design = schedule(wide_graph(), ULTRA96)
    allowed = ULTRA96.allowance()
    assert all(value <= getattr(allowed, name) for name, value in design.resources())
    tighter = ULTRA96.model_copy(
        update={"resources": Resources(luts=9000, flip_flops=50_000, bram_18k=99)}
    )
    assert schedule(wide_graph(), tighter).initiation_interval > design.initiation_interval


def refusal(graph: Graph, **goal: float) -> str:
    with pytest.raises(ScheduleError) as error:
        schedule(graph, ULTRA96, **goal)
    return str(error.value)


def test_refusals_name_what_is_short() -> None:
    assert (
        "128 bits a cycle on the ports of ultra96 (dma_width_bits of its board file) the 256"
        " elements of s_axis, 16 a beat, need 16 cycles a frame"
        in refusal(wide_graph(), goal_ii=15)
    )
    assert "luts (estimate) exceed the 49,392" in refusal(wide_graph(512, 512), goal_ii=32)
    assert "not both" in refusal(wide_graph(), goal_ii=99, goal_fps=1.0)
    assert "cannot be reached at 100 MHz" in refusal(wide_graph(), goal_fps=1e9)
    assert "at least 1" in refusal(wide_graph(), goal_ii=0)
    assert "at most 32 bits" in refusal(wide_graph(bits=40))
    builder = GraphBuilder("unread")
    x = builder.input((4,), Cast(0, FixedPointType(4, 0)))
    builder.add(Relu(), x)
    unread = builder.build(builder.add(Relu(), x))
    assert "nothing reads relu, so that its stream would stand still" in refusal(unread)
    builder = GraphBuilder("image")
    x = builder.input((2, 3, 4), Cast(0, FixedPointType(4, 0)))
    weight = FixedPointArray(np.ones((4, 2), int), FixedPointType(2, 0))
    assert "needs Flatten before it" in refusal(builder.build(builder.add(Matmul(weight), x)))


def little(**resources: int) -> boards.Board:
    """An Ultra96 with little of something."""
    own = ULTRA96.resources.model_copy(update=resources)
    return ULTRA96.model_copy(update={"name": "little", "resources": own})


def test_what_block_ram_holds_is_said() -> None:
    graph = wide_graph(512, 512)
    with pytest.raises(ScheduleError) as error:
        schedule(graph, little(bram_18k=40, luts=9_000))
    assert str(error.value) == (
        "even the slowest design is too large: 58 bram_18k (estimate; weights 57, vectors 1) exceed"
        " the 32 in the budget of little; take a larger board or a smaller model"
    )
    draw = Drawing("image", (16, 24, 64))
    deep = draw.conv("b", draw.conv("a", draw.x, 16), 16)
    image = draw.graph(draw.join("sum", Add(), deep, draw.x))
    design = schedule(image, ULTRA96, goal_ii=3_600_000)
    held = block_rams(design)
    assert sum(held.values()) == design.resources().bram_18k
    assert held["queues"]
    assert held["line buffers"]
    assert held["weights"]
    with pytest.raises(ScheduleError, match=f"queues {held['queues']}"):
        schedule(image, little(bram_18k=2, luts=20_000), goal_ii=3_600_000)


def test_what_is_hopeless_is_refused_as_when_all_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    board, said, asked = little(bram_18k=10, luts=9_000), [], []

    def recorded(costs: Costs, board: boards.Board, leeway: float) -> bool:
        asked.append(hopeless(costs, board, leeway))
        return asked[-1] and len(asked) == 1

    monkeypatch.setattr(import_module("qfx.hardware.schedule"), "hopeless", recorded)
    for _ in range(2):
        with pytest.raises(ScheduleError) as error:
            schedule(wide_graph(512, 512), board)
        said.append(str(error.value))
    assert asked == [True, True]
    assert said[0] == said[1]


def test_every_tiny_graph_is_laid_out_as_a_chain() -> None:
    for graph in (*tiny_graphs().values(), qfx.lower(small_mlp(), (16,))):
        design = schedule(graph, ULTRA96)
        reads = design.inputs[0].stream
        for stage in design.stages:
            assert stage.input == reads
            reads = stage.output
        assert reads == design.outputs[0].stream


def test_pixels_are_streamed_channels_innermost() -> None:
    order = stream_order((2, 1, 3))
    assert order.tolist() == [0, 3, 1, 4, 2, 5]


def chain(shape: tuple[int, ...], *ops: Op) -> Graph:
    builder = GraphBuilder("chain")
    x = builder.input(shape, Cast(0, FixedPointType(8, 0)))
    for op in ops:
        x = builder.add(op, x)
    return builder.build(x)


def test_what_only_names_elements_anew_leaves_the_stream_as_it_is() -> None:
    graph = chain(
        (2, 3, 4), Transpose((1, 2, 0)), Reshape((4, 6)), Relu(), Transpose((1, 0)), Reshape((24,))
    )
    values = graph.trace(FixedPointArray(np.arange(24).reshape(1, 2, 3, 4), FixedPointType(8, 0)))
    streams = [values[name].reshape(-1)[order] for name, order in orders(graph).items()]
    assert len(streams) == 6
    for stream in streams:  # no value is negative, so relu too leaves them as they are
        np.testing.assert_array_equal(stream, stream_order((2, 3, 4)))


@pytest.mark.parametrize(
    ("ops", "left"),
    [
        ([Reshape((6,)), Reshape((3, 2)), Reshape((2, 3))], []),
        ([Transpose((1, 0)), Transpose((1, 0))], []),
        ([Transpose((1, 0)), Reshape((6,)), Reshape((2, 3))], ["transpose", "reshape"]),
        (
            [Reshape((2, 1, 3)), Transpose((1, 0, 2)), Transpose((2, 0, 1))],
            ["reshape", "transpose"],
        ),
    ],
)
def test_reshapes_and_transposes_merge(ops: list[Op], left: list[str]) -> None:
    graph = chain((2, 3), *ops)
    simple = simplify(graph)
    assert [node.op.name for node in simple.nodes] == left
    x = np.arange(12).reshape(2, 2, 3)
    np.testing.assert_array_equal(simple.run(x).integers, graph.run(x).integers)


def test_an_order_that_a_stage_cannot_take_is_refused() -> None:
    pool = MaxPool2d((1, 2), (1, 2))
    assert "put the Reshape or Permute behind" in refusal(
        chain((2, 4, 4), Transpose((0, 2, 1)), pool)
    )
    assert "was reshaped or permuted" in refusal(chain((32,), Reshape((2, 4, 4)), pool))
    assert "count its pixels" in refusal(chain((2, 3), Reshape((6,)), ArgMax()))
    for graph in (
        chain((2, 4), Reshape((2, 1, 4)), pool),  # one row is streamed as a line is
        chain((4, 2), Transpose((1, 0)), Transpose((1, 0)), Reshape((4, 1, 2)), pool),
        chain((2, 3), Transpose((1, 0)), Reshape((6,)), ArgMax()),
    ):
        assert schedule(graph, ULTRA96).initiation_interval > 0


@pytest.mark.parametrize("shape", [(10,), (3, 2, 2), (1,), (33,)])
@pytest.mark.parametrize(
    "dtype", [FixedPointType(5, 0), FixedPointType(16, 3, False), FixedPointType(20, 0)]
)
@pytest.mark.parametrize("width", [32, 64, 128])
def test_ports_unpack_what_they_pack(shape, dtype: FixedPointType, width: int) -> None:
    port = Port.over(width, "s_axis", dtype, shape, stream_order(shape))
    integers = np.random.default_rng(0).integers(
        dtype.min_int, dtype.max_int, (7, *shape), endpoint=True
    )
    words = port.pack(integers)
    assert words.shape == (7, port.stream.beats, width // 32)
    np.testing.assert_array_equal(port.unpack(words), integers)
    used = port.stream.elements * port.element_bits // 8
    kept = (port.stream.beats - 1) * width // 8 + bin(port.last_keep).count("1")
    assert kept == used


def test_a_beat_has_element_zero_lowest_and_is_sign_extended() -> None:
    port = Port.over(32, "s_axis", FixedPointType(5, 0), (5,), stream_order((5,)))
    assert [[hex(w) for w in beat] for beat in port.pack(np.array([[1, -1, 2, -16, 15]]))[0]] == [
        ["0xf002ff01"],
        ["0xf"],
    ]


def test_a_goal_counts_the_pixels_that_enter() -> None:
    builder = GraphBuilder("sparse")
    x = builder.input((1, 16, 16), Cast(0, FixedPointType(4, 0)))
    weight = FixedPointArray(np.ones((2, 1, 1, 1), int), FixedPointType(2, 0))
    pooled = builder.add(Relu(), builder.add(Conv2d(weight, stride=(4, 4)), x))
    graph = builder.build(builder.add(MaxPool2d((1, 1), (2, 2)), pooled))
    for goal in (256, 300, 1000):
        assert schedule(graph, ULTRA96, goal_ii=goal).initiation_interval <= goal
    assert "a frame needs 256 cycles" in refusal(graph, goal_ii=255)
