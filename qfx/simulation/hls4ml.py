"""A sixth simulator by other people: hls4ml reads model.onnx and compiles its own Vitis C++ with
g++.
"""

from __future__ import annotations

import contextlib
import io
import time
from typing import Any

import numpy as np

from qfx import tools
from qfx.disk.scratch import scratch
from qfx.fixedpoint.array import Integers
from qfx.ir.several import Arrays, alone, each_of
from qfx.project import Project
from qfx.simulation import qonnx
from qfx.simulation.outcome import CannotReadError, Outcome
from qfx.simulation.parallel import Workers


def refusal(project: Project) -> str:
    """Why hls4ml cannot have this design; empty where it is worth a try."""
    if no_onnx := qonnx.refusal(project):
        return no_onnx
    ports = (*project.manifest.inputs, *project.manifest.outputs)
    if len(ports) > 2 and any(len(port.shape) == 3 for port in ports):
        return (
            "images of several inputs or outputs: hls4ml convolves channels last, and brings one"
            " input and one output to that order"
        )
    return ""


def simulate(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """Run a batch through hls4ml's compiled library, all at once.

    Raises:
        ToolMissing: g++.
        CannotReadError: hls4ml does not accept the model.
        SimulationError: its output is off the grid.
    """
    tools.require("g++")
    count, manifest = len(each_of(stimuli)[0]), project.manifest
    pairs = zip(each_of(stimuli), manifest.inputs, strict=True)
    values = [_floats(integers, port.fraction_bits) for integers, port in pairs]
    with scratch("hls4ml") as folder, contextlib.redirect_stdout(io.StringIO()):
        model = _compile(project, str(folder))
        told = (workers or Workers()).told
        told(0)
        started = time.perf_counter()
        output = model.predict(alone(values))
        seconds = time.perf_counter() - started
        told(count)
    outputs = zip(output if len(manifest.outputs) > 1 else [output], manifest.outputs, strict=True)
    found = [
        qonnx.to_integers(np.asarray(y).reshape(count, *port.shape), port.fraction_bits)
        for y, port in outputs
    ]
    return Outcome(alone(found), seconds)


def _floats(integers: Integers, fraction_bits: int) -> Any:
    """Numbers as hls4ml takes them, images channels last."""
    values = np.ldexp(integers.astype(np.float64), -fraction_bits).astype(np.float32)
    return np.ascontiguousarray(values.transpose(0, 2, 3, 1) if values.ndim == 4 else values)


def _compile(project: Project, folder: str) -> Any:
    import hls4ml
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
    from qonnx.util.cleanup import cleanup_model

    try:
        model = cleanup_model(ModelWrapper(str(project.path / "model.onnx")))
        if any(
            len(port.shape) == 3 for port in project.manifest.inputs
        ):  # hls4ml convolves channels-last only
            model = cleanup_model(
                model.transform(ConvertToChannelsLastAndClean(make_input_channels_last=True))
            )
        # The input is cast to the default precision first: wide enough to hold every grid point of
        # it.
        config = hls4ml.utils.config_from_onnx_model(
            model, granularity="name", backend="Vitis", default_precision="fixed<40,16>"
        )
        converted = hls4ml.converters.convert_from_onnx_model(
            model, output_dir=folder, backend="Vitis", io_type="io_parallel", hls_config=config
        )
        converted.compile()
    except ModuleNotFoundError:
        raise
    except Exception as error:  # a foreign program's own failures: whatever it raises is the answer
        said = str(error).strip().partition("\n")[0]
        raise CannotReadError(
            f"hls4ml cannot read this model: {type(error).__name__}: {said}"
        ) from error
    return converted
