"""Conversion: tensors that meet where no layer joins them."""

from refusal import Refusal

from qfx.frontends import ConvertError

TITLE = "Conversion: branches"
PAGE = "convert"
_FC = "fc=torch.nn.Linear(4, 4)"
CASES = (
    Refusal(
        "a quotient",
        f"qfx.convert(torch_net(lambda self, x: self.fc(x) / x, {_FC}))",
        ConvertError,
        "truediv (truediv) reads fc and x: of several tensors there are sums, differences,"
        " products, torch.maximum and minimum, and torch.cat along axis 1, so use those",
    ),
    Refusal(
        "a product of two matrices",
        "qfx.convert(torch_net(lambda self, x: x @ x))",
        ConvertError,
        "matmul (matmul) reads x: of two tensors there is no product of matrices, use"
        " qfx.nn.Linear",
    ),
    Refusal(
        "a stack",
        "qfx.convert(torch_net(lambda self, x: torch.stack([x, x], 1)))",
        ConvertError,
        "stack (stack) reads x: there is no axis to stack along: use torch.cat along axis 1",
    ),
    Refusal(
        "two tensors for a module",
        f"qfx.convert(torch_net(lambda self, x: self.fc(x, x), {_FC}))",
        ConvertError,
        "fc is called with more than a tensor: call it with that alone",
    ),
    Refusal(
        "a broadcast sum",
        "qfx.convert(torch_net(lambda self, x: x + x.mean((2, 3), keepdim=True)),"
        " input_shape=(2, 4, 4))",
        ConvertError,
        "add (add) reads tensors of shapes (2, 4, 4) and (2, 1, 1): a stream cannot be broadcast,"
        " so bring both to one shape",
    ),
    Refusal(
        "a weighted sum",
        f"qfx.convert(torch_net(lambda self, x: torch.add(self.fc(x), x, alpha=2), {_FC}))",
        ConvertError,
        "add (add) is followed with two tensors alone: leave out its other arguments",
    ),
    Refusal(
        "samples one after the other",
        "qfx.convert(torch_net(lambda self, x: torch.cat([x, x])))",
        ConvertError,
        "cat (cat) joins axis 0: a stream has its channels joined, which are axis 1",
    ),
    Refusal(
        "rows one after the other",
        "qfx.convert(torch_net(lambda self, x: torch.cat([x, x], dim=-2)), input_shape=(2, 4, 4))",
        ConvertError,
        "cat (cat) joins axis -2: a stream has its channels joined, which are axis 1",
    ),
    Refusal(
        "an axis of an unknown number",
        "qfx.convert(torch_net(lambda self, x: torch.cat([x, x], -3)))",
        ConvertError,
        "cat (cat) joins an axis counted from the last: pass input_shape=(...) to convert",
    ),
    Refusal(
        "a constant joined",
        "qfx.convert(torch_net(lambda self, x: torch.cat([x, torch.ones(1, 4)], 1)))",
        ConvertError,
        "cat (cat) joins tensors that x flows through, in a list, and nothing else",
    ),
    Refusal(
        "what was overwritten",
        "qfx.convert(torch_net(lambda self, x: torch.nn.functional.relu(x, inplace=True) + x))",
        ConvertError,
        "relu (relu) overwrites x, which add reads afterwards: give its result on, or leave out"
        " inplace",
    ),
    Refusal(
        "a view of what was overwritten",
        "qfx.convert(torch_net(lambda self, x: [y := x.flatten(1), self.act(x), y][2],"
        " act=torch.nn.ReLU(inplace=True)))",
        ConvertError,
        "act (act) overwrites flatten, which the caller reads afterwards: give its result on, or"
        " leave out inplace",
    ),
    Refusal(
        "a branch run twice",
        f"qfx.convert(torch_net(lambda self, x: self.fc(x) + self.fc(x.relu()), {_FC}))",
        ConvertError,
        "fc runs twice with the same weights, which hardware would have to hold twice: make two"
        " layers of it",
    ),
)
