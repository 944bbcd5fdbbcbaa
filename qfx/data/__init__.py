"""Data as people have it, read by one set of rules for training, calibration, export and the
golden model: arrays of numbers, items of (x, y) and collections of such. Numpy alone.
"""

from qfx.data.forms import Arrays, Batches, Form, Samples, Stream, form_of, gathered, reusable
from qfx.data.items import Ports, is_mapping, split
from qfx.data.numbers import DataError, Numbers, numbers

__all__ = [
    "Arrays",
    "Batches",
    "DataError",
    "Form",
    "Numbers",
    "Ports",
    "Samples",
    "Stream",
    "form_of",
    "gathered",
    "is_mapping",
    "numbers",
    "reusable",
    "split",
]
