"""The one table between ap_fixed's modes and QONNX's (Quant, domain qonnx.custom_op.general)."""

from __future__ import annotations

from qfx.fixedpoint import Overflow, Rounding

# QONNX's HALF_UP is half *away from zero*.  RND is written as half an LSB added, then FLOOR;
# RND_MIN_INF has no name and no such detour that saturates alike.
QONNX_ROUNDING: dict[Rounding, str | None] = {
    Rounding.TRN: "FLOOR",
    Rounding.TRN_ZERO: "DOWN",
    Rounding.RND: "FLOOR",
    Rounding.RND_ZERO: "HALF_DOWN",
    Rounding.RND_INF: "HALF_UP",
    Rounding.RND_MIN_INF: None,
    Rounding.RND_CONV: "ROUND",
}
ADDS_HALF_LSB = frozenset({Rounding.RND})

# Quant always saturates; "narrow" takes the minimum away from a signed range.
QONNX_NARROW: dict[Overflow, bool | None] = {
    Overflow.WRAP: None,
    Overflow.SAT: False,
    Overflow.SAT_SYM: True,
    Overflow.SAT_ZERO: None,
}
