"""The layers you train. Each is one file: parameters, forward, and the ops it lowers to."""

from qfx.fixedpoint import Overflow, Rounding
from qfx.nn.argmax import ArgMax
from qfx.nn.batchnorm import BatchNorm1d, BatchNorm2d
from qfx.nn.conv import Conv2d
from qfx.nn.embedding import Embedding
from qfx.nn.layer import Layer, LoweringError
from qfx.nn.linear import Linear
from qfx.nn.normalize import Normalize
from qfx.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from qfx.nn.quantizer import Indices, Pixels, Probabilities, Quantizer
from qfx.nn.relu import ReLU, ReLU6
from qfx.nn.sequential import Sequential
from qfx.nn.shape import Dropout, Flatten, Identity
from qfx.nn.softmax import Softmax

__all__ = [
    "AdaptiveAvgPool2d",
    "ArgMax",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Identity",
    "Indices",
    "Layer",
    "Linear",
    "LoweringError",
    "MaxPool2d",
    "Normalize",
    "Overflow",
    "Pixels",
    "Probabilities",
    "Quantizer",
    "ReLU",
    "ReLU6",
    "Rounding",
    "Sequential",
    "Softmax",
]
