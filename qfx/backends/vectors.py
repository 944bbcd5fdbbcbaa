"""The recorded vectors, as testbenches are given them."""

from __future__ import annotations

from qfx.hardware import Design


def vector_files(design: Design) -> list[str]:
    """The files of the recorded vectors that a testbench takes, without their suffix: stimuli of
    each input, then the golden integers of each output.
    """
    stimuli = [f"stimuli{port.suffix}" for port in design.inputs]
    return [*stimuli, *(f"golden{port.suffix}" for port in design.outputs)]
