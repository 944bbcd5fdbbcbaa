"""Layers that look their results up: functions, embeddings and probabilities."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.fixedpoint import FixedPointError
from qfx.nn import LoweringError
from qfx.ops import OpError

TITLE = "Tables: functions, embeddings, probabilities"
PAGE = "layers"
CASES = (
    Refusal(
        "a graph whose table would be looked up by 40 bits",
        "qfx.ops.Lookup(FixedPointArray(np.arange(2), FixedPointType(2, 0)), 0).infer("
        "qfx.ops.TensorType.of((1,), FixedPointType(40, 0)))",
        OpError,
        "lookup: an operand of 40 bits would take a table too large for any board: cast it to 12"
        " bits or fewer",
    ),
    Refusal(
        "a table of 8192 entries",
        "nn.GELU(nn.Quantizer(13))",
        ArgumentError,
        "GELU would need a table of 2**13 entries: give it an input quantizer of 12 bits or fewer",
    ),
    Refusal(
        "a function of two variables",
        "nn.Function('x * y')",
        ArgumentError,
        "the function 'x * y' reads y: its one variable is x",
    ),
    Refusal(
        "a function that is none of torch's",
        "nn.Function('open(x)')",
        ArgumentError,
        "the function 'open(x)' calls open, which is none of abs, acos, …",
    ),
    Refusal(
        "a function that is no text",
        "nn.Function(torch.exp)",
        ArgumentError,
        'a function is written as text, such as "exp(-x * x)", not <built-in method exp …>',
    ),
    Refusal(
        "a constant for a function",
        "nn.Function('1 + 2')",
        ArgumentError,
        "the function '1 + 2' does not depend on x: it is a constant",
    ),
    Refusal(
        "a function in words",
        "nn.Function('the square of x')",
        ArgumentError,
        "the function 'the square of x' cannot be read: write it as Python is, such as"
        ' "x * sigmoid(x)"',
    ),
    Refusal(
        "an attribute in a function",
        "nn.Function('x.real')",
        ArgumentError,
        "the function 'x.real' has x.real in it: it is made of x, numbers, arithmetic, comparisons"
        " and functions",
    ),
    Refusal(
        "a function where it has no value",
        "nn.Function('log(x)', nn.Quantizer(4, 0), nn.Quantizer(4, 0)).freeze()",
        LoweringError,
        "log(x) gives no number for -8.0: a table has an entry for each operand",
    ),
    Refusal(
        "a table of 16384 entries",
        "nn.Hardsigmoid(nn.Quantizer(14))",
        ArgumentError,
        "Hardsigmoid would need a table of 2**14 entries: give it an input quantizer of 12 bits"
        " or fewer",
    ),
    Refusal(
        "a table of 32768 entries",
        "nn.Hardswish(nn.Quantizer(15))",
        ArgumentError,
        "Hardswish would need a table of 2**15 entries: give it an input quantizer of 12 bits"
        " or fewer",
    ),
    Refusal(
        "a table of 65536 entries",
        "nn.SiLU(nn.Quantizer(16))",
        ArgumentError,
        "SiLU would need a table of 2**16 entries: give it an input quantizer of 12 bits or fewer",
    ),
    Refusal(
        "a table of 1048576 entries",
        "nn.Sigmoid(nn.Quantizer(20))",
        ArgumentError,
        "Sigmoid would need a table of 2**20 entries: give it an input quantizer of 12 bits or"
        " fewer",
    ),
    Refusal(
        "a table of 16777216 entries",
        "nn.Tanh(nn.Quantizer(24))",
        ArgumentError,
        "Tanh would need a table of 2**24 entries: give it an input quantizer of 12 bits or fewer",
    ),
    Refusal(
        "bits for an operand",
        "nn.GELU(8)",
        ArgumentError,
        "input must be a Quantizer or None, not 8: for 8 bits write input=Quantizer(8)",
    ),
    Refusal(
        "bits for the entries",
        "nn.Sigmoid(output=8)",
        ArgumentError,
        "output must be a Quantizer or None, not 8: for 8 bits write output=Quantizer(8)",
    ),
    Refusal(
        "binary points per channel",
        "nn.Tanh(nn.Quantizer(4, per_channel=True))(torch.zeros(1, 2))",
        ArgumentError,
        "per_channel binary points are for the parameters of a layer: an activation has one per"
        " tensor",
    ),
    Refusal(
        "no rows",
        "nn.Embedding(0, 3)",
        ArgumentError,
        "num_embeddings must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "rows without elements",
        "nn.Embedding(4, 0)",
        ArgumentError,
        "embedding_dim must be a whole number from 1 on, not 0",
    ),
    Refusal(
        "a padding row beyond the table",
        "nn.Embedding(4, 2, padding_idx=4)",
        ArgumentError,
        "padding_idx is a row of the table, 0 to 3, or None, not 4",
    ),
    Refusal(
        "bits for a table",
        "nn.Embedding(4, 2, weight=6)",
        ArgumentError,
        "weight must be a Quantizer or None, not 6: for 6 bits write weight=Quantizer(6)",
    ),
    Refusal(
        "numbers beyond the table",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Embedding(4, 2))), (3,))",
        LoweringError,
        "layer 1: embedding: the operand lies in [-8, 7], the table has rows 0 to 3: begin the"
        " model with qfx.nn.Indices(4), or give the table more rows",
    ),
    Refusal(
        "no numbers",
        "nn.Indices(0)",
        ArgumentError,
        "Indices(n) are 0 to n - 1, with n a whole number from 1 to 2**24, not 0",
    ),
    Refusal(
        "more numbers than 24 bits hold",
        "nn.Indices(2**25)",
        ArgumentError,
        "Indices(n) are 0 to n - 1, with n a whole number from 1 to 2**24, not 33554432",
    ),
    Refusal(
        "a count that is not whole",
        "nn.Indices(4.0)",
        ArgumentError,
        "Indices(n) are 0 to n - 1, with n a whole number from 1 to 2**24, not 4.0",
    ),
    Refusal(
        "no bits",
        "nn.Probabilities(0)",
        FixedPointError,
        "wordlength must be 1 to 63 bits, not 0 (a pruned weight is a constant 0, not a 0-bit"
        " number)",
    ),
    Refusal(
        "bits that are not whole",
        "nn.Probabilities(8.0)",
        FixedPointError,
        "wordlength must be an int, not 8.0",
    ),
    Refusal(
        "logits of too many bits",
        "nn.Softmax(input=nn.Quantizer(11))",
        ArgumentError,
        "Softmax has an exponential for each distance between logits of at most 10 bits, not"
        " 11: give it input=Quantizer(8)",
    ),
    Refusal(
        "bits for logits",
        "nn.Softmax(input=8)",
        ArgumentError,
        "input must be a Quantizer or None, not 8: for 8 bits write input=Quantizer(8)",
    ),
    Refusal(
        "bits for probabilities",
        "nn.Softmax(output=8)",
        ArgumentError,
        "output must be a Quantizer, True, False or None, not 8: for 8 bits write"
        " output=Quantizer(8)",
    ),
    Refusal(
        "finer exponentials than there are",
        "nn.Softmax(exponent_bits=21)",
        ArgumentError,
        "exponent_bits is 1 to 20, not 21",
    ),
    Refusal(
        "exponentials of half bits",
        "nn.Softmax(exponent_bits=12.5)",
        ArgumentError,
        "exponent_bits must be a whole number from 1 on, not 12.5",
    ),
    Refusal(
        "a finer reciprocal than there is",
        "nn.Softmax(reciprocal_bits=13)",
        ArgumentError,
        "reciprocal_bits is 1 to 12 here, not 13",
    ),
    Refusal(
        "probabilities of an image",
        "nn.Softmax()(torch.zeros(1, 2, 3, 3))",
        ArgumentError,
        "Softmax takes (samples, features), not (1, 2, 3, 3): flatten before it",
    ),
    Refusal(
        "probabilities of an image, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Softmax())), (2, 3, 3))",
        LoweringError,
        "layer 1: softmax takes a vector of at least two, not (2, 3, 3)",
    ),
)
