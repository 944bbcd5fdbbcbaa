"""What the command line tells a program: every result as what JSON can hold."""

from __future__ import annotations

import dataclasses
from functools import singledispatch
from typing import Any

from qfx.boards import Board
from qfx.ir import Graph
from qfx.project.folder import Project
from qfx.simulation import Cosim, Trace
from qfx.synthesis import Built, Checked, Synthesis


@singledispatch
def as_json(thing: Any) -> Any:
    """Return a dict, a list or a plain value; raises TypeError for what the command line never
    tells.
    """
    raise TypeError(f"{type(thing).__name__} has no form as JSON")


@as_json.register
def _(thing: Project) -> Any:
    return {"path": str(thing.path), **thing.manifest.model_dump(mode="json")}


@as_json.register
def _(thing: Graph) -> Any:
    return {
        "name": thing.name,
        "inputs": {i.name: {"shape": i.shape, "type": str(i.cast.dtype)} for i in thing.inputs},
        "outputs": {v.name: {"shape": v.type.shape, "type": str(v.dtype)} for v in thing.outputs},
        "nodes": [
            {
                "name": node.output.name,
                "op": node.op.name,
                "layer": node.source,
                "shape": node.output.type.shape,
                "type": str(node.output.dtype),
            }
            for node in thing.nodes
        ],
    }


@as_json.register
def _(thing: Cosim) -> Any:
    return {
        "path": str(thing.project.path),
        "equal": thing.equal,
        "verdict": thing.verdict(),
        "cycles_measured": thing.cycles_measured,
        "latency_measured": thing.latency_measured,
        "rows": [dataclasses.asdict(row) for row in thing.rows],
        "changed_files": thing.project.changed_files(),
    }


@as_json.register
def _(thing: Trace) -> Any:
    return str(thing)


@as_json.register
def _(thing: Synthesis) -> Any:
    stages = [
        {**dataclasses.asdict(stage), "resources": stage.resources.model_dump()}
        for stage in thing.stages
    ]
    return {
        "path": str(thing.project.path),
        "tool": thing.tool,
        "label": thing.label,
        "target": thing.target,
        "kept": thing.kept,
        "verdict": thing.verdict(),
        "resources": thing.resources.model_dump(),
        "estimate": thing.project.manifest.prediction.estimate.model_dump(),
        "clock": None if thing.clock is None else dataclasses.asdict(thing.clock),
        "fmax_mhz": thing.fmax_mhz,
        "interval": thing.interval,
        "routing": None if thing.routing is None else thing.routing.model_dump(mode="json"),
        "stages": stages,
    }


@as_json.register
def _(thing: Built) -> Any:
    return {
        "path": str(thing.project.path),
        "tool": thing.tool,
        "files": list(map(str, thing.files)),
        "resources": None if thing.resources is None else thing.resources.model_dump(),
        "clock": None if thing.clock is None else dataclasses.asdict(thing.clock),
        "met": thing.met,
    }


@as_json.register
def _(thing: Checked) -> Any:
    return dataclasses.asdict(thing)


@as_json.register
def _(thing: Board) -> Any:
    return thing.model_dump(mode="json")


@as_json.register(dict)
@as_json.register(list)
@as_json.register(tuple)
@as_json.register(str)
def _(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: as_json(value) for key, value in thing.items()}
    return thing if isinstance(thing, str) else [as_json(entry) for entry in thing]
