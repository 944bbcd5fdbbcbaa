"""A CNN of 20,000 parameters on Fashion-MNIST, from raw bytes to a proven streaming design.

python examples/02_fashion_mnist.py                 export and prove the trained net
python examples/02_fashion_mnist.py --data FOLDER   train it anew (ten minutes on two cores)
python examples/02_fashion_mnist.py --smoke         train for a moment, on digits, and prove
"""

import gzip
import runpy
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from qfx import nn

TRAINED = Path(__file__).with_suffix(".qfx")
FOLDER = "build/fashion_mnist"
SELECTION = 5_000  # of the 60,000 training images, the last ones choose the epoch
Data = tuple[np.ndarray, np.ndarray]


def model(bits: int = 6) -> nn.Sequential:
    """Three convolutions, each normalized; weights and activations of 6 bits, nothing above 8."""

    def block(inputs: int, outputs: int) -> tuple[nn.Layer, ...]:
        weight = nn.Quantizer(bits, per_channel=True)
        return (
            nn.Conv2d(inputs, outputs, 3, padding=1, weight=weight, bias=False),
            nn.BatchNorm2d(outputs, output=nn.Quantizer(bits + 1)),
            nn.ReLU(),  # takes the sign away, so 6 bits
        )

    return nn.Sequential(
        nn.Pixels(),
        nn.Normalize(73, 90, output=nn.Quantizer(bits)),
        *block(1, 16),
        nn.MaxPool2d(2),
        *block(16, 32),
        nn.MaxPool2d(2),
        *block(32, 48),
        nn.AdaptiveAvgPool2d(1, output=nn.Quantizer(bits, signed=False)),
        nn.Flatten(),
        nn.Linear(48, 10, weight=nn.Quantizer(bits)),
    )


class Moved(Dataset):
    """Images mirrored and shifted by up to a pixel at random, a whole batch at a time."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = torch.nn.functional.pad(torch.tensor(images), (1, 1, 1, 1))
        self.labels = torch.from_numpy(labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, indices: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        top, left = torch.randint(0, 3, (2,)).tolist()
        x = self.images[indices][:, :, top : top + 28, left : left + 28].float()
        mirrored = torch.rand(len(x), 1, 1, 1) < 0.5
        return torch.where(mirrored, x.flip(3), x), self.labels[indices]


def batches(data: Data, batch_size: int = 128) -> DataLoader:
    """The moved images, shuffled."""
    return DataLoader(Moved(*data), batch_size, shuffle=True, collate_fn=lambda batch: batch)


def fashion_mnist(folder: Path) -> tuple[Data, Data, Data]:
    """Training (55,000), selection (5,000) and test (10,000) images, uint8 (1, 28, 28), and labels.

    Args:
        folder: holds the four published .gz files, or a load.py with load("fashion_mnist").
    """
    if (folder / "load.py").exists():
        x, y, x_test, y_test = runpy.run_path(str(folder / "load.py"))["load"]("fashion_mnist")
    else:
        x, y = (
            _idx(folder / f"train-{part}.gz") for part in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
        x_test, y_test = (
            _idx(folder / f"t10k-{part}.gz") for part in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
    x, x_test = x[:, None], x_test[:, None]
    kept = len(x) - SELECTION
    return (x[:kept], y[:kept]), (x[kept:], y[kept:]), (x_test, y_test)


def _idx(path: Path) -> np.ndarray:
    """The array of bytes in an IDX file: four bytes of magic, the last its rank, then its sizes."""
    content = gzip.decompress(path.read_bytes())
    rank = content[3]
    sizes = np.frombuffer(content, ">u4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)
