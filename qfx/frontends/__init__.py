"""Other people's models, made into qfx models."""

from qfx.frontends.convert import convert
from qfx.frontends.steps import ConvertError

__all__ = ["ConvertError", "convert"]
