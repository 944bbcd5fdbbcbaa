"""The .qfx file: a zip of graph.json and a .npy for each constant. `file_reading` reads it back."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from enum import Enum
from typing import Any

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir.file_reading import CONSTANTS, DOCUMENT, FORMAT_VERSION, FileError, from_bytes, read
from qfx.ir.graph import Graph
from qfx.ops import Op

__all__ = ["FORMAT_VERSION", "FileError", "from_bytes", "read", "sha256", "to_bytes"]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # one date for all entries: the same graph gives the same bytes


def to_bytes(graph: Graph) -> bytes:
    """Return the graph as the bytes of a .qfx file; equal graphs give equal bytes."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    document = {
        "format": "qfx graph",
        "version": FORMAT_VERSION,
        "name": graph.name,
        "inputs": [
            {"name": i.name, "shape": i.shape, "cast": _encode(i.cast, arrays)}
            for i in graph.inputs
        ],
        "nodes": [
            {
                "output": node.output.name,
                "inputs": [v.name for v in node.inputs],
                "op": _encode(node.op, arrays),
                "source": node.source,
            }
            for node in graph.nodes
        ],
        "outputs": [v.name for v in graph.outputs],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _write(archive, DOCUMENT, json.dumps(document, indent=1).encode())
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, _narrowed(array), allow_pickle=False)
            _write(archive, CONSTANTS.format(name), member.getvalue())
    return buffer.getvalue()


def sha256(graph: Graph) -> str:
    """Hash the .qfx file, in hexadecimal: what a graph is known by."""
    return hashlib.sha256(to_bytes(graph)).hexdigest()


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def _narrowed(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same integers in the narrowest of numpy's types that holds them all."""
    ends = (int(array.min(initial=0)), int(array.max(initial=0)))
    types = (np.int8, np.int16, np.int32, np.int64)
    return array.astype(
        next(t for t in types if np.iinfo(t).min <= ends[0] and ends[1] <= np.iinfo(t).max)
    )


def _encode(op: Op, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": op.name}
    for field in dataclasses.fields(op):
        value = getattr(op, field.name)
        if field.metadata.get("added_later") and value == field.default:
            continue
        if isinstance(value, Enum):
            value = value.name
        elif isinstance(value, FixedPointType):
            value = dataclasses.asdict(value)
        elif isinstance(value, FixedPointArray):
            name = f"c{len(arrays)}"
            arrays[name] = value.integers
            value = {"constant": name, "dtype": dataclasses.asdict(value.dtype)}
        fields[field.name] = value
    return fields
