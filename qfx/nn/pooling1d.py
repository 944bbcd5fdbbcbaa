"""Pooling over the length of a line: that of an image of one row."""

from __future__ import annotations

from typing import Any

from qfx.nn.arguments import require_count, require_counts
from qfx.nn.one_dimensional import OneDimensional
from qfx.nn.pooling import AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, MaxPool2d
from qfx.nn.quantizer import Quantizer


class MaxPool1d(OneDimensional, MaxPool2d):
    """The largest value of each piece of a line; exact, so it needs no quantizer.

    Args:
        kernel_size: length of a piece.
        stride: as kernel_size, which it is when None.
        padding: at most half the kernel, and only where no value is negative: zeros are padded.

    Shapes:
        (samples, channels, length) -> (samples, channels, length').
    """

    def __init__(self, kernel_size: int, stride: int | None = None, padding: int = 0) -> None:
        require_counts(kernel_size=kernel_size, stride=1 if stride is None else stride)
        require_counts(0, padding=padding)
        super().__init__((1, kernel_size), None if stride is None else (1, stride), (0, padding))

    def config(self) -> dict[str, Any]:
        return {name: pair[1] for name, pair in super().config().items()}


class AdaptiveMaxPool1d(OneDimensional, AdaptiveMaxPool2d):
    """The largest value of each channel over a whole line, as the maximum over time.

    Args:
        output_size: 1, the only size that is one piece.

    Shapes:
        (samples, channels, length) -> (samples, channels, 1).

    Raises:
        ArgumentError: another output size.
    """

    def __init__(self, output_size: int = 1) -> None:
        super().__init__(output_size)


class AvgPool1d(OneDimensional, AvgPool2d):
    """The mean of each piece of a line, as AvgPool2d.

    Args:
        kernel_size: length of a piece.
        stride: as kernel_size, which it is when None.
        padding: with zeros, which count.
        count_include_pad, reciprocal, output: as for AvgPool2d.

    Shapes:
        (samples, channels, length) -> (samples, channels, length').
    """

    def __init__(
        self,
        kernel_size: int,
        stride: int | None = None,
        padding: int = 0,
        *,
        count_include_pad: bool = True,
        reciprocal: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        require_counts(kernel_size=kernel_size, stride=1 if stride is None else stride)
        require_counts(0, padding=padding)
        super().__init__(
            (1, kernel_size),
            None if stride is None else (1, stride),
            (0, padding),
            count_include_pad=count_include_pad,
            reciprocal=reciprocal,
            output=output,
        )

    def config(self) -> dict[str, Any]:
        lengths = ("kernel_size", "stride", "padding")
        return {**super().config(), **{name: getattr(self, name)[1] for name in lengths}}


class AdaptiveAvgPool1d(OneDimensional, AdaptiveAvgPool2d):
    """The mean of each channel's whole line, as AvgPool1d over all of it.

    Args:
        output_size: 1, the only size that one window computes.
        length: of the lines; None takes that of the first it sees.
        reciprocal, output: as for AvgPool2d.

    Shapes:
        (samples, channels, length) -> (samples, channels, 1).

    Raises:
        ArgumentError: another output size, or a line of another length than the first.
    """

    def __init__(
        self,
        output_size: int = 1,
        length: int | None = None,
        *,
        reciprocal: Quantizer | None = None,
        output: Quantizer | bool | None = True,
    ) -> None:
        size = None if length is None else (1, require_count("length", length))
        super().__init__(output_size, size, reciprocal=reciprocal, output=output)

    def config(self) -> dict[str, Any]:
        config = super().config()
        size = config.pop("image_size")
        return {**config, "length": size and size[1]}
