"""The differentiable cast: its forward returns the grid value itself, its backward the closed form.

Independent of qfx.fixedpoint.cast on purpose: that both give the same integers is a test, not a
definition.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from qfx.fixedpoint import MAX_WORDLENGTH, Overflow, Rounding
from qfx.nn.codes import Codes


def _nearest(v: Tensor, up: Callable[[Tensor], Tensor], down: Callable[[Tensor], Tensor]) -> Tensor:
    """Truncate, then step up or down by the exact remainder: v + 0.5 could round by itself."""
    whole = torch.trunc(v)
    part = v.sub_(whole)
    return whole + up(part).to(v.dtype) - down(part).to(v.dtype)


# Each may overwrite its argument.
_ROUND: dict[Rounding, Callable[[Tensor], Tensor]] = {
    Rounding.TRN: torch.floor_,
    Rounding.TRN_ZERO: torch.trunc_,
    Rounding.RND: lambda v: v.mul_(2).floor_().mul_(0.5).ceil_(),  # exact, unlike floor(v + 0.5)
    Rounding.RND_ZERO: lambda v: _nearest(v, lambda p: p > 0.5, lambda p: p < -0.5),
    Rounding.RND_INF: lambda v: _nearest(v, lambda p: p >= 0.5, lambda p: p <= -0.5),
    Rounding.RND_MIN_INF: lambda v: _nearest(v, lambda p: p > 0.5, lambda p: p <= -0.5),
    Rounding.RND_CONV: torch.round_,
}


def _wrap(q: Tensor, low: float, high: float) -> Tensor:
    span = high - low + 1
    q = torch.fmod(q, span)  # exact, unlike q - low for a large q
    return q - span * (q > high) + span * (q < low)


def _symmetric(low: float, high: float) -> float:
    """The lower end under SAT_SYM; a signed bit alone keeps its -1, as in ap_fixed."""
    return -max(high, 1.0) if low < 0 else low


_FIT: dict[Overflow, Callable[[Tensor, float, float], Tensor]] = {
    Overflow.WRAP: _wrap,
    Overflow.SAT: lambda q, low, high: q.clamp_(low, high),
    Overflow.SAT_SYM: lambda q, low, high: q.clamp_(_symmetric(low, high), high),
    Overflow.SAT_ZERO: lambda q, low, high: torch.where((q < low) | (q > high), 0.0, q),
}


def integer_range(wordlength: int, signed: bool) -> tuple[float, float]:
    """Return the least and the greatest integer, as floats."""
    return (-(2.0 ** (wordlength - 1)) if signed else 0.0), 2.0 ** (wordlength - signed) - 1


def power_of_two(exponent: Tensor, dtype: torch.dtype) -> Tensor:
    """Return 2**exponent, exact because it is put together from bits: exp2 need not be, on every
    machine.
    """
    if dtype == torch.float64:
        return ((exponent.to(torch.int64) + 1023) << 52).view(torch.float64)
    return ((exponent.to(torch.int32) + 127) << 23).view(torch.float32).to(dtype)


def to_integers(
    x: Tensor,
    fraction_bits: Tensor,
    wordlength: int,
    signed: bool,
    rounding: Rounding,
    overflow: Overflow,
    codes: Codes | None = None,
) -> Tensor:
    """Return the stored integers, as floats, of `x` cast to the grid, and of them to the nearest of
    `codes`; exact while they fit the float's significand.
    """
    ends = _ends(wordlength, signed, codes)
    return _to_integers(x, power_of_two(fraction_bits, x.dtype), ends, rounding, overflow, codes)


def _ends(wordlength: int, signed: bool, codes: Codes | None) -> tuple[float, float]:
    return codes.range(wordlength, signed) if codes else integer_range(wordlength, signed)


def _to_integers(
    x: Tensor,
    scale: Tensor,
    ends: tuple[float, float],
    rounding: Rounding,
    overflow: Overflow,
    codes: Codes | None,
) -> Tensor:
    integers = _FIT[overflow](_ROUND[rounding](x * scale), *ends)
    return codes.project(integers, ends[1]) if codes else integers


class _FakeCast(torch.autograd.Function):
    """x on the grid `2**-round(f)`, with gradients for x and for the real-valued binary point f; or
    on the grid `2**-f`, which is no fixed-point type, while f is being learned. With codes, on
    those points of the grid alone; the gradients pass straight through the choice.

    Within the range dx = 1 and df = ln2 (x - y); where SAT or SAT_SYM holds the value dx = 0 and df
    = -ln2 y;
    SAT_ZERO gives 0 and 0; WRAP passes dx = 1 everywhere and df = 0 outside, where it has no useful
    gradient.
    The same as TQT (arXiv 1903.08066) and LSQ (arXiv 1902.08153) for the step 2**-f.

    Memory that is new costs more than arithmetic, so each direction makes one tensor as large as x.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        binary_point: Tensor,
        wordlength: int,
        signed: bool,
        rounding: Rounding,
        overflow: Overflow,
        real: bool,
        codes: Codes | None,
    ) -> Tensor:
        point = binary_point.detach()
        if real:
            scale = torch.exp2(point).to(x.dtype)
            lsb = 1 / scale
        else:
            point = torch.round(point)
            scale, lsb = power_of_two(point, x.dtype), power_of_two(-point, x.dtype)
        ends = _ends(wordlength, signed, codes)
        y = _to_integers(x, scale, ends, rounding, overflow, codes).mul_(lsb)
        ctx.save_for_backward(x, y, lsb)
        ctx.ends, ctx.overflow = ends, overflow
        ctx.point_dtype = point.dtype
        return y

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        (grad,) = grad_outputs
        x, y, lsb = ctx.saved_tensors
        (low, high), overflow = ctx.ends, ctx.overflow
        if overflow is Overflow.SAT_SYM:
            low = _symmetric(low, high)
        within = x.clamp(low * lsb, high * lsb).eq_(x).mul_(grad)  # 0 outside the range
        grad_f = None
        if ctx.needs_input_grad[1]:
            # sum of grad (x - y) inside, and of -grad y where the value is held at an end
            held = grad if overflow in (Overflow.SAT, Overflow.SAT_SYM) else within
            grad_f = math.log(2) * (_inner(within, x, lsb) - _inner(held, y, lsb))
            grad_f = grad_f.to(ctx.point_dtype).reshape(lsb.shape)
        return (grad if overflow is Overflow.WRAP else within, grad_f, *[None] * 6)


def _inner(a: Tensor, b: Tensor, point: Tensor) -> Tensor:
    """The sum of a * b over all elements, or over each channel's, that share one binary point."""
    if point.numel() == 1 and torch.compiler.is_compiling():
        return (a * b).sum()  # fused, and in whatever order of memory a and b have
    if point.numel() == 1:
        return torch.dot(*_flat(a, b))
    return (a * b).reshape(len(a), -1).sum(1)


def _flat(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both as vectors in one order; images in torch's channels_last format are not copied."""
    if a.ndim == 4 and all(t.is_contiguous(memory_format=torch.channels_last) for t in (a, b)):
        a, b = a.permute(0, 2, 3, 1), b.permute(0, 2, 3, 1)
    return a.reshape(-1), b.reshape(-1)


def fake_cast(
    x: Tensor,
    binary_point: Tensor,
    wordlength: int,
    signed: bool,
    rounding: Rounding,
    overflow: Overflow,
    real_step: bool = False,
    codes: Codes | None = None,
) -> Tensor:
    """Return `x` as `_FakeCast` says.

    Args:
        x: of any shape.
        binary_point: f, () or of a shape that broadcasts to that of x.
        wordlength, signed, rounding, overflow: as for a Quantizer.
        real_step: take the step 2**-f as it is, not that of the nearest whole f.
        codes: the integers to choose from; None for all.
    """
    apply: Any = _FakeCast.apply
    y: Tensor = apply(x, binary_point, wordlength, signed, rounding, overflow, real_step, codes)
    return y


def truncate(x: Tensor, fraction_bits: int) -> Tensor:
    """Return `x` toward zero on the grid of so many fraction bits, of any range: what ends a
    division.

    The gradient passes.
    """
    points = torch.tensor(float(fraction_bits), device=x.device)
    return fake_cast(x, points, MAX_WORDLENGTH, True, Rounding.TRN_ZERO, Overflow.WRAP)
