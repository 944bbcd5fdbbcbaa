"""Layers over lines, and those that are found elsewhere only."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.nn import LoweringError

TITLE = "Lines: `AdaptiveAvgPool1d`, `AvgPool1d`, `Conv1d`, `MaxPool1d`; `ConvTranspose2d`"
PAGE = "layers"
CASES = (
    Refusal(
        "no kernel",
        "nn.Conv1d(2, 3, 0)",
        ArgumentError,
        "kernel_size must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "a kernel in a tuple",
        "nn.Conv1d(2, 3, (3,))",
        ArgumentError,
        "kernel_size must be a whole number from 1 on, not (3,)",
    ),
    Refusal(
        "no step",
        "nn.Conv1d(2, 3, 3, stride=0)",
        ArgumentError,
        "stride must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "a word for the padding",
        "nn.Conv1d(2, 3, 3, padding='same')",
        ArgumentError,
        "padding must be a whole number from 0 on, not 'same'",
    ),
    Refusal(
        "an image",
        "nn.Conv1d(2, 3, 3)(torch.zeros(1, 2, 4, 4))",
        ArgumentError,
        "Conv1d takes (samples, channels, length), not (1, 2, 4, 4)",
    ),
    Refusal(
        "a vector",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Conv1d(1, 1, 3))), (3,))",
        LoweringError,
        "layer 1: Conv1d takes (channels, length), not (3,)",
    ),
    Refusal(
        "a piece without values",
        "nn.MaxPool1d(0)",
        ArgumentError,
        "kernel_size must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "a piece that may lie outside",
        "nn.MaxPool1d(2, padding=2)",
        ArgumentError,
        "padding (0, 2) is more than half of the kernel (1, 2): pad less, or pool over larger"
        " patches",
    ),
    Refusal(
        "zeros beside negative values",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.MaxPool1d(2, padding=1))), (1, 4))",
        LoweringError,
        "layer 1: maxpool2d pads with zeros, which is right only where no value is negative:"
        " put a ReLU before it, or use padding=0",
    ),
    Refusal(
        "padding that is not counted",
        "nn.AvgPool1d(3, 1, 1, count_include_pad=False)",
        ArgumentError,
        "AvgPool1d(padding=(0, 1), count_include_pad=False) would divide by another number at"
        " the border: let the padding count, or pool without padding",
    ),
    Refusal(
        "bits for a mean",
        "nn.AvgPool1d(2, output=6)",
        ArgumentError,
        "output must be a Quantizer, True, False or None, not 6: for 6 bits write"
        " output=Quantizer(6)",
    ),
    Refusal(
        "several pieces",
        "nn.AdaptiveAvgPool1d(2)",
        ArgumentError,
        "AdaptiveAvgPool1d(2) would need windows of several sizes: use AvgPool1d, or"
        " AdaptiveAvgPool1d(1)",
    ),
    Refusal(
        "no length",
        "nn.AdaptiveAvgPool1d(1, 0)",
        ArgumentError,
        "length must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "a length never seen",
        "nn.AdaptiveAvgPool1d(1, output=None).freeze()",
        LoweringError,
        "AdaptiveAvgPool1d has seen no image, so it does not know what to divide by: run the"
        " model once, or pass the size",
    ),
    Refusal(
        "another length than before",
        "nn.AdaptiveAvgPool1d(1, 3)(torch.zeros(1, 2, 4))",
        ArgumentError,
        "AdaptiveAvgPool1d was made for images of (1, 3), not (1, 4): the reciprocal of their"
        " size is a constant of the hardware",
    ),
    Refusal(
        "patches that overlap",
        "nn.ConvTranspose2d(2, 3, 2)",
        LoweringError,
        "ConvTranspose2d adds up overlapping patches, so a pixel of its result is known only"
        " when the last patch over it is, and it leaves a checkerboard where the stride does"
        " not divide the kernel: use Upsample(stride) followed by Conv2d, which streams and"
        " trains to as much",
    ),
)
