"""QONNX execution: model.onnx by qonnx's own executor, in batches."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.fixedpoint.array import Integers
from qfx.ir.several import Arrays, alone, each_of
from qfx.project import Project
from qfx.simulation.outcome import CannotReadError, Outcome, SimulationError
from qfx.simulation.parallel import Workers

BATCH = 256  # the executor's cost is per node, not per sample


def refusal(project: Project) -> str:
    """Why this design has no QONNX; empty where it has."""
    return project.manifest.qonnx_refused or ""


def simulate(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """Run a batch through qonnx.

    Args:
        project: whose model.onnx is run.
        stimuli: (samples, *input shape) integers of the input's dtype; of several inputs a tuple.
        workers: of whom only those who hear of the samples done count.

    Raises:
        CannotReadError: qonnx does not run the model.
        SimulationError: the executor's floats are not on the output's grid.
    """
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes

    inputs, manifest = each_of(stimuli), project.manifest
    count = len(inputs[0])
    batch = min(BATCH, count)
    told, parts = (workers or Workers()).told, []
    try:
        model = ModelWrapper(str(project.path / "model.onnx"))
        _set_batch(model, batch)
        model = model.transform(InferShapes())
        given = {
            info.name: _floats(x, port.fraction_bits, -count % batch)
            for info, x, port in zip(model.graph.input, inputs, manifest.inputs, strict=True)
        }
        started = time.perf_counter()
        for first in range(0, count, batch):
            told(first)
            part = {name: floats[first : first + batch] for name, floats in given.items()}
            found = execute_onnx(model, part)
            parts.append(tuple(found[info.name] for info in model.graph.output))
        seconds = time.perf_counter() - started
    except Exception as error:  # a foreign program's own failures: whatever it raises is the answer
        said = str(error).strip().partition("\n")[0]
        raise CannotReadError(
            f"qonnx cannot run this model: {type(error).__name__}: {said}"
        ) from error
    told(count)
    outputs = zip(*parts, manifest.outputs, strict=True)
    return Outcome(
        alone([to_integers(np.concatenate(y)[:count], p.fraction_bits) for *y, p in outputs]),
        seconds,
    )


def _floats(integers: Integers, fraction_bits: int, padding: int) -> npt.NDArray[np.float32]:
    """The numbers, and the last sample again so many times."""
    values = np.concatenate([integers, np.repeat(integers[-1:], padding, axis=0)])
    floats: npt.NDArray[np.float32] = np.ldexp(values.astype(np.float64), -fraction_bits)
    return floats.astype(np.float32)


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
