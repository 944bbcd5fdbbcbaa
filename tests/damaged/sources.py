"""The good files that are damaged: small, and between them every op and every kind of record."""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
import yaml

import qfx
from models import as_built, seen, small_mlp, tiny_graphs
from qfx import assets, nn
from qfx.project.folder import Project


def _images() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Pixels(),
        nn.Normalize(0.5, 0.25),
        nn.Conv2d(1, 2, 3, padding=1, weight=nn.Quantizer(4, 4), output=nn.Quantizer(5, 2)),
        seen(nn.BatchNorm2d(2, output=nn.Quantizer(5, 2))),
        nn.PReLU(2, output=nn.Quantizer(5, 2)),
        nn.MaxPool2d(2),
        nn.Upsample(2),
        nn.Sigmoid(nn.Quantizer(5, 5, signed=False)),
        nn.Permute((2, 3, 1)),
        nn.Flatten(),
        nn.Linear(32, 3, weight=nn.KHot(2), output=nn.Quantizer(5, 2)),
        nn.Softmax(),
    )


def _words() -> nn.Sequential:
    torch.manual_seed(1)
    rows = nn.Embedding(5, 3, weight=nn.Quantizer(5, 3))
    return nn.Sequential(nn.Indices(5), rows, nn.Flatten(), nn.Linear(12, 3), nn.ArgMax())


def _branches() -> nn.Network:
    torch.manual_seed(2)
    grids = [("a_grid", nn.Quantizer(6, 3), "a"), ("b_grid", nn.Quantizer(5, 1), "b")]
    return nn.Network(
        [
            *grids,
            ("sum", nn.Add(nn.Quantizer(6, 2)), ("a_grid", "b_grid")),
            ("product", nn.Multiply(nn.Quantizer(6, 2)), ("a_grid", "sum")),
            ("both", nn.Concat(), ("sum", "product")),
            ("end", nn.Linear(10, 2, output=nn.Quantizer(6, 2)), "both"),
        ],
        inputs=("a", "b"),
    )


def write(folder: Path) -> None:
    """Write them, one folder for each format; project/ is what records belong to."""
    models = {
        "mlp": (small_mlp(), (16,)),
        "images": (_images(), (1, 4, 4)),
        "words": (_words(), (4,)),
        "branches": (_branches(), ((5,), (5,))),
    }
    for kind in ("qfx", "safetensors", "board", "overrides", "history"):
        (folder / kind).mkdir(parents=True)
    for name, (model, shape) in models.items():
        model.eval()
        as_built(model)
        qfx.save(qfx.lower(model, shape, "net"), folder / "qfx" / f"{name}.qfx")
        qfx.save(model, folder / "safetensors" / f"{name}.safetensors")
        (folder / "safetensors" / f"{name}.shape").write_text(json.dumps(shape))
    for name in ("layer", "image"):
        qfx.save(tiny_graphs()[name], folder / "qfx" / f"{name}.qfx")
    for name in ("ultra96", "arty_a7_100"):
        shutil.copy(assets.folder("boards") / f"{name}.yaml", folder / "board")
    overrides = {"2": {"pe": 2, "multiplier": "lut"}, "5": {"simd": 4, "memory": "distributed"}}
    (folder / "overrides" / "net.yaml").write_text(yaml.safe_dump(overrides))
    from report.training_history import HISTORY

    qfx.save(small_mlp(), folder / "mlp.safetensors", history=HISTORY)
    shutil.move(folder / "mlp.history.json", folder / "history" / "mlp.json")
    project = qfx.export(
        small_mlp(),
        folder / "project",
        samples=np.random.default_rng(0).normal(size=(6, 16)),
        goal_ii=64,
        history=HISTORY,
    )
    _found(project)


def _found(project: Project) -> None:
    """What simulators and Yosys would have found, in its records."""
    from qfx.boards import Resources
    from qfx.project.findings import Measured, Measurements, Verdict, VerdictRow, state_of

    state, used = state_of(project), Resources(luts=100, flip_flops=50)
    row = VerdictRow(
        simulator="rtl", label="RTL", samples=6, mismatches=0, samples_per_second=10.0,
        cycles_per_frame=64.0, problem="", refused=False,
    )  # fmt: skip
    Verdict(state=state, equal=True, sentence="EQUAL", rows=(row,), cycles_measured=64.0).keep(
        project
    )
    stages = {stage.name: Resources(luts=10) for stage in project.manifest.stages}
    measured = Measured(
        label="yosys", tool="Yosys 0.9", target="xcup", resources=used, stages=stages, promise="",
        kept=True,
    )  # fmt: skip
    Measurements(state=state, by_label={"yosys": measured}).keep(project)
