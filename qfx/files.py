"""Graphs and trained models as files: .qfx and .safetensors."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from qfx.backends.project import ProjectError
from qfx.ir import Graph
from qfx.ir import file as graph_file

if TYPE_CHECKING:
    from qfx.nn import Layer


def save(thing: Layer | Graph, path: str | Path) -> Path:
    """Write a Graph as .qfx or a trainable model as .safetensors; the file appears whole or not at
    all.

    Raises:
        ProjectError: the suffix does not fit the thing, or the place cannot be written.
    """
    path, suffix = Path(path), ".qfx"
    if not isinstance(thing, Graph):
        from qfx.nn import Layer

        suffix = ".safetensors"
        if not isinstance(thing, Layer):
            raise ProjectError(
                f"{type(thing).__name__} cannot be saved: give a Graph or a model of qfx.nn layers"
            )
    if path.suffix != suffix:
        raise ProjectError(f"a {type(thing).__name__} is saved as {suffix}, not as {path.name!r}")
    if isinstance(thing, Graph):
        data = graph_file.to_bytes(thing)
    else:
        from qfx.nn import file as model_file

        data = model_file.to_bytes(thing)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):  # there may be nothing to remove, or nowhere to remove it from
            aside.unlink()
        raise ProjectError(f"{path} cannot be written: {error.strerror}") from error
    return path


def load(path: str | Path) -> Layer | Graph:
    """The Graph of a .qfx file, or the trainable model of a .safetensors file.

    Raises:
        ProjectError: no such file, or another suffix; FileError or ModelFileError: damaged.
    """
    path = Path(path)
    if path.is_dir():
        raise ProjectError(f"{path} is a folder: give a file, as the model.qfx of a project")
    if not path.is_file():
        raise ProjectError(f"{path} does not exist: give a file that qfx.save wrote")
    if path.suffix == ".qfx":
        return graph_file.read(path)
    if path.suffix == ".safetensors":
        from qfx.nn import file as model_file

        return model_file.read(path)
    raise ProjectError(f"{path.name} is neither a .qfx graph nor a .safetensors model: give one")
