"""Padding, cropping and slices of any axis, and samples of one number: the same in float and in
integers, in every order in which a stream comes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import qfx
from qfx import nn
from qfx.boards import load
from qfx.frontends import ConvertError
from qfx.hardware import schedule
from qfx.lowering import emulate

LINE, IMAGE, VECTOR = (2, 9), (2, 6, 7), (8,)


def net(forward: Callable[..., Any], **layers: torch.nn.Module) -> torch.nn.Module:
    torch.manual_seed(0)
    made = type("Net", (torch.nn.Module,), {"forward": forward})()
    for name, layer in layers.items():
        made.add_module(name, layer)
    return made


def conv(**how: Any) -> torch.nn.Conv1d:
    return torch.nn.Conv1d(2, 3, 3, **how)


def norm() -> torch.nn.BatchNorm1d:
    made = torch.nn.BatchNorm1d(3)
    made.running_mean.normal_()
    made.running_var.uniform_(0.5, 2)
    return made


CASES: dict[str, tuple[Callable[[], torch.nn.Module], tuple[int, ...], str]] = {
    "causal": (
        lambda: net(lambda s, x: s.c(functional.pad(x, (4, 0))), c=conv(dilation=2)),
        LINE, "Pad Conv1d",
    ),
    "four numbers of a line": (
        lambda: net(lambda s, x: s.c(functional.pad(x, (4, 0, 0, 0))), c=conv(dilation=2)),
        LINE, "Pad Conv1d",
    ),
    "zeros": (
        lambda: torch.nn.Sequential(torch.nn.ZeroPad1d((2, 0)), conv()), LINE, "Pad Conv1d",
    ),
    "constants": (
        lambda: torch.nn.Sequential(torch.nn.ConstantPad1d(2, 0.0), conv()), LINE, "Pad Conv1d",
    ),
    "channels": (
        lambda: net(lambda s, x: s.p(x), p=torch.nn.ConstantPad3d((1, 0, 0, 1, 2, 0), 0.0)),
        IMAGE, "Pad",
    ),
    "cropped": (lambda: torch.nn.Sequential(torch.nn.ZeroPad2d(-1)), IMAGE, "Pad"),
    "same": (
        lambda: torch.nn.Sequential(torch.nn.Conv1d(2, 3, 4, padding="same")), LINE, "Pad Conv1d",
    ),
    "same image": (
        lambda: torch.nn.Sequential(torch.nn.Conv2d(2, 3, (2, 4), padding="same")),
        IMAGE, "Pad Conv2d",
    ),
    "same odd": (
        lambda: torch.nn.Sequential(torch.nn.Conv1d(2, 3, 3, padding="same")), LINE, "Conv1d",
    ),
    "same function": (
        lambda: net(
            lambda s, x: functional.conv1d(x, s.c.weight, padding="same"),
            c=torch.nn.Conv1d(2, 3, 4),
        ),
        LINE, "Pad Conv1d",
    ),
    "chomp": (
        lambda: net(
            lambda s, x: torch.relu(s.b(s.c(x)[:, :, :-4].contiguous())),
            c=conv(padding=4, dilation=2), b=norm(),
        ),
        LINE, "Conv1d BatchNorm1d ReLU Pad",
    ),
    "chomp to a size": (
        lambda: net(lambda s, x: s.c(x)[..., : x.size(2)], c=conv(padding=4, dilation=2)),
        LINE, "Conv1d Pad",
    ),
    "width alone": (lambda: net(lambda s, x: functional.pad(x, (1, 2))), IMAGE, "Pad"),
    "vector": (lambda: net(lambda s, x: functional.pad(x, (1, 3))), VECTOR, "Pad"),
    "last": (lambda: net(lambda s, x: s.c(x)[:, :, -1], c=conv()), LINE, "Conv1d Pad Reshape"),
    "channel": (lambda: net(lambda s, x: x[:, 0]), IMAGE, "Pad Reshape"),
    "some channels": (lambda: net(lambda s, x: x[:, 1:]), IMAGE, "Pad"),
    "element": (lambda: net(lambda s, x: x[:, 3]), VECTOR, "Pad Reshape"),
    "strides": (lambda: net(lambda s, x: x[:, :, ::2, 1::3]), IMAGE, "Pad MaxPool2d"),
    "stride": (lambda: net(lambda s, x: x[:, :, 1::2]), LINE, "Pad MaxPool1d"),
    "new axis": (lambda: net(lambda s, x: x[:, None]), LINE, "Reshape"),
    "selected": (lambda: net(lambda s, x: x.select(-1, 2)), LINE, "Pad Reshape"),
    "narrowed": (lambda: net(lambda s, x: torch.narrow(x, -1, 1, 3)), LINE, "Pad"),
    "halves": (
        lambda: net(lambda s, x: torch.relu(x[:, :4]) * torch.sigmoid(x[:, 4:])),
        VECTOR, "Pad ReLU Pad Sigmoid Quantizer Multiply",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_sides(case: str) -> None:
    make, shape, kinds = CASES[case]
    twin = qfx.convert(make().eval(), input_shape=shape)  # compared in float
    assert " ".join(type(layer).__name__ for layer in list(twin.children())[1:]) == kinds
    require_equal_integers(twin, shape)


def require_equal_integers(twin: nn.Layer, shape: tuple[int, ...]) -> None:
    x = torch.randn(50, *shape, generator=torch.Generator().manual_seed(1))
    qfx.calibrate(twin, x)
    graph = qfx.lower(twin, shape)
    data = graph.inputs[0].read(x.numpy())
    found = emulate(twin, graph, data.integers)
    assert np.array_equal(found, graph.run(data).integers)
    assert len(np.unique(found)) > 2
    schedule(graph, load("ultra96"))  # every order can be streamed


ENDS: dict[str, Callable[[Any], Any]] = {
    "squeeze(-1)": lambda y: y.squeeze(-1),
    "squeeze(1)": lambda y: torch.sigmoid(y).squeeze(1),
    "a function": lambda y: torch.squeeze(y, dim=1),
    "[:, 0]": lambda y: y[:, 0],
    "[..., 0]": lambda y: y[..., 0],
    "view(-1)": lambda y: y.view(-1),
    "reshape(n)": lambda y: y.reshape(y.shape[0]),
    "view(n)": lambda y: y.view(y.size(0)),
    "then scaled": lambda y: torch.relu(y.squeeze(-1) * 2 + 1),
    "then a slope": lambda y: functional.leaky_relu(y.squeeze(-1)),
    "then a sum": lambda y: y.squeeze(1) + torch.relu(y).squeeze(1),
    "then an axis again": lambda y: y.squeeze(1).unsqueeze(1),
}


@pytest.mark.parametrize("end", ENDS)
def test_samples_of_one_number(end: str) -> None:
    model = net(lambda s, x: ENDS[end](s.fc(x)), fc=torch.nn.Linear(8, 1))
    require_equal_integers(qfx.convert(model, input_shape=VECTOR), VECTOR)


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (lambda y: y.flatten(0), "flatten from axis 0 mixes the samples of a batch: flatten(x, 1)"),
        (
            lambda y: y.squeeze(),
            "squeeze() would also drop the axis of a batch of one: squeeze(-1)",
        ),
    ],
)
def test_what_mixes_samples_is_refused(end: Callable[[Any], Any], sentence: str) -> None:
    model = net(lambda s, x: end(s.fc(x)), fc=torch.nn.Linear(8, 1))
    with pytest.raises(ConvertError) as refused:
        qfx.convert(model, input_shape=VECTOR)
    assert str(refused.value).endswith(sentence)


def test_a_view_of_several_numbers_is_refused() -> None:
    model = net(lambda s, x: s.fc(x).view(-1), fc=torch.nn.Linear(8, 2))
    with pytest.raises(ConvertError, match=r"a view of \[\] would mix samples of shape \(2,\)"):
        qfx.convert(model, input_shape=VECTOR)


def test_a_regression_of_one_number_is_proven(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    twin = qfx.convert(
        net(lambda s, x: s.fc(x).squeeze(-1), fc=torch.nn.Linear(8, 1)), input_shape=VECTOR
    )
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(0)).numpy()
    qfx.train(twin, (x, x[:, 0]), epochs=2, loss="regression", progress=False)
    project = qfx.export(twin, tmp_path / "p", samples=x)
    simulators = ("torch", "golden", "qonnx", "csim", "driver")
    assert qfx.cosim(project, simulators=simulators).equal
    assert project.vectors("golden").ndim == 1
