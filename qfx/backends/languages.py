"""What a project folder is written in: one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qfx.backends import pynq, qonnx, verilog, vitis
from qfx.hardware import Design


@dataclass(frozen=True)
class Backend:
    """A language.

    Args:
        label: for people.
        write: writes it into a project folder, in which those before it in the table are there
            already. Gives the sentence that says why the design has no such form; None where it
            has. What a design must have raises an error instead.
    """

    label: str
    write: Callable[[Design, Path], str | None]


def _qonnx(design: Design, project: Path) -> str | None:
    try:
        qonnx.write(design.graph, project / "model.onnx")
    except qonnx.QonnxError as error:
        return str(error)
    return None


def _vitis(design: Design, project: Path) -> None:
    (project / "vitis").mkdir()
    vitis.write(design, project / "vitis")


def _verilog(design: Design, project: Path) -> None:
    (project / "verilog").mkdir()
    verilog.write(design, project / "verilog")


LANGUAGES = {
    "qonnx": Backend("QONNX", _qonnx),
    "vitis": Backend("Vitis", _vitis),
    "verilog": Backend("Verilog", _verilog),
    "pynq": Backend("PYNQ", pynq.write),
}
