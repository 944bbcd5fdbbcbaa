"""Layers of one's own in every language: torch == golden == C++ == QONNX == RTL, with and without
stalls.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from layers import Magnitude, Rescale

import qfx
from models import as_built
from qfx import nn
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import Graph, GraphBuilder
from qfx.ops import Cast, DivideConstant, Op, Sqrt
from qfx.project.folder import Project
from simulation.together import prove

POINTS = {  # each cast drops bits
    "mean_quantizer": 5,
    "centered": 4,
    "deviation_quantizer": 4,
    "normalized": 3,
    "gamma_quantizer": 5,
    "scaled": 5,
    "beta_quantizer": 6,
    "output": 3,
}


def literal_norm() -> nn.Sequential:
    norm = nn.LiteralBatchNorm2d(3, mean=nn.Quantizer(7, per_channel=True))
    with torch.no_grad():
        for parameter in (norm.gamma, norm.beta, norm.running_mean):
            parameter.uniform_(-2, 2)
        norm.running_var.uniform_(0.1, 30)
        for name, bits in POINTS.items():
            getattr(norm, name).binary_point.fill_(bits)
    weight, bias, output = nn.Quantizer(5, 4), nn.Quantizer(6, 4), nn.Quantizer(8, 5)
    conv = nn.Conv2d(2, 3, 2, weight=weight, bias=bias, output=output)
    return nn.Sequential(nn.Quantizer(6, 3), conv, norm)


MODELS: dict[str, tuple[Callable[[], nn.Sequential], tuple[int, ...], int]] = {
    "rescale": (lambda: nn.Sequential(nn.Quantizer(9, 5), Rescale()), (3,), 4),
    "ragged": (lambda: nn.Sequential(nn.Quantizer(8, 4), Rescale(5, 3)), (5,), 15),
    "roots": (lambda: nn.Sequential(nn.Quantizer(7, 3), Magnitude()), (2, 3, 3), 18),
    "norm": (literal_norm, (2, 4, 3), 200),
}


def divided(dtype: FixedPointType, divisor: FixedPointType, integers: list[int]) -> Graph:
    return one_op(DivideConstant(FixedPointArray(np.array(integers), divisor)), dtype, 5)


def one_op(op: Op, dtype: FixedPointType, elements: int) -> Graph:
    builder = GraphBuilder("g")
    x = builder.input((elements,), Cast(dtype.fraction_bits, dtype))
    return builder.build(builder.add(op, x))


# Every integer of the operand is fed to them.
GRAPHS = {
    "both_signed": divided(FixedPointType(6, 2), FixedPointType(6, 1), [-1, 3, -7, 31, -32]),
    "coarse": divided(FixedPointType(6, 0, False), FixedPointType(4, -2), [-1, 1, -8, 7, 3]),
    "narrow": divided(FixedPointType(3, 3), FixedPointType(9, 0, False), [1, 300, 511, 2, 3]),
    "root": one_op(Sqrt(3), FixedPointType(8, 1), 5),
    "unsigned_root": one_op(Sqrt(0), FixedPointType(9, -2, False), 5),
    "root_of_a_bit": one_op(Sqrt(0), FixedPointType(1, 0, False), 5),
}


def exported_graph(name: str, folder: Path) -> Project:
    graph = replace(GRAPHS[name], name=name)
    dtype = graph.inputs[0].cast.dtype
    every = np.arange(dtype.min_int, dtype.max_int + 1)
    rolled = np.stack([np.roll(every, n) for n in range(5)], axis=1)
    samples = np.repeat(every[:, None], 5, axis=1)
    samples = np.concatenate([samples, rolled]) * dtype.lsb
    return qfx.export(graph, folder, board="pynq_z2", samples=samples)


def exported(name: str, folder: Path) -> Project:
    build, shape, goal = MODELS[name]
    torch.manual_seed(1)
    model = build().eval()
    as_built(model)
    samples = np.random.default_rng(0).normal(0, 4, (300, *shape))
    return qfx.export(model, folder, board="pynq_z2", samples=samples, goal_ii=goal, name=name)


def test_every_simulator(tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    for tool in ("g++", "verilator"):
        require_tool(tool)
    projects = [exported(name, tmp_path / name) for name in MODELS]
    projects += [exported_graph(name, tmp_path / name) for name in GRAPHS]
    prove(projects, tmp_path / "together")


def test_the_designs_hold_what_they_are_for() -> None:
    ops = {name: _ops(name) for name in MODELS}
    assert DivideConstant in ops["rescale"]
    assert Sqrt in ops["roots"]
    steps = [*["add", "cast"], *["divide", "cast"], *["multiply", "cast"]]
    names = [op.name for op in ops["norm"]]
    start = names.index("divide") - 2
    assert names[start : start + 6] == steps
    assert ops["norm"].count(Cast) == 1 + 4 + 1  # the convolution's, four, and one that aligns


def _ops(name: str) -> list[type]:
    build, shape, _ = MODELS[name]
    torch.manual_seed(1)
    model = build().eval()
    as_built(model)
    return [type(node.op) for node in qfx.lower(model, shape).nodes]
