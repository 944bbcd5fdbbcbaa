"""The cases of the layers that read several tensors, and of what holds them."""

from layer_case import LayerCase

from models import seen
from qfx import nn


def _joined(join: nn.Layer, *branches: nn.Layer) -> nn.Network:
    """Branches that all read x, and where they meet."""
    names = [f"branch{index}" for index in range(len(branches))]
    nodes = [(name, branch, "x") for name, branch in zip(names, branches, strict=True)]
    return nn.Network([*nodes, ("join", join, names)])


def _q(wordlength: int, fraction_bits: int, signed: bool = True) -> nn.Quantizer:
    return nn.Quantizer(wordlength, fraction_bits, signed=signed)


def _conv(inputs: int, outputs: int, kernel: int = 1, **how: object) -> nn.Conv2d:
    """A convolution whose results are no zeros."""
    return nn.Conv2d(inputs, outputs, kernel, weight=_q(6, 5), output=_q(7, 3), **how)


def _block(fold: bool) -> nn.Sequential:
    """A residual block that halves the image, as in a ResNet."""
    body = nn.Sequential(
        _conv(2, 3, 3, stride=2, padding=1), seen(nn.BatchNorm2d(3, fold=fold)), nn.ReLU(_q(5, 2)),
        _conv(3, 3, 3, padding=1), seen(nn.BatchNorm2d(3, fold=fold, output=_q(6, 2))),
    )  # fmt: skip
    residual = nn.Residual(body, _conv(2, 3, stride=2), output=None)
    return nn.Sequential(residual, nn.ReLU(_q(6, 3, signed=False)))


def _heads() -> nn.Network:
    """Two results, of which one is read by the other."""
    nodes = [("fc", nn.Linear(4, 3, weight=_q(6, 4), output=_q(7, 3))), ("act", nn.ReLU(_q(5, 2)))]
    return nn.Network(nodes, outputs=("act", "fc"))


def _network() -> nn.Network:
    """Values read by several, a normalization that folds and one that must not."""
    return nn.Network(
        [
            ("conv", _conv(2, 3, 3, padding=1), "data"),
            ("norm", seen(nn.BatchNorm2d(3, fold=True, output=_q(6, 2)))),
            ("apart", seen(nn.BatchNorm2d(3)), "norm"),
            ("gate", nn.Sigmoid(_q(6, 3), _q(5, 5, signed=False)), "norm"),
            ("gated", nn.Multiply(_q(7, 4)), ("norm", "gate")),
            ("sum", nn.Add(None), ("gated", "apart", "norm")),
            ("both", nn.Concat(_q(6, 2)), ("sum", "data")),
        ],
        inputs="data",
        outputs=("both",),
    )


BRANCHES: dict[str, list[LayerCase]] = {
    "Subtract": [
        LayerCase(lambda: _joined(nn.Subtract(), _q(6, 3), _q(5, 1)), (5,)),
        LayerCase(lambda: _joined(nn.Subtract(None), _q(4, 9), _q(8, 2, False)), (2, 3)),
    ],
    "Maximum": [
        LayerCase(lambda: _joined(nn.Maximum(), _q(6, 3), _q(5, 1)), (5,)),
        LayerCase(lambda: _joined(nn.Maximum(None), _q(4, 3), _q(6, 2, False), _q(5, 1)), (2, 3)),
    ],
    "Minimum": [
        LayerCase(lambda: _joined(nn.Minimum(), _q(6, 3, False), _q(5, 1)), (5,)),
        LayerCase(lambda: _joined(nn.Minimum(None), _q(4, 3), _q(6, 2), _q(5, 1)), (2, 3)),
    ],
    "Add": [
        LayerCase(lambda: _joined(nn.Add(), _q(6, 3), _q(5, 1)), (5,)),
        LayerCase(lambda: _joined(nn.Add(None), _q(4, 9), _q(8, 2, False), _q(7, -1)), (2, 3)),
        LayerCase(
            lambda: _joined(nn.Add(_q(6, 3)), nn.Identity(), _conv(2, 2, 3, padding=1)), (2, 4, 5)
        ),
    ],
    "Multiply": [
        LayerCase(lambda: _joined(nn.Multiply(), _q(6, 3), _q(5, 1)), (5,)),
        LayerCase(lambda: _joined(nn.Multiply(None), _q(4, 5), _q(5, 2, False), _q(4, 0)), (2, 3)),
        LayerCase(lambda: nn.Network([("square", nn.Multiply(_q(9, 2)), ("x", "x"))]), (2, 3, 4)),
    ],
    "Concat": [
        LayerCase(lambda: _joined(nn.Concat(), _q(6, 3), _q(5, 1)), (5,)),
        LayerCase(lambda: _joined(nn.Concat(None), _q(4, 5), _conv(2, 3), _q(7, -1)), (2, 3, 4)),
        LayerCase(
            lambda: nn.Sequential(
                _joined(nn.Concat(_q(6, 3)), nn.Linear(4, 3, output=_q(8, 3)), nn.Identity()),
                nn.Linear(7, 2),
            ),
            (4,),
        ),
    ],
    "Residual": [
        LayerCase(lambda: nn.Residual(nn.Linear(4, 4, output=_q(8, 4))), (4,)),
        LayerCase(lambda: nn.Residual(_conv(2, 2, 3, padding=1), _q(5, 2), output=None), (2, 4, 3)),
        LayerCase(lambda: _block(fold=True), (2, 5, 4)),
        LayerCase(lambda: _block(fold=False), (2, 4, 4)),
        LayerCase(lambda: nn.Residual(nn.Residual(nn.ReLU(_q(5, 3))), nn.ReLU()), (6,)),
    ],
    "Network": [
        LayerCase(_network, (2, 4, 3)),
        LayerCase(lambda: nn.Network([("fc", nn.Linear(4, 3)), ("act", nn.ReLU())]), (4,)),
        LayerCase(_heads, (4,)),
        LayerCase(
            lambda: nn.Network(
                [
                    ("block", _network()),
                    ("short", _q(6, 1)),
                    ("sum", nn.Add(_q(8, 3)), ("block", "short")),
                ]
            ),
            (2, 3, 3),
        ),
    ],
}
