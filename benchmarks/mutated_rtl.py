"""Wrong edits of generated SystemVerilog, all of a design in one build: a plusarg says which."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from wrong_maps import Wrong, unseen

from qfx.fixedpoint import Rounding
from qfx.fixedpoint.array import Integers
from qfx.hardware import Map
from qfx.ops import Cast, Clip, PRelu, Relu
from qfx.project.folder import Project

_VARIABLE = """
  int qfx_mutant;
  initial if (!$value$plusargs("mutant=%d", qfx_mutant)) qfx_mutant = 0;
"""
_HEADER = re.compile(r"^\);$", re.MULTILINE)  # where a module's ports end
_CARRIES = {
    "TRN": "1'b0",
    "TRN_ZERO": "@negative && (@half || @rest)",
    "RND": "@half",
    "RND_ZERO": "@half && (@negative || @rest)",
    "RND_INF": "@half && (!@negative || @rest)",
    "RND_MIN_INF": "@half && @rest",
    "RND_CONV": "@half && (@odd || @rest)",
}
_BOUND = re.compile(r"(\w+ ([<>]) (\d+)'sh([0-9a-f]+)) \? \d+'sh([0-9a-f]+)")
_SIGN = re.compile(r"(\w+\[\d+\]) \? (?:\d+'sd0|\w+_product)")
_WIRE = re.compile(r"wire signed \[(\d+):0\] y(\d+) =")
_MOVES = {"one beyond": 1, "one within": -1, "two within": -2, "never": None}


@dataclass(frozen=True)
class Edit:
    """An expression of a file, and what stands there instead.

    Args:
        file: below verilog/src.
        span: of the expression in the file's text.
        instead: the wrong expression.
        constant: whether it stands in an initial block.
    """

    file: str
    span: tuple[int, int]
    instead: str
    constant: bool = False


@dataclass(frozen=True)
class Mutation:
    """One wrong design.

    Args:
        kind: what is wrong, as the table groups it.
        what: in this case.
        edits: that make it.
        harmless: why it changes nothing that anyone could see; empty where it must be caught.
    """

    kind: str
    what: str
    edits: tuple[Edit, ...]
    harmless: str = ""


def mutations(project: Project) -> list[Mutation]:
    """All of a design's: what its maps and ROMs can have wrong, and those of wrong_rtl.yaml."""
    source = _Source(project)
    rows = yaml.safe_load(Path(__file__).with_name("wrong_rtl.yaml").read_text())
    written = [*rows["every design"], *rows[source.name]]
    return [*source.of_maps(), *source.of_roms(), *map(source.written, written)]


def schemata(project: Project, folder: Path, given: list[Mutation]) -> Project:
    """A copy of a project that holds all mutations; `options` chooses one of them."""
    shutil.copytree(project.path, folder)
    by_span: dict[tuple[str, tuple[int, int], bool], list[tuple[int, str]]] = {}
    for number, mutation in enumerate(given, 1):
        for edit in mutation.edits:
            place = by_span.setdefault((edit.file, edit.span, edit.constant), [])
            place.append((number, edit.instead))
    for file in {file for file, *_ in by_span}:
        path = folder / "verilog" / "src" / file
        text = path.read_text()
        places = sorted((key for key in by_span if key[0] == file), key=lambda key: -key[1][0])
        for key in places:
            (start, end), constant = key[1:]
            chosen = text[start:end]
            for number, instead in by_span[key]:
                asked = f'$test$plusargs("mutated_{number}_")' if constant else ""
                asked = asked or f"qfx_mutant == {number}"
                chosen = f"({asked} ? ({instead}) : {chosen})"
            text = text[:start] + chosen + text[end:]
        header = _HEADER.search(text)
        assert header is not None
        path.write_text(text[: header.end()] + _VARIABLE + text[header.end() :])
    return Project.open(folder)


def options(number: int) -> tuple[str, ...]:
    """The plusargs of a mutation, from 1 on; of 0 there is none."""
    return (f"+mutant={number}", f"+mutated_{number}_")


class _Source:
    """The texts of a project's verilog/src."""

    def __init__(self, project: Project) -> None:
        self.name, self.folder = project.manifest.name, project.path / "verilog" / "src"
        self.graph = project.graph()
        self.maps = {
            f"{self.name}_{stage.name}.sv": stage
            for stage in project.stages()
            if isinstance(stage, Map)
        }

    def text(self, file: str) -> str:
        return (self.folder / file).read_text()

    def written(self, row: dict[str, Any]) -> Mutation:
        """Of a row of wrong_rtl.yaml: group 1 of the first match is replaced."""
        file = row["file"].replace("{name}", self.name)
        file = min(self.maps) if file == "first map" else file
        found = re.search(row["find"], self.text(file), re.DOTALL)
        if found is None:
            raise ValueError(f"{self.name}: {file}: nothing is like {row['find']}")
        edit = Edit(file, found.span(1), row["put"].replace("{e}", found[1]))
        return Mutation(row["kind"], row["what"], (edit,), row.get("harmless", ""))

    def of_roms(self) -> Iterator[Mutation]:
        """Some words of each ROM, the first two exchanged, and a constant of each map."""
        for path in sorted(self.folder.glob(f"{self.name}_*_rom.sv")):
            file, text = path.name, path.read_text()
            words = list(re.finditer(r"memory\[\d+\] = ([^;]*);", text))
            for n in sorted({0, 1, len(words) // 2, len(words) - 1}):
                edit = Edit(file, words[n].span(1), f"{words[n][1]} ^ 1'b1", True)
                yield Mutation("weight", f"{file}: word {n}, its last bit", (edit,))
            other = next(word for word in words if word[1] != words[0][1])
            pairs = ((words[0], other), (other, words[0]))
            swap = tuple(Edit(file, one.span(1), two[1], True) for one, two in pairs)
            yield Mutation("order", f"{file}: two words exchanged", swap)
        for file in self.maps:
            for word in list(re.finditer(r"c0_rom\[0\] = ([^;]*);", self.text(file)))[:1]:
                edit = Edit(file, word.span(1), f"{word[1]} ^ 1'b1", True)
                yield Mutation("bias", f"{file}: the first, its last bit", (edit,))

    def of_maps(self) -> Iterator[Mutation]:
        """Every rounding, bound and sign of every map."""
        for file in self.maps:
            yield from self._roundings(file)
            yield from self._bounds(file)
            yield from self._signs(file)

    def _roundings(self, file: str) -> Iterator[Mutation]:
        for match in re.finditer(r"wire y(\d+)_carry = ([^;]*);", self.text(file)):
            wire, right = f"y{match[1]}_", match[2].replace(f"y{match[1]}_", "@")
            for mode, carry in _CARRIES.items():
                if carry != right:
                    edit = Edit(file, match.span(2), carry.replace("@", wire))
                    what = f"{file}: y{match[1]} as {mode}"
                    wrong = partial(_rounded_as, mode=mode)
                    yield self._judged(file, int(match[1]), "rounding", what, edit, wrong)

    def _bounds(self, file: str) -> Iterator[Mutation]:
        text = self.text(file)
        for match in _BOUND.finditer(text):
            bits, step = (int(n) for n in list(_WIRE.finditer(text, 0, match.start()))[-1].groups())
            operand, sign, size = match[1].split()[0], match[2], int(match[3])
            bound, gives = _signed(match[4], size), _signed(match[5], bits + 1)
            for name, moved in _MOVES.items():
                other = None if moved is None else bound + (moved if sign == ">" else -moved)
                instead = "1'b0"
                if other is not None:
                    instead = f"{operand} {sign} {size}'sh{other % (1 << size):x}"
                wrong = _moved_bound(sign, bound, other, gives, bits + 1)
                edit, what = Edit(file, match.span(1), instead), f"{file}: {match[1]}, {name}"
                yield self._judged(file, step, "bound", what, edit, wrong)

    def _signs(self, file: str) -> Iterator[Mutation]:
        text = self.text(file)
        for match in _SIGN.finditer(text):
            step = int(list(_WIRE.finditer(text, 0, match.start()))[-1][2])
            for instead in ("1'b0", "1'b1"):
                edit, negative = Edit(file, match.span(1), instead), instead == "1'b1"
                wrong = partial(_with_sign, negative=negative)
                what = f"{file}: {match[1]} as {instead}"
                yield self._judged(file, step, "sign", what, edit, wrong)

    def _judged(
        self, file: str, step: int, kind: str, what: str, edit: Edit, wrong: Wrong
    ) -> Mutation:
        return Mutation(kind, what, (edit,), unseen(self.graph, self.maps[file], step, wrong))


def _signed(digits: str, bits: int) -> int:
    value = int(digits, 16)
    return value - (1 << bits) if value >> (bits - 1) else value


def _wrapped(x: Integers, bits: int) -> Integers:
    half = 1 << (bits - 1)
    return ((x + half) & ((1 << bits) - 1)) - half


def _rounded_as(op: Any, x: Integers, mode: str) -> Integers:
    assert isinstance(op, Cast)
    return replace(op, rounding=Rounding[mode]).evaluate(x)


def _moved_bound(
    sign: str, bound: int, other: int | None, gives: int, bits: int
) -> Callable[[Any, Integers], Integers]:
    def wrong(op: Any, x: Integers) -> Integers:
        assert isinstance(op, (Cast, Clip))
        before = op.before_overflow(x) if isinstance(op, Cast) else x
        own = before > bound if sign == ">" else before < bound
        passes = np.where(own, _wrapped(before, bits), op.evaluate(x))  # where this bound is not
        if other is None:
            return passes
        beyond = before > other if sign == ">" else before < other
        return np.where(beyond, gives, passes)

    return wrong


def _with_sign(op: Any, x: Integers, negative: bool) -> Integers:
    if isinstance(op, Relu):
        return np.zeros_like(x) if negative else x
    assert isinstance(op, PRelu)
    return x * op.constant.integers if negative else x << op.constant.dtype.fraction_bits
