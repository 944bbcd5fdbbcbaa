"""What the Verilog expressions need to know: widths, literals and, for a cast, which of its parts
are needed.
"""

from __future__ import annotations

from typing import Any

from qfx.backends.verilog.literals import hex_literal, pack
from qfx.backends.verilog.memory import contents
from qfx.fixedpoint import FixedPointType, Interval, Overflow
from qfx.hardware import Design, Map, Stage, Step
from qfx.ops import (
    Cast,
    Clip,
    ConstantOp,
    DivideConstant,
    Lookup,
    PRelu,
    Sqrt,
    TensorType,
)


def module_name(design: Design, stage: Stage) -> str:
    """The name of a generated module: unique, so that two designs can live in one project."""
    return f"{design.graph.name}_{stage.name}"


def signed_bits(interval: Interval) -> int:
    """Bits of the smallest two's-complement number that holds the interval: maps compute in signed
    numbers.
    """
    dtype = FixedPointType.holding(interval, 0)
    return dtype.wordlength + (not dtype.signed)


def map_context(design: Design, stage: Map) -> dict[str, Any]:
    """Everything the map template prints."""
    steps: list[dict[str, Any]] = []
    constants: list[dict[str, Any]] = []
    tables: list[dict[str, Any]] = []
    x, operand = "x", stage.steps[0].operand
    for index, step in enumerate(stage.steps):
        context = _step(step, x, f"y{index}")
        if isinstance(step.op, ConstantOp):
            constants.append(_constant(stage, step, f"c{index}"))
            bits = constants[-1]["lane_bits"]
            context |= {"constant": f"c{index}", "constant_bits": bits}
            context |= _product(stage, step)
            if isinstance(step.op, DivideConstant):
                context["wide_bits"] = max(
                    context["x_bits"] + step.op.shift, bits, context["y_bits"]
                )
        if isinstance(step.op, Lookup):
            in_block = stage.table_style(step) == "block"
            context |= {"depth": 0} if not in_block else _table_rom(step, context)
            if not in_block:
                tables.append(_table(step.op, step.operand.interval, context))
        steps.append(context)
        x = context["y"]
    width = stage.input.dtype.wordlength
    lane = f"in_data[lane*{width}+:{width}]"
    beats = stage.period
    return {
        "module": module_name(design, stage),
        "multiplier": stage.multiplier,
        "title": f"{stage.source or stage.name}, "
        + ", ".join(step.op.name for step in stage.steps),
        "lanes": stage.input.lanes,
        "in_bits": stage.input.bits,
        "out_bits": stage.output.bits,
        "beats": beats,
        "beat_bits": max(1, (beats - 1).bit_length()),
        "counts": any(constant["depth"] > 1 for constant in constants),
        "constants": constants,
        "tables": tables,
        "x": lane if stage.input.dtype.signed else f"{{1'b0, {lane}}}",
        "x_bits": signed_bits(operand.interval),
        "steps": steps,
        "y": x,
        "y_lane_bits": stage.output.dtype.wordlength,
    }


def _constant(stage: Map, step: Step, name: str) -> dict[str, Any]:
    """The constants of a step, a word for each beat."""
    rows: list[list[int]] = stage.constants(step).tolist()
    if step.multiplies and stage.multiplier == "shift_add":
        words, lanes = stage.terms(step).words(), stage.input.lanes
        rows = [words[start : start + lanes] for start in range(0, len(words), lanes)]
    bits = stage.kept_bits(step)
    width = stage.input.lanes * bits
    return {
        "name": name,
        "bits": width,
        "lane_bits": bits,
        "style": stage.constants_style(step),
        "depth": len(rows),
        "contents": contents([pack(row, bits) for row in rows], width),
    }


def _product(stage: Map, step: Step) -> dict[str, Any]:
    """What a product is built of: a multiplier, or terms, each told by its fields of the word."""
    if not step.multiplies:
        return {}
    if stage.multiplier != "shift_add":
        return {"terms": [], "in_dsp": stage.multiplier == "dsp"}
    terms = stage.terms(step)
    fields = []
    for place in (term * terms.term_bits for term in range(terms.count)):
        sign = place + terms.shift_bits
        fields.append(
            {
                "shift": f"[{place}+:{terms.shift_bits}]" if terms.shift_bits else "",
                "sign": f"[{sign}]" if terms.has_signs else "",
                "present": f"[{sign + terms.has_signs}]" if terms.has_gaps else "",
            }
        )
    return {"terms": fields}


def _table(op: Lookup, operand: Interval, context: dict[str, Any]) -> dict[str, Any]:
    """A lookup's table, for the operands it meets, as a function of them."""
    x_bits, y_bits = context["x_bits"], context["y_bits"]
    return {
        "name": f"{context['y']}_table",
        "x_bits": x_bits,
        "y_bits": y_bits,
        "rows": [
            (
                hex_literal(x, x_bits, signed=True),
                hex_literal(int(op.table.integers[x - op.first]), y_bits, signed=True),
            )
            for x in range(operand.low, operand.high + 1)
        ],
    }


def _table_rom(step: Step, context: dict[str, Any]) -> dict[str, Any]:
    """A lookup's table as a ROM."""
    words = step.table_words()
    return {"depth": len(words), "contents": contents(words, context["y_bits"], signed=True)}


def _step(step: Step, x: str, y: str) -> dict[str, Any]:
    context: dict[str, Any] = {
        "op": step.op.name,
        "comment": (
            f"{step.op.name} {step.op.describe()}: {_range(step.operand)}"
            f" -> {_range(step.result.type)}"
        ),
        "x": x,
        "y": y,
        "x_bits": signed_bits(step.operand.interval),
        "y_bits": signed_bits(step.result.type.interval),
    }
    if isinstance(step.op, Cast):
        return context | _cast(step.op, step, context)
    if isinstance(step.op, Clip):
        return context | _clip(step.op, step, context)
    if isinstance(step.op, PRelu):
        return context | {"shift": step.op.constant.dtype.fraction_bits}
    if isinstance(step.op, DivideConstant):
        return context | {"numerator": _appended(x, step.op.shift)}
    if isinstance(step.op, Sqrt):
        root_bits = max(1, step.result.type.interval.high.bit_length())
        return context | {"radicand": _appended(x, step.op.shift), "root_bits": root_bits}
    return context


def _range(type_: TensorType) -> str:
    return f"{type_.dtype} {type_.interval}"


def _cast(op: Cast, step: Step, context: dict[str, Any]) -> dict[str, Any]:
    """A cast's parts; what the operand's interval proves needless is left out."""
    x, y, y_bits = context["x"], context["y"], context["y_bits"]
    drop = max(op.shift, 0)
    rounded, fitting, width = op.rounded(step.operand.interval), op.fitting, op.dtype.wordlength
    q_bits = signed_bits(rounded)
    fits = rounded in fitting
    to_zero = op.overflow is Overflow.SAT_ZERO
    kept = f"{width}'({y}_rounded)"

    return {
        "drop": drop,
        "wide_bits": max(context["x_bits"], drop + 1),
        "q_bits": q_bits,
        "rounding": op.rounding.name,
        "appended": _appended(x, -op.shift),
        "wraps": op.overflow is Overflow.WRAP and not fits,
        "wrapped": kept if op.dtype.signed else f"{{1'b0, {kept}}}",
    } | _ends(rounded, fitting, q_bits, y_bits, to_zero)


def _appended(x: str, zeros: int) -> str:
    return f"{{{x}, {zeros}'b0}}" if zeros > 0 else x


def _clip(op: Clip, step: Step, context: dict[str, Any]) -> dict[str, Any]:
    """A clip's comparisons, in the operand's width, which holds the ends that it meets."""
    x, y = step.operand.interval, step.result.type.interval
    low, high = op.ends_met(x)
    if low is high is None and y.low == y.high:
        return {"x": hex_literal(y.low, context["y_bits"], signed=True), "low": None, "high": None}
    kept = Interval(x.low if low is None else low, x.high if high is None else high)
    return _ends(x, kept, context["x_bits"], context["y_bits"])


def _ends(
    interval: Interval, kept: Interval, bits: int, y_bits: int, to_zero: bool = False
) -> dict[str, str | None]:
    """The comparisons that hold a value of `bits` bits within `kept`, and what they give."""

    def literal(value: int, width: int) -> str:
        return hex_literal(value, width, signed=True)

    return {
        "high": literal(kept.high, bits) if interval.high > kept.high else None,
        "low": literal(kept.low, bits) if interval.low < kept.low else None,
        "above": literal(0 if to_zero else kept.high, y_bits),
        "below": literal(0 if to_zero else kept.low, y_bits),
    }
