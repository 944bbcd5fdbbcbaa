"""Activations that clip or scale: their ends, slopes and quantizers."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.nn import LoweringError

TITLE = "Activations: `Hardtanh`, `LeakyReLU`, `PReLU`, `ReLU`, `ReLU6`"
PAGE = "layers"
CASES = (
    Refusal(
        "ends in the wrong order",
        "nn.Hardtanh(1, -1)",
        ArgumentError,
        "min_val 1 must be below max_val -1: give the lower end first",
    ),
    Refusal(
        "an end on no grid",
        "nn.Hardtanh(0.1, 1)",
        ArgumentError,
        "the end 0.1 lies on no grid of 16 fraction bits or fewer: use 0.100006103515625",
    ),
    Refusal(
        "an end at infinity",
        "nn.Hardtanh(0, float('inf'))",
        ArgumentError,
        "max_val must be a finite number, not inf",
    ),
    Refusal(
        "a word for an end",
        "nn.Hardtanh('low')",
        ArgumentError,
        "min_val must be a finite number, not 'low'",
    ),
    Refusal(
        "bits for a clipped result",
        "nn.Hardtanh(-1, 1, 8)",
        ArgumentError,
        "output must be a Quantizer or None, not 8: for 8 bits write output=Quantizer(8)",
    ),
    Refusal(
        "bits for a rectifier",
        "nn.ReLU(6)",
        ArgumentError,
        "output must be a Quantizer or None, not 6: for 6 bits write output=Quantizer(6)",
    ),
    Refusal(
        "bits for a clipped rectifier",
        "nn.ReLU6(6)",
        ArgumentError,
        "output must be a Quantizer or None, not 6: for 6 bits write output=Quantizer(6)",
    ),
    Refusal(
        "no slopes",
        "nn.PReLU(0)",
        ArgumentError,
        "num_parameters must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "a slope that is no number",
        "nn.PReLU(1, float('nan'))",
        ArgumentError,
        "init must be a finite number, not nan",
    ),
    Refusal(
        "bits for a slope",
        "nn.PReLU(slope=8)",
        ArgumentError,
        "slope must be a Quantizer or None, not 8: for 8 bits write slope=Quantizer(8)",
    ),
    Refusal(
        "bits for a product",
        "nn.PReLU(output=8)",
        ArgumentError,
        "output must be a Quantizer, True, False or None, not 8: for 8 bits write"
        " output=Quantizer(8)",
    ),
    Refusal(
        "slopes for other channels",
        "nn.PReLU(3)(torch.zeros(1, 2))",
        ArgumentError,
        "PReLU(3) takes 3 channels in the second axis, not (1, 2)",
    ),
    Refusal(
        "slopes for other channels, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.PReLU(2))), (3,))",
        LoweringError,
        "layer 1: prelu: a constant of shape (2,) does not fit (3,)",
    ),
    Refusal(
        "a word for a slope",
        "nn.LeakyReLU('small')",
        ArgumentError,
        "negative_slope must be a finite number, not 'small'",
    ),
    Refusal(
        "bits for a constant slope",
        "nn.LeakyReLU(slope=8)",
        ArgumentError,
        "slope must be a Quantizer or None, not 8: for 8 bits write slope=Quantizer(8)",
    ),
)
