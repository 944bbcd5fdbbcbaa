"""The primitives, one page each. A small closed set: layers are composed of them."""

from qfx.ops.add import AddConstant
from qfx.ops.cast import Cast
from qfx.ops.matmul import Matmul
from qfx.ops.op import Op, OpError, Shape, TensorType
from qfx.ops.relu import Relu
from qfx.ops.reshape import Reshape

OPS: tuple[type[Op], ...] = (AddConstant, Cast, Matmul, Relu, Reshape)
ELEMENTWISE: tuple[type[Op], ...] = (
    AddConstant,
    Cast,
    Relu,
)  # one expression per language, on one lane

__all__ = [
    "ELEMENTWISE",
    "OPS",
    "AddConstant",
    "Cast",
    "Matmul",
    "Op",
    "OpError",
    "Relu",
    "Reshape",
    "Shape",
    "TensorType",
]
