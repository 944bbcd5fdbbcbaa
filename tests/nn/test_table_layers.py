"""Layers that look up: numbers beyond the table, gradients, and what is refused."""

import numpy as np
import pytest
import torch

import qfx
from qfx import nn


def lowered(*layers: nn.Layer, shape: tuple[int, ...]) -> str:
    model = nn.Sequential(*layers).eval()
    model.freeze()
    with pytest.raises(nn.LoweringError) as error:
        qfx.lower(model, shape)
    return str(error.value)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 9])
def test_a_number_beyond_the_table_reads_its_last_row(count: int) -> None:
    model = nn.Sequential(nn.Indices(count), nn.Embedding(count, 2))
    x = torch.arange(-3.0, 20.0)[:, None]
    wanted = x.clamp(0, count - 1).long()[:, 0]
    assert torch.equal(model[0](x)[:, 0], wanted.float())
    model.eval().freeze()
    graph = qfx.lower(model, (1,))
    table = graph.nodes[-1].op.table.integers
    np.testing.assert_array_equal(graph.run(x.numpy()).integers[:, 0], table[wanted])
    every = np.arange(graph.inputs[0].cast.dtype.max_int + 1)[:, None]  # all that the bus can ask
    found = graph.trace(qfx.fixedpoint.FixedPointArray(every, graph.inputs[0].cast.dtype))
    np.testing.assert_array_equal(
        found[graph.outputs[0].name][:, 0], table[np.minimum(every[:, 0], count - 1)]
    )


def test_a_table_learns_only_the_rows_it_is_asked_for() -> None:
    layer = nn.Embedding(5, 3, padding_idx=2)
    layer(torch.tensor([[0.0, 2.0, 4.0, 4.0]])).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad[:, 0].tolist() == [1.0, 0.0, 0.0, 0.0, 2.0]
    assert not layer.weight[2].any()


def test_training_and_calibration_leave_the_indices_alone() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Indices(9), nn.Embedding(9, 4), nn.Flatten(), nn.Linear(12, 2))
    x = np.random.default_rng(0).integers(0, 9, (200, 3))
    labels = (x[:, 0] > 4).astype(np.int64)
    train, held_out = (x[:150], labels[:150]), (x[150:], labels[150:])
    qfx.train(model, train, held_out, epochs=12, batch_size=10, learning_rate=0.03, progress=False)
    assert str(model[0].dtype) == "ufixed<4,4>"
    found = qfx.lower(model, (3,)).run(x[150:]).integers.argmax(1)
    assert (found == labels[150:]).mean() > 0.9


def test_an_embedding_refuses_what_is_no_row_number() -> None:
    table = nn.Embedding(6, 2)
    assert "the operand has 1 fraction bits: begin the model with qfx.nn.Indices(6)" in lowered(
        nn.Quantizer(3, 1, signed=False), table, shape=(4,)
    )
    assert "lies in [0, 7], the table has rows 0 to 5: begin the model" in lowered(
        nn.Quantizer(3, signed=False), table, shape=(4,)
    )
    assert "lies in [-4, 3]" in lowered(nn.Quantizer(3), table, shape=(4,))
    assert "a vector of row numbers, not (2, 2)" in lowered(nn.Indices(6), table, shape=(2, 2))
    for count in (0, (1 << 24) + 1):
        with pytest.raises(ValueError, match=f"from 1 to 2.*24, not {count}"):
            nn.Indices(count)
