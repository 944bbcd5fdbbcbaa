"""Proof: the same batch through every simulator, integers compared."""

from qfx.simulation.board.device import Device
from qfx.simulation.board.driver import predict_mismatches
from qfx.simulation.board.soak import Soak, soak
from qfx.simulation.compare import Cosim, Difference, Row, cosim
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.rtl.pyverilator import probe
from qfx.simulation.rtl.throughput import Throughput, measure
from qfx.simulation.simulators import ALL, DEFAULT, SIMULATORS, Simulator
from qfx.simulation.trace import Trace, trace
from qfx.tools import ToolFailed, ToolMissing

__all__ = [
    "ALL",
    "DEFAULT",
    "SIMULATORS",
    "Cosim",
    "Device",
    "Difference",
    "Outcome",
    "Row",
    "SimulationError",
    "Simulator",
    "Soak",
    "Throughput",
    "ToolFailed",
    "ToolMissing",
    "Trace",
    "cosim",
    "measure",
    "predict_mismatches",
    "probe",
    "soak",
    "trace",
]
