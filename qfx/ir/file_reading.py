"""Reading a .qfx file: it runs no code and trusts nothing the file says.

Sizes are compared before anything is unpacked, types before an op is made; each op then checks its
own parameters, and the graph its order and names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qfx.disk import Damaged, fault, json_text, npy, shown
from qfx.disk.archive import Archive
from qfx.disk.record import Record
from qfx.errors import QfxError
from qfx.fixedpoint import FixedPointArray, FixedPointType, Overflow, Rounding
from qfx.fixedpoint.array import require_integers
from qfx.ir.graph import MOST_NODES, Graph
from qfx.ir.value import GraphError, Input, Node, Value
from qfx.ops import OPS, Cast, Op

FORMAT = "qfx graph"
FORMAT_VERSION = 1
DOCUMENT, CONSTANTS = "graph.json", "constants/{}.npy"
MOST_DOCUMENT_BYTES = 4 << 20  # a node of MOST_NODES takes half a kilobyte
# Weights of few bits are packed to a third, those of a pruned net to a thirtieth.
_FREE_BYTES, _MOST_RATIO = 4 << 20, 32
_LISTS_OF_A_NODE = 12  # its inputs, its op, a constant with its type, sizes


class FileError(QfxError):
    """A file that is not a whole .qfx file of a version we read."""


class _InputRecord(Record):
    name: str
    shape: list[int]
    cast: dict[str, Any]


class _NodeRecord(Record):
    output: str
    inputs: list[str]
    op: dict[str, Any]
    source: str


class _Document(Record):
    format: str
    version: int
    name: str
    inputs: list[_InputRecord]
    nodes: list[_NodeRecord]
    outputs: list[str]


def from_bytes(data: bytes, name: str = "the file") -> Graph:
    """Return the graph of a .qfx file; types are inferred anew, so none can disagree with its op.

    Raises:
        FileError: truncated, damaged, of another format or a newer version; the sentence says
            which.
    """
    try:
        most = _FREE_BYTES + MOST_DOCUMENT_BYTES + _MOST_RATIO * len(data)
        archive = Archive(data, 4 * MOST_NODES, most)
        if archive.size(DOCUMENT) > MOST_DOCUMENT_BYTES:
            raise Damaged(f"{archive.size(DOCUMENT):,} bytes of {DOCUMENT}")
        content = json_text.read(
            archive.read(DOCUMENT),
            most_bytes=MOST_DOCUMENT_BYTES,
            most_lists=_LISTS_OF_A_NODE * MOST_NODES,
        )
        version = content.get("version") if isinstance(content, dict) else None
        kind = content.get("format") if isinstance(content, dict) else None
        if kind != FORMAT or type(version) is not int or version != FORMAT_VERSION:
            raise FileError(
                f"{name} holds {shown(kind)} version {shown(version)};"
                f" this qfx reads {FORMAT!r} version {FORMAT_VERSION}: take the qfx that wrote"
                " it, or save it again"
            )
        return _Reader(archive).graph(_Document.model_validate(content))
    except FileError:
        raise
    except ValidationError as error:
        raise FileError(
            f"{name} is not a whole .qfx file ({DOCUMENT}: {fault(error)}): save the graph again"
        ) from error
    except ValueError as error:  # Damaged, GraphError, OpError, FixedPointError: each a sentence
        raise FileError(
            f"{name} is not a whole .qfx file ({error}): save the graph again"
        ) from error


def read(path: str | Path) -> Graph:
    """Return the graph saved at `path`."""
    path = Path(path)
    return from_bytes(path.read_bytes(), path.name)


class _Reader:
    """Makes the graph that a document tells, each constant of the archive used once."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.unread = archive, {*archive.names} - {DOCUMENT}

    def graph(self, document: _Document) -> Graph:
        if len(document.nodes) > MOST_NODES:
            raise GraphError(f"it has {len(document.nodes):,} nodes, more than {MOST_NODES:,}")
        inputs = tuple(self.input(entry) for entry in document.inputs)
        known = {entry.name: entry.value for entry in inputs}
        nodes = []
        for entry in document.nodes:
            operands = tuple(_find(known, name, entry.output) for name in entry.inputs)
            op = self.op(entry.op, entry.output)
            try:
                output = Value(entry.output, op.infer(*(value.type for value in operands)))
            except TypeError:  # no op says how many operands it takes but by its signature
                raise GraphError(
                    f"{shown(entry.output)}: {op.name} does not take {len(operands)} operands"
                ) from None
            known[output.name] = output
            nodes.append(Node(op, operands, output, entry.source))
        if self.unread:
            raise Damaged(f"a zip file with {shown(min(self.unread))}, which no op reads")
        outputs = tuple(_find(known, name, "an output") for name in document.outputs)
        return Graph(document.name, inputs, tuple(nodes), outputs)

    def input(self, entry: _InputRecord) -> Input:
        cast = self.op(entry.cast, entry.name)
        if not isinstance(cast, Cast):
            raise GraphError(f"input {shown(entry.name)} is quantized by a {cast.name}")
        return Input(entry.name, tuple(entry.shape), cast)

    def op(self, given: dict[str, Any], at: str) -> Op:
        """Return the op that a record tells; each parameter is there, of the type the op
        declares.
        """
        kinds = {kind.name: kind for kind in OPS}
        name = given.get("name")
        if not isinstance(name, str) or name not in kinds:
            raise FileError(f"op {shown(name)} is unknown to this qfx: it was saved by a newer one")
        fields = {field.name: field for field in dataclasses.fields(kinds[name])}
        late = {key for key, field in fields.items() if field.metadata.get("added_later")}
        wrong = (fields.keys() - late - given.keys()) | (given.keys() - fields.keys() - {"name"})
        if wrong:
            key = min(wrong)
            has = "has no" if key in fields else "has an unknown"
            raise Damaged(f"{shown(at)}: {name} {has} {shown(key)}")
        arguments = {}
        for key in fields.keys() & given.keys():
            decode = _DECODERS[str(fields[key].type)]
            try:
                arguments[key] = decode(self, given[key])
            except (Damaged, ValueError) as error:
                raise Damaged(f"{shown(at)}: {key} of {name}: {error}") from error
        return kinds[name](**arguments)

    def array(self, given: Any) -> FixedPointArray:
        if not isinstance(given, dict) or given.keys() != {"constant", "dtype"}:
            raise Damaged(f"{shown(given)} is no constant")
        dtype, name = self.dtype(given["dtype"]), given["constant"]
        member = CONSTANTS.format(name) if isinstance(name, str) else ""
        if member not in self.unread:
            known = "is used twice" if member in self.archive.names else "has no array"
            raise Damaged(f"constant {shown(name)} {known}")
        self.unread.remove(member)
        declared = npy.Declared.of(self.archive.head(member, npy.HEAD_BYTES))
        if declared.size != self.archive.size(member):
            raise Damaged(
                f"constant {shown(name)} has {self.archive.size(member):,} bytes, its header says"
                f" {declared.size:,}"
            )
        if declared.dtype.kind not in "iu":
            raise Damaged(f"constant {shown(name)} is of type {declared.dtype}")
        return FixedPointArray(require_integers(declared.array(self.archive.read(member))), dtype)

    def dtype(self, given: Any) -> FixedPointType:
        names = {field.name for field in dataclasses.fields(FixedPointType)}
        if not isinstance(given, dict) or given.keys() != names:
            raise Damaged(f"{shown(given)} is no fixed-point type")
        return FixedPointType(**given)  # which checks the types of its fields

    def integers(self, given: Any) -> tuple[int, ...]:
        if not isinstance(given, list):
            raise Damaged(f"{shown(given)} is no list of integers")
        return tuple(map(self.integer, given))

    def integer(self, given: Any) -> int:
        if type(given) is not int:
            raise Damaged(f"{shown(given)} is no integer")
        return given

    def rounding(self, given: Any) -> Enum:
        return _mode(Rounding, given)

    def overflow(self, given: Any) -> Enum:
        return _mode(Overflow, given)


# How a parameter is read, by the type that its op declares.
_DECODERS: dict[str, Callable[[_Reader, Any], Any]] = {
    "FixedPointArray": _Reader.array,
    "FixedPointType": _Reader.dtype,
    "Rounding": _Reader.rounding,
    "Overflow": _Reader.overflow,
    "Pair": _Reader.integers,
    "Shape": _Reader.integers,
    "tuple[int, ...]": _Reader.integers,
    "int": _Reader.integer,
}


def _find(known: dict[str, Value], name: str, reader: str) -> Value:
    if name not in known:
        raise GraphError(f"{shown(reader)} reads {shown(name)}, which nothing before it makes")
    return known[name]


def _mode(kind: type[Enum], given: Any) -> Enum:
    if not isinstance(given, str) or given not in kind.__members__:
        names = ", ".join(kind.__members__)
        raise Damaged(f"{shown(given)} is no {kind.__name__.lower()} mode: use one of {names}")
    return kind[given]
