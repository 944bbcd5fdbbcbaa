"""A design as a netlist: modules, parameters, wires and ROMs as data, which a hardware description
language only prints.
"""

from qfx.backends.netlist.build import netlist, spell
from qfx.backends.netlist.maps import MapModule, MapStep
from qfx.backends.netlist.parts import Bits, Bus, Instance, Netlist, Rom, StreamWires, Value, Wire
from qfx.backends.netlist.stages import SPELLED, Spelling

__all__ = [
    "SPELLED",
    "Bits",
    "Bus",
    "Instance",
    "MapModule",
    "MapStep",
    "Netlist",
    "Rom",
    "Spelling",
    "StreamWires",
    "Value",
    "Wire",
    "netlist",
    "spell",
]
