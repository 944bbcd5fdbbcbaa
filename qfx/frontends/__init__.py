"""Other people's models, made into qfx models."""

from qfx.frontends.torch.steps import ConvertError
from qfx.frontends.torch.twin import convert

__all__ = ["ConvertError", "convert"]
