"""Layers of one's own: twins equal, trained, frozen, saved, and alike in torch and in the graph."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from layers import Magnitude, Rescale

import qfx
from models import as_built
from qfx import boards, fixed, nn
from qfx.backends import verilog
from qfx.fixed import FixedPointType
from qfx.hardware import schedule
from qfx.nn.literal_batchnorm import _LiteralBatchNorm


def model_of(layer: nn.Layer) -> nn.Sequential:
    model = nn.Sequential(nn.Quantizer(8, 4), layer).eval()
    as_built(model)
    return model


class PerChannel(fixed.Layer):
    """A gain, and a divisor coarser than 1, whose channels have binary points of their own."""

    def __init__(self, coarse: bool = False) -> None:
        super().__init__(FixedPointType(8, 4))
        self.coarse = coarse
        own = [nn.Quantizer(5, per_channel=True) for _ in range(2)]
        self.gain = fixed.Parameter(torch.tensor([1.9, -0.03, 0.4]), own[0])
        self.divisor = fixed.Parameter(torch.tensor([4.0, -24, 40]), own[1])
        with torch.no_grad():
            own[0].binary_point.copy_(torch.tensor([2, 8, 5]))
            own[1].binary_point.copy_(torch.tensor([-2, -3, -3] if coarse else [1, -1, -2]))

    def compute(self, x: fixed.Number) -> fixed.Number:
        return x * self.gain / self.divisor

    def config(self) -> dict:
        return {"coarse": self.coarse}


@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (Rescale, (3,)),
        (Magnitude, (2, 3, 2)),
        (PerChannel, (3,)),
        (lambda: PerChannel(coarse=True), (3,)),
    ],
)
def test_the_float_twin_equals_the_golden_model(
    build: Callable[[], fixed.Layer], shape: tuple[int, ...], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    model, x = model_of(build()), 4 * torch.randn(300, *shape)
    golden = qfx.lower(model, shape).run(x.numpy())
    assert len(np.unique(golden.integers)) > 5
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden.to_float())
    before = model(x)
    loaded = qfx.load(qfx.save(model, tmp_path / "m.safetensors"))
    assert torch.equal(loaded(x), before)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(3.0)
    assert torch.equal(model(x), before)  # reads frozen integers alone


@pytest.mark.parametrize("coarse", [False, True])
def test_the_graph_and_torch_agree_on_types(coarse: bool) -> None:
    model = model_of(PerChannel(coarse))
    layer = model[1]
    assert isinstance(layer, PerChannel)
    in_torch = layer.compute(fixed.tensor(torch.zeros(1, 3), layer.input))
    (output,) = qfx.lower(model, (3,)).outputs
    assert output.type.fraction_bits == in_torch.dtype.fraction_bits
    assert output.type.interval in in_torch.dtype.interval


def test_a_parameter_has_the_finest_channels_grid_and_room_for_the_coarsest() -> None:
    layer = PerChannel()
    assert layer.gain.dtype == FixedPointType(5 + 6, 8)
    assert (layer.gain.operand().values != 0).all()


def test_a_wide_parameter_is_exact_in_training_too() -> None:
    parameter = fixed.Parameter(torch.tensor([1.0, -1.0, 0.25]), FixedPointType(40, 39))
    expected = [(1 << 39) - 1, -(1 << 39), 1 << 37]
    assert parameter.operand().integers.tolist() == expected
    as_built(parameter)
    assert parameter.operand().integers.tolist() == expected


def digits(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(count, 3, generator=generator)
    return x, (x.sum(1) > 0).long()


@pytest.mark.parametrize("middle", [Rescale, lambda: nn.LiteralBatchNorm1d(3)])
def test_training_calibrates_learns_and_freezes(middle: Callable[[], nn.Layer]) -> None:
    torch.manual_seed(1)
    layer = middle()
    model = nn.Sequential(nn.Quantizer(8), layer, nn.Linear(2 if middle is Rescale else 3, 2))
    points = {
        name: float(module.binary_point.detach().max())
        for name, module in layer.named_modules()
        if isinstance(module, nn.Quantizer)
    }
    history = qfx.train(
        model, digits(600), epochs=16, batch_size=32, learning_rate=2e-2, progress=False
    )
    assert not history.interrupted
    accuracies = [epoch.val_accuracy for epoch in history.epochs]
    assert max(accuracy or 0 for accuracy in accuracies) > 0.9
    moved = [
        name
        for name, module in layer.named_modules()
        if isinstance(module, nn.Quantizer)
        and float(module.binary_point.detach().max()) != points[name]
    ]
    grids = [n for n, module in layer.named_modules() if isinstance(module, fixed.Grid)]
    assert len(moved) > 2
    assert not set(grids) & set(moved)
    x = digits(200)[0]
    golden = qfx.lower(model, (3,)).run(x.numpy())
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden.to_float())


def test_its_numbers_have_types_while_points_are_learned() -> None:
    torch.manual_seed(0)
    layer, x = Rescale(), torch.randn(50, 3)
    for module in layer.modules():
        if isinstance(module, nn.Quantizer):
            module.binary_point.data.add_(0.3)
            module.real_step = True  # as training sets it
    scaled = layer(x).detach().double() * 2.0**layer.output.dtype.fraction_bits
    assert torch.equal(scaled, scaled.round())


def test_what_torch_computes_in_training_is_on_the_grid_too() -> None:
    torch.manual_seed(0)
    layer, x = Rescale(), torch.randn(50, 3)
    trained = layer(x)
    assert trained.dtype == x.dtype
    assert trained.requires_grad
    as_built(layer)
    assert torch.equal(layer(x), trained)


def test_a_deviation_that_rounds_to_0_divides_by_one_lsb() -> None:
    norm = nn.LiteralBatchNorm1d(2, deviation=nn.Quantizer(4, 1, signed=False))
    assert isinstance(norm, _LiteralBatchNorm)
    norm.running_var.fill_(1e-4)
    norm.variance_quantizer.binary_point.data.fill_(4)
    trained, x = norm.eval()(torch.ones(1, 2)), torch.ones(1, 2)
    assert torch.isfinite(trained).all()
    as_built(norm)
    assert norm.deviation_integers.tolist() == [1, 1]
    assert torch.equal(norm(x), trained)


def test_a_literal_normalization_in_float_is_batch_normalization() -> None:
    from qfx.nn.bypass import bypassed

    torch.manual_seed(0)
    norm, reference = nn.LiteralBatchNorm2d(3), torch.nn.BatchNorm2d(3)
    x = torch.randn(8, 3, 4, 4) * 3 + 1
    with bypassed(norm):
        torch.testing.assert_close(norm(x), reference(x))
    torch.testing.assert_close(norm.running_var, reference.running_var)
    norm.eval(), reference.eval()
    with bypassed(norm):
        torch.testing.assert_close(norm(x), reference(x))


@pytest.mark.parametrize("build", [Rescale, Magnitude])
def test_the_verilog_lints(
    build: type[fixed.Layer], tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    shape = (3,) if build is Rescale else (2, 3, 2)
    graph = qfx.lower(model_of(build()), shape, "net")
    verilog.write(schedule(graph, boards.load("ultra96")), tmp_path)
    files = [str(path) for path in sorted((tmp_path / "src").glob("*.sv"))]
    yosys = f"read_verilog -sv {' '.join(files)}; hierarchy -check -top net; proc; check -assert"
    for command in (
        ("verilator", "--lint-only", "-Wall", "--top-module", "net", *files),
        ("iverilog", "-g2012", "-Wall", "-s", "net", "-o", str(tmp_path / "x"), *files),
        ("yosys", "-q", "-p", yosys),
    ):
        require_tool(command[0])
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        assert command[0] == "yosys" or result.stdout + result.stderr == ""


def test_the_example_of_the_page_works() -> None:
    page = Path(__file__).parents[2] / "docs" / "fixed.md"
    code = page.read_text().split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    model, x = names["model"].eval(), torch.randn(50, 3)
    as_built(model)
    golden = qfx.lower(model, (3,)).run(x.numpy())
    np.testing.assert_array_equal(model(x).detach().double().numpy(), golden.to_float())
