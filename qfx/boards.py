"""Boards as data: one YAML file each, read into a type that refuses what is not a board."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError, model_validator
from typing_extensions import Self

from qfx import assets
from qfx.disk import Damaged, fault, yaml_text
from qfx.disk.record import FiniteRecord
from qfx.errors import QfxError

Count = Annotated[int, Field(ge=0, le=1_000_000_000_000)]
Share = Annotated[float, Field(gt=0, le=1)]
Megahertz = Annotated[float, Field(gt=0, le=10_000)]
# What stands in generated scripts and pages, on one line, and needs no quotes there.
Word = Annotated[str, Field(pattern=r"^[\w.:-]{1,100}$")]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]


class BoardError(QfxError):
    """A board that is not known, or a board file that is not right."""


Read = TypeVar("Read", bound=FiniteRecord)


class Resources(FiniteRecord):
    """What a part has or a design takes."""

    luts: Count = 0
    flip_flops: Count = 0
    dsps: Count = 0
    bram_18k: Count = 0
    uram: Count = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(**{k: v + getattr(other, k) for k, v in self})


class Budget(FiniteRecord):
    """The share of each resource a design may take; routing wants the rest."""

    luts: Share = 0.7
    flip_flops: Share = 0.8
    dsps: Share = 0.8
    bram_18k: Share = 0.8
    uram: Share = 0.8


class SystemClock(FiniteRecord):
    """The clock that a processing system gives the programmable logic, and the reset with it.

    `property` is the one that sets its MHz, `name` what timing reports call it.
    """

    pin: str
    reset: str
    property: str
    name: str


class ControlPort(FiniteRecord):
    """The AXI4 master by which the processors reach registers: `bytes` from `base` on."""

    port: str
    clock: str
    base: Count
    bytes: Count


class MemoryPort(FiniteRecord):
    """The AXI4 slave by which a DMA reaches the processors' memory.

    `widths` are those it may have, in bits; `low`, `high` and `others` the segments behind it: DDR
    from address 0 on, `low_mib` at most, DDR beyond 4 GB where there is any, and what is no DDR.
    """

    port: str
    clock: str
    width_property: str
    widths: tuple[int, ...]
    low: str
    low_mib: Annotated[int, Field(gt=0)]
    high: str | None = None
    others: tuple[str, ...] = ()
    address_bits: Annotated[int, Field(ge=32, le=64)]


class ProcessingSystem(FiniteRecord):
    """The processors' side of a part, as Vivado's block designs have it.

    `ip` is its vendor, library and name; `automation` the rule, and `options` what it is given,
    that set it up after the board's files; `properties` what is set after that.
    """

    name: str
    title: str
    ip: str
    automation: str
    options: dict[str, str]
    properties: dict[str, int]
    clock: SystemClock
    control: ControlPort
    memory: MemoryPort
    sources: dict[str, str]


class PynqSystem(FiniteRecord):
    """How PYNQ comes to a board, and who works there: what the folder's README tells to type.

    `install` is a sentence; `user` and `home` whose, in capitals where they are one's own;
    `notebooks` the folder there that Jupyter shows, None where `environment`, the file that Python
    needs sourced, names another by PYNQ_JUPYTER_NOTEBOOKS.
    """

    name: str
    title: str
    install: str
    user: str
    home: str
    notebooks: str | None = None
    environment: str
    jupyter_port: int
    jupyter_password: str
    sources: dict[str, str]


class BoardSystem(FiniteRecord):
    """A board's processing system: the processors beside the programmable logic.

    `type` is a file of boards/processing_systems; `low_memory_mib` the DDR memory from address 0
    on, or as much of it as DMAs shall reach: a power of two, as every address range in Vivado;
    `vivado` the oldest version that the block design is written for; `pynq` a file of boards/pynq.
    """

    type: str
    low_memory_mib: Annotated[int, Field(gt=0)]
    vivado: Annotated[str, Field(pattern=r"^\d{4}\.\d$")]
    pynq: str = "image"


class Board(FiniteRecord):
    """A board and its part.

    `clock_mhz` is what the clock's generator is asked for by default; `max_clock_mhz` the fastest
    worth asking the tools for. Whether a design reaches them is estimated, not known, until a
    vendor tool has routed it.
    """

    name: Word
    title: Line
    part: Word
    board_part: Word | None = None
    clock_mhz: Megahertz
    max_clock_mhz: Megahertz
    dma_width_bits: Annotated[int, Field(ge=32, le=1024, multiple_of=32)]
    processing_system: BoardSystem | None = None
    resources: Resources
    budget: Budget = Budget()
    sources: dict[str, str]

    @model_validator(mode="after")
    def _overlay_is_possible(self) -> Self:
        if self.processing_system is None:
            return self
        if self.board_part is None:
            raise ValueError(
                "a processing_system needs a board_part, whose files set its memory up"
            )
        if self.dma_width_bits & (self.dma_width_bits - 1):
            raise ValueError(
                f"dma_width_bits {self.dma_width_bits} is not a power of two, which AXI DMA needs"
            )
        return self

    def at_clock(self, clock_mhz: float) -> Board:
        """This board at another clock; raises BoardError above the fastest worth trying."""
        if not 0 < clock_mhz <= self.max_clock_mhz:
            raise BoardError(
                f"{clock_mhz:g} MHz is not between 0 and the {self.max_clock_mhz:g} MHz of"
                f" {self.name}: to try more, raise max_clock_mhz in a board file of your own"
            )
        return self.model_copy(update={"clock_mhz": clock_mhz})

    def allowance(self) -> Resources:
        """The resources a design may take: the part's times the budget."""
        return Resources(**{k: int(v * getattr(self.budget, k)) for k, v in self.resources})


def names() -> list[str]:
    """The boards that come with qfx."""
    return sorted(path.stem for path in assets.folder("boards").glob("*.yaml"))


def load(name: str | Path) -> Board:
    """The board of that name, or of a YAML file given by its path.

    Raises:
        BoardError: unknown, or the file does not describe a board; the sentence names the field.
    """
    name = str(name)
    own = name.endswith((".yaml", ".yml"))
    path = Path(name) if own else assets.folder("boards") / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(names())
        raise BoardError(
            f"board {name!r} is unknown: use one of {known}, or the path of your own .yaml"
        )
    board = _read(path, Board)
    system = board.processing_system
    if system is not None:
        pynq_system(system.pynq)  # refuses what is not known
        most = processing_system(system.type).memory.low_mib  # refuses what is not known
        low = system.low_memory_mib
        if low > most or low & (low - 1):
            raise BoardError(
                f"{path}: processing_system.low_memory_mib {low} is not a power of two up to"
                f" {most}, which {system.type} has from address 0 on: name the greatest that the"
                " board has"
            )
    return board


@lru_cache
def processing_system(name: str) -> ProcessingSystem:
    """The processing system of that name.

    Raises:
        BoardError: unknown.
    """
    return _read(_shared("processing_systems", "processing system", name), ProcessingSystem)


@lru_cache
def pynq_system(name: str) -> PynqSystem:
    """How PYNQ comes to a board, of that name.

    Raises:
        BoardError: unknown.
    """
    return _read(_shared("pynq", "way to PYNQ", name), PynqSystem)


def _shared(folder: str, kind: str, name: str) -> Path:
    """A file that boards share."""
    files = {path.stem: path for path in (assets.folder("boards") / folder).glob("*.yaml")}
    if name not in files:
        raise BoardError(f"{kind} {name!r} is unknown: use one of {', '.join(sorted(files))}")
    return files[name]


def _read(path: Path, kind: type[Read]) -> Read:
    try:
        # by way of JSON, whose lists may stand for tuples also where types are strict
        return kind.model_validate_json(json.dumps(yaml_text.read(path)))
    except Damaged as error:
        raise BoardError(
            f"{path} is no YAML that is read: {error}; compare it with the files of boards/"
        ) from error
    except OSError as error:
        raise BoardError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise BoardError(f"{path}: {fault(error)}; compare it with the files of boards/") from error
