"""Which inputs wait for one another, and which do not."""

import pytest

import qfx
from models import as_built
from qfx import boards, nn
from qfx.hardware import Fifo, schedule
from qfx.hardware.circular_waits import tied


def _q() -> nn.Quantizer:
    return nn.Quantizer(6, 3)


def _conv() -> nn.Conv2d:
    return nn.Conv2d(1, 1, 3, padding=1, weight=nn.Quantizer(4, 3), output=_q())


def _joins(inputs: str, sums: dict[str, tuple[str, ...]], outputs: tuple[str, ...]) -> set[str]:
    """The tied joins of a network of sums; f_x is what a convolution makes of x."""
    nodes: list[nn.network.Node] = [(f"q_{name}", _q(), name) for name in inputs]
    read = {name for operands in sums.values() for name in operands}
    nodes += [(f"f_{name}", _conv(), f"q_{name}") for name in inputs if f"f_{name}" in read]
    places = {name: f"q_{name}" for name in inputs}
    nodes += [
        (name, nn.Add(_q()), tuple(places.get(each, each) for each in operands))
        for name, operands in sums.items()
    ]
    model = nn.Network(nodes, inputs=tuple(inputs), outputs=outputs).eval()
    as_built(model)
    graph = qfx.lower(model, ((1, 4, 4),) * len(inputs))
    design = schedule(graph, boards.load("ultra96"))
    found = tied(design.stages)
    for stage in design.stages:
        for queue in design.stages:
            if isinstance(queue, Fifo) and queue.output in stage.inputs and stage.name in found:
                assert queue.depth >= queue.input.beats
    return {name.removesuffix("_sum") for name in found}


@pytest.mark.parametrize(
    ("inputs", "sums", "outputs", "wanted"),
    [
        ("ab", {"p": ("a", "f_b")}, ("p",), set()),
        ("ab", {"p": ("a", "f_b"), "z": ("p", "a")}, ("z",), set()),  # b waits alone
        ("ab", {"p": ("a", "f_a"), "r": ("b", "f_b"), "z": ("p", "r")}, ("z",), set()),
        ("ab", {"p": ("f_a", "b"), "r": ("a", "f_b")}, ("p", "r"), {"p", "r"}),
        (
            "ab",
            {"p": ("a", "f_b"), "r": ("p", "f_a"), "z": ("r", "b")},
            ("z",),
            {"p", "r", "z"},
        ),
        (
            "abc",
            {"p": ("f_a", "b"), "r": ("f_b", "c"), "z": ("f_c", "a")},
            ("p", "r", "z"),
            {"p", "r", "z"},
        ),
    ],
)
def test_tied_inputs_have_queues_that_hold_a_frame(
    inputs: str, sums: dict[str, tuple[str, ...]], outputs: tuple[str, ...], wanted: set[str]
) -> None:
    assert _joins(inputs, sums, outputs) == wanted


def test_one_input_is_tied_to_none() -> None:
    nodes = [
        ("q", _q()), ("f", _conv()), ("g", _conv(), "q"),
        ("p", nn.Add(_q()), ("f", "q")), ("r", nn.Add(_q()), ("g", "q")),
    ]  # fmt: skip
    model = nn.Network(nodes, outputs=("p", "r")).eval()
    as_built(model)
    design = schedule(qfx.lower(model, (1, 4, 4)), boards.load("ultra96"))
    assert tied(design.stages) == set()
