"""QONNX execution: model.onnx by qonnx's own executor, in batches."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.backends.project import Project
from qfx.fixedpoint.array import Integers
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers

BATCH = 256  # the executor's cost is per node, not per sample


def simulate(project: Project, stimuli: Integers, workers: Workers | None = None) -> Outcome:
    """Run a batch through qonnx.

    Args:
        project: whose model.onnx is run.
        stimuli: (samples, *input shape) integers of the input's dtype.
        workers: of whom only those who hear of the samples done count.

    Raises:
        SimulationError: the executor's floats are not on the output's grid.
    """
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    model = ModelWrapper(str(project.path / "model.onnx"))
    source, sink = project.manifest.input.port(), project.manifest.output.port()
    batch = min(BATCH, len(stimuli))
    _set_batch(model, batch)
    model = model.transform(InferShapes())
    x, y = model.graph.input[0].name, model.graph.output[0].name
    padding = -len(stimuli) % batch
    values = np.concatenate([stimuli, np.repeat(stimuli[-1:], padding, axis=0)])
    floats = np.ldexp(values.astype(np.float64), -source.stream.dtype.fraction_bits).astype(
        np.float32
    )
    told, parts = (workers or Workers()).told, []
    started = time.perf_counter()
    for first in range(0, len(floats), batch):
        told(first)
        parts.append(execute_onnx(model, {x: floats[first : first + batch]})[y])
    told(len(stimuli))
    seconds = time.perf_counter() - started
    return Outcome(
        to_integers(np.concatenate(parts)[: len(stimuli)], sink.stream.dtype.fraction_bits), seconds
    )


def to_integers(values: npt.NDArray[np.floating], fraction_bits: int) -> Integers:
    """Floats that must be on the grid, as its integers.

    Raises:
        SimulationError: one of them is between two grid points.
    """
    scaled = np.ldexp(values.astype(np.float64), fraction_bits)
    integers: Integers = np.rint(scaled).astype(np.int64)
    if not np.array_equal(integers, scaled):
        index = tuple(int(i) for i in np.argwhere(integers != scaled)[0])
        raise SimulationError(
            f"the value {values[index]} at index {index} is not on the grid of"
            f" {fraction_bits} fraction bits"
        )
    return integers


def _set_batch(model: Any, batch: int) -> None:
    """Another first dimension; what lies between input and output is inferred again."""
    for info in (*model.graph.input, *model.graph.output):
        info.type.tensor_type.shape.dim[0].dim_value = batch
    del model.graph.value_info[:]
