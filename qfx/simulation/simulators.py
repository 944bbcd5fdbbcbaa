"""The table of simulators: one row each, in the order in which they run and are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from qfx.ir.several import Arrays
from qfx.project import Project
from qfx.simulation import golden, hls4ml, qonnx, torch_recorded
from qfx.simulation.board import driver
from qfx.simulation.cpp import csim, vitis
from qfx.simulation.outcome import Outcome
from qfx.simulation.parallel import Workers
from qfx.simulation.rtl import pyverilator, verilator

Simulate = Callable[[Project, Arrays, Workers], Outcome]


def _never(project: Project) -> str:
    """Of a simulator that can have every design."""
    return ""


@dataclass(frozen=True)
class Simulator:
    """A simulator.

    Args:
        name: as it is asked for.
        label: what it is called where people read it.
        run: what simulates a batch: the project, (samples, *input shape) integers of its input, of
            several inputs a tuple, and who does the work.
        refusal: why a project has no such form at all; empty when it has.
        default: whether it runs when no simulators are named.
        with_all: whether --all runs it.
        peer: whether others wrote it: what it cannot read is no verdict on a design.
        any_data: whether it runs other stimuli than those recorded.
    """

    name: str
    label: str
    run: Simulate
    refusal: Callable[[Project], str] = _never
    default: bool = True
    with_all: bool = True
    peer: bool = False
    any_data: bool = True


_STALLED = partial(verilator.simulate, stall_percent=verilator.STALL_PERCENT)

SIMULATORS: dict[str, Simulator] = {
    simulator.name: simulator
    for simulator in (
        Simulator(
            "torch",
            "torch, recorded",
            torch_recorded.simulate,
            torch_recorded.refusal,
            any_data=False,
        ),
        Simulator("golden", "golden model", golden.simulate),
        Simulator("qonnx", "QONNX executor", qonnx.simulate, qonnx.refusal, peer=True),
        Simulator("csim", "C++ csim (g++)", csim.simulate),
        Simulator("rtl", "RTL (Verilator)", verilator.simulate),
        Simulator("rtl-stalled", "RTL, with stalls", _STALLED),
        Simulator("rtl-reset", "RTL, after resets", partial(_STALLED, resets=True)),
        Simulator(
            "pyverilator",
            "RTL (PyVerilator)",
            pyverilator.simulate,
            default=False,
            with_all=False,
        ),
        Simulator("driver", "driver, DMA, AXI", driver.simulate, driver.refusal, default=False),
        Simulator(
            "hls4ml", "hls4ml csim", hls4ml.simulate, hls4ml.refusal, default=False, peer=True
        ),
        Simulator("vitis-csim", "Vitis csim", vitis.csim, default=False, with_all=False),
        Simulator("vitis-cosim", "Vitis cosim", vitis.cosim, default=False, with_all=False),
    )
}
ALL = tuple(name for name, simulator in SIMULATORS.items() if simulator.with_all)
DEFAULT = tuple(name for name, simulator in SIMULATORS.items() if simulator.default)
