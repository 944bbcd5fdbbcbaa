"""Several inputs and outputs: what does not fit together."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.ir import GraphError
from qfx.nn import LoweringError

_HEADS = "nn.Network([('a', nn.ReLU()), ('b', nn.ReLU6(), 'x')], outputs=('a', 'b'))"
_TWO = "nn.Network([('sum', nn.Add(), ('a', 'b'))], inputs=('a', 'b'))"

TITLE = "Several inputs and outputs: `nn.Network`, `qfx.lower`"
PAGE = "lowering"
CASES = (
    Refusal(
        "one name for two inputs",
        "nn.Network([('sum', nn.Add(), ('a', 'a'))], inputs=('a', 'a'))",
        ArgumentError,
        "inputs must be a name, or several that differ, not ('a', 'a')",
    ),
    Refusal(
        "no output",
        "nn.Network([('act', nn.ReLU())], outputs=())",
        ArgumentError,
        "outputs must be a name, or several that differ, not ()",
    ),
    Refusal(
        "an input for an output",
        "nn.Network([('act', nn.ReLU())], outputs=('act', 'x'))",
        ArgumentError,
        "outputs names 'x', which is no layer of the network",
    ),
    Refusal(
        "an input that nothing reads",
        "nn.Network([('act', nn.ReLU(), 'a')], inputs=('a', 'b'))",
        ArgumentError,
        "nothing reads b: leave it out, or name it in outputs",
    ),
    Refusal(
        "one tensor for two",
        f"{_TWO}(torch.zeros(1, 4))",
        ArgumentError,
        "the network takes 2 tensors (a, b), not 1",
    ),
    Refusal(
        "a layer that is given too few",
        f"nn.Network([('two', {_TWO}, 'x')])",
        ArgumentError,
        "two, a Network, reads 2 tensors, not 1: name as many",
    ),
    Refusal(
        "several results to read",
        f"nn.Network([('heads', {_HEADS}), ('act', nn.ReLU())])",
        ArgumentError,
        "heads, a Network, gives 2 tensors, of which others could not read one: list its layers in"
        " this Network instead",
    ),
    Refusal(
        "a layer behind several results",
        f"nn.Sequential({_HEADS}, nn.ReLU())",
        ArgumentError,
        "layer 0, a Network, gives 2 tensors, which only the last of a Sequential may: put what"
        " reads them into that Network",
    ),
    Refusal(
        "several inputs in a row",
        f"nn.Sequential(nn.Quantizer(8), {_TWO})",
        ArgumentError,
        "layer 1, a Network, takes 2 tensors, and a Sequential hands one from layer to layer: put"
        " it into a Network",
    ),
    Refusal(
        "several results to add to",
        f"nn.Residual({_HEADS})",
        ArgumentError,
        "body must make one tensor of one, to be added to another",
    ),
    Refusal(
        "one shape for two inputs",
        f"qfx.lower({_TWO}, (16,))",
        LoweringError,
        "the model has 2 inputs: give input_shape as a tuple of as many shapes, as ((16,), (1, 28,"
        " 28)), not (16,)",
    ),
    Refusal(
        "an input without a grid",
        f"qfx.lower({_TWO}, ((16,), (16,)))",
        LoweringError,
        "input a is read by Add, so it has no grid: put a qfx.nn.Quantizer first, for example"
        ' ("a_grid", Quantizer(8), "a")',
    ),
    Refusal(
        "a word of Verilog for an input",
        "nn.Network([('sum', nn.Add(), ('wire', 'b'))], inputs=('wire', 'b'))",
        ArgumentError,
        "input 'wire' cannot name hardware: Verilog, C++ or qfx uses that word itself: take"
        " another",
    ),
    Refusal(
        "one value given twice",
        "qfx.lower(as_built(nn.Network([('q', nn.Quantizer(4, 1)), ('same', nn.Identity())],"
        " outputs=('q', 'same'))), (2,))",
        GraphError,
        "graph model gives one value twice (q_cast, q_cast): once is enough",
    ),
    Refusal(
        "batches of different sizes",
        "pair.run(x[:3, :5], x[:4, :5])",
        GraphError,
        "graph pair was given 3 of a and 4 of b: give as many samples of each input",
    ),
)
