"""Post-training compensation: what rounding one weight does wrong, the weights after it set
right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from qfx.nn import Layer
from qfx.nn.weighted import Weighted
from qfx.training.data import Pairs
from qfx.training.tensors import operands

_PATCHED = 32  # samples at a time: the patches of a convolution take many times their memory
_DAMPING = 0.01  # of the mean diagonal, as in the paper's code


@torch.no_grad()
def compensate(model: Layer, batches: Pairs) -> None:
    """Choose the grid values of every weight so that the layer's results stay nearest (GPTQ,
    Frantar et al., arXiv 2210.17323), whatever grid or codes the quantizers have.

    Layers are taken in the order they run, each looking at what the quantized ones before it give.

    Args:
        model: calibrated, not frozen; its weights are replaced.
        batches: (x, y), of which y is not read, to be gone through for each layer.
    """
    training = model.training
    model.eval()
    layers = _in_order(model, batches)
    before = [layer.weight.detach().clone() for layer in layers]
    try:
        for layer in layers:
            chosen = _chosen(layer, _products(model, layer, batches))
            layer.replace_weight(chosen)
    except BaseException:
        for layer, weight in zip(layers, before, strict=True):
            layer.weight.copy_(weight)
        raise
    finally:
        model.train(training)


def _in_order(model: Layer, batches: Pairs) -> list[Weighted]:
    """The layers with weights, as they run."""
    found: dict[Weighted, None] = {}
    layers = [module for module in model.modules() if isinstance(module, Weighted)]
    _run(model, batches, layers, lambda layer, _: found.setdefault(layer))
    return list(found)


def _products(model: Layer, layer: Weighted, batches: Pairs) -> Tensor:
    """(groups, inputs, inputs): sums of the products of every two inputs of a sum."""
    totals: list[Tensor] = []

    def add(own: Weighted, x: Tensor) -> None:
        for part in torch.split(x, _PATCHED):
            terms = own.operands(part).double()
            totals[:] = [terms.mT @ terms + (totals[0] if totals else 0)]

    _run(model, batches, [layer], add)
    return totals[0]


def _run(
    model: Layer, batches: Pairs, layers: list[Weighted], look: Callable[[Weighted, Tensor], Any]
) -> None:
    """Let `look` see what `layers` are fed with."""
    hooks = [m.register_forward_pre_hook(lambda own, given: look(own, given[0])) for m in layers]
    try:
        for x, _ in batches:
            model(*operands(x))
    finally:
        for hook in hooks:
            hook.remove()


def _chosen(layer: Weighted, products: Tensor) -> Tensor:
    """The weight on its grid: column by column, the error of one spread over those to come."""
    weight = layer.folded_weight().double()
    groups, inputs = products.shape[:2]
    rows = weight.reshape(groups, -1, inputs).clone()
    order = products.diagonal(dim1=1, dim2=2).sum(0).argsort(descending=True)
    diagonal = products.diagonal(dim1=1, dim2=2)
    diagonal[diagonal == 0] = 1  # an input that is always 0 tells nothing
    diagonal += _DAMPING * diagonal.mean(1, keepdim=True)
    ordered = products[:, order][:, :, order]
    spread = torch.linalg.cholesky(
        torch.cholesky_inverse(torch.linalg.cholesky(ordered)), upper=True
    )
    left = rows[:, :, order]
    for place in range(inputs):
        column = left[:, :, place].reshape(-1, *[1] * (weight.ndim - 1))
        kept = layer.weight_quantizer.on_grid(column).reshape(groups, -1)
        error = (left[:, :, place] - kept) / spread[:, place, place, None]
        left[:, :, place:] -= error[:, :, None] * spread[:, None, place, place:]
        rows[:, :, order[place]] = kept
    return rows.reshape(weight.shape)
