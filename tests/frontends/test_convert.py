"""Float models to fixed-point twins: the same in float, named, overridden, left as they were."""

from pathlib import Path

import numpy as np
import pytest
import torch

import qfx
from everyday_models import MODELS, float_result, samples, trained, twin
from qfx import nn
from qfx.frontends import ConvertError
from qfx.nn.bypass import bypassed


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fold", [True, False])
def test_the_twin_computes_the_same_in_float(name: str, fold: bool) -> None:
    net, x = twin(name, fold=fold).eval(), samples(name, 16)
    with torch.no_grad(), bypassed(net):
        found = net(torch.from_numpy(x)).numpy()
    wanted = float_result(name, x)
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_the_model_is_left_as_it_was() -> None:
    model = trained("vgg").train()
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    net = qfx.convert(model, 4, input_shape=(2, 6, 6))
    assert model.training
    assert net.training
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())
    with torch.no_grad():
        next(net.parameters()).add_(1)
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())


def test_a_converted_model_trains_and_is_saved(tmp_path: Path) -> None:
    net, x = twin("trigger"), samples("trigger", 300)
    labels = float_result("trigger", x).argmax(1)
    qfx.train(net, (x, labels), epochs=4, warmup=0, progress=False)
    loaded = qfx.load(qfx.save(net, tmp_path / "m.safetensors"))
    assert torch.equal(loaded(torch.from_numpy(x)), net(torch.from_numpy(x)))
    assert [name for name, _ in loaded.named_children()] == [n for n, _ in net.named_children()]


def test_layers_are_named_after_their_paths() -> None:
    names = [name for name, _ in twin("vgg").named_children()]
    assert names[:4] == ["input", "features_0_0", "features_0_1", "features_0_2"]
    assert names[-1] == "head_3"


def test_overrides_by_pattern() -> None:
    own = nn.Quantizer(5, 3, learned=False)
    net = qfx.convert(
        trained("vgg"), 6, input_shape=(2, 6, 6), per_channel=True,
        overrides={
            "features.*": {"weight": 4, "per_channel": False},
            "features.3.*": {"weight": 3},
            "head.3": {"output": own, "bias": 12, "wordlength": 7},
        },
    )  # fmt: skip
    weights = [m.weight_quantizer for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    assert [w.wordlength for w in weights] == [4, 4, 3, 7]
    assert [w.per_channel for w in weights] == [False, False, False, True]
    last = net.get_submodule("head_3")
    assert (last.output.wordlength, last.output.learned) == (5, False)
    assert last.output is not own
    assert last.bias_quantizer.wordlength == 12


def test_the_operand_of_a_table_has_a_format_of_its_own() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Sigmoid())
    given = {"1": {"input": 5, "output": nn.Quantizer(7, signed=False)}}
    table = qfx.convert(model, overrides=given)[2]
    assert (table.input.wordlength, table.input.signed) == (5, True)
    assert (table.output.wordlength, table.output.signed) == (7, False)


def test_a_relu_behind_a_pooling_casts_before_it() -> None:
    kinds = [type(layer).__name__ for layer in twin("lenet")]
    assert kinds[4:7] == ["Conv2d", "ReLU", "MaxPool2d"]  # written as relu(max_pool2d(conv2(x)))


def test_qfx_layers_stay() -> None:
    mine = nn.Linear(4, 3, weight=nn.Quantizer(2), output=nn.Quantizer(9))
    net = qfx.convert(torch.nn.Sequential(nn.Quantizer(4), mine, torch.nn.ReLU()))
    assert [type(layer) for layer in net] == [nn.Quantizer, nn.Linear, nn.ReLU]
    assert net[1].weight_quantizer.wordlength == 2
    assert net[1] is not mine


def test_a_normalization_of_qfx_keeps_its_quantizers() -> None:
    mine = nn.Normalize(1, 2, scale=nn.Quantizer(5), output=nn.Quantizer(6))
    net = qfx.convert(torch.nn.Sequential(mine, torch.nn.Linear(3, 2)))
    assert (net[1].scale.wordlength, net[1].output.wordlength) == (5, 6)
    assert not net[1].folded


def test_a_twin_that_differs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from qfx.frontends.torch import modules

    monkeypatch.setitem(modules.MODULES, torch.nn.Tanh, modules.MODULES[torch.nn.Sigmoid])
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh())
    with pytest.raises(ConvertError, match="computes something else in float"):
        qfx.convert(model, input_shape=(3,))
