"""g++ over what Verilator writes: in a few units at a time, in bounded memory."""

from __future__ import annotations

import re
from pathlib import Path

from qfx import tools
from qfx.cache import build_once

COMPILE = ("-std=c++17", "-fPIC", "-DVL_USER_FINISH", "-DVM_COVERAGE=0", "-DVM_SC=0", "-w")
_FAST, _SLOW = "-O1", "-O0"  # why these: docs/adr/0015
_UNIT_BYTES = 400_000  # of a unit: its headers take as long to parse as so much code to compile
_MEMORY = 400_000_000  # for all compilers that run at a time
_UNIT_MEMORY, _BYTE_MEMORY = 120_000_000, 150  # of a compiler: for headers, and for a byte of code
OPTIONS = (*COMPILE, _FAST, _SLOW)  # what a library is compiled with, for the key of what is kept


def compile_units(folder: Path, harness: Path, version: str) -> None:
    """Verilator's files in units: what runs every cycle is made fast, what runs once, which takes
    the compiler most time, is made soon. A small design is one unit.

    Args:
        folder: with the files; gets design.so.
        harness: of the headers that they include.
        version: of Verilator.
    """
    generated = sorted(folder.glob("V*.cpp"))
    large = sum(file.stat().st_size for file in generated) > _UNIT_BYTES
    once = re.compile("__(Slow|ConstPool|Syms)" if large else "$^")
    slow = [file for file in generated if once.search(file.name)]
    units = {
        **_units(folder, "fast", [f for f in generated if f not in slow] + [folder / "unit.cc"]),
        **_units(folder, "slow", slow),
    }
    names = sorted(units, key=lambda name: -units[name])  # the largest is not to be the last
    level = {name: _FAST if name.startswith("fast") else _SLOW for name in names}
    parsed = {each: f"-I{_parsed(version, each)}" for each in set(level.values())}
    includes = (*_includes(), "-I.", f"-I{harness}")
    tools.watch(
        [
            _compile(folder, name, f"{name}.o", level[name], parsed[level[name]], *includes)
            for name in names
        ],
        _at_once(max(units.values())),
    )
    objects = (*(f"{name}.o" for name in names), *map(str, _runtime(version)))
    tools.run("g++", "-shared", *objects, "-o", "design.so", "-pthread", cwd=str(folder))


def _at_once(largest: int) -> int:
    """Compilers at a time, for units of at most so many bytes."""
    return max(1, min(tools.usable_cpus(), _MEMORY // (_UNIT_MEMORY + _BYTE_MEMORY * largest)))


def _compile(folder: Path, source: str, target: str, *options: str) -> tools.Job:
    arguments = ("g++", *COMPILE, *options, "-c", source, "-o", target)
    return tools.Job(arguments, folder, lambda line: None)


def _units(folder: Path, kind: str, files: list[Path]) -> dict[str, int]:
    """Files that include some of the given ones each, and their bytes."""
    sizes: dict[str, int] = {}
    name, room = "", 0
    for file in files:
        size = file.stat().st_size
        if room < size or not name:
            name, room = f"{kind}{len(sizes)}.cc", max(size, _UNIT_BYTES)
            sizes[name] = 0
        with (folder / name).open("a") as unit:
            unit.write(f'#include "{file.name}"\n')
        sizes[name] += size
        room -= size
    return sizes


def root() -> str:
    """Verilator's own folder."""
    found = tools.run("verilator", "--getenv", "VERILATOR_ROOT").strip()
    return found or "/usr/share/verilator"  # where Debian's package puts it


def _includes() -> tuple[str, ...]:
    include = Path(root()) / "include"
    return (f"-I{include}", f"-I{include / 'vltstd'}")


def _parsed(version: str, level: str) -> Path:
    """A folder with what g++ makes of Verilator's header, which takes a second of every unit."""
    header, compiler = Path(root()) / "include" / "verilated.h", tools.run("g++", "--version")

    def parse_into(folder: Path) -> None:
        options = (level, *_includes(), "-x", "c++-header")
        tools.watch([_compile(folder, str(header), "verilated.h.gch", *options)])

    return build_once("verilator-header", [version, compiler, root(), *COMPILE, level], parse_into)


def _runtime(version: str) -> list[Path]:
    """Verilator's own objects, compiled once."""
    include = Path(root()) / "include"
    units = ("verilated", "verilated_threads", "verilated_vcd_c")

    def compile_into(folder: Path) -> None:
        options = ("-O2", *_includes())
        tools.watch(
            [_compile(folder, str(include / f"{u}.cpp"), f"{u}.o", *options) for u in units]
        )  # one at a time: the largest takes 270 MB

    folder = build_once("verilator-runtime", [version, root(), *COMPILE, *units], compile_into)
    return [folder / f"{unit}.o" for unit in units]
