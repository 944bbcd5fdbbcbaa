"""What people call layers becomes names that every language takes, each its own."""

from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.ir.names import can_name, identifier


@pytest.mark.parametrize(
    ("name", "hardware"),
    [
        ("stem", "stem"),
        ("_stem", "stem"),
        ("qfx", "qfx"),
        ("0", "layer0"),
        ("_1", "layer1"),
        ("é", "e"),
        ("Straße", "Straxdfe"),
        ("层", "x5c42"),
        ("a b", "a_b"),
        ("__", "layer"),
        ("", "layer"),
        ("class", "class_"),
        ("qfx_fifo", "layer_qfx_fifo"),
    ],
)
def test_a_name_is_cleaned(name: str, hardware: str) -> None:
    assert identifier(name) == hardware
    assert can_name(hardware)


def test_long_names_stay_apart() -> None:
    first, second = (identifier("x" * 150 + end, room=20) for end in "ab")
    assert first != second
    assert len(first) == len(second) == 80


def net(*names: str) -> nn.Sequential:
    layers = (nn.Linear(4, 4, weight=nn.Quantizer(4), output=nn.Quantizer(4)) for _ in names)
    return nn.Sequential(nn.Quantizer(4), *layers, names=["q", *names])


NAMES = ("_stem", "stem", "é", "e", "class", "module", "x" * 120, "qfx_x", "qfx")


def test_no_name_stands_in_the_way(tmp_path: Path) -> None:
    model = net(*NAMES)
    x = np.random.default_rng(0).standard_normal((40, 4))
    qfx.calibrate(model, x)
    graph = qfx.lower(model, (4,))
    made = [node.output.name for node in graph.nodes]
    assert len({*made}) == len(made)
    assert {node.source for node in graph.nodes} == {*NAMES}  # what people called them
    project = qfx.export(model, tmp_path / "p", samples=x, overrides={"é": {"pe": 2}})
    assert qfx.cosim(project, simulators=("torch", "golden")).equal


def test_ports_of_one_name_are_told_apart() -> None:
    class Two(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self._a, self.a = torch.nn.Linear(4, 2), torch.nn.Linear(4, 2)

        def forward(self, _x, x, é, wire):
            return self._a(_x) + self.a(x), torch.relu(é), torch.relu(wire)

    twin = qfx.convert(Two(), input_shape=((4,),) * 4)
    assert twin.inputs == ("x", "x_2", "e", "wire_in")
    as_built(twin)
    assert [i.name for i in qfx.lower(twin, ((4,),) * 4).inputs] == [*twin.inputs]


def test_outputs_of_one_name_are_told_apart() -> None:
    layers = [(name, nn.Quantizer(4 + n), "q") for n, name in enumerate(("_a", "a", "class"))]
    model = nn.Network([("q", nn.Quantizer(8)), *layers], outputs=("_a", "a", "class")).eval()
    as_built(model)
    made = [value.name for value in qfx.lower(model, (2,)).outputs]
    assert made == ["a", "a_cast2", "class_"]


def test_modules_called_as_pythons_keywords_convert() -> None:
    heads = torch.nn.Sequential()
    for name in ("class", "lambda", "None"):
        heads.add_module(name, torch.nn.Linear(4, 4))
    twin = qfx.convert(heads, input_shape=(4,))
    assert [name for name, _ in twin.named_children()] == ["input", "class", "lambda", "None"]
