"""What an op is: a frozen value with two facets, the exact type of its result and its integer
semantics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from qfx.errors import QfxError
from qfx.fixedpoint import FixedPointArray, FixedPointType, Interval
from qfx.fixedpoint.array import Integers

Shape = tuple[int, ...]
# Metadata of a field that older files lack: it is written only where it is not its default, so that
# they are read, and written again, as they were.
ADDED_LATER = {"added_later": True}
MOST = 1 << 24  # of a kernel, a stride, a padding, a factor: no image is larger


class OpError(QfxError):
    """An op met an operand it is not defined for."""


@dataclass(frozen=True)
class TensorType:
    """What is known of a tensor before it is computed: its shape and the exact interval of its
    integers.

    Args:
        shape: of one sample, without the batch axis.
        interval: every integer the tensor can hold lies inside.
        fraction_bits: bits right of the binary point, the same for all elements.
    """

    shape: Shape
    interval: Interval
    fraction_bits: int

    @property
    def dtype(self) -> FixedPointType:
        """The smallest type that holds the interval."""
        return FixedPointType.holding(self.interval, self.fraction_bits)

    @classmethod
    def of(cls, shape: Shape, dtype: FixedPointType) -> TensorType:
        """Return a tensor that may hold any integer of `dtype`."""
        return cls(shape, dtype.interval, dtype.fraction_bits)

    def __str__(self) -> str:
        return f"{self.shape} {self.dtype} {self.interval}"


@dataclass(frozen=True)
class Op:
    """A primitive of the integer graph; subclasses are frozen dataclasses of integers and types."""

    name: ClassVar[str]

    # Any: of how many operands, and under which names, each op says for itself.
    def infer(self, *operands: Any, **named: Any) -> TensorType:
        """Return the type of the result from those of the operands; its interval holds all results
        and, but for a cast that wraps or zeroes, is reached at both ends when the elements of the
        operands reach theirs, each for itself.

        Raises:
            OpError: the op is not defined for the operands.
            FixedPointError: the result would need more than 63 bits.
        """
        raise NotImplementedError(f"{type(self).__name__} must define infer")

    def evaluate(self, *operands: Any, **named: Any) -> Integers:
        """Return the integers of the result; operands have a batch axis in front."""
        raise NotImplementedError(f"{type(self).__name__} must define evaluate")

    def describe(self) -> str:
        """Return the parameters as one short text, for the printed graph."""
        return ""


@dataclass(frozen=True)
class ConstantOp(Op):
    """An element-wise op with a second, constant operand, whose shape broadcasts to that of x."""

    constant: FixedPointArray  # (), (features,), or for images (channels, 1, 1)

    def __post_init__(self) -> None:
        require_elements(self, "constant", self.constant)

    def describe(self) -> str:
        return f"constant {self.constant.shape} {self.constant.dtype}"

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest of the constants."""
        return int(self.constant.integers.min()), int(self.constant.integers.max())


def require_elements(op: Op, what: str, constant: FixedPointArray, axes: int | None = None) -> None:
    """Raise OpError unless a constant has elements, and so many axes."""
    if not isinstance(constant, FixedPointArray):
        raise OpError(f"{op.name}: its {what} is a {type(constant).__name__}, no FixedPointArray")
    if axes not in (None, len(constant.shape)) or 0 in constant.shape:
        wanted = "" if axes is None else f" of {axes} axes"
        raise OpError(
            f"{op.name} takes a {what}{wanted} with elements, not one of shape {constant.shape}"
        )


def require_whole(op: Op, what: str, value: int, least: int, most: int = MOST) -> None:
    """Raise OpError unless a parameter is an integer from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise OpError(
            f"{op.name}: {what} must be a whole number from {least} to {most}, not {value!r}"
        )


def require_wholes(
    op: Op, what: str, values: Sequence[int], least: int, count: int | None = None
) -> None:
    """Raise OpError unless a parameter is a tuple of integers from `least` to MOST, so many."""
    if not isinstance(values, tuple) or count not in (None, len(values)):
        many = "" if count is None else f"{count} "
        raise OpError(f"{op.name}: {what} must be a tuple of {many}whole numbers, not {values!r}")
    for value in values:
        require_whole(op, what, value, least)


def require_fraction_bits(op: Op, x: TensorType, constant: FixedPointArray) -> None:
    """Raise OpError unless both operands have one binary point; a visible Cast aligns them."""
    if x.fraction_bits != constant.dtype.fraction_bits:
        raise OpError(
            f"{op.name} needs one binary point: the operand has {x.fraction_bits} fraction bits,"
            f" the constant {constant.dtype.fraction_bits}; cast one of them"
        )


def require_broadcast(op: Op, x: TensorType, constant: FixedPointArray) -> None:
    """Raise OpError unless the constant's shape broadcasts to that of `x` (numpy's rule)."""
    missing = len(x.shape) - len(constant.shape)
    pairs = zip(constant.shape, x.shape[missing:], strict=False)
    if missing < 0 or any(own not in (1, whole) for own, whole in pairs):
        raise OpError(f"{op.name}: a constant of shape {constant.shape} does not fit {x.shape}")


def require_one_binary_point(op: Op, a: TensorType, b: TensorType) -> None:
    """Raise OpError unless both operands have one; a visible Cast aligns them."""
    if a.fraction_bits != b.fraction_bits:
        raise OpError(
            f"{op.name} needs one binary point: its operands have {a.fraction_bits} and"
            f" {b.fraction_bits} fraction bits; cast one of them"
        )


def require_one_shape(op: Op, a: TensorType, b: TensorType) -> None:
    """Raise OpError unless both operands have one: streams meet element by element."""
    if a.shape != b.shape:
        raise OpError(
            f"{op.name} takes two tensors of one shape, not {a.shape} and {b.shape}: a stream"
            " cannot be broadcast"
        )
