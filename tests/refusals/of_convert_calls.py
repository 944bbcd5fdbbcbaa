"""Conversion: calls in a forward that have no layer, or not with these arguments."""

from refusal import Refusal

from qfx.frontends import ConvertError

TITLE = "Conversion: calls"
PAGE = "convert"
CASES = (
    Refusal(
        "logarithms",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.log_softmax(x, 1)))",
        ConvertError,
        "log_softmax: no qfx layer computes log_softmax: leave it to the loss (train on the"
        " logits with cross entropy)",
    ),
    Refusal(
        "an element of unknown sizes",
        "qfx.convert(torch_net(lambda self, x: x[:, 0]))",
        ConvertError,
        "getitem: the sizes must be known: pass input_shape=(...) to convert",
    ),
    Refusal(
        "a sample of a batch",
        "qfx.convert(torch_net(lambda self, x: x[0]), input_shape=(4,))",
        ConvertError,
        "getitem: it chooses among the samples of a batch, which are all alike: leave the first"
        " axis whole, x[:, ...]",
    ),
    Refusal(
        "elements in a list",
        "qfx.convert(torch_net(lambda self, x: x[:, [0, 2]]), input_shape=(4,))",
        ConvertError,
        "getitem: x[(0, 2)] cannot be followed: a stream has no random access, so choose by numbers"
        " and slices that are known",
    ),
    Refusal(
        "no elements",
        "qfx.convert(torch_net(lambda self, x: x[:, 4:]), input_shape=(4,))",
        ConvertError,
        "getitem: x[4:] leaves nothing of an axis of 4",
    ),
    Refusal(
        "every second channel",
        "qfx.convert(torch_net(lambda self, x: x[:, ::2]), input_shape=(4, 5))",
        ConvertError,
        "getitem: steps are of rows, columns and lines alone: choose channels with Conv2d",
    ),
    Refusal(
        "a sum",
        "qfx.convert(torch_net(lambda self, x: x.sum(1)))",
        ConvertError,
        "sum_1: no qfx layer computes sum: use one that has, or write a qfx.nn.Layer of your own",
    ),
    Refusal(
        "a division by 0",
        "qfx.convert(torch_net(lambda self, x: x / 0))",
        ConvertError,
        "truediv: these arguments cannot be followed: float division by zero",
    ),
    Refusal(
        "a whole division",
        "qfx.convert(torch_net(lambda self, x: torch.div(x, 2, rounding_mode='floor')))",
        ConvertError,
        "div: arithmetic is followed with one number, not with a tensor or keywords: put them"
        " into the layer before or after, or use qfx.nn.Normalize for numbers per channel",
    ),
    Refusal(
        "numbers for each element",
        "qfx.convert(torch_net(lambda self, x: x - torch.ones(4)))",
        ConvertError,
        "sub: arithmetic is followed with one number, not with a tensor or keywords: put them"
        " into the layer before or after, or use qfx.nn.Normalize for numbers per channel",
    ),
    Refusal(
        "another type",
        "qfx.convert(torch_net(lambda self, x: x.double()))",
        ConvertError,
        "double: no qfx layer computes double: models compute in float32 before they are"
        " fixed-point: leave the type",
    ),
    Refusal(
        "a product of matrices",
        "qfx.convert(torch_net(lambda self, x: x @ self.fc.weight, fc=torch.nn.Linear(4, 4)))",
        ConvertError,
        "matmul: no qfx layer computes matmul: use qfx.nn.Linear, whose weight is a constant",
    ),
    Refusal(
        "ends for each element",
        "qfx.convert(torch_net(lambda self, x: x.clamp(torch.zeros(4), torch.ones(4))))",
        ConvertError,
        "clamp: these arguments cannot be followed: …",
    ),
    Refusal(
        "dropout in evaluation",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.dropout(x)))",
        ConvertError,
        "dropout: it drops in evaluation too, for training is not said: pass"
        " training=self.training",
    ),
    Refusal(
        "softmax of another type",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.softmax(x, 1,"
        " dtype=torch.float64)))",
        ConvertError,
        "softmax: softmax in torch.float64 is not followed: leave dtype out",
    ),
    Refusal(
        "a view of the batch",
        "qfx.convert(torch_net(lambda self, x: x.view(32, -1)), input_shape=(2, 4, 4))",
        ConvertError,
        "view: the first size is 32, but the batch must stay: x.view(x.size(0), ...) or -1",
    ),
    Refusal(
        "a view across samples",
        "qfx.convert(torch_net(lambda self, x: x.view(-1, 16)), input_shape=(2, 4, 4))",
        ConvertError,
        "view: a view of [16] would mix samples of shape (2, 4, 4)",
    ),
    Refusal(
        "a view of unknown sizes",
        "qfx.convert(torch_net(lambda self, x: x.view(x.size(0), 4, -1)))",
        ConvertError,
        "view: the sizes must be known: pass input_shape=(...) to convert",
    ),
    Refusal(
        "a size that is not known",
        "qfx.convert(torch_net(lambda self, x: x.view(x.size(0), x.size(1))))",
        ConvertError,
        "size_1 reads a size that is not known: pass input_shape=(...) to convert",
    ),
    Refusal(
        "sizes that are not known",
        "qfx.convert(torch_net(lambda self, x: x.view(x.size(0), x.shape[1] * x.shape[2])))",
        ConvertError,
        "mul computes with a size that is not known: pass input_shape=(...) to convert; the"
        " batch size is never known",
    ),
    Refusal(
        "a computed batch size",
        "qfx.convert(torch_net(lambda self, x: x.view(x.size(0) * x.size(1), -1)),"
        " input_shape=(2, 4, 4))",
        ConvertError,
        "mul computes with a size that is not known: pass input_shape=(...) to convert; the"
        " batch size is never known",
    ),
    Refusal(
        "flattening everything",
        "qfx.convert(torch_net(lambda self, x: torch.flatten(x)))",
        ConvertError,
        "flatten: flatten from axis 0 mixes the samples of a batch: flatten(x, 1)",
    ),
    Refusal(
        "squeezing everything",
        "qfx.convert(torch_net(lambda self, x: x.squeeze()))",
        ConvertError,
        "squeeze: squeeze() would also drop the axis of a batch of one: squeeze(-1)",
    ),
    Refusal(
        "squeezing the batch",
        "qfx.convert(torch_net(lambda self, x: x.squeeze(0)), input_shape=(2, 1))",
        ConvertError,
        "squeeze: squeeze(0) would drop the axis of a batch of one: leave it out",
    ),
    Refusal(
        "another batch axis",
        "qfx.convert(torch_net(lambda self, x: x.unsqueeze(0)), input_shape=(4,))",
        ConvertError,
        "unsqueeze: unsqueeze(0) makes another batch axis: leave it to the caller",
    ),
    Refusal(
        "a mean of channels",
        "qfx.convert(torch_net(lambda self, x: x.mean(1)), input_shape=(2, 4, 4))",
        ConvertError,
        "mean: a mean over axes (1,) has no layer: the mean over the pixels of an image is"
        " x.mean((2, 3)), of a sequence (samples, channels, length) x.mean(2)",
    ),
    Refusal(
        "a maximum of channels",
        "qfx.convert(torch_net(lambda self, x: x.amax(1)), input_shape=(2, 4, 4))",
        ConvertError,
        "amax: a maximum over axes (1,) has no layer: the maximum over the pixels of an image is"
        " x.amax((2, 3)), of a sequence (samples, channels, length) x.amax(2)",
    ),
    Refusal(
        "a mean of everything",
        "qfx.convert(torch_net(lambda self, x: x.mean()))",
        ConvertError,
        "mean: a mean over axes of the batch has no layer: the mean over the pixels of an image"
        " is x.mean((2, 3)), of a sequence (samples, channels, length) x.mean(2)",
    ),
    Refusal(
        "an argument that no mean has here",
        "qfx.convert(torch_net(lambda self, x: x.mean((2, 3), dtype=torch.float64)))",
        ConvertError,
        "mean: these arguments cannot be followed: mean() got an unexpected keyword argument"
        " 'dtype'",
    ),
    Refusal(
        "the batch axis moved",
        "qfx.convert(torch_net(lambda self, x: x.permute(1, 0, 2, 3)))",
        ConvertError,
        "permute: permute(1, 0, 2, 3) moves the batch axis, which must stay first",
    ),
    Refusal(
        "padding of one side",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.pad(x, (1,))))",
        ConvertError,
        "pad: these arguments cannot be followed: Pad((1,)) takes one number, (left, right) or"
        " (left, right, top, bottom)",
    ),
    Refusal(
        "mirrored padding",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.pad(x, (1, 1, 1, 1),"
        " 'reflect')))",
        ConvertError,
        "pad: padding is with zeros, not reflect: leave mode and value out",
    ),
    Refusal(
        "an image's size",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.interpolate(x, size=(8, 8))))",
        ConvertError,
        "interpolate: Upsample to size (8, 8) is not followed: give a whole scale_factor",
    ),
    Refusal(
        "the largest of an axis",
        "qfx.convert(torch_net(lambda self, x: x.max(1)[0]), input_shape=(4, 4))",
        ConvertError,
        "max_1: no qfx layer computes max: use one that has, or write a qfx.nn.Layer of your own",
    ),
    Refusal(
        "a function told in no text",
        "qfx.convert(torch_net(lambda self, x: x), functions={torch.sin: 'sin'})",
        ConvertError,
        "functions of sin: the function 'sin' reads sin: its one variable is x",
    ),
    Refusal(
        "a function that is not called",
        "qfx.convert(torch_net(lambda self, x: x * 2), functions={torch.sin: 'sin(x)'})",
        ConvertError,
        "functions has sin, which the model does not call: leave it out, or give what forward"
        " calls",
    ),
    Refusal(
        "a function by its name",
        "qfx.convert(torch_net(lambda self, x: x * 2), functions={'sin': 'sin(x)'})",
        ConvertError,
        "functions has 'sin': its keys are functions, or classes of modules",
    ),
    Refusal(
        "functions without texts",
        "qfx.convert(torch_net(lambda self, x: x * 2), functions=[torch.sin])",
        ConvertError,
        "functions says what each function that cannot be followed computes, as"
        ' {my_gelu: "x * sigmoid(1.702 * x)"}, not [<built-in method sin …>]',
    ),
    Refusal(
        "a module in a list",
        "qfx.convert(torch_net(lambda self, x: [torch.nn.Linear(4, 4)][0](x)))",
        ConvertError,
        "_TorchNet.forward calls a module that is no part of the model: keep modules in"
        " attributes, or in a torch.nn.ModuleList instead of a list",
    ),
    Refusal(
        "a gradient of one's own",
        "qfx.convert(torch_net(lambda self, x: type('Round', (torch.autograd.Function,), {})"
        ".apply(x)))",
        ConvertError,
        "round_1: Round is not followed, as no torch.autograd.Function is: say what it computes of"
        ' an element, convert(..., functions={Round: "x"}) if nothing',
    ),
)
