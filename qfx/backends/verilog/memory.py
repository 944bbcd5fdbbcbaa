"""How a memory of constants comes by its words in Verilog: a statement for each, or, where there
are many, long literals that loops hand out.

A statement costs Verilator and g++ kilobytes of memory for every 32 bits of its word, a literal a
few bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qfx.backends.verilog.literals import hex_literal

_STATED_WORDS = 64  # Verilator unrolls loops of no more turns: they would be statements again
_STATED_BITS = 8_192
_LITERAL_BITS = 65_536  # IEEE 1800 lets a tool end there
_VARIABLE_BITS = 1_000_000  # Vivado's limit of one variable (message Synth 8-4556)
_SLICES = (36, 18, 9, 4, 2, 1)  # widths that block RAM has, so that slices take no more of it


def contents(words: Sequence[int], bits: int, signed: bool = False) -> dict[str, Any]:
    """What the macro `memory.fill` needs: words to be stated, or blocks of words that loops hand
    out.

    Args:
        words: what the memory holds.
        bits: of a word.
        signed: whether words that are stated are signed literals.
    """
    if not _is_long(words, bits):
        return {"words": [hex_literal(word, bits, signed) for word in words], "blocks": []}
    size = max(1, _LITERAL_BITS // bits)
    return {
        "words": [],
        "blocks": [_block(words[n : n + size], n, bits) for n in range(0, len(words), size)],
    }


def slices(words: Sequence[int], bits: int) -> list[dict[str, Any]]:
    """A ROM as memories side by side: one, unless its words are many.

    Args:
        words: what the ROM holds.
        bits: of a word.
    """
    width = bits
    if _is_long(words, bits):
        width = next((w for w in _SLICES if w * len(words) <= _VARIABLE_BITS), 1)
    return [
        {
            "memory": "memory" if width >= bits else f"memory_{low}",
            "part": "" if width >= bits else f"[{low}+:{min(width, bits - low)}]",
            "bits": min(width, bits - low),
            **contents(_part(words, low, min(width, bits - low)), min(width, bits - low)),
        }
        for low in range(0, bits, width)
    ]


def _is_long(words: Sequence[int], bits: int) -> bool:
    return len(words) > _STATED_WORDS and len(words) * bits > _STATED_BITS


def _part(words: Sequence[int], low: int, bits: int) -> list[int]:
    mask = (1 << bits) - 1
    return [word >> low & mask for word in words]


def _block(words: Sequence[int], first: int, bits: int) -> dict[str, Any]:
    """Words as one literal, the first in the least significant bits."""
    digits = "".join(f"{word & ((1 << bits) - 1):0{bits}b}" for word in reversed(words))
    return {
        "first": first,
        "count": len(words),
        "bits": bits,
        "literal": hex_literal(int(digits, 2), bits * len(words)),
    }
