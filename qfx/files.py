"""Graphs and trained models as files: .qfx and .safetensors."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfx import foreign
from qfx.disk import Damaged, json_text
from qfx.errors import path_of
from qfx.ir import Graph
from qfx.ir import file as graph_file
from qfx.packages import named_packages
from qfx.project import ProjectError, folder

if TYPE_CHECKING:
    from qfx.nn import Layer
    from qfx.training import History


def save(
    thing: Layer | Graph,
    path: str | Path,
    *,
    history: History | None = None,
    input_shape: Any = None,
    name: str | None = None,
) -> Path:
    """Write a Graph as .qfx, or a model as .safetensors, which can be trained on, or, lowered, as
    .qfx; the file appears whole or not at all.

    Args:
        thing: to write.
        path: where; the suffix says as what.
        history: how it was trained, written beside it as .history.json: `qfx export` finds it there
            and shows it in report.html.
        input_shape: of one sample, for a model that is lowered; of several inputs a tuple of
            shapes.
        name: of the lowered graph, "model" when None.

    Raises:
        ProjectError: the suffix does not fit the thing, history is none, or the place cannot be
            written.
        LoweringError: the model is not frozen, or cannot be lowered.
        ModelFileError: a model that load could not put back, or whose frozen integers are not those
            of its parameters.
    """
    if history is not None and not hasattr(history, "to_dict"):
        raise ProjectError(
            f"{type(history).__name__} is no history: give what qfx.train returned, or leave it out"
        )
    path, suffix = path_of("path", path), ".qfx"
    if not isinstance(thing, Graph):
        with named_packages():
            from qfx.nn import Layer

        if not isinstance(thing, Layer):
            raise ProjectError(
                foreign.named(thing)
                or f"{type(thing).__name__} cannot be saved: give a Graph or a model of qfx.nn"
                " layers"
            )
        if path.suffix == ".qfx":
            thing = _lowered(thing, path, input_shape, name)
        else:
            suffix, given = ".safetensors", (input_shape, name)
            if given != (None, None):
                raise ProjectError(
                    f"{path.name} holds the model as it is, of any input_shape and name: leave them"
                    " out, or save it lowered, as .qfx"
                )
    elif (input_shape, name) != (None, None):
        raise ProjectError("a Graph has its own name and input shape: leave both out")
    if path.suffix != suffix:
        raise ProjectError(f"a {type(thing).__name__} is saved as {suffix}, not as {path.name!r}")
    if isinstance(thing, Graph):
        data = graph_file.to_bytes(thing)
    else:
        from qfx.nn import file as model_file

        data = model_file.to_bytes(thing)
    folder.write(path, data)
    if history is not None:
        kept = history.to_dict() | {"model_sha256": hashlib.sha256(data).hexdigest()}
        folder.write(_beside(path), (json.dumps(kept) + "\n").encode())
    return path


def _lowered(model: Layer, path: Path, input_shape: Any, name: str | None) -> Graph:
    from qfx.lowering import lower

    if input_shape is None:
        raise ProjectError(
            f"{path.name} holds a graph of one input shape, and the model takes several: pass"
            " input_shape, or save the model as .safetensors"
        )
    return lower(model, input_shape, name or "model")


def history_of(path: str | Path) -> Path | None:
    """The history that was saved with a model's file; None where there is none, or where the model
    has been saved again without one.

    Raises:
        ProjectError: it is damaged.
    """
    path = path_of("path", path)
    beside = _beside(path)
    if not (path.is_file() and beside.is_file()):
        return None
    try:
        content = json_text.read(beside.read_bytes(), finite=False)
    except Damaged as error:
        raise ProjectError(f"{beside} is damaged ({error}): save the model again") from error
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return beside if isinstance(content, dict) and content.get("model_sha256") == digest else None


def _beside(path: Path) -> Path:
    return path.with_suffix(".history.json")


def load(path: str | Path) -> Layer | Graph:
    """The Graph of a .qfx file, or the trainable model of a .safetensors file.

    Raises:
        ProjectError: no such file, or another suffix; FileError or ModelFileError: damaged.
    """
    path = path_of("path", path)
    if path.is_dir():
        raise ProjectError(f"{path} is a folder: give a file, as the model.qfx of a project")
    if not path.is_file():
        raise ProjectError(f"{path} does not exist: give a file that qfx.save wrote")
    try:
        if path.suffix == ".qfx":
            return graph_file.read(path)
        if path.suffix == ".safetensors":
            with named_packages():
                from qfx.nn import file as model_file

            return model_file.read(path)
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}") from error
    said = foreign.named(path)
    if said is not None:
        raise ProjectError(said)
    raise ProjectError(f"{path.name} is neither a .qfx graph nor a .safetensors model: give one")
