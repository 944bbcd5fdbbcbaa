"""The simulators by name, how each is called, and what has no such form."""

from __future__ import annotations

from collections.abc import Callable

from qfx.ir.several import Arrays
from qfx.project import Project
from qfx.simulation import golden, hls4ml, qonnx, torch_recorded
from qfx.simulation.board import driver
from qfx.simulation.cpp import csim, vitis
from qfx.simulation.outcome import Outcome
from qfx.simulation.parallel import Workers
from qfx.simulation.rtl import verilator

Simulate = Callable[[Project, Arrays, Workers], Outcome]


def _unstalled(project: Project, stimuli: Arrays, workers: Workers) -> Outcome:
    return verilator.simulate(project, stimuli, workers=workers)


def _stalled(project: Project, stimuli: Arrays, workers: Workers) -> Outcome:
    return verilator.simulate(project, stimuli, verilator.STALL_PERCENT, workers=workers)


def _reset(project: Project, stimuli: Arrays, workers: Workers) -> Outcome:
    percent = verilator.STALL_PERCENT
    return verilator.simulate(project, stimuli, percent, workers=workers, resets=True)


SIMULATORS: dict[str, Simulate] = {
    "torch": torch_recorded.simulate,
    "golden": golden.simulate,
    "qonnx": qonnx.simulate,
    "csim": csim.simulate,
    "rtl": _unstalled,
    "rtl-stalled": _stalled,
    "rtl-reset": _reset,
    "driver": driver.simulate,
    "hls4ml": hls4ml.simulate,
    "vitis-csim": vitis.csim,
    "vitis-cosim": vitis.cosim,
}
PEERS = ("qonnx", "hls4ml")  # by others: what they cannot read is no verdict on a design
LABELS = {
    "torch": "torch, recorded",
    "golden": "golden model",
    "qonnx": "QONNX executor",
    "csim": "C++ csim (g++)",
    "rtl": "RTL (Verilator)",
    "rtl-stalled": "RTL, with stalls",
    "rtl-reset": "RTL, after resets",
    "driver": "driver, DMA, AXI",
    "hls4ml": "hls4ml csim",
    "vitis-csim": "Vitis csim",
    "vitis-cosim": "Vitis cosim",
}
ALL = tuple(name for name in SIMULATORS if not name.startswith("vitis-"))  # which AMD alone has
DEFAULT = tuple(name for name in ALL if name not in ("driver", "hls4ml"))


def refusal(project: Project, name: str) -> str:
    """Why this design has no such form; empty when it has."""
    if name == "torch" and not project.manifest.vectors.torch:
        return "not recorded: the folder was exported from a .qfx file, not from a torch model"
    if name == "driver" and driver.FILE not in project.manifest.files:
        return f"none is written: {project.manifest.board} has no processor that could run it"
    if name in ("qonnx", "hls4ml") and project.manifest.qonnx_refused:
        return project.manifest.qonnx_refused
    return hls4ml.refusal(project) if name == "hls4ml" else ""
