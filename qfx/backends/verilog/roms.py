"""The ROMs that stand beside the stages of a design, and their words."""

from __future__ import annotations

from typing import Any

import numpy as np

from qfx.backends.verilog.expressions import module_name
from qfx.backends.verilog.literals import pack
from qfx.backends.verilog.memory import slices
from qfx.hardware import Contract, Design, Embed, SoftmaxStage, Stage
from qfx.hardware.memory import memory_of


def roms(design: Design, stage: Stage) -> dict[str, dict[str, Any]]:
    """What rom.sv.j2 needs, for each ROM the stage reads, by the prefix of the stage's ports."""
    if isinstance(stage, Contract):
        dtype = stage.mantissa.dtype
        bits = stage.pe * stage.simd * stage.weight_bits
        title = f"{stage.source or stage.name}, {stage.pe} x {stage.simd} x {dtype}"
        if stage.multiplier == "shift_add":
            title += f" as {stage.terms.count} terms of {stage.terms.term_bits} bits"
        rom = _rom(design, stage, "rom", "weights", title, contract_words(stage), bits)
        asked = stage.weight_style is not None
        return {"rom": rom | {"style": stage.weight_memory, "asked": asked}}
    if isinstance(stage, Embed):
        dtype = stage.table.dtype
        words = [pack(beat, dtype.wordlength) for beat in _beats(stage)]
        title = f"{stage.source or stage.name}, {stage.pe} x {dtype}"
        return {"rom": _rom(design, stage, "rom", "rows", title, words, stage.output.bits)}
    if isinstance(stage, SoftmaxStage):
        tables = {
            "exp": ("exponentials", stage.exponentials),
            "reciprocal": ("reciprocals", stage.reciprocals),
        }
        found = {}
        for prefix, (holds, table) in tables.items():
            words, bits = table.integers.tolist(), table.dtype.wordlength
            title = f"{stage.source or stage.name}, {table.dtype}"
            found[prefix] = _rom(design, stage, prefix, holds, title, words, bits)
        return found
    return {}


def contract_words(stage: Contract) -> list[int]:
    """The weights as the contraction reads them: a word per cycle, outputs in the outer loop."""
    weight = stage.mantissa.integers
    if stage.multiplier == "shift_add":
        weight = np.array(stage.terms.words(), object)
    lanes = weight.reshape(stage.groups, stage.steps, stage.simd, stage.folds, stage.pe)
    in_order = lanes.transpose(0, 3, 1, 4, 2).reshape(stage.words, -1)
    return [pack(word, stage.weight_bits) for word in in_order.tolist()]


def _beats(stage: Embed) -> list[list[int]]:
    """The table as it is read: row by row, `pe` elements a word."""
    in_order: list[list[int]] = stage.table.integers.reshape(stage.words, stage.pe).tolist()
    return in_order


def _rom(
    design: Design,
    stage: Stage,
    prefix: str,
    holds: str,
    title: str,
    words: list[int],
    bits: int,
) -> dict[str, Any]:
    return {
        "module": f"{module_name(design, stage)}_{prefix}",
        "holds": holds,
        "title": title,
        "depth": len(words),
        "style": memory_of(len(words), bits),
        "asked": False,  # for that style: only of weights it can be
        "bits": bits,
        "address_bits": max(1, (len(words) - 1).bit_length()),
        "slices": slices(words, bits),
    }
