"""Follows the script of a block design, and keeps what it has built so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from qfx.boards import Board, ProcessingSystem
from qfx.project import Project
from qfx.synthesis.vivado_check import cells as vivado_cells
from qfx.synthesis.vivado_check.commands import BLOCK_DESIGN
from qfx.synthesis.vivado_check.replay import Replay, number, settings
from qfx.synthesis.vivado_check.tcl import Given, TclError, words
from qfx.synthesis.vivado_check.types import CellType, Interface, Pin

# What must be done, in this order, and once.
STEPS = (
    "create_project", "create_bd_design", "validate_bd_design", "save_bd_design", "make_wrapper",
    "generate_target", "launch_runs synth_1", "wait_on_run synth_1", "launch_runs impl_1",
    "wait_on_run impl_1", "open_run impl_1", "write_bitstream", "close_project",
)  # fmt: skip


@dataclass
class Cell:
    """A cell: its IP, and the properties that were set."""

    ip: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Segment:
    """A place in an address space where a segment stands; no offset where it brings its own."""

    space: str
    segment: str
    offset: int | None
    bytes: int | None


class BlockDesign(Replay):
    """Follows block_design.tcl.

    Args:
        project: whose overlay it is.
        board, system: it is for.
        core: what package_ip.tcl packages.
    """

    def __init__(
        self, project: Project, board: Board, system: ProcessingSystem, core: CellType
    ) -> None:
        super().__init__(BLOCK_DESIGN)
        self.project, self.board, self.system, self.core = project, board, system, core
        self.cells: dict[str, Cell] = {}
        self.drivers: dict[str, str] = {}  # by the pin that is driven
        self.links: list[tuple[str, str]] = []  # interfaces: master, slave
        self.segments: list[Segment] = []
        self.excluded: set[tuple[str, str]] = set()
        self.steps: list[str] = []
        self.automated: dict[str, dict[str, str]] = {}
        self.handlers = {
            "create_project": self._project,
            "create_bd_design": lambda given: self.steps.append("create_bd_design"),
            "create_bd_cell": self._cell,
            "apply_bd_automation": self._automation,
            "set_property": self._set,
            "get_ipdefs": self._definition,
            "get_bd_cells": self._each(self.cell),
            "get_bd_pins": self._each(self.pin),
            "get_bd_intf_pins": self._each(self.interface),
            "get_bd_addr_spaces": self._each(self.space),
            "get_bd_addr_segs": self._each(self.segment),
            "connect_bd_net": self._net,
            "connect_bd_intf_net": self._link,
            "assign_bd_address": self._assign,
            "exclude_bd_addr_seg": self._exclude,
        }
        for step in {step.split()[0] for step in STEPS} - self.handlers.keys():
            self.handlers[step] = self._step(step)

    def type_of(self, name: str) -> CellType:
        """Return what a cell is, as its properties make it."""
        cell = self.cells[name]
        return self.core if cell.ip == self.core.ip else vivado_cells.cell_type(*_parts(cell))

    def setting(self, name: str, property_name: str) -> str:
        """Return the property of a cell, as set or by default."""
        default = self.type_of(name).properties[property_name].default
        return self.cells[name].settings.get(property_name, default)

    def there(self, name: str, part: Pin | Interface) -> bool:
        """Tell whether a cell's properties give it that pin or interface."""
        return part.when is None or self.setting(name, part.when) == "1"

    def width(self, name: str, interface: Interface) -> int | None:
        """Return the data width of an interface in bits; None where it takes any."""
        if isinstance(interface.width, str):
            return int(self.setting(name, interface.width))
        return interface.width

    def cell(self, name: str) -> Cell:
        if name not in self.cells:
            raise TclError(f"there is no cell {name}")
        return self.cells[name]

    def pin(self, path: str) -> Pin:
        cell, name = self._split(path)
        pins = {pin.name: pin for pin in self.type_of(cell).pins if self.there(cell, pin)}
        if name not in pins:
            raise TclError(self._no(path, cell, "pin", sorted(pins)))
        return pins[name]

    def interface(self, path: str) -> Interface:
        cell, name = self._split(path)
        found = {each.name: each for each in self.interfaces(cell)}
        if name not in found:
            raise TclError(self._no(path, cell, "interface", sorted(found)))
        return found[name]

    def interfaces(self, cell: str) -> list[Interface]:
        """Return those that a cell has."""
        return [each for each in self.type_of(cell).interfaces if self.there(cell, each)]

    def space(self, path: str) -> Interface:
        """Return the master that has the address space."""
        cell, name = self._split(path)
        for each in self.interfaces(cell):
            if each.space == name:
                return each
        raise TclError(f"{cell} has no address space {name}")

    def segment(self, path: str) -> tuple[str, Interface]:
        """Return the slave that is behind a segment, and its cell."""
        cell, name = self._split(path)
        for each in self.interfaces(cell):
            if name in (each.segments or {}):
                return cell, each
        raise TclError(f"{cell} has no segment {name}")

    def _split(self, path: str) -> tuple[str, str]:
        cell, _, name = path.lstrip("/").partition("/")
        self.cell(cell)
        return cell, name

    def _no(self, path: str, cell: str, what: str, known: list[str]) -> str:
        guide = self.type_of(cell).guide
        return f"{path} is no {what} as {cell} is set up; it has {', '.join(known)} ({guide})"

    def _each(self, look: Callable[[str], object]) -> Callable[[Given], None]:
        def check(given: Given) -> None:
            for name in given.plain:
                for each in words(name):
                    look(each)

        return check

    def _step(self, command: str) -> Callable[[Given], None]:
        def note(given: Given) -> None:
            run = next((word for word in given.plain if word.endswith("_1")), "")
            self.steps.append(f"{command} {run}".strip())

        return note

    def _project(self, given: Given) -> None:
        self.steps.append("create_project")
        if given.options["-part"] != self.project.manifest.part:
            raise TclError(f"the part is {self.project.manifest.part}")

    def _definition(self, given: Given) -> None:
        ip = given.plain[0].rpartition(":")[0]
        if ip not in (*vivado_cells.KNOWN, self.core.ip):
            raise TclError(f"there is no IP {ip}")

    def _cell(self, given: Given) -> None:
        ip, name = given.options["-vlnv"].rpartition(":")[0], given.plain[0]
        if ip not in (*vivado_cells.KNOWN, self.core.ip):
            raise TclError(f"there is no IP {ip}")
        if name in self.cells:
            raise TclError(f"there is a cell {name} already")
        self.cells[name] = Cell(ip)

    def _automation(self, given: Given) -> None:
        name, rule = given.plain[0], given.options["-rule"]
        if self.cell(name).ip.rpartition(":")[2] != rule.rpartition(":")[2]:
            raise TclError(f"{rule} is no rule for {name}")
        options = words(given.options.get("-config", ""))
        self.automated[name] = dict(zip(options[::2], options[1::2], strict=True))

    def _set(self, given: Given) -> None:
        target = given.plain[-1]
        found = settings(given)
        if target not in self.cells:
            self._set_project(found)
            return
        known, cell = self.type_of(target), self.cells[target]
        for name, value in found.items():
            short = name.removeprefix("CONFIG.")
            if short == name or short not in known.properties:
                raise TclError(f"{target} has no property {name} ({known.guide})")
            allowed = known.properties[short].allowed
            if value not in allowed:
                raise TclError(f"{name} of {target} is {value}, not {allowed} ({known.guide})")
            cell.settings[short] = value

    def _set_project(self, found: Mapping[str, str]) -> None:
        wanted = {"board_part": self.board.board_part}
        wanted["top"] = f"{self.project.manifest.name}_overlay_wrapper"
        for name, value in found.items():
            if name not in (*wanted, "ip_repo_paths"):
                raise TclError(f"there is no property {name}")
            if wanted.get(name, value) != value:
                raise TclError(f"{name} is {value}, not {wanted[name]}")

    def _net(self, given: Given) -> None:
        """One output drives all the others."""
        pins = [(path, self.pin(path)) for path in given.plain]
        sources = [(path, pin) for path, pin in pins if pin.direction == "out"]
        if len(sources) != 1:
            raise TclError(f"{len(sources)} outputs are joined, not one")
        source, kind = sources[0][0], sources[0][1].kind
        for path, pin in pins:
            if path == source:
                continue
            if path in self.drivers:
                raise TclError(f"{path} is driven by {self.drivers[path]} already")
            if pin.kind != kind:
                raise TclError(f"{path} is a {pin.kind}, and {source} a {kind}")
            self.drivers[path] = source

    def _link(self, given: Given) -> None:
        ends = {self.interface(path).mode: path for path in given.plain}
        if len(ends) != 2:
            raise TclError(f"{' and '.join(given.plain)} are both {min(ends)}s")
        taken = {path for link in self.links for path in link}
        again = taken & set(given.plain)
        if again:
            raise TclError(f"{min(again)} is connected already")
        kinds = [self.interface(path).protocol for path in given.plain]
        if kinds[0] != kinds[1]:
            raise TclError(f"{' and '.join(given.plain)} are {kinds[0]} and {kinds[1]}")
        self.links.append((ends["master"], ends["slave"]))

    def _assign(self, given: Given) -> None:
        space, segment = given.options["-target_address_space"], given.plain[0]
        self.space(space)
        self.segment(segment)
        if any((s.space, s.segment) == (space, segment) for s in self.segments):
            raise TclError(f"{segment} stands in {space} already")
        offset, size = (given.options.get(name) for name in ("-offset", "-range"))
        self.segments.append(
            Segment(space, segment, *(None if n is None else number(n) for n in (offset, size)))
        )

    def _exclude(self, given: Given) -> None:
        self.excluded.add((given.options["-target_address_space"], given.plain[0]))


def _parts(cell: Cell) -> tuple[str, dict[str, str]]:
    return cell.ip, cell.settings
