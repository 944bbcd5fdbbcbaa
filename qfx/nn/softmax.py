"""Probabilities of logits, in fixed point, by tables of exponentials and reciprocals."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointArray, FixedPointType
from qfx.ir import GraphBuilder, Value
from qfx.nn.arguments import given_quantizer, require_counts
from qfx.nn.cast import power_of_two
from qfx.nn.grids import Probabilities
from qfx.nn.layer import Layer, require_frozen
from qfx.nn.quantizer import Quantizer
from qfx.ops import Softmax as SoftmaxOp

_MOST_LOGIT_BITS = 10  # one exponential for each distance between two logits: 1024
_MOST_EXPONENT_BITS, _MOST_RECIPROCAL_BITS = 20, 12
_GUARD_BITS = 2  # fraction bits of a reciprocal beyond the bits that find it


class Softmax(Layer):
    """y = exp(x) / sum of exp(x) over a vector.

    For designs whose users need probabilities.  Who needs only the class takes `ArgMax`, which
    gives the same one for a fraction of the cycles and of the area; and train without either, on
    logits, as torch's cross entropy does.

    The logits are cast by `input`.  Trained, the layer is torch's softmax of those; frozen, it
    looks two tables up as qfx.ops.softmax says.  With the defaults and up to 16 features, a
    probability is less than 0.005 from that of the cast logits in float (one LSB, 0.0039, where it
    is 1), and less than 0.003 with output=None.  Each further feature may add half an LSB of an
    exponential, 2**-(exponent_bits + 1).

    Args:
        input: quantizer of the logits, of at most 10 bits; None for 8 bits.
        exponent_bits: fraction bits of the exponentials, 1 to 20.
        reciprocal_bits: bits of their sum, after its leading one, that find its reciprocal: 1 to
            12, and no more than exponent_bits.  A reciprocal has two fraction bits more.
        output: True for 8 bits from 0 to 255 / 256, a Quantizer, or None for the exact product.

    Shapes:
        (samples, features) -> the same.

    Raises:
        ArgumentError: an argument is out of range.
    """

    exponential_integers: Tensor  # int64, (2**bits of the logits,): written by freeze
    reciprocal_integers: Tensor  # int64, (2**reciprocal_bits,)

    def __init__(
        self,
        *,
        input: Quantizer | None = None,
        exponent_bits: int = 12,
        reciprocal_bits: int = 9,
        output: Quantizer | bool | None = True,
    ) -> None:
        super().__init__()
        self.input = given_quantizer("input", input) or Quantizer(8)
        if self.input.wordlength > _MOST_LOGIT_BITS:
            raise ArgumentError(
                f"Softmax has an exponential for each distance between logits of at most"
                f" {_MOST_LOGIT_BITS} bits, not {self.input.wordlength}: give it input=Quantizer(8)"
            )
        require_counts(exponent_bits=exponent_bits, reciprocal_bits=reciprocal_bits)
        if not 1 <= exponent_bits <= _MOST_EXPONENT_BITS:
            raise ArgumentError(f"exponent_bits is 1 to {_MOST_EXPONENT_BITS}, not {exponent_bits}")
        most = min(_MOST_RECIPROCAL_BITS, exponent_bits)
        if not 1 <= reciprocal_bits <= most:
            raise ArgumentError(f"reciprocal_bits is 1 to {most} here, not {reciprocal_bits}")
        self.exponent_bits, self.reciprocal_bits = exponent_bits, reciprocal_bits
        own = given_quantizer("output", output, plain=(True, False, None))
        self.output = own or (Probabilities() if output else None)
        tables = {"exponential": self.input.wordlength, "reciprocal": reciprocal_bits}
        for name, bits in tables.items():
            self.register_buffer(f"{name}_integers", torch.zeros(1 << bits, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 2:
            raise ArgumentError(
                f"Softmax takes (samples, features), not {tuple(x.shape)}: flatten before it"
            )
        logits = self.input(x)
        y = self._by_table(logits) if self.is_exact else torch.softmax(logits, -1)
        return self.output(y) if self.output else y

    def _by_table(self, logits: Tensor) -> Tensor:
        """The frozen layer, in float64."""
        below = logits.amax(-1, keepdim=True).double() - logits.double()
        indices = (below * power_of_two(self.input.fraction_bits, torch.float64)).long()
        each = self.exponential_integers[indices]
        sums = each.sum(-1, keepdim=True)
        mantissa, exponent = torch.frexp(sums.double())  # mantissa from 1/2 to 1, 1 excluded
        steps = 1 << self.reciprocal_bits
        found = self.reciprocal_integers[torch.floor(mantissa * 2 * steps).long() - steps]
        factor = found >> (exponent.long() - 1 - self.exponent_bits)
        fraction_bits = self.exponent_bits + self._reciprocal_type.fraction_bits
        return (each * factor).double() * 2.0**-fraction_bits

    @torch.no_grad()
    def freeze_parameters(self) -> None:
        distance = torch.arange(len(self.exponential_integers), dtype=torch.float64)
        each = torch.exp(-distance * power_of_two(-self.input.fraction_bits, torch.float64).cpu())
        self.exponential_integers.copy_(torch.round(each * 2**self.exponent_bits))
        steps = len(self.reciprocal_integers)
        middle = 1 + (torch.arange(steps, dtype=torch.float64) + 0.5) / steps
        one = 2**self._reciprocal_type.fraction_bits
        self.reciprocal_integers.copy_(torch.round(one / middle))

    @property
    def _reciprocal_type(self) -> FixedPointType:
        bits = self.reciprocal_bits + _GUARD_BITS
        return FixedPointType(bits, bits, signed=False)

    def lower(self, builder: GraphBuilder, x: Value) -> Value:
        require_frozen(self, builder.path)
        bits = self.exponent_bits
        each = FixedPointType(bits + 1, bits, signed=False)
        op = SoftmaxOp(
            FixedPointArray(self.exponential_integers.cpu().numpy(), each),
            FixedPointArray(self.reciprocal_integers.cpu().numpy(), self._reciprocal_type),
        )
        y = builder.add(op, self.input.lower(builder, x))
        return self.output.lower(builder, y) if self.output else y

    def config(self) -> dict[str, Any]:
        return {
            "input": self.input,
            "exponent_bits": self.exponent_bits,
            "reciprocal_bits": self.reciprocal_bits,
            "output": self.output,
        }
