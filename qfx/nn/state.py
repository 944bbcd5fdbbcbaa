"""What keeps a model's integers from being those of its parameters: each question is answered by a
sentence for whoever refuses, or by None.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from qfx.nn.derived import foreign_hooks


def shared(model: nn.Module) -> str | None:
    """Tell of a weight, a binary point or a layer with such that stands in two places.

    What learns nothing (a ReLU without a quantizer, Dropout, Identity) may stand in several.
    """
    seen: dict[int, tuple[str, nn.Module, str]] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        for name, parameter in module._parameters.items():
            if parameter is None:
                continue
            first, owner, own = seen.setdefault(id(parameter), (path, module, name))
            if owner is module and first != path:
                first, second = _highest(model, first, path)
                kind = type(model.get_submodule(first) if first else model).__name__
                return (
                    f"{first or 'the model'} and {second} are one {kind}, but what learns stands"
                    " in one place, as hardware would have to hold it twice: make two of it"
                )
            if owner is not module or own != name:
                return (
                    f"{_joined(first, own)} and {_joined(path, name)} are one parameter, but what"
                    " learns stands in one place, as hardware would have to hold it twice: give"
                    " each its own, torch.nn.Parameter(weight.detach().clone())"
                )
    return None


def _highest(model: nn.Module, first: str, second: str) -> tuple[str, str]:
    """The paths of the outermost module that is shared, of which these are the same part."""
    while "." in first and "." in second:
        outer = first.rpartition(".")[0], second.rpartition(".")[0]
        if outer[0] == outer[1] or model.get_submodule(outer[0]) is not model.get_submodule(
            outer[1]
        ):
            break
        first, second = outer
    return first, second


def non_finite(model: nn.Module) -> str | None:
    """Tell of the first parameter or buffer that holds infinity or NaN."""
    for name, tensor in _tensors(model):
        if is_lazy(tensor) or tensor.is_meta or not tensor.is_floating_point():
            continue
        found = first_non_finite(tensor)
        if found is not None:
            return (
                f"{name} holds {found}: the training diverged, so take a state from before, and a"
                " lower learning rate"
            )
    return None


def first_non_finite(tensor: Tensor) -> str | None:
    """Return the value and its index, as "nan at [3]"; None where all are finite."""
    tensor = tensor.detach()
    finite = torch.isfinite(tensor)
    if bool(finite.all()):
        return None
    index = [int(i) for i in (~finite).nonzero()[0]]
    return f"{float(tensor[tuple(index)])}" + (f" at {index}" if index else "")


def _tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


# Buffers that freeze writes of whatever parameters a layer has, each of their shape.
_WRITTEN_OF_ONE = ("slope_integers", "scale_integers", "integers", "fraction_bits")


def reshaped(model: nn.Module) -> str | None:
    """Tell of a parameter that was replaced by one of another shape, as structured pruning does."""
    for path, module in model.named_modules():
        for name, parameter in module._parameters.items():
            buffers = (module._buffers.get(each) for each in (f"{name}_integers", *_WRITTEN_OF_ONE))
            made = next((buffer for buffer in buffers if buffer is not None), None)
            if parameter is None or made is None or parameter.shape == made.shape:
                continue
            return (
                f"{_joined(path, name)} is of shape {tuple(parameter.shape)} now, and the layer was"
                f" made with {tuple(made.shape)}: build the model anew with the sizes it is to have"
            )
    return None


def unfitted(model: nn.Module) -> str | None:
    """Tell of quantizers whose binary point stands where it began, whatever the numbers are."""
    paths = [path for path, module in model.named_modules() if not getattr(module, "fitted", True)]
    if not paths:
        return None
    first = paths[0] or "the model"
    others = f" (and of {len(paths) - 1} more)" if len(paths) > 1 else ""
    return (
        f"the binary point of {first}{others} was never fitted to any numbers: call"
        " qfx.calibrate(model, x) with samples x, or train the model, or give the Quantizer its"
        " fraction_bits"
    )


def hooked(model: nn.Module) -> str | None:
    """Tell of a layer with hooks, which no graph and no file can hold."""
    for path, module in model.named_modules():
        if foreign_hooks(module):
            return (
                f"{path or 'the model'} ({type(module).__name__}) has hooks, which may change what"
                " it computes: take them away first, by the remove() of what"
                " register_forward_hook gave"
            )
    return None


def place_of(layer: nn.Module, path: str) -> str:
    """Return a layer, as sentences name it."""
    return f"{type(layer).__name__} at {path or 'the top'}"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
