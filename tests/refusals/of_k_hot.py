"""K-hot parameters."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.nn import LoweringError

_FOR_PARAMETERS = (
    "KHot is for parameters, such as weight=KHot(2): an activation has whatever integer comes, so"
    " give it a Quantizer"
)

TITLE = "K-hot: `KHot`"
PAGE = "layers"
CASES = (
    Refusal(
        "no digits",
        "nn.KHot(0)",
        ArgumentError,
        "KHot(k) takes 1 to 8 digits of 8 bits, or a tuple of such numbers, one per channel, not 0",
    ),
    Refusal(
        "more digits than bits",
        "nn.KHot((2, 5), 4)",
        ArgumentError,
        "KHot(k) takes 1 to 4 digits of 4 bits, or a tuple of such numbers, one per channel, not"
        " (2, 5)",
    ),
    Refusal(
        "digits for no channel",
        "nn.KHot(())",
        ArgumentError,
        "KHot(()) has no number of digits: give one, or one per channel",
    ),
    Refusal(
        "more bits than float32 holds",
        "nn.KHot(2, 32)",
        ArgumentError,
        "KHot has 1 to 24 bits, not 32",
    ),
    Refusal(
        "a word for the kind of digits",
        "nn.KHot(2, signed_digits='csd')",
        ArgumentError,
        "signed_digits must be True or False, not 'csd'",
    ),
    Refusal(
        "digits for other channels",
        "nn.Linear(4, 3, weight=nn.KHot((1, 2)))",
        ArgumentError,
        "KHot has 2 numbers of digits for the 3 channels of a parameter of shape (3, 4): give as"
        " many, or one for all",
    ),
    Refusal(
        "an activation",
        "nn.ReLU(nn.KHot(2))(torch.zeros(2, 3))",
        ArgumentError,
        _FOR_PARAMETERS,
    ),
    Refusal(
        "an input",
        "qfx.lower(as_built(nn.KHot(2)), (3,))",
        LoweringError,
        _FOR_PARAMETERS,
    ),
)
