"""A netlist as Yosys writes it, made ready to be timed alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from qfx.synthesis.nextpnr.family import Family

PORT = "qfx_port."  # the names of registers outside begin so
Module = dict[str, Any]


def between_registers(module: Module, family: Family, left: Iterable[str]) -> Module:
    """Return a module whose every port meets a register outside, as a stage meets others and a core
    its DMA engines: paths to and from ports count, too.

    Args:
        module: of a netlist.
        family: whose cells it is of.
        left: ports that stay as they are: the clock, and the reset, which is released long before
            anything moves.
    """
    unused = 1 + max(_nets(module), default=1)
    ports: dict[str, Any] = {}
    cells = dict(module["cells"])
    clock = _clock(module, family)
    if clock is None:  # nothing in it keeps anything; its clock is one of its own
        clock, unused = unused, unused + 1
        ports["clk"] = {"direction": "input", "bits": [clock]}
    for name, port in module["ports"].items():
        if name in left or clock in port["bits"]:
            ports[name] = port
            continue
        outside = list[int | str]()
        for index, bit in enumerate(port["bits"]):
            if port["direction"] == "output" and not isinstance(bit, int):
                outside.append(bit)  # a constant
                continue
            into, out = (unused, bit) if port["direction"] == "input" else (bit, unused)
            outside.append(unused)
            unused += 1
            cells[f"{PORT}{name}[{index}]"] = _register(family, clock, into, out)
        ports[name] = {**port, "bits": outside}
    return {**module, "ports": ports, "cells": cells}


def without_places(module: Module) -> Module:
    """Return a module that does not say where in the sources it is from, so that netlists that are
    equal are equal texts.
    """
    return {
        **module,
        **{
            kind: {name: {**each, "attributes": _kept(each)} for name, each in named.items()}
            for kind, named in module.items()
            if kind in ("cells", "netnames")
        },
        "attributes": {"top": f"{1:032b}"},
    }


def _kept(named: Module) -> dict[str, Any]:
    attributes = named.get("attributes", {})
    return {name: value for name, value in attributes.items() if name != "src"}


def _nets(module: Module) -> Iterator[int]:
    """Every net's number, those of ports as often as they are met."""
    met = [port["bits"] for port in module["ports"].values()]
    met += [bits for cell in module["cells"].values() for bits in cell["connections"].values()]
    return (bit for bits in met for bit in bits if isinstance(bit, int))


def _clock(module: Module, family: Family) -> int | None:
    """The net by which its cells are clocked."""
    entering = {
        bit
        for port in module["ports"].values()
        if port["direction"] == "input"
        for bit in port["bits"]
    }
    for cell in module["cells"].values():
        for pin in family.clocks & cell["connections"].keys():
            for bit in cell["connections"][pin]:
                if isinstance(bit, int) and bit in entering:
                    return bit
    return None


def _register(family: Family, clock: int, into: int, out: int) -> dict[str, Any]:
    made = family.register
    return {
        "hide_name": 0,
        "type": made.cell,
        "parameters": dict(made.parameters),
        "attributes": {},
        "port_directions": {made.clock: "input", made.into: "input", made.out: "output"},
        "connections": {made.clock: [clock], made.into: [into], made.out: [out]},
    }
