"""Reading a trainable model: a layer is made only of what its constructor takes, with no more
memory than the file's tensors need.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch.utils._python_dispatch import TorchDispatchMode

from qfx.disk import Damaged, json_text, shown, tensors
from qfx.errors import QfxError
from qfx.nn.layer import Layer
from qfx.nn.registry import UnknownLayerError, layer_class
from qfx.nn.state import non_finite

FORMAT, FORMAT_VERSION = "qfx model", "1"
_EXTRA = "_extra_state"  # whether a Quantizer was fitted
_DEEPEST = 64  # layers within layers
_FREE_ELEMENTS = 1 << 24  # that constructors may take beside the tensors of the file


class ModelFileError(QfxError):
    """A file that holds no model we can rebuild."""


def read(path: str | Path) -> Layer:
    """Return the model saved at `path`, in evaluation mode.

    Raises:
        ModelFileError: not such a file, a newer version, or a layer whose module has not been
            imported.
    """
    path = Path(path)
    try:
        header = tensors.declared(path)
        found = header.metadata.get("format"), header.metadata.get("version")
        if found != (FORMAT, FORMAT_VERSION):
            raise ModelFileError(
                f"{path.name} holds no qfx model of version {FORMAT_VERSION}: save it again"
            )
        content = json_text.read(header.metadata.get("model", "").encode())
        with _Allowance(2 * sum(map(prod, header.shapes.values())) + _FREE_ELEMENTS):
            model = decoded(content)
        if not isinstance(model, Layer):
            raise Damaged(f"{shown(model)} in place of a model")
        with safe_open(str(path), framework="pt") as file:
            held = {name: file.get_tensor(name) for name in header.shapes}
    except (Damaged, SafetensorError) as error:
        raise ModelFileError(
            f"{path.name} is not a whole safetensors file ({error}): save the model again"
        ) from error
    wanted = model.state_dict()
    for name in wanted:
        if name.endswith(_EXTRA) and name not in held:
            held[name] = torch.tensor(True)  # of a file that was written before there was one
    wrong = _misfit(wanted, held)
    if wrong:
        raise ModelFileError(f"{path.name} does not fit its own layers ({wrong}): save it again")
    model.load_state_dict(held)
    diverged = non_finite(model)
    if diverged:
        raise ModelFileError(f"{path.name}: {diverged}")
    return model.eval()


def decoded(content: Any) -> Any:
    """Return what `qfx.nn.file` encoded.

    Raises:
        Damaged: it did not.
        ModelFileError: a layer whose module has not been imported.
    """
    return _decode(content, [], 0)


def _decode(value: Any, made: list[Layer], depth: int) -> Any:
    """A layer is added to those that were made, of which others may be one again."""
    if depth > _DEEPEST:
        raise Damaged(f"layers nested more than {_DEEPEST} deep")
    if isinstance(value, list):
        return [_decode(entry, made, depth + 1) for entry in value]
    if isinstance(value, dict) and value.keys() == {"again"}:
        if type(value["again"]) is not int or not 0 <= value["again"] < len(made):
            raise Damaged(f"a layer that is {shown(value['again'])} again, which is none")
        return made[value["again"]]
    if not (isinstance(value, dict) and "layer" in value):
        return value
    name, config = value["layer"], value.get("config")
    try:
        kind = layer_class(Layer.registry, name if isinstance(name, str) else shown(name))
    except UnknownLayerError as error:
        raise ModelFileError(str(error)) from error
    if not isinstance(config, dict) or value.keys() != {"layer", "config"}:
        raise Damaged(f"a {kind.__name__} that is told otherwise than by its config")
    arguments = {key: _decode(entry, made, depth + 1) for key, entry in config.items()}
    try:
        made.append(kind(*arguments.pop("layers", ()), **arguments))
    except (Damaged, ModelFileError):
        raise
    except Exception as error:  # of arguments it was never meant for, in a layer of anyone's
        said = " ".join(str(error).split()) or type(error).__name__
        raise Damaged(f"a {kind.__name__} that cannot be: {said[:300]}") from error
    return made[-1]


def _misfit(wanted: dict[str, torch.Tensor], held: dict[str, torch.Tensor]) -> str:
    """How tensors in a file differ from what the layers have; empty where they do not."""
    for name in sorted(wanted.keys() | held.keys()):
        if name not in held:
            return f"it has no tensor {shown(name)}"
        if name not in wanted:
            return f"no layer has the tensor {shown(name)}"
        own, given = wanted[name], held[name]
        if own.shape != given.shape:
            return f"{shown(name)} has shape {(*given.shape,)}, its layer {(*own.shape,)}"
        alike = own.is_floating_point() == given.is_floating_point()
        if not alike or (own.dtype is torch.bool) != (given.dtype is torch.bool):
            return f"{shown(name)} is {given.dtype}, in its layer {own.dtype}"
    return ""


class _Allowance(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Inside it, no more elements are made than allowed: sizes are looked at before memory is
    taken.
    """

    def __init__(self, elements: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.left = elements

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        sizes = [
            prod(map(abs, each)) if isinstance(each, (list, tuple)) else abs(each)
            for each in args
            if type(each) in (int, float)
            or (isinstance(each, (list, tuple)) and all(type(size) is int for size in each))
        ]
        made = max(sizes, default=0) if func.overloadpacket.__name__ in _MAKERS else 0
        if made > self.left:
            raise Damaged(f"layers of {made:,} elements, which the file does not hold")
        self.left -= int(made)
        return func(*args, **(kwargs or {}))


_MAKERS = {
    "arange", "empty", "empty_strided", "eye", "full", "linspace", "logspace", "new_empty",
    "new_full", "new_ones", "new_zeros", "ones", "rand", "randint", "randn", "randperm", "repeat",
    "scalar_tensor", "zeros",
}  # fmt: skip
