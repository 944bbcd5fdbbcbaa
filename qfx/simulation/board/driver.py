"""The driver of a project folder, run as on the board: through DMAs and AXI to the simulated IP."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from qfx.ir.several import Arrays, chosen, each_of, joined
from qfx.project import Project, ProjectError
from qfx.project.testbench import patience_cycles
from qfx.simulation.board import driver_checks
from qfx.simulation.board.device import Device
from qfx.simulation.board.pynq import FILE, Board, installed, load
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers, pieces_of
from qfx.simulation.rtl import verilator
from qfx.tools import ToolFailed, ToolMissing

__all__ = ["FILE", "accelerator", "predict_mismatches", "simulate"]
_MEMORY_BYTES = 1 << 14  # so that batches take several packets


def refusal(project: Project) -> str:
    """Why this design has no driver; empty where it has."""
    if FILE in project.manifest.files:
        return ""
    return f"none is written: {project.manifest.board} has no processor that could run it"


def simulate(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """Run a batch through `predict_integers` of pynq/driver.py, in pieces, all channels stalling;
    then numbers that round and overflow through `predict`, and read its counters.

    Raises:
        ToolMissing, ToolFailed: Verilator or g++.
        SimulationError: a transfer that does not end, a broken rule of AXI, an error of the
            driver's own, or numbers or counters that are not right.
        ProjectError: the folder has no driver.
    """
    workers, found, count = workers or Workers(), [], len(each_of(stimuli)[0])
    try:
        with _opened(project, verilator.STALL_PERCENT, 1) as (device, module, opened):
            workers.told(0)
            started = time.perf_counter()
            for piece in pieces_of(count):
                found.append(opened.predict_integers(*each_of(chosen(stimuli, piece))))
                workers.told(piece.stop)
            seconds = time.perf_counter() - started
            with np.errstate(all="ignore"):  # the driver's own warnings; its numbers are compared
                driver_checks.check(project, device, module, opened)
    except (ToolMissing, ToolFailed, SimulationError, ProjectError):
        raise
    except Exception as error:  # whatever a driver that is wrong meets, classes of its own too
        raise SimulationError(f"{FILE}: {error or type(error).__name__}") from error
    return Outcome(joined(found), seconds)


def predict_mismatches(
    project: Project | str | Path, samples: Any, stall_percent: int = verilator.STALL_PERCENT
) -> int:
    """Samples that `predict` of pynq/driver.py does not give as the golden model does.

    Args:
        project: whose driver and IP are run: its folder, opened or as a path.
        samples: (count, *input shape) numbers as `predict` takes them; of several inputs a tuple.
        stall_percent: of cycles on which each channel pauses.
    """
    project = Project.open(project)
    golden = project.graph().run_all(*each_of(samples))
    with accelerator(project, stall_percent) as opened:
        found = each_of(opened.predict(*each_of(samples)))
    count = len(golden[0].integers)
    pairs = zip(found, (output.to_float() for output in golden), strict=True)
    if not count:
        return 0
    differing = [(given != wanted).reshape(count, -1).any(axis=1) for given, wanted in pairs]
    return int(np.any(differing, axis=0).sum())


@contextmanager
def accelerator(project: Project, stall_percent: int = 0, seed: int = 1) -> Iterator[Any]:
    """The Accelerator of a folder's driver, on its IP as Verilator simulates it.

    Args:
        project: whose pynq/driver.py and verilog/src are run.
        stall_percent, seed: as for Device.
    """
    with _opened(project, stall_percent, seed) as (_, _, found):
        yield found


@contextmanager
def _opened(
    project: Project, stall_percent: int, seed: int
) -> Iterator[tuple[Device, ModuleType, Any]]:
    """The device, the driver's module, and its Accelerator."""
    predicted = project.manifest.prediction
    patience = 100 * patience_cycles(predicted.initiation_interval, predicted.latency_cycles)
    with Device(project, stall_percent, seed) as device:
        board = Board(project.manifest, device, patience)
        with installed(board):
            module = load(project)
            with module.Accelerator(memory_bytes=_MEMORY_BYTES, timeout_s=math.inf) as opened:
                yield device, module, opened
