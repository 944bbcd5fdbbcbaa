"""From a trained, frozen model to the integer graph: each layer adds its own ops."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from qfx import foreign
from qfx.fixedpoint import FixedPointError, FixedPointType
from qfx.fixedpoint.array import Integers
from qfx.ir import Graph, GraphBuilder, Value, renamed, simplify
from qfx.ir.names import identifier
from qfx.ir.several import Arrays, alone, each_of
from qfx.nn import Flatten, Identity, Layer, LoweringError, Network, Quantizer, Sequential
from qfx.nn.bypass import bypassed
from qfx.nn.outdated import obstacle
from qfx.nn.precision import float32_by_default, in_float32
from qfx.ops import Cast, Conv2d, DivideConstant, Matmul, OpError, Shape
from qfx.ops.matmul import FLOAT64_EXACT

_AT_A_TIME = 1 << 26  # elements of all values of the samples that torch is given at once


def lower(model: Layer, input_shape: Shape | tuple[Shape, ...], name: str = "model") -> Graph:
    """The integer graph of a frozen model; nothing in it is a float, and nothing is computed anew.

    Args:
        model: a qfx layer; the first that computes with an input is the input's Quantizer.
        input_shape: of one sample, without the batch axis; of several inputs a tuple of shapes.
        name: of the graph, and so of the hardware: letters, digits and underscores.

    Raises:
        LoweringError: not a qfx model, not frozen, changed since, no input quantizer, or a sum the
            torch layers cannot emulate.
        GraphError: a name that hardware cannot have, or two outputs that are one.
    """
    if not isinstance(model, Layer):
        raise LoweringError(
            foreign.named(model)
            or f"{type(model).__name__} is not a qfx model: build it of qfx.nn layers, or qfx.load"
            " a saved one"
        )
    shapes = sample_shapes(model, input_shape)
    builder = GraphBuilder(name)
    values = [_input(builder, model, place, shape) for place, shape in enumerate(shapes)]
    stands = obstacle(model)
    if stands:
        raise LoweringError(stands)
    try:
        outputs = model.lower(builder, *values)
        graph = builder.build(*each_of(outputs))
        _require_emulated(graph)
        graph = simplify(graph)
        names = zip((value.name for value in graph.outputs), _output_names(model), strict=False)
        return renamed(graph, dict(names))
    except (OpError, FixedPointError) as error:
        raise LoweringError(f"layer {builder.path or 'at the top'}: {error}") from error


def _input(builder: GraphBuilder, model: Layer, place: int, shape: Shape) -> Value:
    """The graph's input for one of the model's, quantized as the model's first layer there says."""
    first = _first_layer(model, place)
    name = model.inputs[place] if isinstance(model, Network) and model.input_count > 1 else ""
    if not isinstance(first, Quantizer):
        if name:
            begins, example = f"input {name} is read by", f'("{name}_grid", Quantizer(8), "{name}")'
        else:
            begins, example = "the model begins with", "Sequential(Quantizer(8), ...)"
        raise LoweringError(
            f"{begins} {type(first).__name__}, so {'it' if name else 'its input'} has no grid:"
            f" put a qfx.nn.Quantizer first, for example {example}"
        )
    if not first.frozen:
        raise LoweringError(
            "the model has no integers yet: call qfx.train or qfx.calibrate(model, x), which end"
            " with them; of a model trained otherwise model.eval() and model.freeze()"
        )
    dtype = first.dtype
    cast = Cast(dtype.fraction_bits, dtype, first.active_rounding, first.overflow)
    return builder.input(shape, cast, name or "x")


def _output_names(model: Layer) -> tuple[str, ...]:
    """What several outputs are called: as far as hardware can, as the layers that give them;
    nothing of one.
    """
    while isinstance(model, Sequential) and len(model):
        last = model[-1]
        assert isinstance(last, Layer)
        model = last
    if not isinstance(model, Network) or model.output_count == 1:
        return ()
    return tuple(map(identifier, model.outputs))


def sample_shapes(model: Layer, given: Any) -> list[Shape]:
    """The shape of one sample of each of a model's inputs.

    Raises:
        LoweringError: no such shapes, or not as many as inputs.
    """
    if model.input_count == 1:
        return [sample_shape(given)]
    if not isinstance(given, (tuple, list)) or len(given) != model.input_count:
        raise LoweringError(
            f"the model has {model.input_count} inputs: give input_shape as a tuple of as many"
            f" shapes, as ((16,), (1, 28, 28)), not {given!r}"
        )
    return [sample_shape(shape) for shape in given]


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


def _first_layer(model: Layer, place: int = 0) -> Layer:
    """The first layer that computes with an input; Flatten before the quantizer is refused, since
    it has nothing to lower yet.

    Args:
        model: of several inputs, if `place` is not 0.
        place: of the input among the model's.
    """
    while isinstance(model, (Network, Sequential)):
        if isinstance(model, Network):
            model, place = _first_of_network(model, model.inputs[place])
            continue
        layers = [
            layer for layer in model if isinstance(layer, Layer) and not isinstance(layer, Identity)
        ]
        if not layers:
            raise LoweringError("the model has no layers: begin it with a qfx.nn.Quantizer")
        model, place = layers[0], 0
    if isinstance(model, Flatten):
        raise LoweringError("the model begins with Flatten: put the input's Quantizer before it")
    return model


def _first_of_network(model: Network, name: str) -> tuple[Layer, int]:
    """The layer that reads the input of that name, and as which of its operands; raises
    LoweringError where several do.
    """
    read, readers = name, model.readers(name)
    while len(readers) == 1 and isinstance(model.get_submodule(readers[0]), Identity):
        read, readers = readers[0], model.readers(readers[0])
    if len(readers) != 1:
        which = f" {name}" if model.input_count > 1 else ""
        raise LoweringError(
            f"the model's input{which} is read by {' and '.join(readers) or 'no layer'}, so it has"
            " no grid of its own: put a qfx.nn.Quantizer first, for all to read"
        )
    first = model.get_submodule(readers[0])
    assert isinstance(first, Layer)
    return first, model.reads[readers[0]].index(read)


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


def calibrated_ranges(model: Layer) -> list[tuple[float, float] | None]:
    """The least and the greatest number that calibration saw at each input, as far as is known."""
    grids = [_first_layer(model, place) for place in range(model.input_count)]
    return [grid.seen if isinstance(grid, Quantizer) else None for grid in grids]


@torch.no_grad()
def float_values(model: Layer, *samples: npt.NDArray[np.float64]) -> dict[str, Any]:
    """What each layer of the model gives when nothing is quantized, by path.

    Args:
        model: a qfx layer; frozen or not, it is left as it was.
        samples: (count, *input shape) of each input.

    Returns:
        Float64 arrays; a layer that returns several tensors, or runs twice, is left out.
    """
    found: dict[str, Any] = {}
    model = in_float32(model)

    def keep(path: str, output: Any) -> None:
        found[path] = None if path in found else output

    hooks = [
        layer.register_forward_hook(lambda _, __, y, path=path: keep(path, y))
        for path, layer in model.named_modules()
        if isinstance(layer, Layer)
    ]
    try:
        with bypassed(model), float32_by_default():
            model(*(torch.tensor(x).float() for x in samples))
    finally:
        for hook in hooks:
            hook.remove()
    return {path: y.double().numpy() for path, y in found.items() if isinstance(y, torch.Tensor)}


@torch.no_grad()
def emulate(model: Layer, graph: Graph, stimuli: Arrays) -> Any:
    """The integers that the frozen torch layers compute, by their own arithmetic.

    Args:
        model: what `graph` was lowered from.
        graph: gives the grids of inputs and outputs.
        stimuli: (samples, *input shape) integers of the input's dtype; of several inputs a tuple.

    Returns:
        (samples, *output shape) integers; of several outputs a tuple.

    Raises:
        LoweringError: torch's output is not on the grid that the graph says.
    """
    model = in_float32(model)
    values = [
        torch.from_numpy(np.ldexp(x.astype(np.float64), -entry.cast.dtype.fraction_bits))
        for x, entry in zip(each_of(stimuli), graph.inputs, strict=True)
    ]
    model.eval()
    count = max(1, min(1024, _AT_A_TIME // graph.elements))
    parts = zip(*(torch.split(x, count) for x in values), strict=True)
    found = zip(*(each_of(model(*part)) for part in parts), strict=True)
    return alone(
        [_on_grid(torch.cat(y), v.dtype) for y, v in zip(found, graph.outputs, strict=True)]
    )


def _on_grid(output: torch.Tensor, dtype: FixedPointType) -> Integers:
    scaled = np.ldexp(output.double().numpy(), dtype.fraction_bits)
    integers: Integers = np.rint(scaled).astype(np.int64)
    if not np.array_equal(integers, scaled):
        raise LoweringError(
            "torch's output is off the grid of the graph: was the graph lowered from this model?"
        )
    return integers
