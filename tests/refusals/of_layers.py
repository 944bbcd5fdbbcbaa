"""Layers: what their constructors refuse, and what they refuse once data passes."""

from refusal import Refusal

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.fixedpoint import FixedPointError
from qfx.nn import LoweringError

_PAIR = "must be a whole number from {} on, or two of them for height and width, not {}"

TITLE = "Layers: `qfx.nn`"
PAGE = "layers"
CASES = (
    Refusal(
        "bits that are not whole",
        "nn.Quantizer(8.0)",
        FixedPointError,
        "wordlength must be an int, not 8.0",
    ),
    Refusal(
        "more bits than float64 holds",
        "nn.Quantizer(54)",
        ArgumentError,
        "a Quantizer has at most 53 bits, which float64 holds, not 54: take fewer",
    ),
    Refusal(
        "a rounding mode of another name",
        "nn.Quantizer(8, rounding='nearest')",
        ArgumentError,
        "'nearest' is no rounding mode: use one of TRN, TRN_ZERO, RND, RND_ZERO, RND_INF,"
        " RND_MIN_INF, RND_CONV",
    ),
    Refusal(
        "an overflow mode of another name",
        "nn.Quantizer(8, overflow='CLAMP')",
        ArgumentError,
        "'CLAMP' is no overflow mode: use one of WRAP, SAT, SAT_SYM, SAT_ZERO",
    ),
    Refusal(
        "an activation with binary points per channel",
        "nn.Quantizer(4, per_channel=True)(torch.zeros(2, 2))",
        ArgumentError,
        "per_channel binary points are for the parameters of a layer: an activation has one per"
        " tensor",
    ),
    Refusal(
        "no inputs",
        "nn.Linear(0, 3)",
        ArgumentError,
        "in_features must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "bits for a quantizer",
        "nn.Linear(2, 1, weight=6)",
        ArgumentError,
        "weight must be a Quantizer or None, not 6: for 6 bits write weight=Quantizer(6)",
    ),
    Refusal(
        "bits for a bias",
        "nn.Linear(2, 1, bias=6)",
        ArgumentError,
        "bias must be a Quantizer, True or False, not 6: for 6 bits write bias=Quantizer(6)",
    ),
    Refusal(
        "bits for an output",
        "nn.Linear(2, 1, output=6)",
        ArgumentError,
        "output must be a Quantizer, True, False or None, not 6: for 6 bits write"
        " output=Quantizer(6)",
    ),
    Refusal(
        "groups that do not divide",
        "nn.Conv2d(2, 3, 3, groups=2)",
        ArgumentError,
        "groups=2 does not divide both 2 and 3 channels: choose a number that does",
    ),
    Refusal(
        "no groups",
        "nn.Conv2d(2, 4, 3, groups=0)",
        ArgumentError,
        "groups must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "no kernel",
        "nn.Conv2d(2, 3, 0)",
        ArgumentError,
        "kernel_size " + _PAIR.format(1, 0),
    ),
    Refusal(
        "no step",
        "nn.Conv2d(2, 3, 3, stride=0)",
        ArgumentError,
        "stride " + _PAIR.format(1, 0),
    ),
    Refusal(
        "a word for the padding",
        "nn.Conv2d(2, 3, 3, padding='same')",
        ArgumentError,
        "padding " + _PAIR.format(0, "'same'"),
    ),
    Refusal(
        "a patch without pixels",
        "nn.MaxPool2d((2, 0))",
        ArgumentError,
        "kernel_size " + _PAIR.format(1, "(2, 0)"),
    ),
    Refusal(
        "a patch that may lie outside",
        "nn.MaxPool2d(2, padding=2)",
        ArgumentError,
        "padding (2, 2) is more than half of the kernel (2, 2): pad less, or pool over larger"
        " patches",
    ),
    Refusal(
        "the largest of several pieces",
        "nn.AdaptiveMaxPool1d(2)",
        ArgumentError,
        "AdaptiveMaxPool1d(2) would need windows of several sizes: use MaxPool1d, or"
        " AdaptiveMaxPool1d(1)",
    ),
    Refusal(
        "the largest of several patches",
        "nn.AdaptiveMaxPool2d((2, 1))",
        ArgumentError,
        "AdaptiveMaxPool2d((2, 1)) would need windows of several sizes: use MaxPool2d, or"
        " AdaptiveMaxPool2d(1)",
    ),
    Refusal(
        "padding that is not counted",
        "nn.AvgPool2d(3, 1, 1, count_include_pad=False)",
        ArgumentError,
        "AvgPool2d(padding=(1, 1), count_include_pad=False) would divide by another number at the"
        " border: let the padding count, or pool without padding",
    ),
    Refusal(
        "channels of one number",
        "nn.AvgPool2d(2, reciprocal=nn.Quantizer(4, per_channel=True))",
        ArgumentError,
        "per_channel=True, but this parameter is one number: leave it out",
    ),
    Refusal(
        "several windows",
        "nn.AdaptiveAvgPool2d(2)",
        ArgumentError,
        "AdaptiveAvgPool2d(2) would need windows of several sizes: use AvgPool2d, or"
        " AdaptiveAvgPool2d(1)",
    ),
    Refusal(
        "a size never seen",
        "nn.AdaptiveAvgPool2d(1, output=None).freeze()",
        LoweringError,
        "AdaptiveAvgPool2d has seen no image, so it does not know what to divide by: run the model"
        " once, or pass the size",
    ),
    Refusal(
        "another size than before",
        "nn.AdaptiveAvgPool2d(1, (3, 3))(torch.zeros(1, 2, 4, 4))",
        ArgumentError,
        "AdaptiveAvgPool2d was made for images of (3, 3), not (4, 4): the reciprocal of their size"
        " is a constant of the hardware",
    ),
    Refusal(
        "more than all",
        "nn.Dropout(2)",
        ArgumentError,
        "p must be a share from 0 to 1, not 2",
    ),
    Refusal(
        "a torch layer",
        "nn.Sequential(nn.Quantizer(4), torch.nn.ReLU())",
        ArgumentTypeError,
        "layer 1 is torch.nn.modules.activation.ReLU, not a qfx layer: use qfx.nn.ReLU",
    ),
    Refusal(
        "a torch layer with no twin",
        "nn.Sequential(torch.nn.CELU())",
        ArgumentTypeError,
        "layer 0 is torch.nn.modules.activation.CELU, not a qfx layer: it has no fixed-point form"
        " here",
    ),
    Refusal(
        "a list of layers",
        "nn.Sequential([nn.ReLU()])",
        ArgumentTypeError,
        "layer 0 is a list, not a qfx layer: pass the layers themselves, Sequential(*layers)",
    ),
    Refusal(
        "a layer's class",
        "nn.Sequential(nn.ReLU)",
        ArgumentTypeError,
        "layer 0 is the class ReLU, not a layer: make one of it, ReLU(...)",
    ),
)
