"""The layers you train. Each is one file: parameters, forward, and the ops it lowers to."""

from qfx.fixedpoint import Overflow, Rounding
from qfx.nn.batchnorm import BatchNorm1d, BatchNorm2d
from qfx.nn.conv import Conv2d
from qfx.nn.layer import Layer, LoweringError
from qfx.nn.linear import Linear
from qfx.nn.pooling import AvgPool2d, MaxPool2d
from qfx.nn.quantizer import Quantizer
from qfx.nn.relu import ReLU, ReLU6
from qfx.nn.sequential import Sequential
from qfx.nn.shape import Dropout, Flatten, Identity

__all__ = [
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Flatten",
    "Identity",
    "Layer",
    "Linear",
    "LoweringError",
    "MaxPool2d",
    "Overflow",
    "Quantizer",
    "ReLU",
    "ReLU6",
    "Rounding",
    "Sequential",
]
