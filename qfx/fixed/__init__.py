"""Fixed-point arithmetic as ap_fixed's, differentiable, and layers of one's own written with it.

y = fixed.mul(x, gain, dtype=FixedPointType(8, 4))    # exact product, then one cast
y = x * gain + offset                                 # exact, in wider and wider types
"""

from qfx.fixed.layer import Grid, Layer, Parameter
from qfx.fixed.number import Number, add, cast, div, matmul, mul, relu, sqrt, sub
from qfx.fixed.symbol import Symbol
from qfx.fixed.tensor import Tensor, tensor
from qfx.fixedpoint import FixedPointError, FixedPointType, Overflow, Rounding

__all__ = [
    "FixedPointError",
    "FixedPointType",
    "Grid",
    "Layer",
    "Number",
    "Overflow",
    "Parameter",
    "Rounding",
    "Symbol",
    "Tensor",
    "add",
    "cast",
    "div",
    "matmul",
    "mul",
    "relu",
    "sqrt",
    "sub",
    "tensor",
]
