"""Normalizations: their numbers, and what keeps them from being folded."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.nn import LoweringError

TITLE = "Normalizations: `Normalize`, `BatchNorm1d`, `BatchNorm2d`"
PAGE = "layers"
CASES = (
    Refusal(
        "a deviation of 0",
        "nn.Normalize(0, (1, 0))",
        ArgumentError,
        "std holds 0, but deviations are above 0: leave out channels that never vary",
    ),
    Refusal(
        "a mean that is no number",
        "nn.Normalize(float('nan'), 1)",
        ArgumentError,
        "mean must be a number, or one for each channel, not nan",
    ),
    Refusal(
        "as many means as deviations",
        "nn.Normalize((1, 2), (1, 2, 3))",
        ArgumentError,
        "mean has 2 numbers and std 3: give one for each channel",
    ),
    Refusal(
        "a fold with an output of its own",
        "nn.Normalize(1, 2, output=nn.Quantizer(4), fold=True)",
        ArgumentError,
        "Normalize(fold=True) computes nothing of its own to quantize: leave out scale, offset and"
        " output, or pass fold=False",
    ),
    Refusal(
        "a fold that is neither yes nor no",
        "nn.Normalize(1, 2, fold='always')",
        ArgumentError,
        "fold must be True, False, \"maybe\" or None, not 'always'",
    ),
    Refusal(
        "a fold into padding",
        "nn.Sequential(nn.Normalize(1, 2, fold=True), nn.Conv2d(1, 1, 3, padding=1))",
        ArgumentError,
        "Normalize(fold=True) cannot be folded into a padded Conv2d, whose padded zeros are not raw"
        " zeros: use padding=0 or mean=0; or pass fold=False",
    ),
    Refusal(
        "a fold without a bias",
        "nn.Sequential(nn.Normalize(1, 2, fold=True), nn.Linear(1, 1, bias=False))",
        ArgumentError,
        "Normalize(fold=True) has a Linear without bias behind it: give it bias=True; or pass"
        " fold=False",
    ),
    Refusal(
        "a fold into nothing",
        "nn.Sequential(nn.Normalize(1, 2, fold=True))",
        ArgumentError,
        "Normalize(fold=True) has nothing behind it that alone reads it: put a Conv2d or a Linear"
        " of as many inputs there; or pass fold=False",
    ),
    Refusal(
        "no channels",
        "nn.BatchNorm1d(0)",
        ArgumentError,
        "num_features must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "bits for a scale",
        "nn.BatchNorm1d(4, scale=6)",
        ArgumentError,
        "scale must be a Quantizer or True, not 6: for 6 bits write scale=Quantizer(6)",
    ),
    Refusal(
        "more than all of a batch",
        "nn.BatchNorm1d(4, momentum=2)",
        ArgumentError,
        "momentum must be a share from 0 to 1, not 2",
    ),
    Refusal(
        "an image without its axes",
        "nn.BatchNorm2d(4)(torch.zeros(2, 4))",
        ArgumentError,
        "BatchNorm2d(4) takes 4 axes with 4 channels in the second, not (2, 4)",
    ),
    Refusal(
        "a fold's own scale",
        "nn.BatchNorm2d(2, scale=nn.Quantizer(4), fold=True)",
        ArgumentError,
        "BatchNorm2d(fold=True) has no scale and offset of its own to quantize: give their"
        " quantizers as weight and bias of the layer before it",
    ),
    Refusal(
        "a fold after nothing",
        "nn.Sequential(nn.BatchNorm2d(2, fold=True))(torch.zeros(1, 2, 3, 3))",
        LoweringError,
        "BatchNorm2d(fold=True) needs a Conv2d or Linear directly before it, which nothing else"
        " reads, to be folded into",
    ),
    Refusal(
        "a fold after a layer without bias",
        "nn.Sequential(nn.Linear(2, 2, bias=False), nn.BatchNorm1d(2, fold=True))",
        ArgumentError,
        "BatchNorm1d is folded into a Linear without bias, where its offset has no place: give it"
        " bias=True",
    ),
)
