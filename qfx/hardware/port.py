"""A port of the top level: where a stream's elements stand on an AXI4-Stream bus."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from qfx.errors import QfxError
from qfx.fixedpoint import FixedPointType
from qfx.fixedpoint.array import Integers
from qfx.hardware.stream import Order, Stream
from qfx.ops import Shape

Words = npt.NDArray[np.uint32]
ELEMENT_BITS = (8, 16, 32)  # what a processor's memory holds without packing


class PortError(QfxError):
    """A stream that no port can carry."""


@dataclass(frozen=True, eq=False)
class Port:
    """One AXI4-Stream port; element 0 of a beat stands in the least significant bits.

    Args:
        stream: its lanes are what one beat of the bus carries.
        width_bits: of TDATA.
        shape: of one sample, row-major.
        order: where in the sample the n-th element of the stream stands.
    """

    stream: Stream
    width_bits: int
    shape: Shape
    order: Order

    @classmethod
    def over(
        cls, width_bits: int, name: str, dtype: FixedPointType, shape: Shape, order: Order
    ) -> Port:
        """Return the port that carries a tensor over a bus of that width.

        Raises:
            PortError: an element is wider than 32 bits.
        """
        lanes = width_bits // element_bits(dtype)
        return cls(Stream(name, dtype, prod(shape), lanes), width_bits, shape, order)

    @property
    def suffix(self) -> str:
        """What tells its files and types from those of other ports; empty where it is alone."""
        return self.stream.name.removeprefix("s_axis").removeprefix("m_axis")

    @property
    def words(self) -> str:
        """Its name and how much it carries, for people."""
        return f"{self.stream.name} ({self.width_bits} bits, {self.stream.lanes} elements a beat)"

    @property
    def element_bits(self) -> int:
        """Each element's place on the bus: 8, 16 or 32 bits, sign- or zero-extended."""
        return element_bits(self.stream.dtype)

    @property
    def last_keep(self) -> int:
        """TKEEP of a frame's last beat: one bit for each byte that holds an element."""
        elements = self.stream.elements - (self.stream.beats - 1) * self.stream.lanes
        return (1 << (elements * self.element_bits // 8)) - 1

    def pack(self, integers: Integers) -> Words:
        """Pack a batch as the bus carries it.

        Args:
            integers: (samples, *shape).

        Returns:
            (samples, beats, width_bits / 32), the least significant word first.
        """
        ordered = integers.reshape(len(integers), -1)[:, self.order]
        padded = np.zeros(
            (len(integers), self.stream.beats * self.stream.lanes), self._memory_dtype
        )
        padded[:, : self.stream.elements] = ordered
        return padded.view("<u4").reshape(len(integers), self.stream.beats, self.width_bits // 32)

    def unpack(self, words: Words) -> Integers:
        """Unpack the batch that `words` carry: the inverse of `pack`."""
        elements = np.ascontiguousarray(words).reshape(len(words), -1).view(self._memory_dtype)
        result = np.empty((len(words), self.stream.elements), np.int64)
        result[:, self.order] = elements[:, : self.stream.elements]
        return result.reshape(len(words), *self.shape)

    @property
    def _memory_dtype(self) -> np.dtype[np.signedinteger | np.unsignedinteger]:
        return np.dtype(f"<{'i' if self.stream.dtype.signed else 'u'}{self.element_bits // 8}")


def element_bits(dtype: FixedPointType) -> int:
    """Count the bits an element takes on the bus.

    Raises:
        PortError: it is wider than 32 bits.
    """
    for bits in ELEMENT_BITS:
        if dtype.wordlength <= bits:
            return bits
    raise PortError(
        f"a port carries elements of at most {ELEMENT_BITS[-1]} bits, not {dtype}:"
        " begin and end the model with a narrower Quantizer"
    )
