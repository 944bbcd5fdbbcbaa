"""Data as people have it, read by one set of rules for training, calibration, export and the
golden model: arrays of numbers, items of (x, y) and collections of such. Numpy alone.
"""

from qfx.data.forms import (
    Arrays,
    Batches,
    Form,
    Samples,
    Stream,
    form_of,
    gathered,
    gathered_pairs,
    reusable,
)
from qfx.data.items import Ports, is_mapping, split
from qfx.data.numbers import DataError, Numbers, numbers
from qfx.data.scores import Score, labels_of, score

__all__ = [
    "Arrays",
    "Batches",
    "DataError",
    "Form",
    "Numbers",
    "Ports",
    "Samples",
    "Score",
    "Stream",
    "form_of",
    "gathered",
    "gathered_pairs",
    "is_mapping",
    "labels_of",
    "numbers",
    "reusable",
    "score",
    "split",
]
