"""The formats: how many of each file are damaged, how, and through which doors they go."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import containers
import numpy as np
from damage import BYTES, Damage, changed_json, changed_yaml

Call = list[str]  # what is typed behind `qfx`
JSON: tuple[Damage, ...] = (*BYTES, *(changed_json,) * 8)
YAML: tuple[Damage, ...] = (*BYTES, *(changed_yaml,) * 8)


@dataclass(frozen=True)
class Format:
    """Files of one format.

    Args:
        share: of all damaged files, in thousandths.
        sources: the good ones, below the folder of sources.
        suffix: of a damaged one.
        damages: taken at random.
        doors: the commands that a damaged file goes through, in their order until one refuses it;
            given the file, the folder of sources and the good file.
    """

    share: int
    sources: str
    suffix: str
    damages: tuple[Damage, ...]
    doors: Callable[[Path, Path, Path], list[Call]]


def _graph(file: Path, folder: Path, source: Path) -> list[Call]:
    return [["info", str(file)], ["export", str(file), "-o", str(folder / "out")]]


def _model(file: Path, folder: Path, source: Path) -> list[Call]:
    shape = json.loads(source.with_suffix(".shape").read_text())
    each = shape if isinstance(shape[0], list) else [shape]
    given = [word for one in each for word in ("--input-shape", ",".join(map(str, one)))]
    return [
        ["info", str(file)],
        ["export", str(file), "-o", str(folder / "out"), *given],
    ]


def _with(option: str) -> Callable[[Path, Path, Path], list[Call]]:
    def doors(file: Path, folder: Path, source: Path) -> list[Call]:
        graph, out = str(folder / "qfx" / "mlp.qfx"), str(folder / "out")
        return [["export", graph, "-o", out, option, str(file)]]

    return doors


def _record(name: str) -> Callable[[Path, Path, Path], list[Call]]:
    """A project with this record in place of its own."""

    def doors(file: Path, folder: Path, source: Path) -> list[Call]:
        project = folder / "damaged_project"
        if not project.exists():
            shutil.copytree(folder / "project", project)
        for good in ("*.json", "vectors/*.npy"):  # of which the one before was damaged
            for path in (folder / "project").glob(good):
                shutil.copy(path, project / path.relative_to(folder / "project"))
        shutil.copy(file, project / name)
        calls = [["info"], ["report"], ["report", "--html"]]
        if name in ("qfx.json", "vectors/golden.npy"):
            calls.append(["cosim", "--simulators", "golden"])
        return [[*call, str(project)] for call in calls]

    return doors


FORMATS: dict[str, Format] = {
    "qfx": Format(450, "qfx/*.qfx", ".qfx", containers.QFX, _graph),
    "board": Format(100, "board/*.yaml", ".yaml", YAML, _with("--board")),
    "overrides": Format(75, "overrides/*.yaml", ".yaml", YAML, _with("--overrides")),
    "history": Format(50, "history/*.json", ".json", JSON, _with("--history")),
    "manifest": Format(100, "project/qfx.json", ".json", JSON, _record("qfx.json")),
    "report": Format(40, "project/report.json", ".json", JSON, _record("report.json")),
    "verdict": Format(30, "project/verdict.json", ".json", JSON, _record("verdict.json")),
    "synthesis": Format(30, "project/synthesis.json", ".json", JSON, _record("synthesis.json")),
    "vectors": Format(
        25, "project/vectors/golden.npy", ".npy", BYTES, _record("vectors/golden.npy")
    ),
    "safetensors": Format(
        100, "safetensors/*.safetensors", ".safetensors", containers.TENSORS, _model
    ),
}


def is_right(file: Path) -> None:
    """Raises AssertionError unless an accepted .qfx is a graph that runs as it says and is written
    as it is read.
    """
    import qfx
    from qfx.fixedpoint import FixedPointArray
    from qfx.ir import file as graph_file
    from qfx.ir.several import each_of

    graph = graph_file.read(file)
    again = graph_file.from_bytes(graph_file.to_bytes(graph))
    assert again == graph, "read again, it is another graph"
    assert isinstance(qfx.load(file), type(graph))
    generator = np.random.default_rng(0)
    batch = [
        FixedPointArray(
            generator.integers(
                entry.cast.dtype.min_int, entry.cast.dtype.max_int, (2, *entry.shape)
            ),
            entry.cast.dtype,
        )
        for entry in graph.inputs
    ]
    for value, found in zip(graph.outputs, each_of(graph.run(*batch)), strict=True):
        held = found.integers
        assert held.min() >= value.type.interval.low, f"{value.name} leaves its interval"
        assert held.max() <= value.type.interval.high, f"{value.name} leaves its interval"
        assert held.shape == (2, *value.type.shape), f"{value.name} has another shape"


def cases(count: int, names: list[str]) -> list[tuple[str, int]]:
    """About so many in all: each format's own numbers, from 0 on."""
    shares = [(name, max(1, round(count * FORMATS[name].share / 1000))) for name in names]
    return [(name, number) for name, own in shares for number in range(own)]
