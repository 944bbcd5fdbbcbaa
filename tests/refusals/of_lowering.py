"""Lowering: models that have no integers, or no way to them."""

from refusal import Refusal

from qfx.ir import GraphError
from qfx.nn import LoweringError

_WIDE = "nn.Sequential(nn.Quantizer(30), nn.Linear(4, 2, weight=nn.Quantizer(30, 29), output=None))"

TITLE = "Lowering: `qfx.lower`"
PAGE = "lowering"
CASES = (
    Refusal(
        "no qfx model",
        "qfx.lower(torch.nn.Linear(16, 4), (16,))",
        LoweringError,
        "Linear is not a qfx model: build it of qfx.nn layers, or qfx.load a saved one",
    ),
    Refusal(
        "an untrained model",
        "qfx.lower(fresh(), (16,))",
        LoweringError,
        "the model has no integers yet: call qfx.train or qfx.calibrate(model, x), which end with"
        " them; of a model trained otherwise model.eval() and model.freeze()",
    ),
    Refusal(
        "no layers",
        "qfx.lower(nn.Sequential(), (16,))",
        LoweringError,
        "the model has no layers: begin it with a qfx.nn.Quantizer",
    ),
    Refusal(
        "an input without a grid",
        "qfx.lower(nn.Sequential(nn.Linear(16, 4)), (16,))",
        LoweringError,
        "the model begins with Linear, so its input has no grid: put a qfx.nn.Quantizer first, for"
        " example Sequential(Quantizer(8), ...)",
    ),
    Refusal(
        "a quantizer that comes second",
        "qfx.lower(nn.Sequential(nn.Flatten(), nn.Quantizer(8)), (16,))",
        LoweringError,
        "the model begins with Flatten: put the input's Quantizer before it",
    ),
    Refusal(
        "a number for a shape",
        "qfx.lower(mlp, 16)",
        LoweringError,
        "input_shape is the shape of one sample, as (16,) or (1, 28, 28), not 16",
    ),
    Refusal(
        "samples of another size",
        "qfx.lower(mlp, (15,))",
        LoweringError,
        "layer 2: matmul: a weight of shape (16, 8) does not fit (15,): it takes 16 values in the"
        " last axis",
    ),
    Refusal(
        "sums that torch would round",
        f"qfx.lower(as_built({_WIDE}), (4,))",
        LoweringError,
        "layer 1: a value of … bits exceeds the 53 that torch emulates exactly: narrow the weights"
        " or the activations",
    ),
    Refusal(
        "a name that begins with a digit",
        "qfx.lower(mlp, (16,), '9lives')",
        GraphError,
        "'9lives' cannot name hardware: use letters, digits and underscores, a letter first",
    ),
    Refusal(
        "a name of Verilog's",
        "qfx.lower(mlp, (16,), 'module')",
        GraphError,
        "'module' cannot name hardware: Verilog, C++ or qfx uses that word itself: take another",
    ),
    Refusal(
        "a name of qfx's",
        "qfx.lower(mlp, (16,), 'qfx_fifo')",
        GraphError,
        "'qfx_fifo' cannot name hardware: Verilog, C++ or qfx uses that word itself: take another",
    ),
)
