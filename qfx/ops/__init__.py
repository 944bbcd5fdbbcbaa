"""The primitives, one page each. A small closed set: layers are composed of them."""

from qfx.ops.add import Add, AddConstant
from qfx.ops.argmax import ArgMax
from qfx.ops.cast import Cast
from qfx.ops.clip import Clip
from qfx.ops.concat import Concat
from qfx.ops.conv2d import Conv2d
from qfx.ops.divide import DivideConstant
from qfx.ops.embedding import Embedding
from qfx.ops.global_max import GlobalMax
from qfx.ops.lookup import LOOKUP_BITS, Lookup
from qfx.ops.matmul import Matmul
from qfx.ops.maximum import Maximum, Minimum
from qfx.ops.maxpool2d import MaxPool2d
from qfx.ops.multiply import Multiply, MultiplyConstant
from qfx.ops.op import ConstantOp, Op, OpError, Shape, TensorType
from qfx.ops.pad import Pad
from qfx.ops.prelu import PRelu
from qfx.ops.relu import Relu
from qfx.ops.reshape import Reshape
from qfx.ops.softmax import Softmax
from qfx.ops.sqrt import Sqrt
from qfx.ops.subtract import Subtract
from qfx.ops.transpose import Transpose
from qfx.ops.upsample import Upsample

OPS: tuple[type[Op], ...] = (
    Add,
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Concat,
    Conv2d,
    DivideConstant,
    Embedding,
    GlobalMax,
    Lookup,
    Matmul,
    Maximum,
    MaxPool2d,
    Minimum,
    Multiply,
    MultiplyConstant,
    Pad,
    PRelu,
    Relu,
    Reshape,
    Softmax,
    Sqrt,
    Subtract,
    Transpose,
    Upsample,
)
# One expression per language each, on one lane.
ELEMENTWISE: tuple[type[Op], ...] = (
    AddConstant,
    Cast,
    Clip,
    DivideConstant,
    Lookup,
    MultiplyConstant,
    PRelu,
    Relu,
    Sqrt,
)

__all__ = [
    "ELEMENTWISE",
    "LOOKUP_BITS",
    "OPS",
    "Add",
    "AddConstant",
    "ArgMax",
    "Cast",
    "Clip",
    "Concat",
    "ConstantOp",
    "Conv2d",
    "DivideConstant",
    "Embedding",
    "GlobalMax",
    "Lookup",
    "Matmul",
    "MaxPool2d",
    "Maximum",
    "Minimum",
    "Multiply",
    "MultiplyConstant",
    "Op",
    "OpError",
    "PRelu",
    "Pad",
    "Relu",
    "Reshape",
    "Shape",
    "Softmax",
    "Sqrt",
    "Subtract",
    "TensorType",
    "Transpose",
    "Upsample",
]
