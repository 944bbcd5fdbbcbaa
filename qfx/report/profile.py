"""The first samples run through the graph: what the layer table and the histograms are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qfx.fixedpoint import FixedPointArray
from qfx.hardware import Design
from qfx.project.input_fit import InputFit
from qfx.project.manifest import LayerRecord
from qfx.report.histograms import HistogramRecord, histograms
from qfx.report.layers import layers
from qfx.simulation.stimuli.vectors import Stimuli

if TYPE_CHECKING:
    from qfx.nn import Layer

_PROFILED = 256  # samples: enough for shares and ratios
_ELEMENTS = 1 << 25  # of all values of those samples: of what is large, fewer samples are enough


@dataclass(frozen=True)
class Profile:
    """The layer records, what they were made from, and the histograms of the same samples."""

    layers: tuple[LayerRecord, ...]
    layers_from: str
    histograms: tuple[HistogramRecord, ...]


def profile(
    design: Design,
    stimuli: Stimuli,
    samples: tuple[Any, ...] | None,
    twin: Layer | None,
    fits: tuple[InputFit, ...] = (),
) -> Profile:
    """Look at the first samples given, else at the random stimuli.

    Args:
        design: its graph is run.
        stimuli: as recorded.
        samples: a batch of floats for each input.
        twin: the model in torch, to compare with in float.
        fits: of the samples, for each input.
    """
    graph = design.graph
    most = max(1, min(_PROFILED, _ELEMENTS // graph.elements))
    if samples is None:
        kind = "random"
        count = min(most, stimuli.counts[kind])
        data = [
            FixedPointArray(x[:count], entry.cast.dtype).to_float()
            for x, entry in zip(stimuli.inputs, graph.inputs, strict=True)
        ]
    else:
        kind, data = "given", [np.asarray(x, np.float64)[:most] for x in samples]
    floats = {}
    if twin is not None:
        from qfx.lowering import float_values

        floats = float_values(twin, *data)
    values = graph.trace(*data)
    return Profile(
        layers=layers(graph, design.stages, values, floats, fits),
        layers_from=f"{len(data[0])} {kind} samples",
        histograms=histograms(graph, data, values),
    )
