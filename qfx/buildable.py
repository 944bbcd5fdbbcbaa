"""Whether a model can be built, asked before its training is paid for."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch

from qfx.hardware.port import PortError
from qfx.hardware.sections import plan
from qfx.hardware.stage import LayoutError
from qfx.ir import GraphError
from qfx.ir.several import alone
from qfx.lowering import lower
from qfx.nn import Layer, LoweringError, Network, Sequential
from qfx.nn.bypass import bypassed, quantizers
from qfx.nn.derived import drop_foreign_hooks
from qfx.ops import Shape

_BUS_BITS = 64  # of the ports of no board in particular


@torch.no_grad()
def require_buildable(model: Layer, shapes: Sequence[Shape]) -> None:
    """Lower a copy of the model as it is now, and cut it into the stages of hardware: names,
    orders, widths of sums and of ports are known then.

    Weights are taken as they are, on grids that just hold them; activations keep their binary
    points. Training moves both by some bits, and so the width of a sum; what is refused here is
    wider than anything that it comes to.

    Args:
        model: a qfx layer; it is left as it is.
        shapes: of one sample of each input; nothing is asked where the model does not run on such.

    Raises:
        LoweringError: it cannot be built; the sentence is that of the export.
    """
    try:
        twin = copy.deepcopy(model).cpu().float().eval()
    except (RuntimeError, TypeError, AttributeError):
        return  # it holds what cannot be copied: the export is asked
    for module in twin.modules():
        drop_foreign_hooks(module)  # of someone who looks on
        if isinstance(module, (Network, Sequential)):
            module.origin = None  # compared with its model on data, not on zeros
    try:
        _fit(twin, shapes)
    except (RuntimeError, IndexError, ValueError):
        return  # samples that do not fit: the model itself says why
    try:
        twin.freeze()
        plan(lower(twin, alone(list(shapes))), _BUS_BITS)
    except (GraphError, LayoutError, PortError) as error:
        raise LoweringError(str(error)) from error


def _fit(model: Layer, shapes: Sequence[Shape]) -> None:
    """Put every parameter on a grid that holds it."""
    found = quantizers(model).values()
    for quantizer in found:
        quantizer.observed = []
    with bypassed(model):
        model(*(torch.zeros(1, *shape, dtype=torch.float32) for shape in shapes))
    for quantizer in found:
        seen, quantizer.observed = quantizer.observed, None
        fits = quantizer.of_parameter and seen
        zeros = torch.zeros(max(1, quantizer.binary_point.numel()))  # which leave the point alone
        quantizer.calibrate(torch.cat(seen) if fits and seen else zeros, "max")
