"""Stages are named after layers, and no two of them alike."""

import pytest

import qfx
from models import as_built
from qfx import boards, nn
from qfx.hardware import schedule


@pytest.mark.parametrize("name", ["input", "output", "input_a", "output_sum"])
@pytest.mark.parametrize("inputs", ["a", "ab"])
def test_a_layer_may_be_called_as_a_port_is(name: str, inputs: str) -> None:
    nodes = [
        *((f"q_{each}", nn.Quantizer(6, 3), each) for each in inputs),
        ("fc", nn.Linear(4, 4, weight=nn.Quantizer(4, 3), output=nn.Quantizer(6, 3))),
        (name, nn.Add(nn.Quantizer(6, 3)), ("q_a", "fc")),
    ]
    model = nn.Network(nodes, inputs=tuple(inputs), outputs=(name, "fc")).eval()
    as_built(model)
    graph = qfx.lower(model, alone_or_all(inputs))
    stages = [stage.name for stage in schedule(graph, boards.load("ultra96")).stages]
    assert len({*stages}) == len(stages)


def alone_or_all(inputs: str) -> tuple[object, ...]:
    return (4,) if len(inputs) == 1 else ((4,),) * len(inputs)
