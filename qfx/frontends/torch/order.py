"""Rewrites of the steps of a model that change no number, but save casts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from torch import nn

from qfx import nn as qnn
from qfx.frontends.torch.steps import Arithmetic, Flow, Step

POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d)
PADS = (
    nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d, nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d,
    qnn.Pad,
)  # fmt: skip
_CONVS = (nn.Conv1d, nn.Conv2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
_ALIKE = (  # of each element for itself, whatever its channel
    nn.ReLU, nn.Hardtanh, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.Hardswish, nn.Hardsigmoid,
    nn.LeakyReLU, nn.Dropout,
)  # fmt: skip


def ordered(flow: Flow) -> Flow:
    """Make every rewrite, one after the other."""
    return cropped_late(rectified_early(merged(flow)))


def named_padding(conv: Any) -> list[tuple[int, int]]:
    """Return padding="same" or "valid" in elements before and behind each axis, as torch divides
    it.
    """
    if conv.padding == "valid":
        return [(0, 0)] * len(conv.kernel_size)
    spans = [d * (k - 1) for d, k in zip(conv.dilation, conv.kernel_size, strict=True)]
    return [(span // 2, span - span // 2) for span in spans]


def padded_apart(flow: Flow) -> Flow:
    """Put a padding of its own before convolutions of padding="same" that pad one side more."""
    steps: list[Step] = []
    fresh = max((step.key for step in flow.steps), default=0) + 1
    for step in flow.steps:
        conv = step.module
        if isinstance(conv, _CONVS) and isinstance(conv.padding, str):
            ends = named_padding(conv)
            if any(before != behind for before, behind in ends):
                pad = qnn.Pad([n for pair in reversed(ends) for n in pair])
                steps.append(Step(f"{step.path}.pad", pad, step.shape, fresh, step.reads))
                bare = copy.copy(conv)  # with the same parameters
                bare.padding = (0,) * len(ends)
                shape = step.shape and (
                    *step.shape[:-len(ends)],
                    *(n + sum(e) for n, e in zip(step.shape[-len(ends):], ends, strict=True)),
                )  # fmt: skip
                step = replace(step, module=bare, shape=shape, reads=(fresh,))
                fresh += 1
        steps.append(step)
    return replace(flow, steps=tuple(steps))


def merged(flow: Flow) -> Flow:
    """Put arithmetic in a row, such as (x - 0.5) / 0.5, as one."""
    made: dict[int, Step] = {}
    renamed: dict[int, int] = {}
    for step in flow.steps:
        reads = tuple(renamed.get(read, read) for read in step.reads)
        before = made.get(reads[0])
        if (
            before is not None
            and isinstance(step.module, Arithmetic)
            and isinstance(before.module, Arithmetic)
            and flow.only_reader(step.reads[0])
        ):
            mean = before.module.mean + step.module.mean * before.module.std
            both = Arithmetic(mean, before.module.std * step.module.std)
            made[before.key] = replace(before, module=both)
            renamed[step.key] = before.key
        else:
            made[step.key] = replace(step, reads=reads)
    outputs = tuple(renamed.get(output, output) for output in flow.outputs)
    return replace(flow, steps=tuple(made.values()), outputs=outputs)


def rectified_early(flow: Flow) -> Flow:
    """Put a ReLU before the max pooling that it alone reads: the same numbers, one cast for
    both.
    """
    return _swapped(
        flow,
        lambda _, pool, relu: isinstance(pool.module, POOLS) and type(relu.module) is nn.ReLU,
    )


def cropped_late(flow: Flow) -> Flow:
    """What is cut off goes behind the normalization and activation that alone read what is left:
    the same numbers, and they are one with the sums before, as in causal convolutions.
    """
    return _swapped(flow, _commutes_with_crop)


def _commutes_with_crop(before: Step | None, crop: Step, follower: Step) -> bool:
    pad = crop.module
    if before is None or not isinstance(before.module, (*_CONVS, *_NORMS, nn.Linear)):
        return False  # there is no sum to be one with
    if not isinstance(pad, qnn.Pad) or max(pad.padding) > 0 or crop.shape is None:
        return False
    of_channels = len(pad.padding) == 2 * len(crop.shape) and any(pad.padding[-2:])
    return isinstance(follower.module, _ALIKE) or (
        isinstance(follower.module, _NORMS) and not of_channels
    )


def _swapped(flow: Flow, may: Callable[[Step | None, Step, Step], bool]) -> Flow:
    """Pairs of steps, of which the second alone reads the first, in the other order.

    Args:
        flow: of a model.
        may: told what the first reads, the first and the second, whether it changes no number.
    """
    steps = {step.key: step for step in flow.steps}
    for key in steps:
        later = steps[key]
        while True:
            first = steps.get(later.reads[0])
            if first is None or flow.times_read[first.key] != 1:
                break
            if not may(steps.get(first.reads[0]), first, later):
                break
            steps[first.key] = replace(first, path=later.path, module=later.module)
            steps[later.key] = replace(
                later, path=first.path, module=first.module, shape=first.shape
            )
            later = steps[first.key]
    return replace(flow, steps=tuple(steps.values()))
