"""What is said of a cell of a block design: its pins, its interfaces, its properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Settings = Mapping[str, str]  # properties without their CONFIG., as set or by default


@dataclass(frozen=True)
class Number:
    """What a property may be: a number between two, ends included."""

    low: float
    high: float

    def __contains__(self, value: str) -> bool:
        try:
            return self.low <= float(value) <= self.high
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class OneOf:
    """What a property may be: one of some numbers."""

    values: tuple[int, ...]

    def __contains__(self, value: str) -> bool:
        return value in map(str, self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(map(str, self.values))}"


@dataclass(frozen=True)
class Property:
    """A property: what it may be, and what it is where nothing is set.

    The default of a processing system's is the one that asks most of a script, since a board's
    preset may have set it.
    """

    allowed: Number | OneOf
    default: str


@dataclass(frozen=True)
class Pin:
    """A pin.

    Args:
        name, direction: "in" or "out".
        kind: "clock", "reset", "resetn" (held by 0) or "data".
        when: it is there where this property is 1; None: always.
        needed: whether nothing drives it where the design does not.
    """

    name: str
    direction: str
    kind: str
    when: str | None = None
    needed: bool = True


@dataclass(frozen=True)
class Interface:
    """An interface.

    Args:
        name: of it.
        mode: "master" or "slave".
        protocol: "aximm" or "axis".
        clock: the pin whose clock it follows.
        width: the property that says its data width, or the width; None where it takes any.
        when: as for Pin.
        space: of a master, its address space; None where others' addresses pass through.
        segments: of a slave, the segments it is, by name; the bytes of each, None where a board
            decides.
    """

    name: str
    mode: str
    protocol: str
    clock: str
    width: str | int | None = None
    when: str | None = None
    space: str | None = None
    segments: Mapping[str, int | None] | None = None


@dataclass(frozen=True)
class CellType:
    """An IP: the guide it is described by, and what it has."""

    ip: str
    guide: str
    pins: tuple[Pin, ...]
    interfaces: tuple[Interface, ...]
    properties: Mapping[str, Property]


SWITCH = OneOf((0, 1))
