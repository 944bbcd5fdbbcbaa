"""Layers that look up: numbers beyond the table, gradients, and what is refused."""

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.backends import qonnx


def lowered(*layers: nn.Layer, shape: tuple[int, ...]) -> str:
    model = nn.Sequential(*layers).eval()
    as_built(model)
    with pytest.raises(nn.LoweringError) as error:
        qfx.lower(model, shape)
    return str(error.value)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 9])
def test_a_number_beyond_the_table_reads_its_last_row(count: int) -> None:
    model = nn.Sequential(nn.Indices(count), nn.Embedding(count, 2))
    x = torch.arange(-3.0, 20.0)[:, None]
    wanted = x.clamp(0, count - 1).long()[:, 0]
    assert torch.equal(model[0](x)[:, 0], wanted.float())
    as_built(model)
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


@pytest.mark.parametrize(("output", "bound"), [(True, 0.005), (None, 0.003)])
@pytest.mark.parametrize("features", [2, 3, 10, 16])
def test_probabilities_are_close_to_those_of_the_cast_logits_in_float(
    features: int, output: bool | None, bound: float
) -> None:
    generator = torch.Generator().manual_seed(features)
    layer = nn.Softmax(input=nn.Quantizer(8, 4), output=output).eval()
    as_built(layer)
    for scale in (0.1, 0.3, 1, 2, 4, 8):
        spread = scale * torch.randn(4000, features, generator=generator)
        rest = torch.rand(4000, 1, generator=generator) * -8
        for x in (spread, torch.where(spread > scale, 2 * scale, rest)):  # some equal, far apart
            found, exact = layer(x).double(), torch.softmax(layer.input(x).double(), -1)
            assert (found - exact).abs().max() < bound
            if output is None:  # nor do they sum to much else than one
                assert (found.sum(1) - 1).abs().max() < 0.01


def test_a_softmax_in_training_has_the_gradients_of_torchs() -> None:
    x = torch.tensor([[0.3, -1.2, 2.0]], requires_grad=True)
    wanted = torch.tensor([[0.25, -1.25, 2.0]], requires_grad=True)  # on the grid
    direction = torch.tensor([[1.0, -2.0, 0.5]])
    layer = nn.Softmax(input=nn.Quantizer(6, 2), output=nn.Quantizer(12, 12, signed=False))
    (layer(x) * direction).sum().backward()
    (torch.softmax(wanted, -1) * direction).sum().backward()
    torch.testing.assert_close(x.grad, wanted.grad)


def test_calibration_leaves_the_grid_of_probabilities_alone() -> None:
    grid = nn.Probabilities(6)
    grid.calibrate(torch.tensor([0.01, 0.02]))
    assert str(grid.dtype) == "ufixed<6,0>"
    assert grid(torch.tensor([-1.0, 0.5, 2.0])).tolist() == [0.0, 0.5, 63 / 64]


def test_a_softmax_refuses_tables_it_could_not_hold() -> None:
    with pytest.raises(ValueError, match="at most 10 bits, not 11: give it input=Quantizer"):
        nn.Softmax(input=nn.Quantizer(11))
    with pytest.raises(ValueError, match="exponent_bits is 1 to 20, not 21"):
        nn.Softmax(exponent_bits=21)
    with pytest.raises(ValueError, match="reciprocal_bits is 1 to 5 here, not 9"):
        nn.Softmax(exponent_bits=5)
    assert "a vector of at least two, not (1,)" in lowered(
        nn.Quantizer(4), nn.Softmax(), shape=(1,)
    )


def test_qonnx_refuses_a_softmax_wider_than_float32() -> None:
    model = nn.Sequential(nn.Quantizer(6, 3), nn.Softmax(exponent_bits=14)).eval()
    as_built(model)
    with pytest.raises(qonnx.QonnxError, match="layer1_softmax needs 25 bits"):
        qonnx.model(qfx.lower(model, (4,)))
    model = nn.Sequential(
        nn.Quantizer(6, 3), nn.Softmax(exponent_bits=19, reciprocal_bits=1)
    ).eval()
    as_built(model)
    qonnx.model(qfx.lower(model, (15,)))
    with pytest.raises(qonnx.QonnxError, match="layer1_softmax needs 25 bits"):  # their sum
        qonnx.model(qfx.lower(model, (32,)))
