"""numpy's .npy: what its header declares is compared with the file's size before any memory is
taken, and no text of it is evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from qfx.disk.damaged import Damaged

HEAD_BYTES = 4096  # what `Declared.of` needs of a file at most
_MOST_AXES = 16
_DESCR = re.compile(rb"""['"]descr['"]\s*:\s*['"]([|<>=]?)([biuf])([1248]|16)['"]""")
_ORDER = re.compile(rb"""['"]fortran_order['"]\s*:\s*(True|False)\b""")
_SHAPE = re.compile(rb"""['"]shape['"]\s*:\s*\(\s*((?:\d{1,18}\s*,\s*)*(?:\d{1,18})?)\s*,?\s*\)""")


@dataclass(frozen=True)
class Declared:
    """What a header says: the array's type, shape and order, and where its data begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran: bool
    start: int

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self.start + prod(self.shape) * self.dtype.itemsize

    @classmethod
    def of(cls, head: bytes) -> Declared:
        """Read it from a file's first HEAD_BYTES.

        Raises:
            Damaged: they are no header of numbers.
        """
        version = head[6:8]
        wide = 2 if version == b"\x01\x00" else 4
        if head[:6] != b"\x93NUMPY" or version not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
            raise Damaged("no .npy array: it does not begin as one")
        start = 8 + wide + int.from_bytes(head[8 : 8 + wide], "little")
        text = head[8 + wide : start]
        if start > len(head):
            raise Damaged("an .npy array without a whole header")
        found = [each.search(text) for each in (_DESCR, _ORDER, _SHAPE)]
        if None in found or not text.strip().startswith(b"{") or not text.strip().endswith(b"}"):
            raise Damaged("no .npy array of numbers: its header says otherwise")
        descr, order, shape = (match for match in found if match)
        axes = tuple(int(size) for size in shape[1].split(b",") if size.strip())
        if len(axes) > _MOST_AXES:
            raise Damaged(f"an .npy array of {len(axes)} axes")
        try:
            dtype = np.dtype((descr[1] + descr[2] + descr[3]).decode())
        except TypeError:
            raise Damaged(f"an .npy array of type {descr[0].decode()}") from None
        return cls(dtype, axes, order[1] == b"True", start)

    def array(self, data: bytes | bytearray) -> np.ndarray[Any, Any]:
        """Return the array of a whole file: a view of its bytes.

        Raises:
            Damaged: the file has another size than it says.
        """
        if len(data) != self.size:
            raise Damaged(f"an .npy array of {len(data):,} bytes whose header says {self.size:,}")
        flat = np.frombuffer(data, self.dtype, offset=self.start)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")


def read(path: Path) -> np.ndarray[Any, Any]:
    """Return the array in a file.

    Raises:
        Damaged: it is none of numbers, or not whole.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        declared = Declared.of(file.read(HEAD_BYTES))
        held = file.seek(0, 2)
        if held != declared.size:
            raise Damaged(f"an .npy array of {held:,} bytes whose header says {declared.size:,}")
        file.seek(0)
        data = bytearray(held)  # unlike bytes, an array that may be written
        return declared.array(data[: file.readinto(data)])
