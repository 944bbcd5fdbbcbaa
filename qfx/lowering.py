"""From a trained, frozen model to the integer graph: each layer adds its own ops."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from qfx.fixedpoint import FixedPointError
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, GraphBuilder, simplify
from qfx.nn import Flatten, Identity, Layer, LoweringError, Network, Quantizer, Sequential
from qfx.nn.bypass import bypassed
from qfx.ops import Cast, Conv2d, DivideConstant, Matmul, OpError, Shape
from qfx.ops.matmul import FLOAT64_EXACT


def lower(model: Layer, input_shape: Shape, name: str = "model") -> Graph:
    """The integer graph of a frozen model; nothing in it is a float, and nothing is computed anew.

    Args:
        model: a qfx layer whose first computing layer is the input's Quantizer.
        input_shape: of one sample, without the batch axis.
        name: of the graph, and so of the hardware: letters, digits and underscores.

    Raises:
        LoweringError: not a qfx model, not frozen, no input quantizer, or a sum the torch layers
            cannot emulate.
    """
    if not isinstance(model, Layer):
        raise LoweringError(
            f"{type(model).__name__} is not a qfx model: build it of qfx.nn layers, or qfx.load a"
            " saved one"
        )
    shape = sample_shape(input_shape)
    builder = GraphBuilder(name)
    first = _first_layer(model)
    if not isinstance(first, Quantizer):
        raise LoweringError(
            f"the model begins with {type(first).__name__}, so its input has no grid:"
            " put a qfx.nn.Quantizer first, for example Sequential(Quantizer(8), ...)"
        )
    if not first.frozen:
        raise LoweringError(
            "the model has no integers yet: call model.freeze() and model.eval()"
            " (qfx.train does both)"
        )
    dtype = first.dtype
    cast = Cast(dtype.fraction_bits, dtype, first.active_rounding, first.overflow)
    x = builder.input(shape, cast)
    try:
        y = model.lower(builder, x)
        graph = builder.build(y)
    except (OpError, FixedPointError) as error:
        raise LoweringError(f"layer {builder.path or 'at the top'}: {error}") from error
    _require_emulated(graph)
    return simplify(graph)


def sample_shape(given: Any) -> Shape:
    """The shape of one sample.

    Raises:
        LoweringError: it is no tuple of whole numbers from 1 on.
    """
    try:
        shape = tuple(operator.index(size) for size in given)
    except TypeError:
        shape = ()
    if not shape or min(shape) < 1:
        raise LoweringError(
            f"input_shape is the shape of one sample, as (16,) or (1, 28, 28), not {given!r}"
        )
    return shape


def _first_layer(model: Layer) -> Layer:
    """The first layer that computes; Flatten before the quantizer is refused, since it has nothing
    to lower yet.
    """
    while isinstance(model, (Network, Sequential)):
        if isinstance(model, Network):
            model = _first_of_network(model)
            continue
        layers = [
            layer for layer in model if isinstance(layer, Layer) and not isinstance(layer, Identity)
        ]
        if not layers:
            raise LoweringError("the model has no layers: begin it with a qfx.nn.Quantizer")
        model = layers[0]
    if isinstance(model, Flatten):
        raise LoweringError("the model begins with Flatten: put the input's Quantizer before it")
    return model


def _first_of_network(model: Network) -> Layer:
    """The layer that reads the input; raises LoweringError where several do."""
    readers = model.readers(model.inputs[0])
    while len(readers) == 1 and isinstance(model.get_submodule(readers[0]), Identity):
        readers = model.readers(readers[0])
    if len(readers) != 1:
        raise LoweringError(
            f"the model's input is read by {' and '.join(readers) or 'no layer'}, so it has no grid"
            " of its own: put a qfx.nn.Quantizer first, for all to read"
        )
    first = model.get_submodule(readers[0])
    assert isinstance(first, Layer)
    return first


def _require_emulated(graph: Graph) -> None:
    """Raises LoweringError where float64, in which the frozen layers compute, could round."""
    for node in graph.nodes:
        magnitude = node.output.type.interval.magnitude
        if isinstance(node.op, (Matmul, Conv2d, DivideConstant)):
            magnitude = max(magnitude, node.op.magnitude(node.inputs[0].type.interval.magnitude))
        if magnitude >= FLOAT64_EXACT:
            raise LoweringError(
                f"layer {node.source}: a value of {magnitude.bit_length()} bits exceeds"
                " the 53 that torch emulates exactly:"
                " narrow the weights or the activations"
            )


@torch.no_grad()
def float_values(model: Layer, samples: npt.NDArray[np.float64]) -> dict[str, Any]:
    """What each layer of the model gives when nothing is quantized, by path.

    Args:
        model: a qfx layer; frozen or not, it is left as it was.
        samples: (count, *input shape).

    Returns:
        Float64 arrays; a layer that returns no tensor, or runs twice, is left out.
    """
    found: dict[str, Any] = {}

    def keep(path: str, output: Any) -> None:
        found[path] = None if path in found else output

    hooks = [
        layer.register_forward_hook(lambda _, __, y, path=path: keep(path, y))
        for path, layer in model.named_modules()
        if isinstance(layer, Layer)
    ]
    try:
        with bypassed(model):
            model(torch.tensor(samples).float())
    finally:
        for hook in hooks:
            hook.remove()
    return {path: y.double().numpy() for path, y in found.items() if isinstance(y, torch.Tensor)}


@torch.no_grad()
def emulate(model: Layer, graph: Graph, stimuli: Integers) -> Integers:
    """The integers that the frozen torch layers compute, by their own arithmetic.

    Args:
        model: what `graph` was lowered from.
        graph: gives the grids of input and output.
        stimuli: (samples, *input shape) integers of the input's dtype.

    Raises:
        LoweringError: torch's output is not on the grid that the graph says.
    """
    values = np.ldexp(stimuli.astype(np.float64), -graph.inputs[0].cast.dtype.fraction_bits)
    model.eval()
    outputs = torch.cat([model(part) for part in torch.split(torch.from_numpy(values), 1024)])
    scaled = np.ldexp(outputs.double().numpy(), graph.outputs[0].dtype.fraction_bits)
    integers: Integers = np.rint(scaled).astype(np.int64)
    if not np.array_equal(integers, scaled):
        raise LoweringError(
            "torch's output is off the grid of the graph: was the graph lowered from this model?"
        )
    return integers
