"""The instances of the top level: which module a stage is, its parameters and its wires."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qfx.backends.verilog.expressions import module_name
from qfx.backends.verilog.literals import hex_literal, pack
from qfx.backends.verilog.roms import roms
from qfx.hardware import (
    Argmax,
    Concatenate,
    Contract,
    Design,
    Embed,
    Fifo,
    Fork,
    Map,
    Merge,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Stage,
    Stream,
    Window,
)
from qfx.hardware.memory import Style, memory_of

Instance = dict[str, Any]
Parameters = dict[str, Any]


def instances(design: Design, stage: Stage) -> Iterator[Instance]:
    """The module of a stage, and the ROMs beside it."""
    ports = [*zip(stage.in_ports, stage.inputs, strict=True)]
    ports += zip(stage.out_ports, stage.outputs, strict=True)
    parameters = _PARAMETERS.get(type(stage))
    instance: Instance = {
        "name": f"u_{stage.name}",
        "module": _module(design, stage),
        "parameters": parameters(stage) if parameters else {},
        "wires": [],
        "comment": _provenance(stage),
        "connections": {
            "rst": "rst",
            **{
                f"{prefix}_{wire}": f"{stream.name}_{wire}"
                for prefix, stream in ports
                for wire in ("valid", "ready", "data")
            },
        },
    }
    beside = [_beside(instance, stage, *rom) for rom in roms(design, stage).items()]
    yield instance
    yield from beside


def _module(design: Design, stage: Stage) -> str:
    if isinstance(stage, Map):
        return module_name(design, stage)
    if isinstance(stage, Fifo) and memory_of(stage.depth, stage.input.bits) == "block":
        return "qfx_fifo_block"
    return f"qfx_{stage.kind}"


def _style(style: Style) -> Parameters:
    """The parameter that says where a stage's memory goes."""
    return {"RAM_STYLE": f'"{style}"'}


def _beside(instance: Instance, stage: Stage, prefix: str, rom: dict[str, Any]) -> Instance:
    """The ROM that the stage of `instance` reads by its ports of that prefix, and its wires."""
    ports = {p: f"{stage.name}_{prefix}_{p}" for p in ("enable", "address", "data")}
    bits = "ADDRESS_BITS" if prefix == "rom" else f"{prefix.upper()}_ADDRESS_BITS"
    instance["parameters"][bits] = rom["address_bits"]
    instance["connections"] |= {f"{prefix}_{p}": wire for p, wire in ports.items()}
    instance["wires"] += [
        f"wire {ports['enable']};",
        f"wire [{rom['address_bits'] - 1}:0] {ports['address']};",
        f"wire [{rom['bits'] - 1}:0] {ports['data']};",
    ]
    return {
        "name": f"u_{stage.name}_{prefix}",
        "module": rom["module"],
        "parameters": {},
        "wires": [],
        "comment": f"{rom['holds']} of {stage.name}",
        "connections": ports,
    }


def _fifo(stage: Fifo) -> Parameters:
    return {"BITS": stage.input.bits, "DEPTH": stage.depth}


def _fork(stage: Fork) -> Parameters:
    return {"BITS": stage.input.bits}


def _operands(stage: Merge | Concatenate) -> Parameters:
    return {
        "LANES": stage.output.lanes,
        **{
            f"{prefix}_{key}": value
            for prefix, stream in zip("AB", stage.inputs, strict=True)
            for key, value in _element(stream).items()
        },
        "OUT_BITS": stage.output.dtype.wordlength,
    }


def _merge(stage: Merge) -> Parameters:
    product = {"MULTIPLY": 1, "USE_DSP": int(stage.multiplier == "dsp")}
    return _operands(stage) | (product if stage.operation == "multiply" else {})


def _concat(stage: Concatenate) -> Parameters:
    beats = stage.pixel_beats
    return _operands(stage) | {"A_BEATS": beats[0], "B_BEATS": beats[1]}


def _resize(stage: Resize) -> Parameters:
    return {
        "BITS": stage.grain * stage.input.dtype.wordlength,
        "IN": stage.input.lanes // stage.grain,
        "OUT": stage.output.lanes // stage.grain,
        "IN_BEATS": stage.input.beats,
        "LAST_PUSH": stage.last_push // stage.grain,
        "LIMIT": stage.limit // stage.grain,
    }


def _pool(stage: Pool) -> Parameters:
    return {"LANES": stage.input.lanes, **_element(stage.input), "TAPS": stage.taps}


def _argmax(stage: Argmax) -> Parameters:
    return {
        "LANES": stage.input.lanes,
        **_element(stage.input),
        "BEATS": stage.input.beats,
        "INDEX_BITS": stage.output.dtype.wordlength,
    }


def _repeat(stage: Repeat) -> Parameters:
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        "WIDTH": stage.shape[2],
        "SCALE_H": stage.factor[0],
        "SCALE_W": stage.factor[1],
        **_style(memory_of(stage.places, stage.input.bits)),
    }


def _embed(stage: Embed) -> Parameters:
    return {
        "INDEX_BITS": stage.input.dtype.wordlength,
        "ROW_BEATS": stage.row_beats,
        "BITS": stage.output.bits,
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


def _element(stream: Stream) -> Parameters:
    return {"BITS": stream.dtype.wordlength, "SIGNED": int(stream.dtype.signed)}


def _contract(stage: Contract) -> dict[str, Any]:
    return {
        "IN_BEATS": stage.steps,
        "OUT_BEATS": stage.folds,
        "GROUPS": stage.groups,
        "SIMD": stage.simd,
        "PE": stage.pe,
        "X_BITS": stage.input.dtype.wordlength,
        "X_SIGNED": int(stage.input.dtype.signed),
        "W_BITS": stage.mantissa.dtype.wordlength,
        "W_SIGNED": int(stage.mantissa.dtype.signed),
        "SUM_BITS": stage.output.dtype.wordlength,
        **_product_parameters(stage),
        **_shift_parameters(stage),
        **_style(stage.buffer_style),
    }


def _product_parameters(stage: Contract) -> dict[str, Any]:
    """What products are built of."""
    if stage.multiplier != "shift_add":
        return {"USE_DSP": int(stage.multiplier == "dsp")}
    return {
        "TERMS": stage.terms.count,
        "TERM_SHIFT_BITS": stage.terms.shift_bits,
        "TERM_SIGNS": int(stage.terms.has_signs),
        "TERM_GAPS": int(stage.terms.has_gaps),
        "WORD_BITS": stage.weight_bits,
    }


def _shift_parameters(stage: Contract) -> dict[str, Any]:
    """How far each row's sum is shifted, in the order the rows leave; nothing where none is."""
    bits = int(stage.row_shifts.max()).bit_length()
    if bits == 0:
        return {}
    in_order = stage.row_shifts.reshape(-1).tolist()
    return {
        "SHIFT_BITS": bits,
        "SHIFTS": hex_literal(pack(in_order, bits), len(in_order) * bits),
    }


def _window(stage: Window) -> dict[str, int]:
    _, height, width = stage.shape
    return {
        "BITS": stage.input.bits,
        "BEATS": stage.pixel_beats,
        "GROUPS": stage.groups,
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
        **({} if stage.reads else {"READS": "1'b0"}),
        **_style(memory_of(stage.places, stage.input.bits)),
    }


_PARAMETERS: dict[type[Stage], Callable[[Any], Parameters]] = {
    Argmax: _argmax,
    Concatenate: _concat,
    Contract: _contract,
    Embed: _embed,
    Fifo: _fifo,
    Fork: _fork,
    Merge: _merge,
    Pool: _pool,
    Repeat: _repeat,
    Resize: _resize,
    SoftmaxStage: _softmax,
    Window: _window,
}


def _provenance(stage: Stage) -> str:
    layer = f"layer {stage.source}: " if stage.source else ""
    reads = " and ".join(f"{stream.lanes} x {stream.dtype}" for stream in stage.inputs)
    return (
        f"{layer}{stage.kind}, {reads} -> {stage.output.lanes} x {stage.output.dtype},"
        f" {stage.cycles} cycles a frame"
    )
