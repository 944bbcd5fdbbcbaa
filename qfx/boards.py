"""Boards as data: one YAML file each, read into a type that refuses what is not a board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qfx import assets

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]


class BoardError(ValueError):
    """A board that is not known, or a board file that is not right."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Resources(_Strict):
    """What a part has or a design takes."""

    luts: Count = 0
    flip_flops: Count = 0
    dsps: Count = 0
    bram_18k: Count = 0
    uram: Count = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(**{k: v + getattr(other, k) for k, v in self})


class Budget(_Strict):
    """The share of each resource a design may take; routing wants the rest."""

    luts: Share = 0.7
    flip_flops: Share = 0.8
    dsps: Share = 0.8
    bram_18k: Share = 0.8
    uram: Share = 0.8


class Board(_Strict):
    """A board and its part.

    `clock_mhz` is the default; `max_clock_mhz` the fastest worth asking the tools for; both are
    assumptions
    until a vendor tool has routed the design.
    """

    name: str
    title: str
    part: str
    board_part: str | None = None
    clock_mhz: Annotated[float, Field(gt=0)]
    max_clock_mhz: Annotated[float, Field(gt=0)]
    dma_width_bits: Annotated[int, Field(ge=32, le=1024, multiple_of=32)]
    resources: Resources
    budget: Budget = Budget()
    sources: dict[str, str]

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
    try:
        return Board.model_validate(yaml.safe_load(path.read_text()))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise BoardError(
            f"{path} is not YAML: {said}; compare it with the files of boards/"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the whole file"
        raise BoardError(
            f"{path}: {field}: {first['msg']}; compare it with the files of boards/"
        ) from error
