"""QONNX of a Graph: real values in float32, Quant nodes wherever the graph casts.

Quant is specified at https://github.com/fastmachinelearning/qonnx, docs/qonnx-custom-ops; its
executor computes in float32, so a value wider than 24 bits is refused rather than rounded in
silence.
"""

from qfx.backends.qonnx.spelling import SPELLING
from qfx.backends.qonnx.write import model, write
from qfx.backends.qonnx.writer import QonnxError

__all__ = ["SPELLING", "QonnxError", "model", "write"]
