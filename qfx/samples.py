"""The samples that a project is to be proven on first of all, as arrays for each input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qfx.data import DataError, Numbers, Ports, gathered
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, GraphError
from qfx.ir.several import alone
from qfx.ops import Shape
from qfx.project.folder import ProjectError
from qfx.project.input_fit import InputFit
from qfx.report.fit import fits

if TYPE_CHECKING:
    from qfx.nn import Layer

Arrays = tuple[Numbers, ...]  # (samples, *input shape) of each input


def arrays_of(model: Layer | Graph, samples: Any, input_shape: Any = None) -> Arrays | None:
    """The samples of each input; None where there are none.

    Args:
        model: what they are for.
        samples: in any form that `qfx.data.form_of` knows, of which y is not read; or None.
        input_shape: of one sample of a model, where it is known; of several inputs a tuple.

    Raises:
        ProjectError: another form, or no sample.
    """
    if samples is None:
        return None
    ports, shapes = _expected(model, input_shape)
    try:
        found = gathered(samples, ports, "samples", shapes)
    except DataError as error:
        raise ProjectError(str(error)) from error
    if not all(map(np.size, found)):
        raise ProjectError("samples holds none: give at least one, or leave it out")
    return found


def shape_of(samples: Arrays) -> Any:
    """The shape of one sample; of several inputs a tuple of shapes.

    Raises:
        ProjectError: single numbers.
    """
    for each in samples:
        if each.ndim < 2:
            raise ProjectError(
                f"samples of shape {each.shape} are single numbers: give (samples, ...), as x[None]"
                " is of one sample and x[:, None] of single numbers"
            )
    return alone([each.shape[1:] for each in samples])


def integers_of(graph: Graph, samples: Arrays) -> tuple[Integers, ...]:
    """What the graph's inputs make of them.

    Raises:
        GraphError: another shape, or values that are not finite.
    """
    try:
        return tuple(x.integers for x in graph.read(*samples))
    except GraphError as error:
        raise GraphError(f"samples: {error}") from None


def fits_of(
    graph: Graph,
    samples: Arrays | None,
    integers: tuple[Integers, ...] | None,
    twin: Layer | None,
) -> tuple[InputFit, ...]:
    """How they fit the inputs' grids, and what calibration saw there; nothing without samples.

    Args:
        graph: lowered from `twin`, where there is one.
        samples, integers: of each input.
        twin: the model in torch.
    """
    if samples is None or integers is None:
        return ()
    if twin is None:
        return fits(graph, samples, integers, ())
    from qfx.lowering import calibrated_ranges

    return fits(graph, samples, integers, calibrated_ranges(twin))


def _expected(model: Any, input_shape: Any) -> tuple[Ports, tuple[Shape, ...] | None]:
    """Names, and shapes where they are known."""
    if isinstance(model, Graph):
        names = tuple(entry.name for entry in model.inputs)
        return Ports(names), tuple(entry.shape for entry in model.inputs)
    from qfx.nn import Layer
    from qfx.nn.ports import ports_of

    if not isinstance(model, Layer):
        return Ports(), None  # lowering refuses it
    if model.input_count == 1 and isinstance(input_shape, (tuple, list)):
        return ports_of(model), (tuple(input_shape),)
    return ports_of(model), None
