"""K-hot codes: the integers that few powers of two add up to, and the nearest of them to any."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import torch
from torch import Tensor

# Of a float: the integer its bits are viewed as, half of its significand's leading place, and the
# masks of sign and exponent, and of the exponent alone.
_BITS = {
    torch.float32: (torch.int32, 1 << 22, -(1 << 23), 0xFF << 23),
    torch.float64: (torch.int64, 1 << 51, -(1 << 52), 0x7FF << 52),
}
_CHUNK = 1 << 16  # elements at a time, so that they and their scratch stay in the cache


class _Scratch(threading.local):
    """Memory that each thread uses again: new memory costs more than the arithmetic in it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[torch.dtype, torch.device], tuple[Tensor, Tensor]] = {}

    def pair(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Two tensors as large as `like`, holding whatever was left in them."""
        if torch.compiler.is_compiling() or like.numel() > _CHUNK:
            return torch.empty_like(like), torch.empty_like(like)
        key = like.dtype, like.device
        if key not in self.kept:
            self.kept[key] = like.new_empty(_CHUNK), like.new_empty(_CHUNK)
        first, second = self.kept[key]
        return first[: like.numel()], second[: like.numel()]


_scratch = _Scratch()


@dataclass(frozen=True)
class Codes:
    """Integers of at most k non-zero digits.

    Args:
        k: digits; or a number for each first index of what is projected.
        signed_digits: whether a digit may be -1, so that 7 = 8 - 1 has two; else they are the ones
            of the magnitude in binary.
        kept: share of the distance to the code that is left, for a projection by and by.
    """

    k: int | tuple[int, ...]
    signed_digits: bool
    kept: float = 0.0

    def range(self, wordlength: int, signed: bool) -> tuple[float, float]:
        """Return the least and the greatest code. With signed digits that is the power of two just
        above the integers of the wordlength: without it 127 = 128 - 1 would be far from any.
        """
        bits = wordlength - signed
        k = min(self.k if isinstance(self.k, int) else max(self.k), bits)
        high = 2.0**bits if self.signed_digits else 2.0**bits - 2.0 ** (bits - k)
        return (-high if signed else 0.0), high

    def project(self, integers: Tensor, high: float) -> Tensor:
        """Return the code nearest to each, of two the one away from zero, as far as `kept` lets it.

        Args:
            integers: whole numbers as floats, of magnitudes up to `high`; overwritten.
            high: the greatest code.
        """
        if isinstance(self.k, int):
            return self._project(integers, self.k, high)
        for k in set(self.k):
            rows = [row for row, digits in enumerate(self.k) if digits == k]
            integers[rows] = self._project(integers[rows], k, high)
        return integers

    def _project(self, integers: Tensor, k: int, high: float) -> Tensor:
        flat = integers.reshape(-1)
        chunk = flat.numel() if torch.compiler.is_compiling() else _CHUNK
        digits = self._signed if self.signed_digits else self._binary
        for part in torch.split(flat, max(1, chunk)):
            digits(part, k, high)
        return flat.view(integers.shape)

    def _signed(self, integers: Tensor, k: int, high: float) -> None:
        """Take the nearest power of two of what is left k times: read from the float's bits."""
        kind, half, sign_and_power, _ = _BITS[integers.dtype]
        left, power = _scratch.pair(integers)
        bits, left_bits = power.view(kind), left.view(kind)
        source, source_bits = integers, integers.view(kind)
        for _ in range(k):
            torch.add(source_bits, half, out=bits)
            bits.bitwise_and_(sign_and_power)
            torch.sub(source, power, out=left)
            source, source_bits = left, left_bits
        integers.sub_(left, alpha=1 - self.kept)

    def _binary(self, integers: Tensor, k: int, high: float) -> None:
        """The k leading ones; or the code above them, with one more of the lowest of them."""
        kind, _, _, power_of = _BITS[integers.dtype]
        left, power = _scratch.pair(integers)
        bits, left_bits = power.view(kind), left.view(kind)
        magnitude = torch.abs(integers)
        left.copy_(magnitude)
        for _ in range(k):
            torch.bitwise_and(left_bits, power_of, out=bits)
            left.sub_(power)
        magnitude.sub_(left)
        power.mul_((2 * left >= power) & (magnitude + power <= high))
        integers.lerp_(magnitude.add_(power).copysign_(integers), 1 - self.kept)
