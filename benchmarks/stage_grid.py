"""Single stages of many sizes, for formulas to be fitted to: each as words and the stage."""

from collections.abc import Iterator
from dataclasses import replace
from math import prod

import numpy as np

from qfx import boards
from qfx.fixedpoint import FixedPointArray, FixedPointType, count_digits
from qfx.hardware import (
    Argmax,
    Concatenate,
    Contract,
    Depthwise,
    Design,
    Embed,
    Fifo,
    Fork,
    Merge,
    Patches,
    Peak,
    Pool,
    Repeat,
    Resize,
    SoftmaxStage,
    Stage,
    Stream,
    Window,
)
from qfx.hardware.layout import lay_out
from qfx.hardware.sections import plan
from qfx.hardware.stages.resize import filled
from qfx.hardware.stages.subsample import subsample
from qfx.hardware.weights import Weights
from qfx.ir import GraphBuilder
from qfx.ops import (
    Cast,
    Relu,
)

Grid = Iterator[tuple[str, Stage]]


def alone(stage: Stage) -> Design:
    """A design of that stage."""
    builder = GraphBuilder("net")
    x = builder.input((16,), Cast(0, FixedPointType(8, 0)))
    graph = builder.build(builder.add(Relu(), x))
    design = lay_out(plan(graph, 128), boards.load("ultra96"), [], "a grid")
    return replace(design, stages=(stage,))


def stream(name: str, bits: int, elements: int, lanes: int, signed: bool = True) -> Stream:
    return Stream(name, FixedPointType(bits, 0, signed), elements, lanes)


def contractions() -> Grid:
    sizes = (  # bits of operand and weight, pe, simd, steps, folds
        (4, 4, 1, 1, 16, 4), (4, 4, 4, 4, 16, 4), (6, 6, 4, 4, 9, 4), (8, 8, 4, 4, 9, 4),
        (6, 8, 4, 4, 9, 4), (8, 6, 4, 4, 9, 4), (8, 4, 4, 4, 9, 4), (6, 6, 8, 1, 9, 4),
        (6, 6, 1, 8, 9, 4), (6, 6, 2, 16, 9, 4), (6, 6, 16, 2, 9, 4), (6, 6, 4, 4, 32, 8),
        (8, 8, 2, 2, 100, 10), (3, 2, 8, 8, 9, 4), (12, 8, 2, 2, 9, 4), (8, 8, 1, 1, 64, 8),
    )  # fmt: skip
    for size in sizes:
        yield contraction(*size, "lut")
        if min(size[:2]) > 4:
            yield contraction(*size, "dsp")
    for size in ((8, 6, 8, 4, 9, 4), (8, 8, 4, 9, 4, 4), (6, 6, 4, 4, 9, 4)):
        yield contraction(*size, "dsp_pairs")
    for digits in (1, 2, 3, 4):
        for size in (
            (6, 6, 4, 4, 9, 4),
            (8, 8, 4, 4, 9, 4),
            (6, 6, 8, 1, 9, 4),
            (6, 6, 1, 8, 9, 4),
        ):
            yield contraction(*size, "shift_add", digits)
    for size in (  # fully unrolled: weights are wires
        (6, 6, 4, 8), (6, 6, 2, 16), (8, 8, 2, 8), (4, 4, 4, 8), (8, 4, 2, 8), (6, 6, 4, 1),
        (6, 6, 1, 32), (4, 6, 4, 8), (6, 6, 8, 16), (6, 3, 4, 8),
    ):  # fmt: skip
        yield contraction(*size, 1, 1, "lut")
    for digits in (2, 8):
        yield contraction(6, 6, 4, 8, 1, 1, "shift_add", digits)
    yield contraction(8, 8, 2, 4, 1, 1, "dsp")
    for spread in (1, 3, 6):
        yield contraction(6, 5, 4, 2, 9, 4, "lut", spread=spread)


def contraction(
    x: int,
    w: int,
    pe: int,
    simd: int,
    steps: int,
    folds: int,
    multiplier: str,
    digits: int = 8,
    spread: int = 0,
) -> tuple[str, Stage]:
    """With random weights of at most so many digits, rows shifted by up to `spread`."""
    rng = np.random.default_rng(0)
    values = np.arange(-(2 ** (w - 1)), 2 ** (w - 1))
    weights = rng.choice(values[count_digits(values) <= digits], (1, simd * steps, pe * folds))
    weights = weights << rng.integers(0, spread + 1, (1, 1, pe * folds))
    whole = Weights(FixedPointArray(weights, FixedPointType(w + spread, 0)))
    reach = int(np.abs(weights).sum(1).max()) * (2**x - 1)
    words = f"{x} x {w} bits, {pe} x {simd} {multiplier}, {steps} steps, {folds} folds"
    words += f", {digits} digits" * (digits < 8) + f", rows shifted by {spread}" * (spread > 0)
    return words, Contract(
        "stage",
        "",
        stream("a", x, simd * steps, simd, signed=False),
        stream("b", reach.bit_length() + 1, pe * folds, pe),
        whole,
        1,
        multiplier,
    )


def depthwise() -> Grid:
    sizes = (  # bits of operand and weight, channels, taps, outputs of each, steps, blocks
        (8, 8, 1, 1, 1, 9, 16), (8, 8, 4, 1, 1, 9, 16), (6, 4, 8, 1, 1, 9, 4),
        (4, 4, 4, 1, 2, 9, 4), (8, 8, 1, 9, 1, 1, 16), (6, 6, 2, 9, 1, 1, 8),
        (8, 6, 4, 9, 1, 1, 4), (4, 4, 2, 9, 2, 1, 8), (8, 8, 2, 3, 1, 3, 8),
        (6, 6, 2, 5, 1, 5, 8), (6, 6, 1, 25, 1, 1, 16), (5, 8, 2, 2, 1, 5, 8),
    )  # fmt: skip
    for size in sizes:
        yield channelwise(*size, "lut")
        if min(size[:2]) > 4:
            yield channelwise(*size, "dsp")
    for digits in (1, 2, 3):
        for size in (sizes[1], sizes[5], sizes[8]):
            yield channelwise(*size, "shift_add", digits)
    for size in ((8, 8, 4, 9, 1, 1, 1), (6, 6, 4, 9, 2, 1, 1)):  # weights are wires
        yield channelwise(*size, "lut")
    yield channelwise(8, 6, 2, 9, 1, 1, 8, "lut", spread=3)
    yield channelwise(8, 6, 4, 1, 1, 9, 4, "lut", spread=3)


def channelwise(
    x: int,
    w: int,
    channels: int,
    taps: int,
    outputs: int,
    steps: int,
    blocks: int,
    multiplier: str,
    digits: int = 8,
    spread: int = 0,
) -> tuple[str, Stage]:
    """With random weights of at most so many digits, rows shifted by up to `spread`."""
    rng, pe = np.random.default_rng(0), channels * outputs
    values = np.arange(-(2 ** (w - 1)), 2 ** (w - 1))
    weights = rng.choice(values[count_digits(values) <= digits], (blocks, taps * steps, pe))
    weights = weights << rng.integers(0, spread + 1, (blocks, 1, pe))
    whole = Weights(FixedPointArray(weights, FixedPointType(w + spread, 0)))
    reach = int(np.abs(weights).sum(1).max()) * (2**x - 1)
    words = f"{x} x {w} bits, {channels} channels x {taps} {multiplier}, {steps} steps,"
    words += f" {blocks} blocks" + f" of {outputs} outputs" * (outputs > 1)
    words += f", {digits} digits" * (digits < 8) + f", rows shifted by {spread}" * (spread > 0)
    return words, Depthwise(
        "stage",
        "",
        stream("a", x, blocks * channels * taps * steps, channels * taps, signed=False),
        stream("b", reach.bit_length() + 1, blocks * pe, pe),
        whole,
        1,
        multiplier,
        channels=channels,
    )


def windows() -> Grid:
    for channels, size, kernel, stride, padding, lanes, bits in (
        (1, 28, 3, 1, 1, 1, 8), (16, 14, 3, 1, 1, 16, 4), (16, 28, 2, 2, 0, 8, 4),
        (4, 8, 3, 1, 0, 1, 6), (8, 8, 3, 2, 1, 2, 6), (32, 7, 3, 1, 1, 32, 4),
        (3, 32, 5, 1, 2, 3, 8), (3, 32, 3, 1, 1, 1, 8), (64, 8, 3, 1, 1, 4, 8),
        (16, 32, 3, 1, 1, 4, 8), (32, 16, 1, 2, 0, 4, 8), (48, 7, 7, 7, 0, 1, 4),
        (64, 64, 3, 1, 1, 1, 8),
    ):  # fmt: skip
        out = (size + 2 * padding - kernel) // stride + 1
        yield (
            f"{channels} x {size} x {size}, kernel {kernel}, stride {stride}, padding {padding},"
            f" {lanes} x {bits} bits",
            Window(
                "stage",
                "",
                stream("a", bits, channels * size**2, lanes),
                stream("b", bits, channels * (out * kernel) ** 2, lanes),
                (channels, size, size),
                (out, out),
                (kernel, kernel),
                (stride, stride),
                (padding, padding),
                1,
            ),
        )


def parallel_windows() -> Grid:
    for channels, size, kernel, stride, lanes, bits in (
        (1, 28, 3, 1, 1, 8), (1, 28, 5, 1, 1, 8), (3, 32, 3, 1, 3, 8), (16, 14, 3, 1, 2, 4),
        (16, 28, 2, 2, 4, 4), (16, 32, 3, 1, 1, 8), (8, 48, 3, 2, 8, 6), (32, 8, 3, 1, 8, 8),
        (64, 12, 3, 1, 4, 8), (128, 6, 3, 1, 2, 6), (64, 3, 3, 1, 1, 8), (16, 64, 3, 1, 16, 8),
    ):  # fmt: skip
        padding = 0 if kernel == 2 else kernel // 2
        out = (size + 2 * padding - kernel) // stride + 1
        yield (
            f"{channels} x {size} x {size}, kernel {kernel}, stride {stride}, padding {padding},"
            f" {lanes} x {bits} bits",
            Patches(
                "stage",
                "",
                stream("a", bits, channels * size**2, lanes),
                stream("b", bits, channels * (out * kernel) ** 2, lanes * kernel**2),
                (channels, size, size),
                (out, out),
                (kernel, kernel),
                (stride, stride),
                (padding, padding),
                channels // lanes,
            ),
        )


def resizes() -> Grid:
    for bits, entering, leaving, elements in (
        (4, 1, 2, 64), (4, 2, 1, 64), (8, 1, 16, 160), (8, 16, 1, 160), (4, 8, 16, 256),
        (4, 16, 8, 256), (4, 16, 4, 256), (6, 3, 16, 10), (8, 1, 16, 10), (8, 2, 16, 10),
        (6, 1, 32, 320), (6, 32, 1, 320), (6, 6, 4, 48), (6, 4, 6, 48), (5, 16, 3, 20),
        (12, 1, 4, 32), (16, 8, 1, 64), (4, 3, 32, 96), (8, 4, 16, 1000), (4, 24, 16, 2352),
        (8, 12, 16, 100),
    ):  # fmt: skip
        ends = stream("a", bits, elements, entering), stream("b", bits, elements, leaving)
        yield f"{entering} to {leaving} x {bits} bits, {elements}", Resize("stage", "", *ends)
    for bits, entering, leaving, part in ((8, 4, 22, 64), (8, 8, 22, 64), (6, 16, 5, 48)):
        stage = filled(stream("a", bits, 9 * part, entering), 9, leaving, "stage", "")
        yield f"{entering} to {leaving} x {bits} bits, 9 x {part}", replace(stage, name="stage")


def plumbing() -> Grid:
    for bits, depth in (
        (128, 2), (8, 2), (64, 2), (16, 16), (16, 33), (16, 64), (32, 100), (64, 64), (8, 300),
        (64, 512), (32, 1000), (48, 3000),
    ):  # fmt: skip
        ends = (stream(name, 8, 10 * bits // 8, bits // 8) for name in "ab")
        yield f"{depth} x {bits} bits", Fifo("stage", "", *ends, depth)
    a, b, c = (stream(name, 8, 36, 4) for name in "abc")
    yield "4 x 8 bits", Fork("stage", "", a, b, c)
    wide = replace(c, dtype=FixedPointType(9, 0)), replace(c, dtype=FixedPointType(16, 0))
    yield "4 x 8 bits", Merge("stage", "", a, wide[0], b, "add", None)
    yield "4 x 8 bits by LUTs", Merge("stage", "", a, wide[1], b, "multiply", "lut")
    yield "4 x 8 bits in DSP slices", Merge("stage", "", a, wide[1], b, "multiply", "dsp")
    joined = replace(c, elements=72)
    yield "4 x 8 bits", Concatenate("stage", "", a, joined, b, 3)
    for lanes, bits, taps in ((1, 4, 4), (4, 8, 9), (16, 4, 4), (8, 6, 49)):
        ends = (stream(n, bits, lanes * count, lanes) for n, count in (("a", 9 * taps), ("b", 9)))
        yield f"{lanes} x {bits} bits of {taps}", Pool("stage", "", *ends, taps)
    for lanes, bits, taps in ((1, 8, 4), (4, 8, 9), (8, 4, 4), (2, 6, 25)):
        ends = (stream(n, bits, 9 * lanes * taps, lanes * at) for n, at in (("a", taps), ("b", 1)))
        entering, leaving = ends
        leaving = replace(leaving, elements=9 * lanes)
        yield f"{lanes} x {bits} bits of {taps} at once", Pool("stage", "", entering, leaving, taps)
    for lanes, bits, beats, pixels in (
        (8, 8, 1, 49),
        (1, 8, 16, 49),
        (4, 6, 16, 64),
        (2, 8, 64, 49),
    ):
        ends = (stream(n, bits, lanes * beats * f, lanes) for n, f in (("a", pixels), ("b", 1)))
        yield f"{lanes} x {bits} bits, {beats} beats of {pixels}", Peak("stage", "", *ends, pixels)
    for channels, size, lanes, bits, stride in (
        (16, 32, 4, 8, 2), (32, 16, 1, 6, 2), (8, 15, 8, 4, 2), (4, 32, 4, 8, 3),
    ):  # fmt: skip
        entering = stream("a", bits, channels * size**2, lanes)
        made = subsample("stage", "", entering, (channels, size, size), stride)
        yield f"{size} x {size} of {lanes} x {bits} bits, stride {stride}", made
    for lanes, bits, elements in ((1, 8, 10), (5, 8, 10), (16, 8, 10), (8, 6, 100)):
        index = stream("b", (elements - 1).bit_length(), 1, 1, signed=False)
        entering = stream("a", bits, elements, lanes)
        yield f"{lanes} x {bits} bits of {elements}", Argmax("stage", "", entering, index)
    for channels, size, lanes, bits in ((4, 8, 4, 8), (4, 8, 1, 8), (16, 16, 4, 6)):
        ends = (
            stream(n, bits, prod((channels, size, size, f)), lanes) for n, f in (("a", 1), ("b", 4))
        )
        shape = (channels, size, size)
        yield f"{shape}, {lanes} x {bits} bits", Repeat("stage", "", *ends, shape, (2, 2))


def tables() -> Grid:
    for rows, features, pe, bits in (
        (32, 8, 8, 8),
        (100, 24, 4, 6),
        (10, 6, 2, 4),
        (256, 16, 2, 8),
    ):
        integers = np.random.default_rng(0).integers(
            -(2 ** (bits - 1)), 2 ** (bits - 1), (rows, features)
        )
        index = stream("a", (rows - 1).bit_length(), 5, 1, signed=False)
        yield (
            f"{rows} rows of {features} x {bits} bits, {pe} lanes",
            Embed(
                "stage",
                "",
                index,
                stream("b", bits, 5 * features, pe),
                FixedPointArray(integers, FixedPointType(bits, 0)),
            ),
        )
    for count, bits, e, r, t, multiplier in (
        (10, 6, 9, 8, 5, "lut"), (10, 8, 12, 10, 6, "dsp"), (100, 8, 12, 12, 6, "lut"),
    ):  # fmt: skip
        exponentials = np.round(2 ** (e - 1) * np.exp(-np.arange(2**bits) / 2 ** (bits - 3)))
        reciprocals = np.round((2**r - 1) / (1 + np.arange(2**t) / 2**t))
        yield (
            f"{count} x {bits} bits, {e} x {r} bits by {multiplier}",
            SoftmaxStage(
                "stage", "", stream("a", bits, count, 1),
                Stream("b", FixedPointType(e + r, e - 1 + r, False), count, 1),
                FixedPointArray(exponentials.astype(int), FixedPointType(e, e - 1, False)),
                FixedPointArray(reciprocals.astype(int), FixedPointType(r, r, False)),
                multiplier,
            ),
        )  # fmt: skip
