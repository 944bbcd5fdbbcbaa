"""A sixth simulator by other people: hls4ml reads model.onnx and compiles its own Vitis C++ with
g++.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import time
from typing import Any

import numpy as np

from qfx import tools
from qfx.backends.project import Project
from qfx.fixedpoint.array import Integers
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers
from qfx.simulation.qonnx import to_integers


def simulate(project: Project, stimuli: Integers, workers: Workers | None = None) -> Outcome:
    """Run a batch through hls4ml's compiled library, all at once.

    Raises:
        ToolMissing: g++.
        SimulationError: hls4ml does not accept the model, or its output is off the grid.
    """
    tools.require("g++")
    source, sink = project.manifest.input.port(), project.manifest.output.port()
    dtype = source.stream.dtype
    values = np.ldexp(stimuli.astype(np.float64), -dtype.fraction_bits).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        model = _compile(project, folder)
        if values.ndim == 4:
            values = values.transpose(0, 2, 3, 1)
        told = (workers or Workers()).told
        told(0)
        started = time.perf_counter()
        output = model.predict(np.ascontiguousarray(values))
        seconds = time.perf_counter() - started
        told(len(stimuli))
    found = to_integers(
        np.asarray(output).reshape(len(stimuli), *sink.shape), sink.stream.dtype.fraction_bits
    )
    return Outcome(found, seconds)


def _compile(project: Project, folder: str) -> Any:
    import hls4ml
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
    from qonnx.util.cleanup import cleanup_model

    try:
        model = cleanup_model(ModelWrapper(str(project.path / "model.onnx")))
        if len(project.manifest.input.shape) == 3:  # hls4ml convolves channels-last only
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
    except Exception as error:  # a foreign program's own failures: whatever it raises is the answer
        raise SimulationError(
            f"hls4ml does not accept this model: {type(error).__name__}: {error}"
        ) from error
    return converted
