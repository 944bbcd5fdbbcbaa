"""How hardware description languages spell each kind of stage: the module that it is, that module's
parameters, and the ROMs beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qfx.backends.netlist.maps import MapModule, map_module
from qfx.backends.netlist.parts import Bits, Parameters, Rom
from qfx.backends.netlist.words import pack
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
    Stream,
    Subsample,
    Window,
)
from qfx.hardware.memory import Style, memory_of


@dataclass(frozen=True)
class Spelling:
    """How a kind of stage is spelled. Each function is given a stage of that kind, and of what is
    generated for it the name that belongs to it alone.

    Args:
        parameters: of its module, but for the widths of its ROMs' addresses.
        roms: beside it, in the order of its ports.
        module: of the library; by default the one named after the kind.
        generated: its own module, where it has none in the library.
    """

    parameters: Callable[[Any], Parameters] = lambda stage: {}
    roms: Callable[[Any, str], tuple[Rom, ...]] = lambda stage, own: ()
    module: Callable[[Any], str] = lambda stage: f"qfx_{stage.kind}"
    generated: Callable[[Any, str], MapModule] | None = None


def _argmax(stage: Argmax) -> Parameters:
    return {
        "LANES": stage.input.lanes,
        **_element(stage.input),
        "BEATS": stage.input.beats,
        "INDEX_BITS": stage.output.dtype.wordlength,
    }


def _concatenate(stage: Concatenate) -> Parameters:
    beats = stage.pixel_beats
    return {**_operands(stage), "A_BEATS": beats[0], "B_BEATS": beats[1]}


def _contract(stage: Contract) -> Parameters:
    return {
        "IN_BEATS": stage.steps,
        "OUT_BEATS": stage.folds,
        "GROUPS": stage.groups,
        "SIMD": stage.simd,
        "PE": stage.pe,
        **_products(stage),
        **_shifts(stage),
        **_style(stage.buffer_style),
    }


def _depthwise(stage: Depthwise) -> Parameters:
    return {
        "IN_BEATS": stage.steps,
        "BLOCKS": stage.groups,
        "CHANNELS": stage.channels,
        "TAPS": stage.summed,
        "OUTPUTS": stage.pe // stage.channels,
        **_products(stage),
        **_shifts(stage),
    }


def _products(stage: Contract | Depthwise) -> Parameters:
    """Of what, as wide as what, products are built."""
    return {
        "X_BITS": stage.input.dtype.wordlength,
        "X_SIGNED": int(stage.input.dtype.signed),
        "W_BITS": stage.mantissa.dtype.wordlength,
        "W_SIGNED": int(stage.mantissa.dtype.signed),
        "SUM_BITS": stage.output.dtype.wordlength,
        "ROM_LATENCY": stage.rom_latency,
        **_built_of(stage),
    }


def _built_of(stage: Contract | Depthwise) -> Parameters:
    if stage.multiplier == "dsp_pairs":
        return {"DSP_PAIRS": 1}
    if stage.multiplier != "shift_add":
        return {"USE_DSP": int(stage.multiplier == "dsp")}
    return {
        "TERMS": stage.terms.count,
        "TERM_SHIFT_BITS": stage.terms.shift_bits,
        "TERM_SIGNS": int(stage.terms.has_signs),
        "TERM_GAPS": int(stage.terms.has_gaps),
        "WORD_BITS": stage.weight_bits,
    }


def _shifts(stage: Contract | Depthwise) -> Parameters:
    """How far each row's sum is shifted, in the order the rows leave; nothing where none is."""
    bits = int(stage.row_shifts.max()).bit_length()
    if bits == 0:
        return {}
    in_order = stage.row_shifts.reshape(-1).tolist()
    return {"SHIFT_BITS": bits, "SHIFTS": Bits(pack(in_order, bits), len(in_order) * bits)}


def _weights(stage: Contract | Depthwise, own: str) -> tuple[Rom, ...]:
    """A word per cycle as the stage reads them, outputs in the outer loop."""
    weight = stage.mantissa.integers
    title = f"{_of(stage)}, {stage.pe} x {stage.summed} x {stage.mantissa.dtype}"
    if stage.multiplier == "shift_add":
        weight = np.array(stage.terms.words(), object)
        title += f" as {stage.terms.count} terms of {stage.terms.term_bits} bits"
    lanes = weight.reshape(stage.groups, stage.steps, stage.summed, stage.folds, stage.pe)
    in_order = lanes.transpose(0, 3, 1, 4, 2).reshape(stage.words, -1)
    rom = Rom(
        module=f"{own}_rom",
        port="rom",
        holds="weights",
        title=title,
        words=tuple(pack(word, stage.weight_bits) for word in in_order.tolist()),
        bits=stage.products * stage.weight_bits,
        style=stage.weight_memory,
        latency=stage.rom_latency,
    )
    return (rom,)


def _embed(stage: Embed) -> Parameters:
    return {
        "INDEX_BITS": stage.input.dtype.wordlength,
        "ROW_BEATS": stage.row_beats,
        "BITS": stage.output.bits,
    }


def _rows(stage: Embed, own: str) -> tuple[Rom, ...]:
    """The table as it is read: row by row, `pe` elements a word."""
    dtype = stage.table.dtype
    beats = stage.table.integers.reshape(stage.words, stage.pe).tolist()
    words = [pack(beat, dtype.wordlength) for beat in beats]
    title = f"{_of(stage)}, {stage.pe} x {dtype}"
    return (_rom(f"{own}_rom", "rom", "rows", title, words, stage.output.bits),)


def _fifo(stage: Fifo) -> Parameters:
    return {"BITS": stage.input.bits, "DEPTH": stage.depth}


def _queue(stage: Fifo) -> str:
    in_blocks = memory_of(stage.depth, stage.input.bits) == "block"
    return "qfx_fifo_block" if in_blocks else "qfx_fifo"


def _fork(stage: Fork) -> Parameters:
    return {"BITS": stage.input.bits}


def _merge(stage: Merge) -> Parameters:
    if stage.operation == "add":
        return _operands(stage)
    if stage.operation != "multiply":
        return {**_operands(stage), stage.operation.upper(): 1}
    return {**_operands(stage), "MULTIPLY": 1, "USE_DSP": int(stage.multiplier == "dsp")}


def _peak(stage: Peak) -> Parameters:
    return {
        "LANES": stage.input.lanes,
        **_element(stage.input),
        "BEATS": stage.pixel_beats,
        "PIXELS": stage.pixels,
    }


def _pool(stage: Pool) -> Parameters:
    return {"LANES": stage.output.lanes, **_element(stage.input), "TAPS": stage.taps}


def _pooling(stage: Pool) -> str:
    return "qfx_pool_tree" if stage.at_once > 1 else "qfx_pool"


def _repeat(stage: Repeat) -> Parameters:
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        "WIDTH": stage.shape[2],
        "SCALE_H": stage.factor[0],
        "SCALE_W": stage.factor[1],
        **_style(memory_of(stage.places, stage.input.bits)),
    }


def _resize(stage: Resize) -> Parameters:
    return {
        "BITS": stage.grain * stage.input.dtype.wordlength,
        "IN": stage.input.lanes // stage.grain,
        "OUT": stage.output.lanes // stage.grain,
        "IN_BEATS": stage.input.beats // stage.parts,
        "LAST_PUSH": stage.last_push // stage.grain,
        "LIMIT": stage.limit // stage.grain,
        **({"FILLED": 1} if stage.parts > 1 else {}),
    }


def _softmax(stage: SoftmaxStage) -> Parameters:
    return {
        "COUNT": stage.count,
        **_element(stage.input),
        "EXP_BITS": stage.exponentials.dtype.wordlength,
        "RECIPROCAL_BITS": stage.reciprocals.dtype.wordlength,
        "OUT_BITS": stage.output.bits,
        "USE_DSP": int(stage.multiplier == "dsp"),
    }


def _softmax_tables(stage: SoftmaxStage, own: str) -> tuple[Rom, ...]:
    tables = {
        "exp": ("exponentials", stage.exponentials),
        "reciprocal": ("reciprocals", stage.reciprocals),
    }
    found = []
    for port, (holds, table) in tables.items():
        words, bits = table.integers.tolist(), table.dtype.wordlength
        title = f"{_of(stage)}, {table.dtype}"
        found.append(_rom(f"{own}_{port}", port, holds, title, words, bits))
    return tuple(found)


def _subsample(stage: Subsample) -> Parameters:
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        "WIDTH": stage.width,
        "STRIDE": stage.stride,
    }


def _window(stage: Window) -> Parameters:
    reads: Parameters = {} if stage.reads else {"READS": False}
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        "GROUPS": stage.groups,
        **_over_an_image(stage),
        **reads,
        **_style(memory_of(stage.places, stage.input.bits)),
    }


def _patches(stage: Patches) -> Parameters:
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        **_over_an_image(stage),
        "FIRST": stage.scan.first,
        "LAST": stage.scan.last,
        **_style(stage.bank_style),
        "COLUMN_STYLE": stage.column_style,
    }


def _over_an_image(stage: Window) -> Parameters:
    """Where its patches stand, and what it holds of it."""
    _, height, width = stage.shape
    return {
        "HEIGHT": height,
        "WIDTH": width,
        "KERNEL_H": stage.kernel[0],
        "KERNEL_W": stage.kernel[1],
        "STRIDE_H": stage.stride[0],
        "STRIDE_W": stage.stride[1],
        "DILATION_H": stage.dilation[0],
        "DILATION_W": stage.dilation[1],
        "PAD_H": stage.padding[0],
        "PAD_W": stage.padding[1],
        "OUT_HEIGHT": stage.out_size[0],
        "OUT_WIDTH": stage.out_size[1],
        "ROWS": stage.rows,
    }


def _operands(stage: Merge | Concatenate) -> Parameters:
    """Of two streams, A and B, that become one."""
    found: dict[str, int] = {"LANES": stage.output.lanes}
    for prefix, stream in zip("AB", stage.inputs, strict=True):
        found |= {f"{prefix}_{key}": value for key, value in _element(stream).items()}
    return {**found, "OUT_BITS": stage.output.dtype.wordlength}


def _element(stream: Stream) -> dict[str, int]:
    return {"BITS": stream.dtype.wordlength, "SIGNED": int(stream.dtype.signed)}


def _style(style: Style) -> Parameters:
    """The parameter that says where a stage's memory goes."""
    return {"RAM_STYLE": style}


def _of(stage: Stage) -> str:
    return stage.source or stage.name


def _rom(module: str, port: str, holds: str, title: str, words: list[int], bits: int) -> Rom:
    return Rom(module, port, holds, title, tuple(words), bits, memory_of(len(words), bits))


SPELLED: dict[type[Stage], Spelling] = {
    Argmax: Spelling(_argmax),
    Concatenate: Spelling(_concatenate),
    Contract: Spelling(_contract, _weights),
    Depthwise: Spelling(_depthwise, _weights),
    Embed: Spelling(_embed, _rows),
    Fifo: Spelling(_fifo, module=_queue),
    Fork: Spelling(_fork),
    Map: Spelling(generated=map_module),
    Merge: Spelling(_merge),
    Patches: Spelling(_patches),
    Peak: Spelling(_peak),
    Pool: Spelling(_pool, module=_pooling),
    Repeat: Spelling(_repeat),
    Resize: Spelling(_resize),
    SoftmaxStage: Spelling(_softmax, _softmax_tables),
    Subsample: Spelling(_subsample),
    Window: Spelling(_window),
}
