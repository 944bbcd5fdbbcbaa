"""The generated modules: the netlist, printed."""

from __future__ import annotations

from qfx.backends.netlist import netlist
from qfx.backends.verilog.templates import render
from qfx.hardware import Design


def modules(design: Design) -> dict[str, str]:
    """The generated modules by name: the top, one per map, one per ROM."""
    found = netlist(design)
    return {
        found.name: render("top.sv.j2", d=found),
        **{each.module: render("map.sv.j2", m=each) for each in found.maps},
        **{rom.module: render("rom.sv.j2", r=rom) for rom in found.roms},
    }
