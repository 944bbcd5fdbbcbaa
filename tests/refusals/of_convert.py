"""Conversion: the model and the arguments."""

from refusal import Refusal

from qfx.frontends import ConvertError

TITLE = "Conversion: `qfx.convert`"
PAGE = "convert"
CASES = (
    Refusal(
        "a file's name",
        "qfx.convert('model.pt')",
        ConvertError,
        "model.pt is a file of torch's: make its module, load the weights into that"
        " (load_state_dict(torch.load(...))), and give it to qfx.convert",
    ),
    Refusal(
        "a model's class",
        "qfx.convert(torch.nn.ReLU)",
        ConvertError,
        "ReLU is a class: make a model of it, ReLU()",
    ),
    Refusal(
        "no bits",
        "qfx.convert(torch.nn.ReLU(), 0)",
        ConvertError,
        "wordlength cannot be 0: wordlength must be 1 to 63 bits, not 0 (a pruned weight is a"
        " constant 0, not a 0-bit number)",
    ),
    Refusal(
        "bits that are not whole",
        "qfx.convert(torch.nn.ReLU(), 8.0)",
        ConvertError,
        "wordlength cannot be 8.0: wordlength must be an int, not 8.0",
    ),
    Refusal(
        "too many bits",
        "qfx.convert(torch.nn.ReLU(), 99)",
        ConvertError,
        "wordlength cannot be 99: wordlength must be 1 to 63 bits, not 99 (a pruned weight is a"
        " constant 0, not a 0-bit number)",
    ),
    Refusal(
        "a table of too many bits",
        "qfx.convert(torch.nn.Sigmoid(), 16)",
        ConvertError,
        "0: Sigmoid would need a table of 2**16 entries: give it an input quantizer of 12 bits"
        " or fewer",
    ),
    Refusal(
        "a number for a shape",
        "qfx.convert(torch.nn.ReLU(), input_shape=4)",
        ConvertError,
        "input_shape is the shape of one sample without the batch axis, as (16,) or (1, 28,"
        " 28), not 4",
    ),
    Refusal(
        "a shape that does not run",
        "qfx.convert(torch.nn.Linear(4, 3), input_shape=(5,))",
        ConvertError,
        "the model does not run on samples of shape (5,): …",
    ),
    Refusal(
        "bits for an input",
        "qfx.convert(torch.nn.ReLU(), input=8)",
        ConvertError,
        "input must be a Quantizer, such as qfx.nn.Quantizer(8), not 8",
    ),
    Refusal(
        "numbers that are no indices",
        "qfx.convert(torch.nn.Embedding(5, 3), input=nn.Quantizer(8))",
        ConvertError,
        "0: an Embedding looks whole numbers up: leave input out, or pass qfx.nn.Indices(5)",
    ),
    Refusal(
        "a number for a switch",
        "qfx.convert(torch.nn.ReLU(), fold=1)",
        ConvertError,
        "fold must be True or False, not 1",
    ),
    Refusal(
        "a word for a switch",
        "qfx.convert(torch.nn.ReLU(), per_channel='yes')",
        ConvertError,
        "per_channel must be True or False, not 'yes'",
    ),
    Refusal(
        "overrides without keys",
        "qfx.convert(torch.nn.Linear(4, 3), overrides={'0': 4})",
        ConvertError,
        'overrides are by pattern of a path, as {"features.*": {"weight": 4}}, not {\'0\': 4}',
    ),
    Refusal(
        "an override of another key",
        "qfx.convert(torch.nn.Linear(4, 3), overrides={'0': {'bits': 4}})",
        ConvertError,
        "overrides['0'] says bits=4: it takes wordlength, weight, bias, input, output, per_channel;"
        " wordlengths are whole numbers or Quantizers, per_channel is True or False",
    ),
    Refusal(
        "an override of no layer",
        "qfx.convert(torch.nn.Linear(4, 3), overrides={'fc': {'weight': 4}})",
        ConvertError,
        "overrides['fc'] sets weight, which no layer of that name has: see the names that"
        " print(converted) shows",
    ),
    Refusal(
        "an override of what a layer has not",
        "qfx.convert(torch.nn.Sequential(torch.nn.Flatten()), overrides={'0': {'output': 4}})",
        ConvertError,
        "overrides['0'] sets output, which 0 (Flatten) does not have: leave it out",
    ),
    Refusal(
        "an override of a result that is cast behind",
        "qfx.convert(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU()),"
        " overrides={'0': {'output': 4}})",
        ConvertError,
        "overrides['0'] sets output, but what follows 0 (Linear) casts its exact result: set it"
        " there",
    ),
    Refusal(
        "an override of what is folded",
        "qfx.convert(torch_net(lambda self, x: self.fc(x / 3), fc=torch.nn.Linear(4, 3)),"
        " overrides={'truediv': {'output': 4}})",
        ConvertError,
        "overrides['truediv'] sets output, but truediv is folded into the layer behind it: set that"
        " layer's weight",
    ),
    Refusal(
        "an override that is not whole",
        "qfx.convert(torch.nn.Linear(4, 3), overrides={'0': {'weight': 4.5}})",
        ConvertError,
        "overrides['0'] says weight=4.5: it takes wordlength, weight, bias, input, output,"
        " per_channel; wordlengths are whole numbers or Quantizers, per_channel is True or"
        " False",
    ),
    Refusal(
        "an override of too many bits",
        "qfx.convert(torch.nn.Linear(4, 3), overrides={'0': {'weight': 99}})",
        ConvertError,
        "0: wordlength must be 1 to 63 bits, not 99 (a pruned weight is a constant 0, not a"
        " 0-bit number)",
    ),
    Refusal(
        "control flow on values",
        "qfx.convert(torch_net(lambda self, x: x if x.sum() > 0 else -x))",
        ConvertError,
        "_TorchNet.forward cannot be followed (…): what it does must not depend on the values"
        " of tensors, nor call other libraries on them",
    ),
    Refusal(
        "a call of numpy",
        "qfx.convert(torch_net(lambda self, x: np.sin(x)))",
        ConvertError,
        "_TorchNet.forward cannot be followed (…): what it does must not depend on the values"
        " of tensors, nor call other libraries on them",
    ),
    Refusal(
        "one tensor twice",
        "qfx.convert(torch_net(lambda self, x: (x, x)))",
        ConvertError,
        "forward returns (x, x): return a tensor, or a tuple of different tensors",
    ),
    Refusal(
        "tensors by name",
        "qfx.convert(torch_net(lambda self, x: {'y': x}))",
        ConvertError,
        "forward returns {'y': x}: return a tensor, or a tuple of tensors",
    ),
    Refusal(
        "two shapes for one input",
        "qfx.convert(torch.nn.Linear(4, 3), input_shape=((4,), (4,)))",
        ConvertError,
        "forward takes input alone: input_shape is its shape, as (1, 28, 28), not ((4,), (4,))",
    ),
    Refusal(
        "a way that the type of x decides",
        "qfx.convert(torch_net(lambda self, x: x if x.dtype is torch.float32 else x / 2),"
        " input_shape=(4,))",
        ConvertError,
        "_TorchNet.forward goes another way for tensors than for torch.fx, by which convert follows"
        " it: net(x) gives other numbers: its way must not depend on the type of x (x.dtype,"
        " type(x), try), nor on anything that changes from call to call",
    ),
    Refusal(
        "sums that are too wide",
        "qfx.convert(torch.nn.Linear(8, 4), 30, input_shape=(8,))",
        ConvertError,
        "layer 0: a value of … bits exceeds the 53 that torch emulates exactly: narrow the weights"
        " or the activations",
    ),
    Refusal(
        "a port that is too wide",
        "qfx.convert(torch.nn.ReLU(), 40, input_shape=(8,))",
        ConvertError,
        "a port carries elements of at most 32 bits, not fixed<40,40>: begin and end the model with"
        " a narrower Quantizer",
    ),
    Refusal(
        "an order that no stream has",
        "qfx.convert(torch_net(lambda self, x: self.c(x.permute(0, 3, 1, 2)),"
        " c=torch.nn.Conv2d(3, 2, 3)), input_shape=(8, 8, 3))",
        ConvertError,
        "c_conv2d: its image (3, 8, 8) was reshaped or permuted, …",
    ),
    Refusal(
        "random numbers",
        "qfx.convert(torch_net(lambda self, x: x + np.random.rand()), input_shape=(4,))",
        ConvertError,
        "_TorchNet gives other numbers each time it is called with the same: a twin is of a model"
        " whose outputs depend on its inputs alone",
    ),
    Refusal(
        "a forward put on a layer",
        "[m := torch.nn.ReLU(), setattr(m, 'forward', torch.sigmoid), qfx.convert(m)]",
        ConvertError,
        "0 (ReLU) has another forward than its class, put on the instance: make a class of your own"
        " with it",
    ),
    Refusal(
        "two quantizers for one input",
        "qfx.convert(torch.nn.Linear(4, 3), input=(nn.Quantizer(4), nn.Quantizer(4)))",
        ConvertError,
        "forward takes input: input is its Quantizer",
    ),
    Refusal(
        "a size for an output",
        "qfx.convert(torch_net(lambda self, x: x.size(0)))",
        ConvertError,
        "forward returns size, which does not depend on x: return a tensor that does",
    ),
    Refusal(
        "a layer used twice",
        "qfx.convert(torch_net(lambda self, x: self.fc(self.fc(x)), fc=torch.nn.Linear(4, 4)))",
        ConvertError,
        "fc runs twice with the same weights, which hardware would have to hold twice: make two"
        " layers of it",
    ),
    Refusal(
        "a spectral norm",
        "qfx.convert(torch.nn.Sequential(torch.nn.utils.spectral_norm(torch.nn.Linear(4, 3))))",
        ConvertError,
        "0 (Linear) computes its weight of others before each call, which is not followed: make it"
        " plain first, torch.nn.utils.remove_spectral_norm(layer, 'weight')",
    ),
    Refusal(
        "a parametrization",
        "qfx.convert(torch.nn.Sequential(torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(4,"
        " 3))))",
        ConvertError,
        "0 (ParametrizedLinear) computes its weight of others before each call, which is not"
        " followed: make it plain first,"
        " torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')",
    ),
    Refusal(
        "no model",
        "qfx.convert(torch.nn.Module())",
        ConvertError,
        "0: Module has no qfx layer: use one that has (docs/layers.md), or write a qfx.nn.Layer"
        " of your own",
    ),
    Refusal(
        "a model of qfx",
        "qfx.convert(mlp)",
        ConvertError,
        "the model is made of qfx layers already: there is nothing to convert",
    ),
    Refusal(
        "a wrapped model",
        "qfx.convert(torch.nn.DataParallel(torch.nn.ReLU()))",
        ConvertError,
        "DataParallel wraps a model: pass that itself, as it was before torch.jit,"
        " torch.compile or DataParallel",
    ),
    Refusal(
        "a compiled model",
        "qfx.convert(torch.compile(torch.nn.ReLU()))",
        ConvertError,
        "OptimizedModule wraps a model: pass that itself, as it was before torch.jit,"
        " torch.compile or DataParallel",
    ),
    Refusal(
        "a scripted model",
        "qfx.convert(torch.jit.script(torch.nn.ReLU()))",
        ConvertError,
        "RecursiveScriptModule wraps a model: pass that itself, as it was before torch.jit,"
        " torch.compile or DataParallel",
    ),
)
