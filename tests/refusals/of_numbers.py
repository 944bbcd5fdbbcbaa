"""Numbers: types, arrays, and what a graph is run on."""

from refusal import Refusal

from qfx.fixedpoint import FixedPointError
from qfx.ir import GraphError

TITLE = "Numbers: `FixedPointType`, `FixedPointArray`, `Graph.run`"
PAGE = "numbers"
CASES = (
    Refusal(
        "no bits",
        "FixedPointType(0, 0)",
        FixedPointError,
        "wordlength must be 1 to 63 bits, not 0 (a pruned weight is a constant 0, not a 0-bit"
        " number)",
    ),
    Refusal(
        "half a bit",
        "FixedPointType(8, 2.5)",
        FixedPointError,
        "fraction_bits must be an int, not 2.5",
    ),
    Refusal(
        "a point far away",
        "FixedPointType(8, 2000)",
        FixedPointError,
        "fraction_bits must be within +-1000, not 2000",
    ),
    Refusal(
        "a word for the sign",
        "FixedPointType(8, 2, 'no')",
        FixedPointError,
        "signed must be True or False, not 'no'",
    ),
    Refusal(
        "an integer that does not fit",
        "FixedPointArray(np.array([3, 8]), FixedPointType(4, 1))",
        FixedPointError,
        "8 at index (1,) is outside fixed<4,3>, whose integers run from -8 to 7",
    ),
    Refusal(
        "floats for integers",
        "FixedPointArray(x, FixedPointType(8, 4))",
        FixedPointError,
        "integers are needed here, not float64: use quantize for floats",
    ),
    Refusal(
        "data of another shape",
        "graph.run(x[:, :15])",
        GraphError,
        "input x takes an array of shape (samples, 16), not (40, 15)",
    ),
    Refusal(
        "infinity",
        "graph.run(np.full((1, 16), np.inf))",
        GraphError,
        "input x: inf at index (0, 0) has no fixed-point value: clean the data first",
    ),
    Refusal(
        "words",
        "graph.run(np.full((1, 16), 'one'))",
        GraphError,
        "input x holds <U3, not numbers: read or encode it first",
    ),
    Refusal(
        "integers of another type",
        "graph.run(FixedPointArray(np.zeros((1, 16), int), FixedPointType(7, 3)))",
        GraphError,
        "input x is fixed<6,3>, the data is fixed<7,4>: cast it first",
    ),
    Refusal(
        "no data",
        "graph.run()",
        GraphError,
        "graph net has 1 inputs, not 0: give one batch for each",
    ),
)
