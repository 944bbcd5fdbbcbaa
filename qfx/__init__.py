"""QFX: train fixed-point networks in PyTorch, build them on FPGAs, prove every integer equal.

The door. Names are looked up when first used, so that the half that knows no torch never loads it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qfx import fixed as fixed
    from qfx import nn as nn
    from qfx.evaluation import evaluate as evaluate
    from qfx.files import load as load
    from qfx.files import save as save
    from qfx.fixedpoint import FixedPointType as FixedPointType
    from qfx.fixedpoint import Overflow as Overflow
    from qfx.fixedpoint import Rounding as Rounding
    from qfx.flow import export as export
    from qfx.frontends import convert as convert
    from qfx.lowering import lower as lower
    from qfx.simulation import cosim as cosim
    from qfx.simulation import probe as probe
    from qfx.synthesis import build as build
    from qfx.synthesis import synth as synth
    from qfx.training import calibrate as calibrate
    from qfx.training import train as train

__version__ = "0.1.0"

_HOME = {
    "FixedPointType": "qfx.fixedpoint",
    "Overflow": "qfx.fixedpoint",
    "Rounding": "qfx.fixedpoint",
    "build": "qfx.synthesis",
    "calibrate": "qfx.training",
    "convert": "qfx.frontends",
    "cosim": "qfx.simulation",
    "evaluate": "qfx.evaluation",
    "export": "qfx.flow",
    "load": "qfx.files",
    "lower": "qfx.lowering",
    "probe": "qfx.simulation",
    "save": "qfx.files",
    "synth": "qfx.synthesis",
    "train": "qfx.training",
}

__all__ = [
    "FixedPointType",
    "Overflow",
    "Rounding",
    "build",
    "calibrate",
    "convert",
    "cosim",
    "evaluate",
    "export",
    "fixed",
    "load",
    "lower",
    "nn",
    "probe",
    "save",
    "synth",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in ("fixed", "nn"):
        return _imported(f"qfx.{name}")
    if name in _HOME:
        return getattr(_imported(_HOME[name]), name)
    raise AttributeError(f"module 'qfx' has no attribute {name!r}")


def _imported(module: str) -> Any:
    """Raises ModuleNotFoundError that names the extra of qfx, where its package is missing."""
    from qfx.packages import missing_package

    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        sentence = missing_package(error)
        if sentence is None:
            raise
        raise ModuleNotFoundError(sentence, name=error.name) from error


def __dir__() -> list[str]:
    return sorted(__all__)
