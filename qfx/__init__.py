"""QFX: train fixed-point networks in PyTorch, build them on FPGAs, prove every integer equal.

The door. Names are looked up when first used, so that the half that knows no torch never loads it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from qfx.version import VERSION

if TYPE_CHECKING:
    from qfx import fixed as fixed
    from qfx import nn as nn
    from qfx.errors import QfxError as QfxError
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

__version__ = VERSION

_HOME = {
    "FixedPointType": "qfx.fixedpoint",
    "Overflow": "qfx.fixedpoint",
    "QfxError": "qfx.errors",
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
    "QfxError",
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
    """Raises PackageMissing, which names the extra of qfx, where a package of it is missing."""
    from qfx.packages import named_packages

    with named_packages():
        return importlib.import_module(module)


def __dir__() -> list[str]:
    return sorted(__all__)
