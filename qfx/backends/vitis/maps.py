"""The function of a map: what each of its element-wise ops is in ap_fixed's own arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from qfx.backends.vitis.types import bits_type, cpp_type, from_bits, multiply, shift_add
from qfx.fixedpoint import FixedPointType
from qfx.fixedpoint.array import Integers
from qfx.hardware import Map, Step
from qfx.ops import (
    AddConstant,
    Cast,
    Clip,
    ConstantOp,
    DivideConstant,
    Lookup,
    MultiplyConstant,
    Op,
    PRelu,
    Relu,
    Sqrt,
)


@dataclass(frozen=True, eq=False)
class Constants:
    """The constants of a step, stored integers or coded terms.

    Args:
        name: of the array.
        bits_type: of its integers.
        integers: (beats, lanes), and of coded terms their number; one beat where all have the same.
    """

    name: str
    bits_type: str
    integers: Integers

    @property
    def lane_dims(self) -> range:
        """The dimensions of which every lane reads its part in every cycle."""
        return range(2, self.integers.ndim + 1)

    @property
    def lane(self) -> str:
        """What one lane reads in one beat."""
        return f"{self.name}[{'phase' if len(self.integers) > 1 else '0'}][lane]"


@dataclass(frozen=True)
class Addition:
    """The sum with a constant of that type."""

    constants: Constants
    type: str


@dataclass(frozen=True)
class Multiplication:
    """The product with a constant, built as `products` says."""

    constants: Constants
    products: str


@dataclass(frozen=True)
class Division:
    """The quotient by a constant of that type.

    A bit to spare, for AMD's quotient of -2**n / -1 overflows in the dividend's width; and both
    signed, for under synthesis its header divides the two raw integers.

    Args:
        constants, type: of it.
        dividend_type, divisor_type: in which it is computed.
    """

    constants: Constants
    type: str
    dividend_type: str
    divisor_type: str


@dataclass(frozen=True)
class SquareRoot:
    """The square root, rounded down.

    Args:
        shift: of the operand to the left.
        x_bits, root_bits, y_bits: of operand, root and result.
    """

    shift: int
    x_bits: int
    root_bits: int
    y_bits: int


@dataclass(frozen=True)
class TableLookup:
    """The entry of a table.

    Args:
        entries: stored integers.
        bits_type: of them.
        first: the operand of the first.
        index_type: of the operand's bits.
    """

    entries: tuple[int, ...]
    bits_type: str
    first: int
    index_type: str

    @property
    def rows(self) -> list[str]:
        """The entries, line by line."""
        starts = range(0, len(self.entries), 16)
        return [", ".join(map(str, self.entries[n : n + 16])) for n in starts]


@dataclass(frozen=True)
class Clamp:
    """The operand between two ends.

    Ends are of the operand's own type: between a signed and an unsigned number of 32 bits or more
    AMD's header compares as C does, both taken for unsigned.

    Args:
        x: the operand, or the only value that is left of it.
        low, high: beyond which it is replaced by them; None where it never is.
    """

    x: str
    low: str | None
    high: str | None


@dataclass(frozen=True)
class Conversion:
    """A cast.

    Args:
        x: the operand, wide enough that ap_fixed does not assert on dropping bits it has not.
        type: with the modes.
    """

    x: str
    type: str


Operation = Addition | Multiplication | Division | SquareRoot | TableLookup | Clamp | Conversion


@dataclass(frozen=True)
class MapStep:
    """One op of a map.

    Args:
        op: its name, by which its expression is found.
        comment: what it is.
        x, y: the names of operand and result.
        type: of the result.
        operation: how it is computed; None for a ReLU, which needs no more.
    """

    op: str
    comment: str
    x: str
    y: str
    type: str
    operation: Operation | None


@dataclass(frozen=True)
class MapFunction:
    """The function of a map: a beat in, the ops on every lane, a beat out.

    Args:
        name: of it.
        title: what it computes.
        lanes: elements a beat.
        beats: of a frame.
        x_type, y_type: of what enters and leaves.
        constants: of all steps.
        steps: in order.
    """

    name: str
    title: str
    lanes: int
    beats: int
    x_type: str
    y_type: str
    constants: tuple[Constants, ...]
    steps: tuple[MapStep, ...]

    @property
    def y(self) -> str:
        """The result of the last step."""
        return self.steps[-1].y

    @property
    def period(self) -> int:
        """Beats after which constants repeat."""
        return max((len(each.integers) for each in self.constants), default=1)

    @property
    def tables(self) -> tuple[tuple[MapStep, TableLookup], ...]:
        """The steps that look something up."""
        pairs = ((step, step.operation) for step in self.steps)
        return tuple((step, found) for step, found in pairs if isinstance(found, TableLookup))


def map_function(stage: Map) -> MapFunction:
    """The function of a map."""
    steps: list[MapStep] = []
    constants: list[Constants] = []
    for index, step in enumerate(stage.steps):
        x = steps[-1].y if steps else "x"
        operation = _OPERATIONS[type(step.op)](stage, step, x, f"c{index}")
        if isinstance(operation, (Addition, Multiplication, Division)):
            constants.append(operation.constants)
        comment = f"{step.op.name} {step.op.describe()} -> {step.result.type.interval}"
        kind = cpp_type(step.result.dtype)
        steps.append(MapStep(step.op.name, comment, x, f"y{index}", kind, operation))
    return MapFunction(
        name=stage.name,
        title=f"{stage.source or stage.name}: " + ", ".join(step.op.name for step in stage.steps),
        lanes=stage.input.lanes,
        beats=stage.input.beats,
        x_type=cpp_type(stage.input.dtype),
        y_type=cpp_type(stage.output.dtype),
        constants=tuple(constants),
        steps=tuple(steps),
    )


def _constants(stage: Map, step: Step, name: str) -> Constants:
    assert isinstance(step.op, ConstantOp)
    if step.multiplies and stage.multiplier == "shift_add":
        return Constants(name, "unsigned char", stage.terms(step).codes())
    return Constants(name, bits_type(step.op.constant.dtype), stage.constants(step))


def _add(stage: Map, step: Step, x: str, name: str) -> Addition:
    assert isinstance(step.op, ConstantOp)
    return Addition(_constants(stage, step, name), cpp_type(step.op.constant.dtype))


def _multiply(stage: Map, step: Step, x: str, name: str) -> Multiplication:
    assert isinstance(step.op, ConstantOp)
    assert stage.multiplier is not None
    dtype, constants = step.op.constant.dtype, _constants(stage, step, name)
    if stage.multiplier == "shift_add":
        return Multiplication(constants, shift_add(dtype, stage.terms(step)))
    return Multiplication(constants, multiply(dtype, stage.multiplier))


def _divide(stage: Map, step: Step, x: str, name: str) -> Division:
    assert isinstance(step.op, DivideConstant)
    divisor = step.op.constant.dtype
    return Division(
        constants=_constants(stage, step, name),
        type=cpp_type(divisor),
        dividend_type=cpp_type(_signed(step.operand.dtype, 1)),
        divisor_type=cpp_type(_signed(divisor, 0)),
    )


def _signed(dtype: FixedPointType, spare: int) -> FixedPointType:
    return replace(dtype, wordlength=dtype.wordlength + (not dtype.signed) + spare, signed=True)


def _sqrt(stage: Map, step: Step, x: str, name: str) -> SquareRoot:
    assert isinstance(step.op, Sqrt)
    return SquareRoot(
        shift=step.op.shift,
        x_bits=step.operand.dtype.wordlength,
        root_bits=max(1, step.result.type.interval.high.bit_length()),
        y_bits=step.result.dtype.wordlength,
    )


def _lookup(stage: Map, step: Step, x: str, name: str) -> TableLookup:
    assert isinstance(step.op, Lookup)
    table, index = step.op.table, "ap_int" if step.operand.dtype.signed else "ap_uint"
    return TableLookup(
        entries=tuple(table.integers.tolist()),
        bits_type=bits_type(table.dtype),
        first=step.op.first,
        index_type=f"{index}<{step.operand.dtype.wordlength}>",
    )


def _clip(stage: Map, step: Step, x: str, name: str) -> Clamp:
    assert isinstance(step.op, Clip)
    found, dtype = step.result.type.interval, step.operand.dtype
    met = step.op.ends_met(step.operand.interval)
    low, high = (None if end is None else from_bits(dtype, end) for end in met)
    if found.low == found.high:
        x = from_bits(step.result.dtype, found.low)
    return Clamp(x, low, high)


def _cast(stage: Map, step: Step, x: str, name: str) -> Conversion:
    assert isinstance(step.op, Cast)
    op, operand = step.op, step.operand.dtype
    if op.shift >= operand.wordlength:
        x = f"{cpp_type(replace(operand, wordlength=op.shift + 1))}({x})"
    return Conversion(x, cpp_type(op.dtype, op.rounding, op.overflow))


# How each element-wise op is computed, given its operand and the name of its constants.
_OPERATIONS: dict[type[Op], Callable[[Map, Step, str, str], Operation | None]] = {
    AddConstant: _add,
    Cast: _cast,
    Clip: _clip,
    DivideConstant: _divide,
    Lookup: _lookup,
    MultiplyConstant: _multiply,
    PRelu: _multiply,
    Relu: lambda stage, step, x, name: None,
    Sqrt: _sqrt,
}
