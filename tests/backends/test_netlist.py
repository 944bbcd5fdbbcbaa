"""The netlist is hardware without a language: every wire has one driver, every port a wire, and no
field is written as Verilog writes it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import pytest
from test_matrix import _design_with_every_stage

from models import tiny_graphs
from qfx import assets, boards
from qfx.backends.netlist import Instance, Netlist, Rom, netlist
from qfx.hardware import schedule

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
PROSE = ("comment", "title", "holds", "bottleneck")


def netlists() -> dict[str, Netlist]:
    found = {"every stage": netlist(_design_with_every_stage())}
    for name, graph in tiny_graphs().items():
        found[name] = netlist(schedule(graph, boards.load("pynq_z2"), multipliers="none"))
    return found


NETLISTS = netlists()


def texts(thing: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a netlist, and the field that holds it."""
    if isinstance(thing, str):
        yield field, thing
    elif is_dataclass(thing):
        for each in fields(thing):
            yield from texts(getattr(thing, each.name), each.name)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from texts(key, field)
            yield from texts(value, field)
    elif isinstance(thing, (tuple, list)):
        for each in thing:
            yield from texts(each, field)


@pytest.mark.parametrize("name", NETLISTS)
def test_texts_are_names_or_prose(name: str) -> None:
    written = {
        (field, text)
        for field, text in texts(NETLISTS[name])
        if field not in PROSE and not IDENTIFIER.fullmatch(text)
    }
    assert not written


def library_ports(module: str) -> dict[str, str]:
    """Direction of each port, by its name, of a module of the library."""
    folder = assets.folder("hls_templates") / "verilog" / "lib"
    text = re.sub(r"//.*", "", (folder / f"{module}.sv").read_text())
    declared = r"^ +(input|output) +logic *(?:\[.*\])? *(\w+)"
    found = re.findall(declared, text, re.MULTILINE)
    return {port: direction for direction, port in found}


def ports_of(instance: Instance, found: Netlist) -> dict[str, str]:
    """Direction of each port of its module."""
    if instance.module in {rom.module for rom in found.roms}:
        return {"clk": "input", "enable": "input", "address": "input", "data": "output"}
    if instance.module in {each.module for each in found.maps}:
        taken = {"clk", "rst", "in_valid", "in_data", "out_ready"}
        given = {"in_ready", "out_valid", "out_data"}
        return dict.fromkeys(taken, "input") | dict.fromkeys(given, "output")
    return library_ports(instance.module)


def faults(found: Netlist) -> list[str]:
    """What is wrong between instances, ports and wires."""
    drivers, readers = Counter[str](), Counter[str]()
    wrong = []
    for bus in found.inputs:
        drivers.update(f"{bus.name}_{wire}" for wire in ("valid", "data"))
        readers.update([f"{bus.name}_ready"])
    for bus in found.outputs:
        readers.update(f"{bus.name}_{wire}" for wire in ("valid", "data"))
        drivers.update([f"{bus.name}_ready"])
    declared = {f"{s.name}_{wire}" for s in found.streams for wire in ("valid", "ready", "data")}
    for instance in found.instances:
        declared |= {wire.name for wire in instance.wires}
        ports = ports_of(instance, found)
        if {"clk", *instance.connections} != set(ports):
            wrong.append(f"{instance.name}: ports {set(ports) ^ {'clk', *instance.connections}}")
            continue
        for port, wire in instance.connections.items():
            if wire != "rst":
                (drivers if ports[port] == "output" else readers).update([wire])
    for wire in sorted(declared | set(drivers) | set(readers)):
        if (wire in declared, drivers[wire], readers[wire]) != (True, 1, 1):
            wrong.append(f"{wire}: {drivers[wire]} drivers, {readers[wire]} readers")
    return wrong


@pytest.mark.parametrize("name", NETLISTS)
def test_every_wire_has_one_driver_and_one_reader(name: str) -> None:
    assert faults(NETLISTS[name]) == []


def test_a_netlist_that_is_wired_wrongly_is_told() -> None:
    found = NETLISTS["every stage"]
    first, *rest = found.instances
    twice = first.connections | {"in_data": "nowhere"}
    broken = replace(found, instances=(replace(first, connections=twice), *rest))
    assert "nowhere: 0 drivers, 1 readers" in faults(broken)
    fewer = {port: wire for port, wire in first.connections.items() if port != "in_ready"}
    broken = replace(found, instances=(replace(first, connections=fewer), *rest))
    assert f"{first.name}: ports {{'in_ready'}}" in faults(broken)


@pytest.mark.parametrize("name", NETLISTS)
def test_words_fit_their_memories(name: str) -> None:
    found = NETLISTS[name]
    kept = [(rom.words, rom.bits) for rom in found.roms]
    kept += [(c.words, c.bits) for each in found.maps for c in each.constants]
    assert all(0 <= word < 1 << bits for words, bits in kept for word in words)
    assert all(rom.depth <= 1 << rom.address_bits for rom in found.roms)


def test_an_address_of_a_rom_has_a_bit_at_least() -> None:
    for count, bits in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 3)):
        assert Rom("m", "rom", "words", "t", (0,) * count, 4, "distributed").address_bits == bits
