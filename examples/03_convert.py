"""A plain torch model, trained in float, made fixed-point in two ways and proven on the Ultra96.

python examples/03_convert.py            a quarter of a minute of training, then the proof
python examples/03_convert.py --smoke    one epoch of each
"""

import runpy
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everybody writes it)

import qfx
from qfx.report.terminal import run_cosim, show_project

SMOKE = "--smoke" in sys.argv[1:]
BITS = 3
FOLDER = "build/converted"


class Net(nn.Module):
    """Written as if there were no FPGA: modules, functions, a view."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True)
        )
        self.conv = nn.Conv2d(8, 12, 3)
        self.fc1, self.fc2 = nn.Linear(108, 24), nn.Linear(24, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv(self.features(x))), 2)
        x = F.relu(self.fc1(x.view(x.size(0), -1)))
        return self.fc2(F.dropout(x, 0.1, training=self.training))


def trained(images: np.ndarray, labels: np.ndarray) -> Net:
    """The float model, by a loop of its own."""
    torch.manual_seed(0)
    net, x, y = Net(), torch.tensor(images), torch.tensor(labels)
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(1 if SMOKE else 15):
        for chosen in torch.randperm(len(x)).split(64):
            loss = F.cross_entropy(net(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net.eval()


def main() -> bool:
    """Whether all simulators agree."""
    digits = runpy.run_path(str(Path(__file__).with_name("01_digits.py")))["digits"]
    training, selection, (images, labels) = digits()
    net = trained(*training)

    def twin(bits: int) -> qfx.nn.Sequential:
        entry = qfx.nn.Quantizer(bits, signed=False)  # images are not negative
        return qfx.convert(net, bits, input_shape=(1, 8, 8), input=entry)

    def report(name: str, scores: np.ndarray) -> None:
        print(f"{name:<28} {np.mean(scores.argmax(1) == labels):7.2%}")

    def golden(model: qfx.nn.Sequential) -> np.ndarray:
        return qfx.lower(model, (1, 8, 8)).run(images).integers

    with torch.no_grad():
        report("float", net(torch.tensor(images)).numpy())
    for bits in (8, BITS):
        calibrated = twin(bits)
        qfx.calibrate(calibrated, training)
        report(f"calibrated, {bits} bits, golden", golden(calibrated))
    learned = twin(BITS)
    epochs = 2 if SMOKE else 20
    history = qfx.train(learned, training, selection, epochs=epochs, warmup=0, progress=False)
    report(f"trained, {BITS} bits, golden", golden(learned))
    project = qfx.export(
        learned,
        FOLDER,
        board="ultra96",
        samples=images[:100],
        goal_fps=100_000,
        name="converted",
        history=history,
    )
    show_project(project)
    return run_cosim(project).equal


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
