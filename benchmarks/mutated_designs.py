"""The designs of the table of mutations: small, and their bounds are reached."""

import torch

from qfx import nn

Shapes = tuple[int, ...] | tuple[tuple[int, ...], ...]


def _grid(wordlength: int, fraction_bits: int, **how: object) -> nn.Quantizer:
    return nn.Quantizer(wordlength, fraction_bits, **how)


def _linear(inputs: int, outputs: int, output: nn.Quantizer | None) -> nn.Linear:
    return nn.Linear(inputs, outputs, weight=_grid(5, 3), output=output)


def vector() -> tuple[nn.Layer, Shapes]:
    """Products, a bound, and casts that round in several ways."""
    model = nn.Sequential(
        _grid(6, 3, rounding="RND", overflow="SAT"),
        _linear(12, 8, None),
        nn.ReLU(_grid(5, 2, signed=False)),
        _linear(8, 6, _grid(7, 2)),
        nn.Hardtanh(-4.0, 3.0, output=_grid(5, 1, rounding="RND_INF")),
        _linear(6, 4, _grid(7, 2)),
    )
    return model, (12,)


def image() -> tuple[nn.Layer, Shapes]:
    """A line buffer, slopes and a pooling."""
    conv = nn.Conv2d(1, 2, 3, padding=1, weight=_grid(5, 3), output=_grid(6, 2))
    model = nn.Sequential(
        _grid(5, 3),
        conv,
        nn.PReLU(2, slope=_grid(4, 3), output=_grid(6, 2)),
        nn.MaxPool2d(2),
        nn.Flatten(),
        _linear(18, 4, _grid(6, 1)),
    )
    return model, (1, 6, 6)


def pair() -> tuple[nn.Layer, Shapes]:
    """Two inputs of one shape, and three outputs, one of them a class; streams part and meet."""
    nodes = [
        ("a_grid", _grid(6, 3, rounding="RND_ZERO"), "a"),
        ("of_a", _linear(6, 6, _grid(6, 2))),
        ("b_grid", _grid(6, 3, overflow="WRAP"), "b"),
        ("of_b", _linear(6, 6, _grid(6, 2))),
        ("sum", nn.Add(_grid(6, 2)), ("of_a", "of_b")),
        ("both", nn.Concat(_grid(6, 2)), ("sum", "b_grid")),
        ("scores", _linear(12, 3, _grid(8, 3)), "both"),
        ("kind", nn.ArgMax(), "scores"),
        ("gate", nn.ReLU(_grid(5, 2, signed=False)), "sum"),
    ]
    return nn.Network(nodes, inputs=("a", "b"), outputs=("scores", "kind", "gate")), ((6,), (6,))


SEEDS = {"vector": 1, "image": 2, "pair": 1}  # of which stimuli reach most bounds
DESIGNS = {each.__name__: each for each in (vector, image, pair)}


def frozen(name: str) -> tuple[nn.Layer, Shapes]:
    """A design's model with random weights, large enough for its sums to reach the bounds; each
    binary point stays where it was built.
    """
    torch.manual_seed(SEEDS[name])
    model, shapes = DESIGNS[name]()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            if parameter_name.endswith(("weight", "bias")):
                parameter.copy_(torch.randn_like(parameter))
    model.eval()
    for module in model.modules():
        if isinstance(module, nn.Quantizer):
            module.fitted = True
    model.freeze()
    return model, shapes
