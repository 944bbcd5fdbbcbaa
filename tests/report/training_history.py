"""A training of four epochs, as `qfx.train` would give it."""

from qfx.training import Epoch, History

HISTORY = History(
    [
        Epoch(0, "float", 2.0, 0.30, 2.1, 0.25, {"0": 3, "2.weight": 4}),
        Epoch(1, "learn", 1.0, 0.60, 1.1, 0.55, {"0": 3, "2.weight": 4}),
        Epoch(2, "learn", 0.7, 0.70, 0.9, 0.75, {"0": 2, "2.weight": 5}),
        Epoch(3, "freeze", 0.6, 0.80, 0.8, 0.625, {"0": 2, "2.weight": 5}),
    ],
    best=2,
)
