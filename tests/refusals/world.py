"""What the calls of the refusals find: names, and a folder of good and of damaged files."""

import importlib.util
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors import safe_open
from safetensors.torch import save_file

import qfx
from models import as_built, small_mlp, tiny_graphs
from qfx import assets, boards, fixed, nn
from qfx.fixedpoint import FixedPointArray, FixedPointType

NAMES = {
    "mlp": "a trained model that takes (16,) and gives (4,)",
    "graph": "what `qfx.lower` made of it",
    "image": "a graph that gives (2, 4, 3)",
    "odds": "a graph that ends in a softmax",
    "adds": "a trained model that adds vectors a and b of (5,)",
    "pair": "what `qfx.lower` made of it",
    "as_built": "a function that freezes a model, each binary point where it stands",
    "fresh": "a function that makes an untrained model of 16 inputs and 4 classes",
    "torch_net": "a function that makes a torch model of its forward and its layers",
    "without": "a function that calls another while a program is not on PATH",
    "lacking": "a function that calls another while a package is not installed",
    "x": "40 samples of 16 floats",
    "y": "their classes, 0 to 3",
}
FILES = {
    "net.qfx": "`graph`, saved",
    "mlp.safetensors": "`mlp`, saved",
    "net": "a project of `graph` for ultra96",
    "cut.qfx": "the first bytes of `net.qfx`",
    "newer.qfx": "`net.qfx` that says it is of version 2",
    "bomb.qfx": "32 MB of zeros, zipped",
    "diverged.safetensors": "`mlp`, saved, with a NaN in a bias",
    "cut.safetensors": "the first bytes of `mlp.safetensors`",
    "misfit.safetensors": "`mlp` without its first weight",
    "other.safetensors": "weights of something else",
    "damaged": "the project without its end of `qfx.json`",
    "half": "the project with a truncated `vectors/golden.npy`",
    "older": "the project as an older qfx wrote it",
    "torn": "the project without `qfx_fifo.sv`",
    "foreign": "the project for a part of another maker",
    "retyped": "the project whose manifest says another type of its output",
    "thesis": "a folder of other things",
    "notes.txt": "a text",
    "nan.npy": "three samples, one number of which is not a number",
    "mixed.yaml": "a board file with a word where a number belongs",
    "broken.yaml": "a file that is not YAML",
    "alias.yaml": "a file with an alias",
    "cut.npy": "the first bytes of `nan.npy`",
}


class _TorchNet(torch.nn.Module):
    def __init__(self, forward: Callable[..., Any], layers: dict[str, torch.nn.Module]) -> None:
        super().__init__()
        self.given = forward
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: torch.Tensor) -> Any:
        return self.given(self, x)


def torch_net(forward: Callable[..., Any], **layers: torch.nn.Module) -> torch.nn.Module:
    """A model whose forward is a function of itself and of x."""
    return _TorchNet(forward, layers)


def _odds() -> nn.Sequential:
    model = nn.Sequential(nn.Quantizer(6, 3), nn.Linear(16, 4), nn.Softmax()).eval()
    as_built(model)
    return model


def _adds() -> nn.Network:
    grids = [("a_grid", nn.Quantizer(6, 3), "a"), ("b_grid", nn.Quantizer(5, 1), "b")]
    nodes = [*grids, ("sum", nn.Add(nn.Quantizer(6, 2)), ("a_grid", "b_grid"))]
    model = nn.Network(nodes, inputs=("a", "b")).eval()
    as_built(model)
    return model


def without(program: str, call: Callable[[], Any]) -> Any:
    """What the call returns where there is no such program."""
    found = shutil.which

    def which(command: str, *arguments: Any, **options: Any) -> str | None:
        return None if command == program else found(command, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "which", which)
        return call()


def lacking(module: str, call: Callable[[], Any]) -> Any:
    """What the call returns where there is no such package."""
    found = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> Any:
        return None if name == module else found(name, package)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", find_spec)
        return call()


def names() -> dict[str, Any]:
    """The values of NAMES, and the modules that the calls begin with."""
    mlp, adds = small_mlp(), _adds()
    return {
        "qfx": qfx,
        "nn": nn,
        "boards": boards,
        "fixed": fixed,
        "np": np,
        "torch": torch,
        "FixedPointType": FixedPointType,
        "FixedPointArray": FixedPointArray,
        "mlp": mlp,
        "graph": qfx.lower(mlp, (16,), "net"),
        "image": tiny_graphs()["image"],
        "odds": qfx.lower(_odds(), (16,), "odds"),
        "adds": adds,
        "pair": qfx.lower(adds, ((5,), (5,)), "pair"),
        "as_built": as_built,
        "fresh": lambda: nn.Sequential(nn.Quantizer(6, 3), nn.Linear(16, 4)),
        "torch_net": torch_net,
        "without": without,
        "lacking": lacking,
        "x": np.random.default_rng(0).normal(size=(40, 16)),
        "y": np.arange(40) % 4,
    }


def prepare(folder: Path, values: dict[str, Any]) -> None:
    """Write FILES into an empty folder."""
    net = qfx.save(values["graph"], folder / "net.qfx")
    mlp = qfx.save(values["mlp"], folder / "mlp.safetensors")
    project = qfx.export(values["graph"], folder / "net", goal_ii=64)
    (folder / "cut.qfx").write_bytes(net.read_bytes()[:300])
    (folder / "cut.safetensors").write_bytes(mlp.read_bytes()[:300])
    with zipfile.ZipFile(folder / "newer.qfx", "w") as archive:
        archive.writestr("graph.json", json.dumps({"format": "qfx graph", "version": 2}))
    save_file({"weight": torch.zeros(2)}, folder / "other.safetensors")
    with safe_open(mlp, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        tensors["2.bias"][5] = torch.nan
        save_file(tensors, folder / "diverged.safetensors", file.metadata())
    for name in ("damaged", "older", "thesis"):
        (folder / name).mkdir()
    text = (project.path / "qfx.json").read_text()
    (folder / "damaged" / "qfx.json").write_text(text[:100])
    (folder / "older" / "qfx.json").write_text(json.dumps({"format": 1}))
    (folder / "thesis" / "chapter.txt").write_text("mine")
    (folder / "notes.txt").write_text("mine")
    samples = np.zeros((3, 16))
    samples[2, 1] = np.nan
    np.save(folder / "nan.npy", samples)
    board = yaml.safe_load((assets.folder("boards") / "ultra96.yaml").read_text())
    board["resources"]["luts"] = "many"
    (folder / "mixed.yaml").write_text(yaml.safe_dump(board))
    (folder / "broken.yaml").write_text("a: [")
    (folder / "alias.yaml").write_text("a: &a {pe: 1}\nb: *a\n")
    (folder / "cut.npy").write_bytes((folder / "nan.npy").read_bytes()[:200])
    with zipfile.ZipFile(folder / "bomb.qfx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("graph.json", bytes(32 << 20))
    with safe_open(mlp, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        del tensors["2.weight"]
        save_file(tensors, folder / "misfit.safetensors", file.metadata())
    shutil.rmtree(folder / "net" / "vitis" / "include")  # large, and nothing here compiles
    shutil.copytree(folder / "net", folder / "half")
    (folder / "half" / "vectors" / "golden.npy").write_bytes(b"\x93NUMPY")
    shutil.copytree(folder / "net", folder / "torn")
    (folder / "torn" / "verilog" / "src" / "qfx_fifo.sv").unlink()
    shutil.copytree(folder / "net", folder / "foreign")
    manifest = json.loads(text) | {"part": "lfe5u-25f"}
    (folder / "foreign" / "qfx.json").write_text(json.dumps(manifest))
    shutil.copytree(folder / "net", folder / "retyped")
    manifest = json.loads(text)
    manifest["outputs"][0]["fraction_bits"] += 1
    (folder / "retyped" / "qfx.json").write_text(json.dumps(manifest))
