"""A board for the stand-in of pynq: a simulated device, DMAs at its ports, named as in a design."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from itertools import zip_longest
from types import ModuleType
from typing import Any
from unittest.mock import patch

from qfx.project import Project, ProjectError
from qfx.project.manifest import Manifest
from qfx.simulation.board.dma import Dma, Registers, Simulated
from qfx.simulation.board.memory import Memory
from qfx.simulation.outcome import SimulationError

FILE = "pynq/driver.py"  # below the project folder
_CYCLES = 2000  # of the device, whenever a DMA's status is read


class Board:
    """What an overlay makes of the programmable logic, and the memory beside it.

    Args:
        manifest: of the project on it.
        device: its IP, simulated.
        patience: cycles without the end of a transfer after which it counts as stuck.
        memory: what buffers are allocated from.
    """

    def __init__(
        self,
        manifest: Manifest,
        device: Simulated,
        patience: float = float("inf"),
        memory: Memory | None = None,
    ) -> None:
        self.manifest, self.device, self.patience = manifest, device, patience
        self.memory, self.waited = memory or Memory(), 0
        self.core = Registers(device.read, device.write)
        ports = zip_longest(manifest.inputs, manifest.outputs)
        self.dmas = [Dma(self, *pair, k) for k, pair in enumerate(ports)]

    def ip(self) -> dict[str, Any]:
        """By the names that the block design gives them."""
        dmas = {f"axi_dma_{k}": dma for k, dma in enumerate(self.dmas)}
        return {f"{self.manifest.name}_0": self.core, **dmas}

    def download(self) -> None:
        """As of a bitstream: everything begins anew."""
        self.device.reset()
        for dma in self.dmas:
            dma.reset()

    def pass_time(self) -> None:
        """Let the device run, and the DMAs see what came of it.

        Raises:
            SimulationError: a transfer does not end, or the device broke a rule.
        """
        engines = [engine for dma in self.dmas for engine in dma.engines()]
        if not any(engine.busy for engine in engines):
            return
        self.device.settle(_CYCLES)
        self.waited += _CYCLES
        for engine in engines:
            engine.settle()
        if self.waited > self.patience:
            stuck = (engine.name for engine in engines if engine.busy)
            raise SimulationError(
                f"no transfer ended in {self.waited:,} cycles; under way: {', '.join(stuck)}"
            )


class Overlay:
    """As pynq.Overlay, of a board that is there already.

    Args:
        board: what the bitstream makes.
        bitfile_name: of the bitstream, which is not read.
        download: whether the board begins anew.
    """

    def __init__(self, board: Board, bitfile_name: str, download: bool = True) -> None:
        self.bitfile_name, self._board = bitfile_name, board
        self.ip_dict: dict[str, Any] = {name: {} for name in board.ip()}
        for name, ip in board.ip().items():
            setattr(self, name, ip)
        if download:
            self.download()
        for dma in board.dmas:
            dma.bind()

    def download(self) -> None:
        self._board.download()


@contextmanager
def installed(board: Board) -> Iterator[None]:
    """While it lasts, `import pynq` gives the stand-in for that board."""
    package, library, dma = (ModuleType(name) for name in ("pynq", "pynq.lib", "pynq.lib.dma"))
    package.__dict__.update(
        Overlay=lambda name, download=True: Overlay(board, name, download),
        allocate=board.memory.allocate,
        lib=library,
    )
    library.__dict__.update(dma=dma)
    dma.__dict__.update(DMA=Dma)
    modules = {module.__name__: module for module in (package, library, dma)}
    with patch.dict(sys.modules, modules):
        yield


def load(project: Project) -> ModuleType:
    """The folder's driver as a module; `import pynq` must give it something.

    Raises:
        ProjectError: there is none.
    """
    file = project.path / FILE
    if not file.is_file():
        raise ProjectError(f"{file} is missing: export again, for a board with a processor")
    spec = spec_from_file_location(f"driver_of_{project.manifest.name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
