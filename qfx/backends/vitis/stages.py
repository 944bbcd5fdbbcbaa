"""How C++ spells each kind of stage: a function of the library and its template's arguments, or one
that is generated, and the tables that it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qfx.backends.vitis.maps import MapFunction, map_function
from qfx.backends.vitis.tables import Table, Weights
from qfx.backends.vitis.types import bits_type, cpp_type, multiply, shift_add
from qfx.hardware import (
    Argmax,
    Concatenate,
    Contract,
    Depthwise,
    Embed,
    Fifo,
    Fork,
    Map,
    Merge,
    Patches,
    Peak,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Stage,
    Subsample,
    Window,
)

Arguments = Sequence[object]
_OPERATIONS = {  # of a merge, but for products
    "add": "Sum",
    "subtract": "Difference",
    "maximum": "Maximum",
    "minimum": "Minimum",
}


@dataclass(frozen=True)
class Spelling:
    """How a kind of stage is spelled. Each function is given a stage of that kind.

    Args:
        arguments: of the template qfx::KIND in the library's header qfx_KIND.hpp; None where it is
            no function of the library.
        tables: that the function is given behind its streams.
        generated: its own function, where it has none in the library. A kind that has neither is
            no function at all.
    """

    arguments: Callable[[Any], Arguments] | None = None
    tables: Callable[[Any], tuple[Table, ...]] = lambda stage: ()
    generated: Callable[[Any], MapFunction] | None = None


def _argmax(stage: Argmax) -> Arguments:
    return (stage.input.beats,)


def _concatenate(stage: Concatenate) -> Arguments:
    return (stage.pixels, *stage.pixel_beats)


def _contract(stage: Contract) -> Arguments:
    return (_products(stage), stage.vectors)


def _depthwise(stage: Depthwise) -> Arguments:
    return (_products(stage), stage.vectors, stage.channels)


def _products(stage: Contract | Depthwise) -> str:
    dtype = stage.mantissa.dtype
    if stage.multiplier == "shift_add":
        return shift_add(dtype, stage.terms)
    return multiply(dtype, stage.multiplier)


def _weights(stage: Contract | Depthwise) -> tuple[Table, ...]:
    dtype, coded = stage.mantissa.dtype, stage.multiplier == "shift_add"
    each = stage.terms.codes() if coded else stage.mantissa.integers
    in_lanes = (stage.groups, stage.steps, stage.summed, stage.folds, stage.pe)
    lanes = each.reshape(*in_lanes, *each.shape[3:])
    shifts = stage.row_shifts.reshape(stage.groups, stage.folds, stage.pe)
    weights = Weights(
        name=f"{stage.name}_weights",
        title=stage.source or stage.name,
        type=cpp_type(dtype),
        bits_type="unsigned char" if coded else bits_type(dtype),
        integers=lanes.transpose(0, 3, 1, 4, 2, *range(5, lanes.ndim)),
        shifts=shifts if shifts.any() else None,
        coded=coded,
    )
    return (weights,)


def _embed(stage: Embed) -> Arguments:
    return (stage.input.elements, stage.row_beats)


def _rows(stage: Embed) -> tuple[Table, ...]:
    return (Table.of(stage, "rows", stage.table.reshape((-1, stage.pe))),)


def _fork(stage: Fork) -> Arguments:
    return (stage.input.beats,)


def _merge(stage: Merge) -> Arguments:
    kind = stage.multiplier
    product = kind and f"Product<{multiply(stage.second.dtype, kind)}>"
    operation = product or _OPERATIONS[stage.operation]
    return (stage.output.beats, f"qfx::{operation}")


def _peak(stage: Peak) -> Arguments:
    return (stage.pixels, stage.pixel_beats)


def _pool(stage: Pool) -> Arguments:
    return (stage.output.beats, stage.beats)


def _repeat(stage: Repeat) -> Arguments:
    return (*stage.shape[1:], *stage.factor, stage.pixel_beats)


def _resize(stage: Resize) -> Arguments:
    return (stage.parts, stage.input.elements // stage.parts)


def _softmax(stage: SoftmaxStage) -> Arguments:
    dtypes = (stage.exponentials.dtype, stage.reciprocals.dtype, stage.sum_type)
    products = multiply(dtypes[0], stage.multiplier)
    return (products, *map(cpp_type, dtypes), stage.dropped, stage.count)


def _softmax_tables(stage: SoftmaxStage) -> tuple[Table, ...]:
    return (
        Table.of(stage, "exponentials", stage.exponentials),
        Table.of(stage, "reciprocals", stage.reciprocals),
    )


def _subsample(stage: Subsample) -> Arguments:
    rows = stage.input.beats // (stage.width * stage.pixel_beats)
    return (rows, stage.width, stage.stride, stage.pixel_beats)


def _window(stage: Window) -> Arguments:
    return (stage.groups, *_over_an_image(stage), stage.rows, stage.pixel_beats)


def _patches(stage: Patches) -> Arguments:
    scan = stage.scan
    reads = (scan.first, scan.last, scan.length)
    return (*_over_an_image(stage), *reads, stage.rows, stage.pixel_beats)


def _over_an_image(stage: Window) -> Arguments:
    """Where its patches stand."""
    return (
        *stage.shape[1:], *stage.kernel, *stage.stride, *stage.dilation, *stage.padding,
        *stage.out_size,
    )  # fmt: skip


SPELLED: dict[type[Stage], Spelling] = {
    Argmax: Spelling(_argmax),
    Concatenate: Spelling(_concatenate),
    Contract: Spelling(_contract, _weights),
    Depthwise: Spelling(_depthwise, _weights),
    Embed: Spelling(_embed, _rows),
    Fifo: Spelling(),  # the depth of its stream
    Fork: Spelling(_fork),
    Map: Spelling(generated=map_function),
    Merge: Spelling(_merge),
    Patches: Spelling(_patches),
    Peak: Spelling(_peak),
    Pool: Spelling(_pool),
    Repeat: Spelling(_repeat),
    Resize: Spelling(_resize),
    SoftmaxStage: Spelling(_softmax, _softmax_tables),
    Subsample: Spelling(_subsample),
    Window: Spelling(_window),
}
_BESIDE = {"qfx_products.hpp", "qfx_registers.hpp"}  # what generated code uses, too


def headers() -> list[str]:
    """Of the library, those that the top includes."""
    spelled = {f"qfx_{kind.kind}.hpp" for kind, each in SPELLED.items() if each.arguments}
    return sorted(spelled | _BESIDE)


def function(stage: Stage) -> str | None:
    """The function that a stage is; None where it is none."""
    spelling = SPELLED[type(stage)]
    if spelling.arguments is not None:
        return f"qfx::{stage.kind}<{', '.join(map(str, spelling.arguments(stage)))}>"
    return stage.name if spelling.generated else None


def ends() -> dict[str, tuple[str, ...]]:
    """What each function of the library does with its first arguments, the streams: "read" or
    "written".
    """
    return {
        f"qfx::{kind.kind}": ("read",) * len(kind.in_ports) + ("written",) * len(kind.out_ports)
        for kind, each in SPELLED.items()
        if each.arguments
    }
