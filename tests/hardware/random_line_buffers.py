"""Line buffers of any form that there can be."""

from dataclasses import replace

import numpy as np

from qfx.fixedpoint import FixedPointType
from qfx.hardware import Patches, Repeat, Stage, Window
from qfx.hardware.stream import Stream


def random_line_buffer(kind: type[Stage], generator: np.random.Generator) -> Stage:
    """A line buffer of any form that there can be."""

    def pair(low: int, high: int) -> tuple[int, int]:
        return int(generator.integers(low, high)), int(generator.integers(low, high))

    dtype, lanes, parts = FixedPointType(4, 0), 2, int(generator.integers(1, 4))
    groups = int(generator.choice([d for d in range(1, parts + 1) if parts % d == 0]))
    shape = (lanes * parts, *pair(2, 9))
    elements = int(np.prod(shape))
    reads = Stream("x", dtype, elements, lanes)
    if kind is Repeat:
        factor = pair(1, 4)
        output = Stream("y", dtype, elements * int(np.prod(factor)), lanes)
        return Repeat("r", "", reads, output, shape, factor)
    kernel, stride, dilation = pair(1, 4), pair(1, 4), pair(1, 3)
    padding = pair(0, 5)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    out = [
        max(1, (size + 2 * pad - own) // step + 1)
        for size, pad, own, step in zip(shape[1:], padding, reach, stride, strict=True)
    ]
    output = Stream("y", dtype, out[0] * out[1] * int(np.prod(kernel)) * shape[0], lanes)
    window = Window(
        "w", "", reads, output, shape, (out[0], out[1]), kernel, stride, padding, groups, dilation
    )
    if kind is Window or not window.reads:
        return window
    output = replace(output, lanes=lanes * int(np.prod(kernel)))
    return Patches(**{**vars(window), "groups": parts, "output": output})


def past_the_image() -> Window:
    """A line buffer whose strides pass the image by: all that it reads is padding."""
    ends = (Stream(name, FixedPointType(4, 0), count, 2) for name, count in (("x", 48), ("y", 4)))
    return Window("w", "", *ends, (4, 4, 3), (1, 1), (1, 1), (5, 5), (1, 1), 1)
