"""The layers you train. Each is one file: parameters, forward, and the ops it lowers to."""

from qfx.fixedpoint import Overflow, Rounding
from qfx.nn.argmax import ArgMax
from qfx.nn.batchnorm import BatchNorm1d, BatchNorm2d
from qfx.nn.conv import Conv2d
from qfx.nn.conv1d import Conv1d
from qfx.nn.layer import Layer, LoweringError
from qfx.nn.linear import Linear
from qfx.nn.normalize import Normalize
from qfx.nn.pad import Pad
from qfx.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from qfx.nn.pooling1d import AdaptiveAvgPool1d, AvgPool1d, MaxPool1d
from qfx.nn.quantizer import Pixels, Quantizer
from qfx.nn.refused import ConvTranspose2d
from qfx.nn.relu import ReLU, ReLU6
from qfx.nn.sequential import Sequential
from qfx.nn.shape import Dropout, Flatten, Identity, Permute, Reshape
from qfx.nn.upsample import Upsample

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "ArgMax",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Flatten",
    "Identity",
    "Layer",
    "Linear",
    "LoweringError",
    "MaxPool1d",
    "MaxPool2d",
    "Normalize",
    "Overflow",
    "Pad",
    "Permute",
    "Pixels",
    "Quantizer",
    "ReLU",
    "ReLU6",
    "Reshape",
    "Rounding",
    "Sequential",
    "Upsample",
]
