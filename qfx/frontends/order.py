"""Rewrites of the steps of a model that change no number, but save casts."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from qfx.frontends.steps import Arithmetic, Flow, Step

POOLS = (nn.MaxPool1d, nn.MaxPool2d)


def ordered(flow: Flow) -> Flow:
    """Every rewrite, one after the other."""
    return rectified_early(merged(flow))


def merged(flow: Flow) -> Flow:
    """Arithmetic in a row, such as (x - 0.5) / 0.5, as one."""
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
    """A ReLU before the max pooling that it alone reads: the same numbers, one cast for both."""
    steps = {step.key: step for step in flow.steps}
    for key in steps:
        relu = steps[key]
        while type(relu.module) is nn.ReLU:
            pool = steps.get(relu.reads[0])
            if pool is None or not isinstance(pool.module, POOLS):
                break
            if flow.times_read[pool.key] != 1:
                break
            steps[pool.key] = replace(pool, path=relu.path, module=relu.module)
            steps[relu.key] = replace(relu, path=pool.path, module=pool.module, shape=pool.shape)
            relu = steps[pool.key]
    return replace(flow, steps=tuple(steps.values()))
