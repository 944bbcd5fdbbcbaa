"""The float model that a twin was converted from, until both have been compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from qfx.ops import Shape

Comparison = Callable[[Sequence[Shape], Sequence[Tensor]], bool]


class Origin:
    """Compares a twin with its model as soon as a shape is known: at the first data that pass, or
    when the twin is lowered. Copies of the twin share it, so that one comparison does for all.

    Args:
        compare: called with the inputs' shapes and, where there are, samples of them; it raises
            ConvertError where both differ, and returns whether it could compare. None: it has.
    """

    def __init__(self, compare: Comparison | None) -> None:
        self.compare = compare

    def require_equal(self, shapes: Sequence[Shape], samples: Sequence[Tensor] = ()) -> None:
        """Compare, unless that was done.

        Raises:
            ConvertError: the twin computes something else than the model.
        """
        if self.compare is not None and self.compare(shapes, samples):
            self.compare = None  # and forget the model

    def warn(self) -> None:
        """Say, unless they were, that both will never be compared: a file holds the twin alone."""
        if self.compare is not None:
            warnings.warn(
                "this twin was never compared with its float model, which what is saved does not"
                " hold: pass input_shape to qfx.convert, or calibrate or train the twin first",
                stacklevel=3,
            )

    def __deepcopy__(self, memo: Any) -> Origin:
        return self

    def __reduce__(self) -> Any:
        self.warn()
        return Origin, (None,)
