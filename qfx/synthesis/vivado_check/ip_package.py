"""Checks the script that packages the core against the core's Verilog."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from qfx.hardware import registers
from qfx.hardware.registers import ip_module
from qfx.project import Project
from qfx.synthesis.vivado_check.commands import PACKAGE
from qfx.synthesis.vivado_check.replay import Replay, number, settings
from qfx.synthesis.vivado_check.tcl import Given, TclError, words
from qfx.synthesis.vivado_check.types import CellType, Interface, Pin

Ports = dict[str, tuple[str, int]]  # direction and bits of a module's ports

_PORT = re.compile(r"\b(input|output)\s+(?:wire|reg)?\s*(?:\[(\d+):(\d+)\])?\s*(\w+)\s*(?=[,)\n])")
# What a bus must have to be one, and the signal that tells a slave from a master.
_BUSES = {
    "xilinx.com:interface:axis_rtl:1.0": (
        "axis",
        {"tdata", "tkeep", "tlast", "tvalid", "tready"},
        "tvalid",
    ),
    "xilinx.com:interface:aximm_rtl:1.0": (
        "aximm",
        {a + b for a in ("aw", "w", "b", "ar", "r") for b in ("valid", "ready")}
        | {"awaddr", "araddr", "wdata", "wstrb", "bresp", "rdata", "rresp"},
        "awvalid",
    ),
    "xilinx.com:signal:clock_rtl:1.0": ("clock", set(), ""),
    "xilinx.com:signal:reset_rtl:1.0": ("reset", set(), ""),
}
_CORE = {"name", "version", "display_name", "description", "core_revision"}
_BLOCK = {"range", "width", "usage"}
_REGISTER = {"address_offset", "size", "description"}


def ports_of(verilog: Path, module: str) -> Ports:
    """Return the ports of a module, each declared in the list of its head.

    Raises:
        TclError: the file has no such module.
    """
    text = re.sub(r"//.*|\(\*.*?\*\)", "", verilog.read_text() if verilog.is_file() else "")
    head = re.search(rf"\bmodule {module}\s*\((.*?)\)\s*;", text, re.DOTALL)
    if head is None:
        raise TclError(f"{verilog.name} is missing or has no module {module}: export again")
    return {
        name: (direction, abs(int(high or 0) - int(low or 0)) + 1)
        for direction, high, low, name in _PORT.findall(head[1] + "\n")
    }


@dataclass
class _Bus:
    kind: str
    slave: bool
    bits: int
    ports: list[str]
    clock: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    memory_map: str = ""


class PackageCheck(Replay):
    """Follows package_ip.tcl.

    Args:
        project: whose core it packages.
    """

    def __init__(self, project: Project, ports: Ports) -> None:
        super().__init__(PACKAGE)
        self.project, self.top, self.ports = project, ip_module(project.manifest.name), ports
        self.core: dict[str, str] = {}
        self.buses: dict[str, _Bus] = {}
        self.objects: dict[str, dict[str, str]] = {}  # properties of what stands in memory maps
        self.identity: tuple[str, str] = ("", "")
        self.steps: list[str] = []
        self.files: list[str] = []
        self.fileset: dict[str, str] = {}
        self.handlers = {
            "create_project": self._create,
            "add_files": lambda given: self.files.extend(words(given.plain[0])),
            "set_property": self._set,
            "ipx::package_project": self._package,
            "ipx::remove_all_bus_interface": lambda given: self.buses.clear(),
            "ipx::infer_bus_interface": self._infer,
            "ipx::associate_bus_interfaces": self._associate,
            "ipx::get_bus_interfaces": self._get,
            "ipx::add_memory_map": lambda given: self._add("memory_map", given),
            "ipx::add_address_block": lambda given: self._add("address_block", given),
            "ipx::add_register": lambda given: self._add("register", given),
            "ipx::check_integrity": lambda given: self.steps.append("check"),
            "ipx::save_core": lambda given: self.steps.append("save"),
        }

    def _create(self, given: Given) -> None:
        if given.options["-part"] != self.project.manifest.part:
            raise TclError(f"the part is {self.project.manifest.part}")

    def _package(self, given: Given) -> None:
        if self.fileset.get("top") != self.top:
            raise TclError(f"the top must be {self.top}")
        self.identity = (given.options["-vendor"], given.options["-library"])

    def _infer(self, given: Given) -> None:
        ports, definition = words(given.plain[0]), given.plain[1]
        if definition not in _BUSES:
            raise TclError(f"{definition} is no bus definition known here")
        kind, needed, marker = _BUSES[definition]
        unknown = [port for port in ports if port not in self.ports]
        if unknown:
            raise TclError(f"{self.top} has no port {unknown[0]}")
        taken = {port: name for name, bus in self.buses.items() for port in bus.ports}
        if taken.keys() & set(ports):
            raise TclError(f"{min(taken.keys() & set(ports))} is in a bus already")
        name = ports[0].rpartition("_")[0] if needed else ports[0]
        signals = {port.removeprefix(f"{name}_") for port in ports}
        if needed - signals:
            raise TclError(f"{name} lacks {min(needed - signals)}")
        slave = self.ports[f"{name}_{marker}" if marker else name][0] == "input"
        data = {"axis": "tdata", "aximm": "wdata"}.get(kind)
        bits = self.ports[f"{name}_{data}"][1] if data else 1
        self.buses[name] = _Bus(kind, slave, bits, ports)

    def _known(self, name: str) -> _Bus:
        if name not in self.buses:
            raise TclError(f"there is no bus {name}")
        return self.buses[name]

    def _get(self, given: Given) -> None:
        self._known(given.plain[0])

    def _associate(self, given: Given) -> None:
        if self._known(given.options["-clock"]).kind != "clock":
            raise TclError(f"{given.options['-clock']} is no clock")
        self._known(given.options["-busif"]).clock = given.options["-clock"]

    def _add(self, kind: str, given: Given) -> None:
        name, parent = given.plain
        if kind != "memory_map" and parent not in self.objects:
            raise TclError(f"there is no {parent}")
        handle = f"{kind} {name} {parent if ' ' not in parent else '{' + parent + '}'}"
        if handle in self.objects:
            raise TclError(f"there is a {kind} {name} already")
        self.objects[handle] = {}

    def _set(self, given: Given) -> None:
        """By what the property is of: the core, the file set, or a handle the script was given."""
        target, kind = given.plain[-1], words(given.plain[-1])
        for name, value in settings(given).items():
            if target == "ipx::current_core":
                self._allow(name, _CORE)
                self.core[name] = value
            elif target == "current_fileset":
                self.fileset[name] = value
            elif kind[0] == "bus_parameter" and name == "value":
                self._known(words(kind[2])[1]).parameters[kind[1]] = value
            elif kind[0] == "bus_interface" and name == "slave_memory_map_ref":
                self._known(kind[1]).memory_map = value
            elif target in self.objects:
                self._allow(name, _BLOCK if kind[0] == "address_block" else _REGISTER)
                self.objects[target][name] = value
            else:
                raise TclError(f"{target} has no property {name}")

    def _allow(self, name: str, known: set[str]) -> None:
        if name not in known:
            raise TclError(f"there is no property {name}")

    def finish(self) -> CellType:
        """Return what was packaged; what is wrong with it joins `problems`."""
        script = "package_ip.tcl"
        lonely = self.ports.keys() - {port for bus in self.buses.values() for port in bus.ports}
        sources = {path.name for path in (self.project.path / "verilog/src").iterdir()}
        self.end(
            f"{script}: port {min(lonely)} is in no bus" if lonely else "",
            "" if sources == {Path(f).name for f in self.files} else f"{script}: not all of src/",
            "" if self.steps == ["check", "save"] else f"{script}: the core is not saved whole",
            ""
            if self.core.get("name") == self.top
            else f"{script}: the IP is not named {self.top}",
            *(self._bus_problem(name, bus) for name, bus in self.buses.items()),
            *self._register_problems(),
        )
        return self._cell_type()

    def _bus_problem(self, name: str, bus: _Bus) -> str:
        parameters = {"clock": ("ASSOCIATED_RESET", "aresetn"), "reset": ("POLARITY", "ACTIVE_LOW")}
        if bus.kind in parameters:
            wanted, value = parameters[bus.kind]
            right = bus.parameters.get(wanted) == value
            return "" if right else f"package_ip.tcl: {wanted} of {name} is not {value}"
        if not bus.clock:
            return f"package_ip.tcl: {name} follows no clock"
        mapped = any(h.startswith(f"memory_map {bus.memory_map} ") for h in self.objects)
        if bus.kind == "aximm" and not (bus.memory_map and mapped):
            return f"package_ip.tcl: {name} has no memory map"
        return ""

    def _register_problems(self) -> list[str]:
        found, taken = list[str](), dict[int, str]()
        for handle, properties in self.objects.items():
            kind, name = words(handle)[:2]
            if kind == "address_block" and properties.get("range") != str(self.block_bytes):
                found.append(f"package_ip.tcl: {name} is not of {self.block_bytes} bytes")
            if kind == "register":
                at = number(properties.get("address_offset", "-1"))
                if at % 4 or not 0 <= at < self.block_bytes or at in taken:
                    found.append(f"package_ip.tcl: register {name} cannot stand at {at:#x}")
                taken[at] = name
        wanted = {r.offset for r in (*registers.REGISTERS, *registers.GRAPH_SHA256)}
        if wanted - taken.keys():
            found.append(f"package_ip.tcl: no register at {min(wanted - taken.keys()):#x}")
        return found

    @property
    def block_bytes(self) -> int:
        """What the core's address wires reach."""
        return 1 << self.ports.get("s_axi_control_awaddr", ("input", 0))[1]

    def _cell_type(self) -> CellType:
        pins = [
            Pin(name, "in", "clock" if bus.kind == "clock" else "resetn")
            for name, bus in self.buses.items()
            if bus.kind in ("clock", "reset")
        ]
        blocks = {
            words(handle)[1]: number(properties.get("range", "0"))
            for handle, properties in self.objects.items()
            if handle.startswith("address_block ")
        }
        interfaces = [
            Interface(
                name,
                "slave" if bus.slave else "master",
                bus.kind,
                bus.clock,
                bus.bits,
                segments={f"{name}/{block}": size for block, size in blocks.items()}
                if bus.kind == "aximm"
                else None,
            )
            for name, bus in self.buses.items()
            if bus.kind in ("axis", "aximm")
        ]
        ip = ":".join((*self.identity, self.core.get("name", "")))
        return CellType(ip, "package_ip.tcl", tuple(pins), tuple(interfaces), {})
