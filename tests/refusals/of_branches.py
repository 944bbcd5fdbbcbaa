"""Layers of several tensors, and the networks that hold them."""

from refusal import Refusal

from qfx.errors import ArgumentError, ArgumentTypeError
from qfx.nn import LoweringError

_TWO = "torch.zeros(2, 3), torch.zeros(2, 4)"

TITLE = "Layers of several tensors"
PAGE = "layers"
CASES = (
    Refusal(
        "one tensor",
        "nn.Sequential(nn.Quantizer(4), nn.Add())(torch.zeros(2, 3))",
        ArgumentError,
        "Add takes two tensors or more, not 1: put it into a Network, and name what it reads",
    ),
    Refusal(
        "bits for an output",
        "nn.Add(output=6)",
        ArgumentError,
        "output must be a Quantizer, True, False or None, not 6: for 6 bits write"
        " output=Quantizer(6)",
    ),
    Refusal(
        "two shapes to add",
        f"nn.Add()({_TWO})",
        ArgumentError,
        "Add takes tensors of one shape, not (2, 3) and (2, 4): a stream cannot be broadcast",
    ),
    Refusal(
        "two shapes to multiply",
        "nn.Multiply()(torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 1, 1))",
        ArgumentError,
        "Multiply takes tensors of one shape, not (2, 3, 4, 4) and (2, 3, 1, 1): a stream cannot"
        " be broadcast",
    ),
    Refusal(
        "three tensors to subtract",
        "nn.Subtract()(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(2, 3))",
        ArgumentError,
        "Subtract takes two tensors, not 3: add what is subtracted",
    ),
    Refusal(
        "the largest of one tensor",
        "nn.Maximum()(torch.zeros(2, 3))",
        ArgumentError,
        "Maximum takes two tensors or more, not 1: put it into a Network, and name what it reads",
    ),
    Refusal(
        "the smallest of two shapes",
        "nn.Minimum()(torch.zeros(2, 3), torch.zeros(2, 4))",
        ArgumentError,
        "Minimum takes tensors of one shape, not (2, 3) and (2, 4): a stream cannot be broadcast",
    ),
    Refusal(
        "images of two sizes",
        "nn.Concat()(torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 2, 4))",
        ArgumentError,
        "Concat joins channels, the second axis, so that all other sizes must agree:"
        " (2, 3, 4, 4) and (2, 3, 2, 4) do not",
    ),
    Refusal(
        "a torch layer in a block",
        "nn.Residual(torch.nn.Linear(4, 4))",
        ArgumentTypeError,
        "body is torch.nn.modules.linear.Linear, not a qfx layer: use qfx.nn.Linear",
    ),
    Refusal(
        "a word for a shortcut",
        "nn.Residual(nn.Linear(4, 4), shortcut='identity')",
        ArgumentTypeError,
        "shortcut is of type str, not a qfx layer: make one, as qfx.nn.ReLU()",
    ),
    Refusal(
        "a layer without its name",
        "nn.Network([nn.ReLU()])",
        ArgumentError,
        "node 0 must be a name, a layer and what it reads, as"
        ' ("sum", nn.Add(), ("conv", "shortcut")), not ReLU',
    ),
    Refusal(
        "no layers",
        "nn.Network([])",
        ArgumentError,
        "outputs names 'x', which is no layer of the network",
    ),
    Refusal(
        "a torch layer in a network",
        "nn.Network([('act', torch.nn.ReLU())])",
        ArgumentTypeError,
        "layer act is torch.nn.modules.activation.ReLU, not a qfx layer: use qfx.nn.ReLU",
    ),
    Refusal(
        "a name with a dot",
        "nn.Network([('block.act', nn.ReLU())])",
        ArgumentError,
        "'block.act' cannot name a layer: use letters, digits and underscores, and no word that a"
        " Network uses itself",
    ),
    Refusal(
        "a name of the network's own",
        "nn.Network([('lower', nn.ReLU())])",
        ArgumentError,
        "'lower' cannot name a layer: use letters, digits and underscores, and no word that a"
        " Network uses itself",
    ),
    Refusal(
        "a name twice",
        "nn.Network([('act', nn.ReLU()), ('act', nn.ReLU6())])",
        ArgumentError,
        "'act' names two things: give each input and layer its own name",
    ),
    Refusal(
        "a layer twice",
        "[fc := nn.Linear(4, 4), nn.Network([('a', fc), ('b', fc)])]",
        ArgumentError,
        "a and b are one Linear, but what learns stands in one place, as hardware would have to"
        " hold it twice: make two of it",
    ),
    Refusal(
        "a name that nothing has",
        "nn.Network([('act', nn.ReLU(), 'data')])",
        ArgumentError,
        "act reads 'data', which is no input and no layer before it: there are x",
    ),
    Refusal(
        "a cycle",
        "nn.Network([('sum', nn.Add(), ('x', 'act')), ('act', nn.ReLU())])",
        ArgumentError,
        "sum reads 'act', which is no input and no layer before it: there are x",
    ),
    Refusal(
        "numbers for names",
        "nn.Network([('act', nn.ReLU(), 0)])",
        ArgumentError,
        "act must read a name or a tuple of names, not 0",
    ),
    Refusal(
        "two tensors for a layer of one",
        "nn.Network([('a', nn.ReLU()), ('b', nn.ReLU6(), ('x', 'a'))])",
        ArgumentError,
        "b, a ReLU6, reads one tensor, not 2: join them with Add, Multiply or Concat first",
    ),
    Refusal(
        "a layer that nothing reads",
        "nn.Network([('a', nn.ReLU()), ('b', nn.ReLU6(), 'x')])",
        ArgumentError,
        "nothing reads a: leave it out, or name it in outputs",
    ),
    Refusal(
        "a layer for an output",
        "nn.Network([('act', nn.ReLU())], outputs=nn.ReLU())",
        ArgumentError,
        "outputs must be a name or a tuple of names, not ReLU()",
    ),
    Refusal(
        "an input that is read on two grids",
        "qfx.lower(nn.Network([('a', nn.Quantizer(4)), ('b', nn.Quantizer(5), 'x'), ('sum',"
        " nn.Add(), ('a', 'b'))]), (4,))",
        LoweringError,
        "the model's input is read by a and b, so it has no grid of its own: put a"
        " qfx.nn.Quantizer first, for all to read",
    ),
    Refusal(
        "a product that torch would round",
        "qfx.lower(as_built(nn.Network([('q', nn.Quantizer(30)), ('square', nn.Multiply(None),"
        " ('q', 'q'))])), (4,))",
        LoweringError,
        "layer square: a value of 59 bits exceeds the 53 that torch emulates exactly: narrow the"
        " weights or the activations",
    ),
)
