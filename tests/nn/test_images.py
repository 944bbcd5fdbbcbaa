"""What an image's layers promise beside their integers: folding, channels, refusals."""

import numpy as np
import pytest
import torch

import qfx
from models import as_built
from qfx import nn
from qfx.nn.batchnorm import _statistics
from qfx.nn.bypass import bypassed


def test_batch_statistics_have_the_gradient_of_mean_and_variance() -> None:
    x = torch.randn(3, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(_statistics, (x,))
    var, mean = torch.var_mean(x, (0, 2, 3), correction=0)
    for found, expected in zip(_statistics(x), (mean, var), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("fold", [True, False])
def test_in_float_a_batch_normalization_trains_as_torch_s_own(fold: bool) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1, output=None), nn.BatchNorm2d(3, output=None, fold=fold)
    )
    conv, norm = model
    own = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3, padding=1), torch.nn.BatchNorm2d(3))
    with torch.no_grad():
        own[0].weight.copy_(conv.weight)
        own[0].bias.copy_(conv.bias)
        for target, source in ((own[1].weight, norm.gamma), (own[1].bias, norm.beta)):
            target.copy_(source.uniform_(0.5, 2))
    x = torch.randn(8, 2, 5, 5)
    with bypassed(model):
        torch.testing.assert_close(model(x), own(x), rtol=1e-4, atol=1e-5)
        (model(x) ** 2).sum().backward()
    (own(x) ** 2).sum().backward()
    torch.testing.assert_close(norm.running_mean, own[1].running_mean)
    torch.testing.assert_close(norm.running_var, own[1].running_var)
    torch.testing.assert_close(conv.weight.grad, own[0].weight.grad, rtol=1e-3, atol=1e-3)


def test_a_folded_layer_is_frozen_with_its_normalization_in_it() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Quantizer(8, 4), nn.Linear(3, 2, output=None), nn.BatchNorm1d(2, fold=True)
    )
    linear, norm = model[1], model[2]
    with torch.no_grad():
        norm.gamma.copy_(torch.tensor([2.0, 0.5]))
        norm.running_var.copy_(torch.tensor([0.25, 4.0]) - norm.eps)
        linear.weight_quantizer.binary_point.fill_(4)
        linear.bias_quantizer.binary_point.fill_(6)
    as_built(model)
    wanted = torch.round(linear.weight * torch.tensor([[4.0], [0.25]]) * 16).clamp(-128, 127)
    assert torch.equal(linear.weight_integers.float(), wanted)
    graph = qfx.lower(model, (3,))
    assert [node.op.name for node in graph.nodes] == ["matmul", "add", "cast"]


def test_every_channel_is_calibrated_by_itself() -> None:
    weight = torch.tensor([[0.9, -0.5], [0.11, 0.02], [14.0, -3.0], [0.0, 0.0]])
    together = nn.Quantizer(4, per_channel=True).for_parameter((4, 2))
    together.calibrate(weight)
    for channel in range(3):
        alone = nn.Quantizer(4).for_parameter((2,))
        alone.calibrate(weight[channel])
        assert together.binary_point[channel] == alone.binary_point


def test_channels_drift_apart_by_eight_bits_at_most() -> None:
    quantizer = nn.Quantizer(4, per_channel=True).for_parameter((2, 1))
    quantizer.calibrate(torch.tensor([[8.0], [1e-6]]))
    points = quantizer.binary_point.flatten()
    assert points[1] - points[0] <= 8 + 5  # and what a finer grid wins in one channel


def test_the_grid_of_raw_bytes_stays_where_it_is() -> None:
    pixels = nn.Pixels()
    pixels.calibrate(torch.tensor([1.0, 3.0]))  # dark images would fit a finer grid
    assert str(pixels.dtype) == "ufixed<8,8>"
    assert not pixels.binary_point.requires_grad


def test_global_pooling_learns_its_size_from_the_first_image() -> None:
    model = nn.Sequential(nn.Quantizer(6, 2), nn.AdaptiveAvgPool2d(1, output=None))
    x = torch.randint(-32, 32, (4, 2, 3, 5)) / 4
    model.eval()(x)
    as_built(model)
    reciprocal = model[1].reciprocal
    assert model[1].kernel_size == (3, 5)
    assert reciprocal.dtype.fraction_bits == 11  # 137 * 2**-11 is the nearest to 1 / 15
    means = x.double().sum((2, 3), keepdim=True) * 137 * 2.0**-11
    assert torch.equal(model(x).double(), means)


def test_without_a_bias_to_go_to_the_means_stay_a_map() -> None:
    model = nn.Sequential(nn.Pixels(), nn.Normalize(3, 5), nn.Linear(2, 2, bias=False)).eval()
    as_built(model)
    graph = qfx.lower(model, (2,))
    assert [node.op.name for node in graph.nodes][:2] == ["multiply", "add"]


def test_raw_bytes_reach_the_hardware_as_they_are() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Pixels(), nn.Normalize(3, 5), nn.Conv2d(1, 2, 2)).eval()
    with torch.no_grad():
        model[2].weight_quantizer.binary_point.fill_(9)
        model[2].bias_quantizer.binary_point.fill_(7)
    as_built(model)
    graph = qfx.lower(model, (1, 4, 4))
    images = np.random.default_rng(0).integers(0, 256, (5, 1, 4, 4)).astype(np.uint8)
    np.testing.assert_array_equal(graph.inputs[0].read(images).integers, images)
    assert [node.op.name for node in graph.nodes] == ["conv2d", "add", "cast"]  # nothing is left
    np.testing.assert_array_equal(
        graph.run(images).to_float(), model(torch.tensor(images)).detach().double().numpy()
    )


@pytest.mark.parametrize("argmax_of", ["model", "graph"])
def test_export_ends_a_classifier_with_its_argmax(argmax_of: str, tmp_path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Quantizer(6, 3), nn.Linear(4, 3)).eval()
    as_built(model)
    x = np.random.default_rng(0).normal(0, 2, (20, 4))
    graph = qfx.lower(model, (4,))
    logits = graph.run(x).integers
    given = model if argmax_of == "model" else graph
    project = qfx.export(given, tmp_path / "p", samples=x, argmax=True)
    assert project.manifest.output.shape == (1,)
    found = project.vectors("golden")[: len(x), 0]
    np.testing.assert_array_equal(found, logits.argmax(1))
    if argmax_of == "model":
        np.testing.assert_array_equal(project.vectors("torch"), project.vectors("golden"))


def test_a_second_argmax_is_refused(tmp_path) -> None:
    model = nn.Sequential(nn.Quantizer(6, 3), nn.Linear(4, 3), nn.ArgMax()).eval()
    as_built(model)
    for given in (model, qfx.lower(model, (4,))):
        with pytest.raises(ValueError, match="does the model end in an argmax already"):
            qfx.export(given, tmp_path / "p", samples=np.zeros((2, 4)), argmax=True)
    assert not (tmp_path / "p").exists()
