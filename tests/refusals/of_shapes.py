"""Layers that move values: their sizes, factors and axes, and the names in a Sequential."""

from refusal import Refusal

from qfx.errors import ArgumentError
from qfx.nn import LoweringError

TITLE = "Shapes and names: `Dropout2d`, `Pad`, `Permute`, `Reshape`, `Sequential`, `Upsample`"
PAGE = "layers"
CASES = (
    Refusal(
        "less than nothing",
        "nn.Dropout2d(-0.1)",
        ArgumentError,
        "p must be a share from 0 to 1, not -0.1",
    ),
    Refusal(
        "three sides",
        "nn.Pad((1, 2, 3))",
        ArgumentError,
        "Pad((1, 2, 3)) takes one number, (left, right) or (left, right, top, bottom)",
    ),
    Refusal(
        "cropping everything",
        "nn.Pad(-2)(torch.zeros(1, 3, 4, 5))",
        ArgumentError,
        "Pad((-2, -2, -2, -2)) leaves nothing of samples of (3, 4, 5)",
    ),
    Refusal(
        "cropping everything, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Pad((-1, -2)))), (3,))",
        LoweringError,
        "layer 1: Pad((-1, -2)) leaves nothing of samples of (3,)",
    ),
    Refusal(
        "half a pixel",
        "nn.Pad((1, 1, 1, 0.5))",
        ArgumentError,
        "padding must be whole numbers in a tuple, as (2, 1), not (1, 1, 1, 0.5)",
    ),
    Refusal(
        "padding of a vector",
        "nn.Pad(1)(torch.zeros(1, 3))",
        ArgumentError,
        "Pad takes samples of (channels, height, width), not (3,): Reshape first",
    ),
    Refusal(
        "padding of a vector, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Pad(2))), (3,))",
        LoweringError,
        "layer 1: Pad takes samples of (channels, height, width), not (3,): Reshape first",
    ),
    Refusal(
        "the batch axis",
        "nn.Permute((0, 1))",
        ArgumentError,
        "Permute((0, 1)) names each axis of a sample once, the first being 1: axis 0 is the"
        " batch's, and stays",
    ),
    Refusal(
        "an axis left out",
        "nn.Permute((1, 3))",
        ArgumentError,
        "Permute((1, 3)) names each axis of a sample once, the first being 1: axis 0 is the"
        " batch's, and stays",
    ),
    Refusal(
        "a number for axes",
        "nn.Permute(1)",
        ArgumentError,
        "axes must be whole numbers in a tuple, as (2, 1), not 1",
    ),
    Refusal(
        "axes that are not there",
        "nn.Permute((2, 1))(torch.zeros(1, 3))",
        ArgumentError,
        "Permute((2, 1)) takes 2 axes behind the batch's, not (1, 3)",
    ),
    Refusal(
        "axes that are not there, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Permute((2, 1)))), (3,))",
        LoweringError,
        "layer 1: transpose: (1, 0) does not name each of the 1 axes of (3,) once, from 0 and"
        " without the batch axis",
    ),
    Refusal(
        "a number for a shape",
        "nn.Reshape(4)",
        ArgumentError,
        "shape must be whole numbers in a tuple, as (2, 1), not 4",
    ),
    Refusal(
        "a size to be found out",
        "nn.Reshape((-1,))",
        ArgumentError,
        "Reshape((-1,)): hardware has fixed sizes: give every one of them, without the batch"
        " axis and without -1",
    ),
    Refusal(
        "half an element",
        "nn.Reshape((2.5,))",
        ArgumentError,
        "shape must be whole numbers in a tuple, as (2, 1), not (2.5,)",
    ),
    Refusal(
        "another number of elements",
        "nn.Reshape((2, 2))(torch.zeros(1, 3))",
        ArgumentError,
        "Reshape((2, 2)) holds 4 elements of a sample, not the 3 of (3,)",
    ),
    Refusal(
        "another number of elements, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Reshape((2,)))), (3,))",
        LoweringError,
        "layer 1: reshape: (3,) has 3 elements, (2,) has 2",
    ),
    Refusal(
        "a factor of 0",
        "nn.Upsample(0)",
        ArgumentError,
        "Upsample(0) repeats pixels, so its factors are whole and at least 1: give one number"
        " or (height, width)",
    ),
    Refusal(
        "a factor that is not whole",
        "nn.Upsample(1.5)",
        ArgumentError,
        "Upsample(1.5) repeats pixels, so its factors are whole and at least 1: give one number"
        " or (height, width)",
    ),
    Refusal(
        "three factors",
        "nn.Upsample((2, 2, 2))",
        ArgumentError,
        "Upsample((2, 2, 2)) repeats pixels, so its factors are whole and at least 1: give one"
        " number or (height, width)",
    ),
    Refusal(
        "a finer vector",
        "nn.Upsample(2)(torch.zeros(1, 3))",
        ArgumentError,
        "Upsample takes (samples, channels, height, width), not (1, 3): Reshape first",
    ),
    Refusal(
        "a finer vector, lowered",
        "qfx.lower(as_built(nn.Sequential(nn.Quantizer(4), nn.Upsample(2))), (3,))",
        LoweringError,
        "layer 1: upsample needs (channels, height, width), not (3,)",
    ),
    Refusal(
        "more names than layers",
        "nn.Sequential(nn.ReLU(), names=['a', 'b'])",
        ArgumentError,
        "1 layers need as many different names, not ['a', 'b']",
    ),
    Refusal(
        "one name twice",
        "nn.Sequential(nn.ReLU(), nn.ReLU(), names=['a', 'a'])",
        ArgumentError,
        "2 layers need as many different names, not ['a', 'a']",
    ),
    Refusal(
        "a word for names",
        "nn.Sequential(nn.ReLU(), names='a')",
        ArgumentError,
        "names must be words in a list, one for each layer, not 'a'",
    ),
    Refusal(
        "a path for a name",
        "nn.Sequential(nn.ReLU(), names=['a.b'])",
        ArgumentError,
        "'a.b' cannot name a layer: use letters, digits and underscores, and no word that a"
        " Sequential uses itself",
    ),
    Refusal(
        "a name of torch's",
        "nn.Sequential(nn.ReLU(), names=['forward'])",
        ArgumentError,
        "'forward' cannot name a layer: use letters, digits and underscores, and no word that a"
        " Sequential uses itself",
    ),
)
