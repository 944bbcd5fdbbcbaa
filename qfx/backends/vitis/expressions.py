"""What the C++ of a map needs to know: types, constants, and how wide the source of a cast is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qfx.fixedpoint import FixedPointType, Overflow, Rounding
from qfx.hardware import Map, Multiplier, Step
from qfx.hardware.shift_add import Terms
from qfx.ops import Cast, Clip, ConstantOp, DivideConstant, Lookup, Sqrt


def cpp_type(
    dtype: FixedPointType, rounding: Rounding = Rounding.TRN, overflow: Overflow = Overflow.WRAP
) -> str:
    """ap_fixed's spelling of a type; the modes are those of what is assigned to it."""
    modes = (
        ""
        if (rounding, overflow) == (Rounding.TRN, Overflow.WRAP)
        else f", AP_{rounding.name}, AP_{overflow.name}"
    )
    return f"ap_{'' if dtype.signed else 'u'}fixed<{dtype.wordlength}, {dtype.integer_bits}{modes}>"


def map_context(stage: Map) -> dict[str, Any]:
    """What map.j2 needs of a map."""
    steps: list[dict[str, Any]] = []
    constants: list[dict[str, Any]] = []
    tables: list[dict[str, Any]] = []
    x = "x"
    for index, step in enumerate(stage.steps):
        context = _step(step, x, f"y{index}")
        if isinstance(step.op, ConstantOp):
            constants.append(_constant(stage, step, f"c{index}"))
            phase = "phase" if len(constants[-1]["rows"]) > 1 else "0"
            context["constant"] = f"c{index}[{phase}][lane]"
            context["constant_type"] = cpp_type(step.op.constant.dtype)
        if step.multiplies:
            context["products"] = _product(stage, step)
        if isinstance(step.op, Lookup):
            tables.append(_table(step.op, f"{context['y']}_table"))
        steps.append(context)
        x = context["y"]
    return {
        "name": stage.name,
        "title": f"{stage.source or stage.name}: "
        + ", ".join(step.op.name for step in stage.steps),
        "lanes": stage.input.lanes,
        "beats": stage.input.beats,
        "period": max((len(constant["rows"]) for constant in constants), default=1),
        "x_type": cpp_type(stage.input.dtype),
        "y_type": cpp_type(stage.output.dtype),
        "constants": constants,
        "tables": tables,
        "steps": steps,
        "y": x,
    }


def _step(step: Step, x: str, y: str) -> dict[str, Any]:
    context: dict[str, Any] = {
        "op": step.op.name,
        "comment": f"{step.op.name} {step.op.describe()} -> {step.result.type.interval}",
        "x": x,
        "y": y,
        "type": cpp_type(step.result.dtype),
    }
    if isinstance(step.op, Clip):
        # Ends are of the operand's own type: between a signed and an unsigned number of 32 bits or
        # more AMD's header compares as C does, both taken for unsigned.
        type_, found = cpp_type(step.operand.dtype), step.result.type.interval
        for name, end in zip(("low", "high"), step.op.ends_met(step.operand.interval), strict=True):
            context[name] = None if end is None else f"qfx::from_bits<{type_}>({end})"
        if found.low == found.high:
            context["x"] = f"qfx::from_bits<{context['type']}>({found.low})"
    if isinstance(step.op, Lookup):
        context["first"] = step.op.first
        context["bits"] = ("ap_int" if step.operand.dtype.signed else "ap_uint") + (
            f"<{step.operand.dtype.wordlength}>"
        )
    if isinstance(step.op, DivideConstant):
        # A bit to spare, for AMD's quotient of -2**n / -1 overflows in the dividend's width; and
        # both signed, for under synthesis its header divides the two raw integers.
        operand, divisor = step.operand.dtype, step.op.constant.dtype
        context["dividend_type"] = cpp_type(_signed(operand, 1))
        context["divisor_type"] = cpp_type(_signed(divisor, 0))
    if isinstance(step.op, Sqrt):
        root_bits = max(1, step.result.type.interval.high.bit_length())
        context |= {"shift": step.op.shift, "x_bits": step.operand.dtype.wordlength}
        context |= {"root_bits": root_bits, "y_bits": step.result.dtype.wordlength}
    if isinstance(step.op, Cast):
        operand = step.operand.dtype
        if step.op.shift >= operand.wordlength:  # ap_fixed asserts on dropping bits it has not
            wide = replace(operand, wordlength=step.op.shift + 1)
            context["x"] = f"{cpp_type(wide)}({x})"
        context["cast_type"] = cpp_type(step.op.dtype, step.op.rounding, step.op.overflow)
    return context


def _signed(dtype: FixedPointType, spare: int) -> FixedPointType:
    return replace(dtype, wordlength=dtype.wordlength + (not dtype.signed) + spare, signed=True)


def _table(op: Lookup, name: str) -> dict[str, Any]:
    entries = op.table.integers.tolist()
    rows = [", ".join(map(str, entries[n : n + 16])) for n in range(0, len(entries), 16)]
    return {
        "name": name,
        "bits_type": bits_type(op.table.dtype),
        "size": len(entries),
        "rows": rows,
    }


def _constant(stage: Map, step: Step, name: str) -> dict[str, Any]:
    """The table of a step's constants: of integers, or of coded terms."""
    assert isinstance(step.op, ConstantOp)
    rows, bits = stage.constants(step), bits_type(step.op.constant.dtype)
    if step.multiplies and stage.multiplier == "shift_add":
        rows, bits = stage.terms(step).codes(), "unsigned char"
    return {
        "name": name,
        "bits_type": bits,
        "sizes": "".join(f"[{size}]" for size in rows.shape),
        "lane_dims": range(2, rows.ndim + 1),  # every lane reads in every cycle
        "rows": [nested(row) for row in rows.tolist()],
    }


def _product(stage: Map, step: Step) -> str:
    """What a product is built of."""
    assert isinstance(step.op, ConstantOp)
    assert stage.multiplier is not None
    if stage.multiplier == "shift_add":
        return shift_add(step.op.constant.dtype, stage.terms(step))
    return multiply(step.op.constant.dtype, stage.multiplier)


def multiply(dtype: FixedPointType, multiplier: Multiplier) -> str:
    """Products by stored integers of that type."""
    return f"qfx::Multiply<{cpp_type(dtype)}, {boolean(multiplier == 'dsp')}>"


def shift_add(dtype: FixedPointType, terms: Terms) -> str:
    """Products by terms so coded, of numbers of that type."""
    signs, gaps = boolean(terms.has_signs), boolean(terms.has_gaps)
    return f"qfx::ShiftAdd<{cpp_type(dtype)}, {terms.shift_bits}, {signs}, {gaps}>"


def boolean(value: bool) -> str:
    """As C++ writes it."""
    return str(value).lower()


def bits_type(dtype: FixedPointType) -> str:
    """The smallest plain C type for the stored integers."""
    types = {8: "signed char", 16: "short", 32: "int", 64: "long long"}
    bits = dtype.wordlength + (not dtype.signed)
    return types[min(size for size in types if size >= bits)]


def braced(items: Iterable[object]) -> str:
    """As C++ writes the rows of an array."""
    return "{" + ", ".join(map(str, items)) + "}"


def nested(integers: Any) -> str:
    """As C++ writes an array of arrays."""
    return braced(map(nested, integers)) if isinstance(integers, list) else str(integers)
