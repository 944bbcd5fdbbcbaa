"""Float models with branches as people write them: residuals, concatenations, gates."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everybody writes it)

from everyday_models import Everyday, as_trained


def _normalized(inputs: int, outputs: int, kernel: int = 3, **how: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False, **how)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class _Block(nn.Module):
    """A residual block with an identity, or a projection where shapes differ."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _normalized(inputs, outputs, stride=stride)
        self.second = _normalized(outputs, outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else _normalized(inputs, outputs, 1, stride=stride)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.act(self.first(x)))
        return self.act(y + self.shortcut(x))


class _ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.blocks = _normalized(2, 3), nn.Sequential(_Block(3, 3), _Block(3, 4, 2))
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(F.relu(self.stem(x)))
        return self.head(x.mean((2, 3)))


class _Torchvision(nn.Module):
    """`out += identity` in place, an optional projection, an empty Sequential as a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(2, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4)
        self.relu, self.downsample = nn.ReLU(inplace=True), _normalized(2, 4, 1, stride=2)
        self.conv2, self.skip = nn.Conv2d(4, 4, 3, padding=1), nn.Sequential()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        identity = x if self.downsample is None else self.downsample(x)
        out += identity
        out = self.relu(out)
        z = self.conv2(out)
        z += self.skip(out)
        return z


class _PreActivation(nn.Module):
    """Normalization and ReLU first: the shortcut is a sum that three read."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 3, 3, padding=1)
        self.norms = nn.ModuleList(nn.BatchNorm2d(3) for _ in range(2))
        self.convs = nn.ModuleList(nn.Conv2d(3, 3, 3, padding=1) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for norm, conv in zip(self.norms, self.convs, strict=True):
            x = torch.add(x, conv(F.relu(norm(x))))
        return torch.tanh(x)


class _DenseNet(nn.Module):
    """Every layer reads all before it."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(2 * n, 2, 3, padding=1) for n in (1, 2, 3))
        self.out = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        found = [x]
        for conv in self.convs:
            found.append(F.relu(conv(torch.cat(found, dim=1))))
        return self.out(torch.cat(found, dim=-3))


class _InvertedResidual(nn.Module):
    """Expansion, depthwise, projection without activation, as in MobileNetV2; twice."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies = nn.ModuleList(
            nn.Sequential(
                _normalized(3, 6, 1), nn.ReLU6(inplace=True),
                _normalized(6, 6, groups=6), nn.ReLU6(inplace=True),
                _normalized(6, 3, 1),
            )
            for _ in range(2)
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        for body in self.bodies:
            x = x + body(x)
        return F.avg_pool2d(x, 2).flatten(1)


class _UNet(nn.Module):
    """Down, up, and what was before beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.inner = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 4, 3, padding=1)
        self.up, self.pool = nn.Conv2d(7, 2, 3, padding=1), nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        before = F.relu(self.down(x))
        inside = F.relu(self.inner(self.pool(before)))
        joined = torch.cat((F.interpolate(inside, scale_factor=2), before), 1)
        return torch.sigmoid(self.up(joined))


class _Gates(nn.Module):
    """A highway over vectors: a gate, a square, a sum of three, numbers between."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.body, self.last = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.sigmoid(self.gate(x)) * F.silu(self.body(x))
        y = torch.mul(y, 2.0) + x + y * y
        return self.last(F.dropout(y, 0.5, self.training))


class _Nested(nn.Module):
    """A residual whose body holds residuals; its pooling comes before its ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = nn.Sequential(_Block(2, 2), nn.Conv2d(2, 2, 3, padding=1), _Block(2, 2))
        self.pool, self.after = nn.MaxPool2d(2), nn.Conv2d(2, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.pool(self.outer(x) + x))
        return self.after(x).flatten(1)


MODELS: dict[str, Everyday] = {
    "resnet": Everyday(_ResNet, (2, 6, 6), 4000),
    "torchvision": Everyday(_Torchvision, (2, 6, 5), 4000),
    "preactivation": Everyday(_PreActivation, (1, 5, 6), 4000),
    "densenet": Everyday(_DenseNet, (2, 5, 5), 4000),
    "inverted": Everyday(_InvertedResidual, (3, 6, 4), 4000),
    "unet": Everyday(_UNet, (1, 6, 6), 6000),
    "gates": Everyday(_Gates, (6,), 300),
    "nested_residuals": Everyday(_Nested, (2, 4, 6), 4000),
}


def trained(name: str) -> nn.Module:
    """The model as if it had been trained."""
    build: Callable[[], nn.Module] = MODELS[name].build
    return as_trained(build, name)
