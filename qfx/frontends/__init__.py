"""Other people's models, made into qfx models."""

from qfx.frontends.steps import ConvertError
from qfx.frontends.twin import convert

__all__ = ["ConvertError", "convert"]
