"""Float models of several inputs and outputs to twins."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

import qfx
from qfx import nn
from qfx.frontends import ConvertError
from qfx.lowering import emulate


class _Fusion(torch.nn.Module):
    """An image and a vector of readings; a class, and a map of the image."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.mask = torch.nn.Conv2d(2, 3, 3, padding=1), torch.nn.Conv2d(3, 1, 1)
        self.readings, self.head = torch.nn.Linear(5, 6), torch.nn.Linear(12 * 3 + 6, 4)

    def forward(self, image: Tensor, input: Tensor, scale: float = 2.0) -> tuple[Tensor, Tensor]:
        seen = functional.relu(self.conv(image))
        read = functional.relu(self.readings(input)) * scale
        both = torch.cat([seen.flatten(1), read], dim=1)
        return self.head(both), self.mask(seen)


SHAPES = ((2, 3, 4), (5,))


def model() -> _Fusion:
    torch.manual_seed(0)
    return _Fusion()


def samples(count: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return tuple(torch.randn(count, *shape, generator=generator) for shape in SHAPES)


def test_inputs_are_called_as_forward_does() -> None:
    twin = qfx.convert(model(), input_shape=SHAPES, input=(nn.Quantizer(6), None))
    assert isinstance(twin, nn.Network)
    assert twin.inputs == ("image", "input_in")  # Verilog has the word input
    assert twin.outputs == ("head", "mask")
    assert twin.get_submodule("input_image").wordlength == 6
    assert twin.get_submodule("input_input_in").wordlength == 8


def test_calibrated_it_is_near_and_equal_in_integers() -> None:
    net, x = qfx.convert(model(), input_shape=SHAPES), samples(200)
    qfx.calibrate(net, x)
    graph = qfx.lower(net, SHAPES)
    data = [entry.read(each.numpy()) for entry, each in zip(graph.inputs, x, strict=True)]
    golden = graph.run(*data)
    found = emulate(net, graph, tuple(each.integers for each in data))
    with torch.no_grad():
        wanted = model()(*x)
    for ours, theirs, floats in zip(golden, found, wanted, strict=True):
        np.testing.assert_array_equal(ours.integers, theirs)
        noise = np.square(floats.numpy() - ours.to_float()).mean()
        assert noise < np.square(floats.numpy()).mean() / 300  # 25 dB


class _Lookup(torch.nn.Module):
    """Whole numbers of one input are looked up, the other is as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(7, 3)

    def forward(self, word: Tensor, x: Tensor) -> Tensor:
        return self.table(word).flatten(1) + x


def test_an_embedding_takes_indices_by_its_own_input() -> None:
    twin = qfx.convert(_Lookup(), input_shape=((2,), (6,)))
    assert isinstance(twin.get_submodule("input_word"), nn.Indices)
    assert not isinstance(twin.get_submodule("input_x"), nn.Indices)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"input_shape": (5,)}, "forward takes image, input: input_shape is a tuple of 2 shapes"),
        ({"input": nn.Quantizer(8)}, "forward takes image, input: input is a tuple of 2 Quantizer"),
    ],
)
def test_each_input_has_its_own(how: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConvertError, match=sentence):
        qfx.convert(model(), **how)


class _Unread(torch.nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return a * 2.0, functional.relu(a)


def test_an_input_that_nothing_needs_is_named() -> None:
    with pytest.raises(ConvertError, match="what forward returns does not depend on b: leave it"):
        qfx.convert(_Unread())
