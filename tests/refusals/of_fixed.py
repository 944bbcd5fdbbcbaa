"""Your own arithmetic: what its calls refuse."""

from refusal import Refusal

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.fixedpoint import FixedPointError

TITLE = "Arithmetic: `qfx.fixed`"
PAGE = "numbers"
CASES = (
    Refusal(
        "a product wider than float64",
        "fixed.tensor([1.0], FixedPointType(30, 4)) * fixed.tensor([1.0], FixedPointType(30, 4))",
        FixedPointError,
        "mul of fixed<30,26> and fixed<30,26> has a full-precision result of 60 bits, and"
        " float64 is exact up to 53: cast an operand to fewer bits first",
    ),
    Refusal(
        "a sum of grids far apart",
        "fixed.tensor([1.0], FixedPointType(8, 4)) + fixed.tensor([1.0], FixedPointType(50, 200))",
        FixedPointError,
        "add of fixed<8,4> and fixed<50,-150> has a full-precision result of 63 bits or more,"
        " and float64 is exact up to 53: cast an operand to fewer bits first",
    ),
    Refusal(
        "a root with too few fraction bits",
        "fixed.sqrt(fixed.tensor([1.0], FixedPointType(8, 4)), fraction_bits=1)",
        FixedPointError,
        "sqrt of fixed<8,4> has at least 2 fraction bits, not 1: cast the root to fewer",
    ),
    Refusal(
        "a root wider than float64",
        "fixed.sqrt(fixed.tensor([1.0], FixedPointType(40, 0)), fraction_bits=7)",
        FixedPointError,
        "sqrt of fixed<40,40> to 7 fraction bits takes the root of 53 bits, and float64 does so"
        " exactly up to 52: cast the operand to fewer bits, or ask for fewer fraction bits",
    ),
    Refusal(
        "a divisor that is 0",
        "fixed.tensor([1.0, 0.5], FixedPointType(8, 4)) / fixed.tensor([3.0, 0.01],"
        " FixedPointType(8, 4))",
        FixedPointError,
        "div: the divisor is 0 at index (1,), and no quotient exists: a finer grid or a larger"
        " value keeps it from 0",
    ),
    Refusal(
        "a rounding beside a quantizer",
        "fixed.cast(fixed.tensor([1.0], FixedPointType(8, 4)), nn.Quantizer(4), 'TRN')",
        ArgumentError,
        "a Quantizer says rounding and overflow itself: leave them out here",
    ),
    Refusal(
        "a cast to bits",
        "fixed.cast(fixed.tensor([1.0], FixedPointType(8, 4)), 8)",
        ArgumentTypeError,
        "a cast is to a FixedPointType or a Quantizer, not to 8",
    ),
    Refusal(
        "an overflow without a cast",
        "fixed.add(fixed.tensor([1.0], FixedPointType(8, 4)), fixed.tensor([1.0],"
        " FixedPointType(8, 4)), overflow='WRAP')",
        ArgumentError,
        "rounding and overflow are those of a cast: say dtype= too",
    ),
    Refusal(
        "a number without a type",
        "2 * fixed.tensor([1.0], FixedPointType(8, 4))",
        ArgumentTypeError,
        "mul takes fixed-point numbers, not int: give it a type with fixed.tensor(x,"
        " FixedPointType(...)), or declare a fixed.Parameter",
    ),
    Refusal(
        "a tensor without a type",
        "fixed.tensor([1.0], FixedPointType(8, 4)) - torch.ones(1)",
        ArgumentTypeError,
        "sub takes fixed-point numbers, not Tensor: give it a type with fixed.tensor(x,"
        " FixedPointType(...)), or declare a fixed.Parameter",
    ),
    Refusal(
        "a value between grid points",
        "fixed.Tensor(torch.tensor([[1.0, 0.3]]), FixedPointType(8, 4))",
        FixedPointError,
        "0.30000001192092896 at index (0, 1) is no fixed<8,4>: cast it with"
        " fixed.tensor(values, dtype)",
    ),
    Refusal(
        "a value beyond the range",
        "fixed.Tensor(torch.tensor([8.0]), FixedPointType(8, 4))",
        FixedPointError,
        "8.0 at index (0,) is no fixed<8,4>: cast it with fixed.tensor(values, dtype)",
    ),
)
