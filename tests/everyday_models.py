"""Twelve float models as people write them: nested modules, functions, views; no residuals."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everybody writes it)

import qfx


@dataclass(frozen=True)
class Everyday:
    """A float model, the shape of its samples, and a goal that keeps its design small."""

    build: Callable[[], nn.Module]
    shape: tuple[int, ...]
    goal_ii: int


class _Mlp(nn.Module):
    """Functional ReLUs over named layers; the image is flattened by view."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(36, 16), nn.Linear(16, 12), nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.dropout(F.relu(self.fc2(x)), 0.2, training=self.training)
        return self.fc3(x)


class _LeNet(nn.Module):
    """A view by number, poolings and ReLUs as functions, in both orders."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 5, padding=2), nn.Conv2d(4, 6, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1, self.fc2 = nn.Linear(24, 12), nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = torch.relu(self.fc1(x.view(-1, 24)))
        return self.fc2(x)


def _vgg() -> nn.Module:
    """Sequentials in a Sequential, each convolution normalized."""

    def block(inputs: int, outputs: int) -> nn.Sequential:
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    features = nn.Sequential(block(2, 4), block(4, 4), nn.MaxPool2d(2), block(4, 6))
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(6, 3))
    return nn.Sequential(OrderedDict(features=features, head=head))


class _MobileNet(nn.Module):
    """Depthwise and pointwise convolutions with ReLU6, and the mean over the pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = self._block(1, 4, kernel_size=3, stride=2, padding=1)
        self.depthwise = self._block(4, 4, kernel_size=3, padding=1, groups=4)
        self.pointwise = self._block(4, 8, kernel_size=1)
        self.classifier = nn.Linear(8, 4)

    @staticmethod
    def _block(inputs: int, outputs: int, **how: int) -> nn.Sequential:
        conv = nn.Conv2d(inputs, outputs, bias=False, **how)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pointwise(self.depthwise(self.stem(x)))
        return self.classifier(x.mean([2, 3]))


class _Bytes(nn.Module):
    """Raw bytes scaled in the model, an average pooling, a permutation before the classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2, dilation=1)
        self.fc = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = (x / 255.0 - 0.5) / 0.25
        x = F.avg_pool2d(F.leaky_relu(self.conv(x), 0.1), 2)
        return self.fc(torch.flatten(x.permute(0, 2, 3, 1), 1))


class _Sequence(nn.Module):
    """One-dimensional convolutions over a signal."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(2, 4, 5, stride=2, padding=2), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(4, 4, 3, padding="same"), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
        )  # fmt: skip
        self.out = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.net(x).squeeze(-1))


class _Trigger(nn.Module):
    """Jet tagging: a narrow MLP with normalizations between, and probabilities at its end."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (16, 12, 8, 8)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm1d(size) for size in sizes[1:])
        self.last = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = torch.relu(norm(layer(x)))
        return F.softmax(self.last(x), dim=1)


class _Autoencoder(nn.Module):
    """A bottleneck with tanh and sigmoid; its output is an image again."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(16, 6), nn.Tanh(), nn.Linear(6, 2))
        self.decoder = nn.Sequential(nn.Linear(2, 16), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x)).reshape(x.shape[0], 1, 4, 4)


class _Upsampler(nn.Module):
    """A small segmentation net: down, up by repeating pixels, padded by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.up = nn.Conv2d(4, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.silu(self.down(x))
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        return torch.sigmoid(self.up(F.pad(x, (1, 1, 1, 1))))


class _Tokens(nn.Module):
    """Words: an embedding, its transposed sequence convolved."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 4)
        self.fc = nn.Linear(24, 8)
        self.act = nn.PReLU()
        self.out = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding(x)
        x = x.transpose(1, 2).contiguous().view(x.size(0), -1)
        return self.out(self.act(self.fc(x)))


class _Activations(nn.Module):
    """One of each remaining activation."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c, self.d = (nn.Linear(6, 6) for _ in range(4))
        self.gelu, self.swish = nn.GELU(), nn.Hardswish()

    def forward(self, x: Tensor) -> Tensor:
        x = self.gelu(self.a(x))
        x = self.swish(self.b(x))
        x = F.hardsigmoid(self.c(x))
        return self.d(x).clamp(-1.0, 1.0)


class _Nested(nn.Module):
    """Modules of modules of modules, and a pooling to more than one pixel."""

    class _Stage(nn.Module):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU())
            self.norm = nn.BatchNorm2d(outputs)

        def forward(self, x: Tensor) -> Tensor:
            return self.norm(self.body(x))

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.Sequential(self._Stage(1, 3), self._Stage(3, 4))
        self.pool = nn.AdaptiveAvgPool2d((2, 2))
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.stages(x))
        b, c, h, w = x.shape
        return self.head(x.reshape(b, c * h * w))


MODELS: dict[str, Everyday] = {
    "mlp": Everyday(_Mlp, (1, 6, 6), 200),
    "lenet": Everyday(_LeNet, (1, 12, 12), 6000),
    "vgg": Everyday(_vgg, (2, 6, 6), 4000),
    "mobilenet": Everyday(_MobileNet, (1, 7, 7), 2000),
    "bytes": Everyday(_Bytes, (3, 9, 9), 4000),
    "line": Everyday(_Sequence, (2, 16), 1000),
    "trigger": Everyday(_Trigger, (16,), 300),
    "autoencoder": Everyday(_Autoencoder, (1, 4, 4), 300),
    "upsampler": Everyday(_Upsampler, (1, 6, 6), 6000),
    "tokens": Everyday(_Tokens, (6,), 400),
    "activations": Everyday(_Activations, (6,), 200),
    "nested": Everyday(_Nested, (1, 4, 4), 4000),
}


def trained(name: str) -> nn.Module:
    """The model as if it had been trained."""
    return as_trained(MODELS[name].build, name)


def as_trained(build: Callable[[], nn.Module], name: str) -> nn.Module:
    """A model with statistics and weights that are no defaults, and that its name decides."""
    torch.manual_seed(sum(map(ord, name)))
    model = build()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.3, 2)
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.3)
    return model.eval()


INPUTS = {"bytes": qfx.nn.Pixels}


def samples(name: str, count: int) -> np.ndarray:
    """Data as the model takes it."""
    generator = np.random.default_rng(0)
    size = (count, *MODELS[name].shape)
    if name == "bytes":
        return generator.integers(0, 256, size).astype(np.float32)
    if name == "tokens":
        return generator.integers(0, 11, size).astype(np.float32)
    return generator.normal(0, 1, size).astype(np.float32)


def twin(name: str, **how: bool) -> qfx.nn.Sequential:
    """The model converted at 8 bits."""
    entry = INPUTS.get(name, lambda: None)()
    return qfx.convert(trained(name), 8, input_shape=MODELS[name].shape, input=entry, **how)


def float_result(name: str, x: np.ndarray) -> np.ndarray:
    """What the float model gives."""
    given = torch.from_numpy(x)
    with torch.no_grad():
        return trained(name)(given.long() if name == "tokens" else given).numpy()
