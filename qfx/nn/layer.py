"""What every qfx layer is: a torch module that can freeze itself to integers, lower itself and
describe itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn
from typing_extensions import Self

from qfx.ir import GraphBuilder, Value


class LoweringError(ValueError):
    """A model, or a layer of it, that has no integer form; the sentence says what to use
    instead.
    """


class Layer(nn.Module):
    """Base of the layers. A subclass writes `forward`, `lower` and, if it takes arguments,
    `config`.

    `freeze()` writes integer buffers; from then on `forward` in evaluation mode, and `lower`, read
    only those.
    Going back to training mode discards them: the weights are about to move.
    """

    registry: ClassVar[dict[str, type[Layer]]] = {}
    joins: ClassVar[bool] = False  # whether `forward` and `lower` take several tensors
    frozen: torch.Tensor  # bool, ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Layer.registry[cls.__name__] = cls

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("frozen", torch.tensor(False))

    @property
    def input_count(self) -> int:
        """How many tensors `forward` takes, unless the layer `joins`."""
        return 1

    @property
    def output_count(self) -> int:
        """How many tensors `forward` gives; of several, as a tuple."""
        return 1

    @property
    def is_exact(self) -> bool:
        """Whether `forward` now computes the frozen integers."""
        return not self.training and bool(self.frozen)

    def freeze(self) -> None:
        """Write this layer's integer buffers, and its sublayers'. Freezing twice changes
        nothing.
        """
        for child in self.children():
            if isinstance(child, Layer):
                child.freeze()
        if not self.frozen:
            self.freeze_parameters()
            self.frozen.fill_(True)

    def freeze_parameters(self) -> None:
        """Write the integer buffers of this layer's own parameters; the sublayers are frozen
        already.
        """

    def train(self, mode: bool = True) -> Self:
        if mode:
            self.frozen.fill_(False)
        super().train(mode)
        return self

    def meet(self, before: Layer | None, after: Layer | None) -> None:
        """Called by the container with the layer's neighbours, where nothing else reads what passes
        between: what folds into one, does it here.
        """

    def lower(self, builder: GraphBuilder, x: Value) -> Any:
        """Add this layer's ops to the graph and return the result's value; of several results, a
        tuple of values.
        """
        raise LoweringError(
            f"{type(self).__name__} at {builder.path or 'the top'} defines no lower"
        )

    def config(self) -> dict[str, Any]:
        """The constructor's arguments: plain JSON values and layers."""
        return {}

    def extra_repr(self) -> str:
        plain = {
            k: v
            for k, v in self.config().items()
            if not isinstance(v, (Layer, list)) and v is not None
        }
        return ", ".join(f"{key}={value}" for key, value in plain.items())


def require_frozen(layer: Layer, path: str) -> None:
    """Raises LoweringError when there are no integers to lower."""
    if not layer.frozen:
        raise LoweringError(
            f"{type(layer).__name__} at {path or 'the top'} has no integers yet:"
            " call model.freeze() and model.eval() first (qfx.train does both)"
        )
