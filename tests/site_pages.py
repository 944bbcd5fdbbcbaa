"""Pages of the documentation that the code itself can tell: what is exported, typed, decided."""

import re
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from qfx import cli, nn
from qfx.hardware import registers

DOCS = Path(__file__).parent.parent / "docs"
QFX = DOCS.parent / "qfx"
MAP = sorted((*registers.REGISTERS, *registers.GRAPH_SHA256), key=lambda r: r.offset)


def layers_api_page() -> str:
    entries = "\n".join(f"::: qfx.nn.{name}" for name in nn.__all__)
    return f"""\
# Layers

What `qfx.nn` has; which of them are proven where is the table of [Layers](../layers.md). Made by
`make tables`.

{entries}
"""


def command_line_page() -> str:
    command = typer.main.get_command(cli.app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name="qfx"), name="qfx")
    text = re.sub("^# `qfx`\n+", "", text).replace("{", "").replace("}", "")
    return f"# The command line\n\n{text.strip()}\n\nMade by `make tables`.\n"


def decisions_page() -> str:
    rooms: dict[str, list[str]] = {}
    for path in sorted((DOCS / "adr").glob("*.md")):
        title, _, said, *_ = path.read_text().splitlines()
        row = f"- [{title.removeprefix('# ')}](adr/{path.name})"
        for room in rooms_of(path.name, said):
            rooms.setdefault(room, []).append(row)
    found = [f"## `qfx/{room}`\n\n" + "\n".join(rooms[room]) for room in sorted(rooms)]
    text = "\n\n".join(found)
    return f"""\
# Decisions

Why things are as they are, half a page each, by the rooms that a decision is about. Made by
`make tables`, of the line "Room: ..." under each title.

{text}
"""


def rooms_of(name: str, said: str) -> list[str]:
    """The rooms that the third line of a decision names.

    Raises:
        LookupError: it names none, or one that is not there.
    """
    rooms = re.findall("`([a-z_]+)`", said) if said.startswith("Room: ") else []
    wrong = [room for room in rooms if not (QFX / room).is_dir()]
    if not rooms or wrong:
        raise LookupError(
            f"docs/adr/{name}: its third line must be as 'Room: `hardware`', of folders under qfx/"
        )
    return rooms


def registers_page() -> str:
    rows = [(register.name, register.offset, register) for register in MAP]
    for side, base in (("input", registers.INPUT_PORTS), ("output", registers.OUTPUT_PORTS)):
        rows += [
            (f"{side} port {port}: {counter.name}", offset + counter.offset, counter)
            for port in range(2)
            for offset in (base + port * registers.PORT_STRIDE,)
            for counter in registers.PORT_COUNTERS
        ]
    lines = [
        f"| `{offset:#05x}` | {name} | {'read, write' if r.writable else 'read'} |"
        f" {r.feature.name.lower() if r.feature else 'all'} | {r.meaning} |\n"
        for name, offset, r in rows
    ]
    source = registers.__name__.replace(".", "/")
    return f"""\
# Registers

What the AXI4-Lite port of a core says: of `NAME_ip.v` in Verilog, and of the Vitis HLS kernel. Made
by `make tables` of `{source}.py`, which the generators, the driver and the
simulators follow.

Version {registers.MAP_VERSION}, 32 bits each, {registers.ADDRESS_BITS} bits of address. An address
without a register reads 0 and takes what is written without effect; so does a register whose
feature the core has not (`features` says which it has). Counters wrap. Of each direction there are
at most {registers.MOST_PORTS} ports, {registers.PORT_STRIDE:#x} bytes apart; the first two are
shown.

| offset | register | access | of cores with | what it says |
| --- | --- | --- | --- | --- |
{"".join(lines)}"""
