"""CIFAR-10 for example 04: read from a folder, moved about while training."""

import pickle
import runpy
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

Data = tuple[np.ndarray, np.ndarray]  # images (count, 3, 32, 32) of bytes, and labels
SELECTION = 5_000  # of the 50,000 training images, the last ones choose the epoch


def cifar10(folder: Path) -> tuple[Data, Data, Data]:
    """Training (45,000), selection (5,000) and test (10,000) images.

    Args:
        folder: cifar-10-batches-py as published (cs.toronto.edu/~kriz/cifar.html), or with a
            load.py that has load("cifar10").
    """
    if (folder / "load.py").exists():
        x, y, x_test, y_test = runpy.run_path(str(folder / "load.py"))["load"]("cifar10")
        x, x_test = (np.ascontiguousarray(part.transpose(0, 3, 1, 2)) for part in (x, x_test))
    else:
        parts = [_batch(folder / f"data_batch_{number}") for number in range(1, 6)]
        x, y = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        x_test, y_test = _batch(folder / "test_batch")
    kept = len(x) - SELECTION
    return (x[:kept], y[:kept]), (x[kept:], y[kept:]), (x_test, y_test)


def noise(count: int = 256) -> tuple[Data, Data, Data]:
    """Images of one colour each under noise, ten of them: something that needs no download."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, 3 * count)
    colours = generator.integers(40, 216, (10, 3, 1, 1))
    x = colours[labels] + generator.integers(-40, 40, (3 * count, 3, 32, 32))
    x, thirds = x.astype(np.uint8), [slice(n * count, (n + 1) * count) for n in range(3)]
    return tuple((x[third], labels[third]) for third in thirds)


def moved(data: Data, batch_size: int = 128) -> DataLoader:
    """The images, shuffled, mirrored and shifted at random."""
    return DataLoader(_Moved(*data), batch_size, shuffle=True, collate_fn=lambda batch: batch)


def _batch(path: Path) -> Data:
    content = pickle.loads(path.read_bytes(), encoding="bytes")
    return content[b"data"].reshape(-1, 3, 32, 32), np.array(content[b"labels"])


class _Moved(Dataset):
    """Images mirrored and shifted by up to four pixels at random, each by its own."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = torch.nn.functional.pad(torch.tensor(images), (4, 4, 4, 4))
        self.labels = torch.from_numpy(labels.astype(np.int64))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, indices: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        chosen, each = torch.tensor(indices), (len(indices), 1, 1, 1)
        rows = torch.arange(32).view(1, 1, 32, 1) + torch.randint(0, 9, each)
        columns = torch.arange(32).view(1, 1, 1, 32)
        columns = torch.where(torch.rand(each) < 0.5, 31 - columns, columns)
        columns = columns + torch.randint(0, 9, each)
        images = self.images[chosen.view(each), torch.arange(3).view(1, 3, 1, 1), rows, columns]
        return images.float(), self.labels[chosen]
