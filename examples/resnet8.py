"""ResNet-8 in plain torch, for example 04, and its training in float."""

import torch
from cifar10_data import Data, moved
from torch import Tensor, nn


class Block(nn.Module):
    """Two convolutions beside a shortcut; a projection where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1, self.relu1 = nn.BatchNorm2d(outputs), nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(outputs), nn.ReLU()
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        return self.relu2(y + self.shortcut(x))


class ResNet8(nn.Module):
    """Images (samples, 3, 32, 32) from 0 to 1 -> (samples, 10)."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.norm, self.relu = nn.BatchNorm2d(width), nn.ReLU()
        self.block1 = Block(width, width)
        self.block2 = Block(width, 2 * width, 2)
        self.block3 = Block(2 * width, 4 * width, 2)
        self.pool, self.flatten = nn.AvgPool2d(8), nn.Flatten()
        self.classify = nn.Linear(4 * width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.conv(x)))
        x = self.block3(self.block2(self.block1(x)))
        return self.classify(self.flatten(self.pool(x)))


def trained_float(training: Data, epochs: int, width: int = 16) -> ResNet8:
    """By stochastic gradient descent, the rate rising for a tenth of the time, then falling."""
    torch.manual_seed(0)
    net = ResNet8(width).to(memory_format=torch.channels_last)
    batches = moved(training)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 2e-4}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=0.15, momentum=0.9, nesterov=True)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.15, total_steps=epochs * len(batches), pct_start=0.1, final_div_factor=1000
    )
    for epoch in range(epochs):
        for x, y in batches:
            x = (x / 256).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):  # twice as fast
                logits = net(x)
            loss = nn.functional.cross_entropy(logits.float(), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
        print(f"float epoch {epoch + 1}/{epochs}  loss {loss.item():.3f}", flush=True)
    return net.eval()
