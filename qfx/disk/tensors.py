"""The header of a .safetensors file, compared with the file's size before a tensor is read.

The format: eight bytes of the header's length, little endian; the header, JSON; the tensors' bytes
one after the other (https://github.com/huggingface/safetensors, "Format").
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qfx.disk import json_text
from qfx.disk.damaged import Damaged, fault, shown
from qfx.disk.record import Record

_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
_MOST_HEADER, _MOST_TENSORS, _MOST_AXES = 16 << 20, 100_000, 16


@dataclass(frozen=True)
class Declared:
    """What a header says.

    Args:
        metadata: texts by their names.
        shapes: of the tensors, by their names.
    """

    metadata: dict[str, str]
    shapes: dict[str, tuple[int, ...]]


class _Tensor(Record):
    dtype: str
    shape: list[int]
    data_offsets: list[int]


def declared(path: Path) -> Declared:
    """Return what a file's header says, where that fits the file.

    Raises:
        Damaged: it does not, or is no header.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        length = int.from_bytes(start := file.read(8), "little")
        size = file.seek(0, 2) - 8
        if len(start) < 8 or length > min(size, _MOST_HEADER):
            raise Damaged(f"a header of {length:,} bytes in a file of {size + 8:,}")
        file.seek(8)
        header = json_text.read(file.read(length), most_bytes=_MOST_HEADER)
    if not isinstance(header, dict) or len(header) > _MOST_TENSORS:
        raise Damaged("a header that does not name tensors")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Damaged("a header whose metadata are no texts")
    tensors = {name: _tensor(name, entry) for name, entry in header.items()}
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].data_offsets):
        taken = prod(tensor.shape) * _BYTES[tensor.dtype]
        if tensor.data_offsets != [end, end + taken]:
            raise Damaged(f"tensor {shown(name)} of {taken:,} bytes does not lie where it belongs")
        end += taken
    if end != size - length:
        raise Damaged(f"{size - length:,} bytes of tensors, the header says {end:,}")
    return Declared(metadata, {name: tuple(tensor.shape) for name, tensor in tensors.items()})


def _tensor(name: str, entry: Any) -> _Tensor:
    try:
        tensor = _Tensor.model_validate(entry)
    except ValidationError as error:
        raise Damaged(f"tensor {shown(name)}: {fault(error, 'its record')}") from None
    sizes = tensor.shape
    if tensor.dtype not in _BYTES or len(sizes) > _MOST_AXES or min(sizes, default=0) < 0:
        raise Damaged(f"tensor {shown(name)} is {shown(tensor.dtype)} of shape {shown(sizes)}")
    return tensor
