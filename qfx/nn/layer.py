"""What every qfx layer is: a torch module that can freeze itself to integers, lower itself and
describe itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn
from typing_extensions import Self

from qfx.errors import QfxError
from qfx.ir import GraphBuilder, Value
from qfx.nn import state
from qfx.nn.derived import refresh
from qfx.nn.registry import key_of


class LoweringError(QfxError):
    """A model, or a layer of it, that has no integer form; the sentence says what to use
    instead.
    """


class Layer(nn.Module):
    """Base of the layers. A subclass writes `forward`, `lower` and, if it takes arguments,
    `config`.

    `freeze()` writes integer buffers; from then on `forward` in evaluation mode, and `lower`, read
    only those.
    Going back to training mode discards them: the weights are about to move. What changes a weight
    in another way leaves them as they were, which lowering and saving refuse.
    """

    registry: ClassVar[dict[str, type[Layer]]] = {}  # by module and qualified name
    joins: ClassVar[bool] = False  # whether `forward` and `lower` take several tensors
    frozen: torch.Tensor  # bool, ()
    nudge = 0.0  # while frozen integers are compared: by what share numbers may have come out less

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Layer.registry[key_of(cls)] = cls

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
        """Write this layer's integer buffers, and its sublayers', of what is there now. Freezing
        twice changes nothing.

        Raises:
            LoweringError: a parameter that is not finite, stands in two places or has another shape
                than it was made with, or a binary point that was never fitted.
        """
        for missing in (state.shared, state.non_finite, state.reshaped, state.unfitted):
            sentence = missing(self)
            if sentence:
                raise LoweringError(sentence)
        self._write("")

    def _write(self, path: str) -> None:
        for name, child in self.named_children():
            if isinstance(child, Layer):
                child._write(f"{path}.{name}" if path else name)
        refresh(self)
        try:
            self.freeze_parameters()
        except NotFiniteError as error:
            raise LoweringError(
                f"{state.place_of(self, path)} makes {error} of parameters and statistics that are"
                " finite: look for a variance below 0, or for numbers beyond those of float32"
            ) from None
        self.frozen.fill_(True)

    def freeze_parameters(self) -> None:
        """Write the integer buffers of this layer's own parameters; the sublayers are frozen
        already.
        """

    def outdated(self) -> str | None:
        """Return how many integers `freeze` would now write otherwise; None where it would not."""
        refresh(self)
        try:
            now = self._written()
            for name, buffer in now.items():
                kept = self._buffers[name]
                if kept is None or buffer is None or torch.equal(kept, buffer):
                    continue
                least, most = (self._written(nudge)[name] for nudge in (-LAST_PLACE, LAST_PLACE))
                held = (kept == buffer) | ((least <= kept) & (kept <= most))
                if not bool(held.all()):
                    wrong = int((~held).sum())
                    return f"{wrong} of {kept.numel()} {name.replace('_', ' ')} differ"
        except NotFiniteError as error:
            return f"its parameters now make {error}"
        return None

    def _written(self, nudge: float = 0.0) -> dict[str, Any]:
        """Copies of the buffers, as `freeze_parameters` would write them now.

        Args:
            nudge: the share by which every number to be cast is greater.
        """
        own = _shallow(self)
        own.__dict__["_buffers"] = {
            name: b.clone() if b is not None else None for name, b in self._buffers.items()
        }
        own.__dict__["_modules"] = {
            name: _shallow(m) if isinstance(m, Layer) else m for name, m in self._modules.items()
        }
        for module in own._modules.values():
            if isinstance(module, Layer):
                module.nudge = nudge
        own.freeze_parameters()
        return own._buffers

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
        """Return the constructor's arguments: plain JSON values and layers."""
        return {}

    def extra_repr(self) -> str:
        plain = {
            k: v
            for k, v in self.config().items()
            if not isinstance(v, (Layer, list)) and v is not None
        }
        return ", ".join(f"{key}={value}" for key, value in plain.items())


class NotFiniteError(QfxError):
    """A number that has no integer, with its index."""


# Of a number: what sums and functions differ by from machine to machine. An integer that only that
# would make another is still the parameter's.
LAST_PLACE = 2.0**-20


def _shallow(layer: Layer) -> Layer:
    """A layer with the same tensors and sublayers; unlike copy.copy, of a parametrized one too."""
    made = type(layer).__new__(type(layer))
    made.__dict__ = dict(layer.__dict__)
    return made


def require_frozen(layer: Layer, path: str) -> None:
    """Raise LoweringError when there are no integers to lower."""
    if not layer.frozen:
        raise LoweringError(
            f"{type(layer).__name__} at {path or 'the top'} has no integers yet: call"
            " qfx.train or qfx.calibrate(model, x), which end with them; of a model trained"
            " otherwise model.eval() and model.freeze()"
        )
