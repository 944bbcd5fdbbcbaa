"""Overrides reach every layer that `print` of a twin shows, by its path or by that name."""

import re

import numpy as np
import pytest
import torch
from torch import nn as tnn
from torch.nn import functional as F  # noqa: N812

import qfx
from qfx import nn
from qfx.frontends import ConvertError


class Everything(tnn.Module):
    """What makes convert put in layers of its own: constants, merges, casts, pads, pools, calls."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = tnn.Sequential(tnn.Conv2d(2, 4, 3, padding=1), tnn.BatchNorm2d(4))
        self.act = tnn.ReLU()
        self.leaky = tnn.LeakyReLU(0.03)
        self.prelu = tnn.PReLU(4)
        self.fc = tnn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x / 3
        x = self.act(self.stem(F.pad(x, (1, 1, 0, 0))) - 0.25)
        x = x + self.prelu(self.leaky(x * 0.7))
        y = self.act(F.max_pool2d(x, 2))
        x = F.avg_pool2d(torch.sigmoid(x), 2) * y
        x = torch.cat([x, y], 1).mean((2, 3))
        return torch.tanh(self.fc(F.hardtanh(x)) + 0.5)


class Two(tnn.Module):
    """Of two inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = tnn.Linear(3, 3)

    def forward(self, image: torch.Tensor, imu: torch.Tensor) -> torch.Tensor:
        return self.fc(image) * 2 + imu


MODELS = {"everything": (Everything, (2, 6, 6)), "two": (Two, ((3,), (3,)))}
QUANTIZERS = {  # of a layer, by the key that overrides them
    "output": ("output",),
    "weight": ("weight_quantizer", "slope", "reciprocal", "scale"),
    "bias": ("bias_quantizer", "offset"),
    "input": ("input",),
}


def converted(name: str, **overrides: dict[str, object]) -> qfx.nn.Layer:
    model, shape = MODELS[name]
    torch.manual_seed(0)
    return qfx.convert(model().eval(), 10, input_shape=shape, overrides=overrides)


def quantizer_of(layer: tnn.Module, key: str) -> nn.Quantizer | None:
    if isinstance(layer, nn.Quantizer):
        return layer if key == "output" else None
    found = [getattr(layer, name, None) for name in QUANTIZERS[key]]
    return next((each for each in found if isinstance(each, nn.Quantizer)), None)


def names_of(name: str) -> list[str]:
    return [child for child, _ in converted(name).named_children()]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("key", QUANTIZERS)
def test_every_printed_layer_is_reached(model: str, key: str) -> None:
    before, reached = converted(model), 0
    for name, layer in before.named_children():
        own = quantizer_of(layer, key)
        if getattr(layer, "folded", False):
            with pytest.raises(ConvertError, match=f"but {name} is folded into the layer behind"):
                converted(model, **{name: {key: 7}})
        elif own is None or (isinstance(layer, nn.BatchNorm2d) and key != "output"):
            with pytest.raises(ConvertError, match=rf"(which {name} \(.*\) does not have|casts)"):
                converted(model, **{name: {key: 7}})
        else:
            after = converted(model, **{name: {key: 7}}).get_submodule(name)
            assert quantizer_of(after, key).wordlength == 7, name
            reached += 1
    assert reached >= {"output": 4, "weight": 2, "bias": 1, "input": 0}[key]


def test_the_model_has_every_kind_of_layer_that_is_put_in() -> None:
    kinds = {type(layer) for layer in converted("everything").children()}
    assert kinds >= {
        nn.Quantizer, nn.Normalize, nn.Pad, nn.Add, nn.Multiply, nn.Concat, nn.AvgPool2d,
        nn.AdaptiveAvgPool2d, nn.Hardtanh, nn.LeakyReLU, nn.PReLU, nn.Sigmoid, nn.Tanh,
    }  # fmt: skip
    assert any(re.search(r"_operand\d$", name) for name in names_of("everything"))
    assert {"act", "act_2"} <= {*names_of("everything")}


def test_a_path_reaches_every_use_of_a_module_a_name_one_of_them() -> None:
    class Net(tnn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.act = tnn.Linear(3, 3), tnn.Linear(3, 3), tnn.ReLU()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.act(self.second(self.act(self.first(x))))

    def bits(name: str) -> tuple[int, int]:
        twin = qfx.convert(Net(), overrides={name: {"output": 5}})
        return twin.act.output.wordlength, twin.act_2.output.wordlength

    assert (bits("act"), bits("act_2")) == ((5, 5), (8, 5))


@pytest.mark.parametrize(("bits", "worst"), [(8, 0.02), (16, 1e-4)])
def test_arithmetic_with_numbers_follows_the_wordlength(bits: int, worst: float) -> None:
    class Net(tnn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.leaky_relu(x / 3 + 0.1, 0.3)

    twin = qfx.convert(Net(), bits, input_shape=(4,))
    x = np.random.default_rng(0).uniform(-1, 1, (200, 4)).astype(np.float32)
    qfx.calibrate(twin, x)
    with torch.no_grad():
        found, wanted = twin(torch.from_numpy(x)), Net()(torch.from_numpy(x))
    assert float((found - wanted).abs().max()) < worst
    scale, output = twin.truediv.scale, twin.truediv.output
    assert (scale.wordlength, output.wordlength) == (bits, bits)


def test_constants_that_nothing_trains_keep_eight_bits_unless_told() -> None:
    class Net(tnn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.avg_pool2d(x / 3, 3)

    def bits(**overrides: dict[str, object]) -> tuple[int, ...]:
        twin = qfx.convert(Net(), 4, input_shape=(1, 6, 6), overrides=overrides)
        return twin.truediv.scale.wordlength, twin.avg_pool2d.reciprocal.wordlength

    assert bits() == (8, 8)
    assert bits(truediv={"weight": 5}, avg_pool2d={"wordlength": 6}) == (5, 6)


def test_a_normalization_that_may_be_folded_keeps_its_quantizers_in_a_file(tmp_path) -> None:
    twin = converted("everything")
    loaded = qfx.load(qfx.save(twin, tmp_path / "m.safetensors"))
    for name, layer in twin.named_children():
        if isinstance(layer, nn.Normalize):
            again = loaded.get_submodule(name)
            assert (again.fold, again.folded) == ("maybe", layer.folded)
            assert again.scale.wordlength == layer.scale.wordlength == 10
