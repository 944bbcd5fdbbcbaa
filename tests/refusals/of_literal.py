"""Batch normalization step by step: its quantizers and statistics."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.nn import LoweringError

TITLE = "Literal normalizations: `LiteralBatchNorm1d`, `LiteralBatchNorm2d`"
PAGE = "layers"
CASES = (
    Refusal(
        "no features",
        "nn.LiteralBatchNorm1d(0)",
        ArgumentError,
        "num_features must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "bits for a mean",
        "nn.LiteralBatchNorm1d(2, mean=8)",
        ArgumentError,
        "mean must be a Quantizer or None, not 8: for 8 bits write mean=Quantizer(8)",
    ),
    Refusal(
        "bits for a result",
        "nn.LiteralBatchNorm1d(2, output=8)",
        ArgumentError,
        "output must be a Quantizer or None, not 8: for 8 bits write output=Quantizer(8)",
    ),
    Refusal(
        "a deviation that cannot be positive",
        "nn.LiteralBatchNorm2d(2, deviation=nn.Quantizer(1))",
        ArgumentError,
        "deviation=fixed<1,1> holds no positive number: use signed=False",
    ),
    Refusal(
        "a negative eps",
        "nn.LiteralBatchNorm2d(2, eps=-1)",
        ArgumentError,
        "eps must be a finite number from 0 on, not -1",
    ),
    Refusal(
        "a momentum above 1",
        "nn.LiteralBatchNorm2d(2, momentum=2)",
        ArgumentError,
        "momentum must be a share from 0 to 1, not 2",
    ),
    Refusal(
        "other channels",
        "nn.LiteralBatchNorm2d(2)(torch.zeros(1, 3, 2, 2))",
        ArgumentError,
        "LiteralBatchNorm2d(2) takes 4 axes with 2 channels in the second, not (1, 3, 2, 2)",
    ),
    Refusal(
        "a fold behind a Linear of sequences",
        "nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3, fold=True))(torch.zeros(2, 3, 4))",
        LoweringError,
        "BatchNorm1d(fold=True) behind a Linear normalizes vectors, whose axis is the Linear's;"
        " a sample here has 2 axes: pass fold=False",
    ),
)
