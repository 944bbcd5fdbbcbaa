"""The .qfx file: a zip of graph.json and constants.npz. Reading it runs no code and trusts nothing
it says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.ir.graph import Graph
from qfx.ir.value import GraphError, Input, Node, Value
from qfx.ops import OPS, Cast, Op

FORMAT_VERSION = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)  # one date for all entries: the same graph gives the same bytes
_MODES: dict[str, type[Enum]] = {"rounding": Rounding, "overflow": Overflow}


class FileError(ValueError):
    """A file that is not a whole .qfx file of a version we read."""


def to_bytes(graph: Graph) -> bytes:
    """The graph as the bytes of a .qfx file; equal graphs give equal bytes."""
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
        _write(archive, "graph.json", json.dumps(document, indent=1).encode())
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, _narrowed(array), allow_pickle=False)
            _write(archive, f"constants/{name}.npy", member.getvalue())
    return buffer.getvalue()


def sha256(graph: Graph) -> str:
    """Of the .qfx file, in hexadecimal: what a graph is known by."""
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


def from_bytes(data: bytes, name: str = "the file") -> Graph:
    """The graph of a .qfx file; types are inferred anew, so none can disagree with its op.

    Raises:
        FileError: truncated, damaged, of another format or a newer version; the sentence says
            which.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document = json.loads(archive.read("graph.json"))
            if document.get("format") != "qfx graph" or document.get("version") != FORMAT_VERSION:
                raise FileError(
                    f"{name} holds {document.get('format')!r} version {document.get('version')!r};"
                    f" this qfx reads 'qfx graph' version {FORMAT_VERSION}: take the qfx that wrote"
                    " it, or save it again"
                )
            return _graph(document, archive)
    except FileError:
        raise
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, OSError) as error:
        raise FileError(
            f"{name} is not a whole .qfx file ({error}): save the graph again"
        ) from error


def read(path: str | Path) -> Graph:
    """The graph saved at `path`."""
    path = Path(path)
    return from_bytes(path.read_bytes(), path.name)


def _graph(document: dict[str, Any], archive: zipfile.ZipFile) -> Graph:
    inputs = []
    for entry in document["inputs"]:
        cast = _decode_op(entry["cast"], archive)
        if not isinstance(cast, Cast):
            raise GraphError(f"input {entry['name']} is quantized by a {cast.name}")
        inputs.append(Input(entry["name"], tuple(entry["shape"]), cast))
    known = {i.name: i.value for i in inputs}
    nodes = []
    for entry in document["nodes"]:
        op, operands = (
            _decode_op(entry["op"], archive),
            tuple(known[name] for name in entry["inputs"]),
        )
        output = Value(entry["output"], op.infer(*(v.type for v in operands)))
        known[output.name] = output
        nodes.append(Node(op, operands, output, entry["source"]))
    return Graph(
        document["name"], tuple(inputs), tuple(nodes), tuple(known[n] for n in document["outputs"])
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


def _decode_op(fields: dict[str, Any], archive: zipfile.ZipFile) -> Op:
    types = {op.name: op for op in OPS}
    if fields["name"] not in types:
        raise FileError(
            f"op {fields['name']!r} is unknown to this qfx: it was saved by a newer one"
        )
    arguments = {
        key: _decode(key, value, archive) for key, value in fields.items() if key != "name"
    }
    return types[fields["name"]](**arguments)


def _decode(key: str, value: Any, archive: zipfile.ZipFile) -> Any:
    if key in _MODES:
        return _MODES[key][value]
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict) and "constant" in value:
        member = io.BytesIO(archive.read(f"constants/{value['constant']}.npy"))
        integers = np.load(member, allow_pickle=False)
        return FixedPointArray(integers, FixedPointType(**value["dtype"]))
    return FixedPointType(**value) if isinstance(value, dict) else value
