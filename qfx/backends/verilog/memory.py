"""How a memory of constants comes by its words in Verilog: a statement for each, or, where there
are many, long literals that loops hand out.

A statement costs Verilator and g++ kilobytes of memory for every 32 bits of its word, a literal a
few bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qfx.backends.netlist import Rom
from qfx.backends.verilog.literals import hex_literal

_STATED_WORDS = 64  # Verilator unrolls loops of no more turns: they would be statements again
_STATED_BITS = 8_192
_LITERAL_BITS = 65_536  # IEEE 1800 lets a tool end there
_VARIABLE_BITS = 1_000_000  # Vivado's limit of one variable (message Synth 8-4556)
_SLICES = (36, 18, 9, 4, 2, 1)  # widths that block RAM has, so that slices take no more of it


@dataclass(frozen=True)
class Block:
    """Words that a loop hands out.

    Args:
        first: the index of the first.
        count: of them.
        bits: of a word.
        literal: all of them, the first in the least significant bits.
    """

    first: int
    count: int
    bits: int
    literal: str


@dataclass(frozen=True)
class Contents:
    """What the macro `memory.fill` writes.

    Args:
        words: literals that are stated one by one.
        blocks: of words, where they are many; then none are stated.
    """

    words: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Slice:
    """One of the memories side by side that a ROM is.

    Args:
        memory: its name.
        part: which bits of the ROM's data it gives; empty where it gives all.
        bits: of its words.
        contents: its words.
    """

    memory: str
    part: str
    bits: int
    contents: Contents


def contents(words: Sequence[int], bits: int, signed: bool = False) -> Contents:
    """The words of a memory as Verilog writes them.

    Args:
        words: what the memory holds.
        bits: of a word.
        signed: whether words that are stated are signed literals.
    """
    if not _is_long(words, bits):
        return Contents(words=tuple(hex_literal(word, bits, signed) for word in words))
    size = max(1, _LITERAL_BITS // bits)
    starts = range(0, len(words), size)
    return Contents(blocks=tuple(_block(words[n : n + size], n, bits) for n in starts))


def slices(rom: Rom) -> tuple[Slice, ...]:
    """A ROM as memories side by side: one, unless its words are many."""
    words, bits = rom.words, rom.bits
    width = bits
    if _is_long(words, bits):
        width = next((w for w in _SLICES if w * len(words) <= _VARIABLE_BITS), 1)
    if width >= bits:
        return (Slice("memory", "", bits, contents(words, bits)),)
    found = []
    for low in range(0, bits, width):
        size = min(width, bits - low)
        kept = contents(_part(words, low, size), size)
        found.append(Slice(f"memory_{low}", f"[{low}+:{size}]", size, kept))
    return tuple(found)


def _is_long(words: Sequence[int], bits: int) -> bool:
    return len(words) > _STATED_WORDS and len(words) * bits > _STATED_BITS


def _part(words: Sequence[int], low: int, bits: int) -> list[int]:
    mask = (1 << bits) - 1
    return [word >> low & mask for word in words]


def _block(words: Sequence[int], first: int, bits: int) -> Block:
    digits = "".join(f"{word & ((1 << bits) - 1):0{bits}b}" for word in reversed(words))
    literal = hex_literal(int(digits, 2), bits * len(words))
    return Block(first, len(words), bits, literal)
