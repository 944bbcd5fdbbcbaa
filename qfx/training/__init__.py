"""Training: weights and binary points learned together, or binary points alone calibrated."""

from qfx.training.calibration import calibrate
from qfx.training.history import Epoch, History
from qfx.training.loop import train
from qfx.training.tensors import TrainingError

__all__ = ["Epoch", "History", "TrainingError", "calibrate", "train"]
