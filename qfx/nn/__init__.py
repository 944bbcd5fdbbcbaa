"""The layers you train. Each is one file: parameters, forward, and the ops it lowers to."""

from qfx.fixedpoint import Overflow, Rounding
from qfx.nn.add import Add
from qfx.nn.argmax import ArgMax
from qfx.nn.batchnorm import BatchNorm1d, BatchNorm2d
from qfx.nn.concat import Concat
from qfx.nn.conv import Conv2d
from qfx.nn.conv1d import Conv1d
from qfx.nn.embedding import Embedding
from qfx.nn.function import Function
from qfx.nn.gelu import GELU
from qfx.nn.grids import Indices, Pixels, Probabilities
from qfx.nn.hardsigmoid import Hardsigmoid
from qfx.nn.hardswish import Hardswish
from qfx.nn.hardtanh import Hardtanh, ReLU6
from qfx.nn.k_hot import KHot
from qfx.nn.layer import Layer, LoweringError
from qfx.nn.linear import Linear
from qfx.nn.literal_batchnorm import LiteralBatchNorm1d, LiteralBatchNorm2d
from qfx.nn.maximum import Maximum, Minimum
from qfx.nn.multiply import Multiply
from qfx.nn.network import Network
from qfx.nn.normalize import Normalize
from qfx.nn.pad import Pad
from qfx.nn.pooling import AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, MaxPool2d
from qfx.nn.pooling1d import AdaptiveAvgPool1d, AdaptiveMaxPool1d, AvgPool1d, MaxPool1d
from qfx.nn.prelu import LeakyReLU, PReLU
from qfx.nn.quantizer import Quantizer
from qfx.nn.refused import ConvTranspose2d
from qfx.nn.relu import ReLU
from qfx.nn.residual import Residual
from qfx.nn.sequential import Sequential
from qfx.nn.shape import Dropout, Dropout2d, Flatten, Identity, Permute, Reshape
from qfx.nn.sigmoid import Sigmoid
from qfx.nn.silu import SiLU
from qfx.nn.softmax import Softmax
from qfx.nn.subtract import Subtract
from qfx.nn.tanh import Tanh
from qfx.nn.upsample import Upsample

__all__ = [
    "GELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "Add",
    "ArgMax",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Concat",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "Flatten",
    "Function",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "Indices",
    "KHot",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LiteralBatchNorm1d",
    "LiteralBatchNorm2d",
    "LoweringError",
    "MaxPool1d",
    "MaxPool2d",
    "Maximum",
    "Minimum",
    "Multiply",
    "Network",
    "Normalize",
    "Overflow",
    "PReLU",
    "Pad",
    "Permute",
    "Pixels",
    "Probabilities",
    "Quantizer",
    "ReLU",
    "ReLU6",
    "Reshape",
    "Residual",
    "Rounding",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Subtract",
    "Tanh",
    "Upsample",
]
