"""The primitives, one page each. A small closed set: layers are composed of them."""

from qfx.ops.add import AddConstant
from qfx.ops.argmax import ArgMax
from qfx.ops.cast import Cast
from qfx.ops.clip import Clip
from qfx.ops.conv2d import Conv2d
from qfx.ops.embedding import Embedding
from qfx.ops.matmul import Matmul
from qfx.ops.maxpool2d import MaxPool2d
from qfx.ops.multiply import MultiplyConstant
from qfx.ops.op import Op, OpError, Shape, TensorType
from qfx.ops.relu import Relu
from qfx.ops.reshape import Reshape
from qfx.ops.softmax import Softmax

OPS: tuple[type[Op], ...] = (
    AddConstant,
    ArgMax,
    Cast,
    Clip,
    Conv2d,
    Embedding,
    Matmul,
    MaxPool2d,
    MultiplyConstant,
    Relu,
    Reshape,
    Softmax,
)
# One expression per language each, on one lane.
ELEMENTWISE: tuple[type[Op], ...] = (AddConstant, Cast, Clip, MultiplyConstant, Relu)

__all__ = [
    "ELEMENTWISE",
    "OPS",
    "AddConstant",
    "ArgMax",
    "Cast",
    "Clip",
    "Conv2d",
    "Embedding",
    "Matmul",
    "MaxPool2d",
    "MultiplyConstant",
    "Op",
    "OpError",
    "Relu",
    "Reshape",
    "Shape",
    "Softmax",
    "TensorType",
]
