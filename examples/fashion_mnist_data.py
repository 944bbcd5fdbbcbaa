"""Fashion-MNIST for example 02: read from a folder, moved about while training."""

import gzip
import runpy
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset

Data = tuple[np.ndarray, np.ndarray]  # images (count, 1, 28, 28) of bytes, and labels
SELECTION = 5_000  # of the 60,000 training images, the last ones choose the epoch


def fashion_mnist(folder: Path) -> tuple[Data, Data, Data]:
    """Training (55,000), selection (5,000) and test (10,000) images.

    Args:
        folder: holds the four .gz files as published (github.com/zalandoresearch/fashion-mnist),
            or a load.py with load("fashion_mnist").
    """
    if (folder / "load.py").exists():
        x, y, x_test, y_test = runpy.run_path(str(folder / "load.py"))["load"]("fashion_mnist")
    else:
        x, x_test = (_idx(folder / f"{part}-images-idx3-ubyte.gz") for part in ("train", "t10k"))
        y, y_test = (_idx(folder / f"{part}-labels-idx1-ubyte.gz") for part in ("train", "t10k"))
    kept = len(x) - SELECTION
    x = x[:, None]
    return (x[:kept], y[:kept]), (x[kept:], y[kept:]), (x_test[:, None], y_test)


def digits() -> tuple[Data, Data, Data]:
    """Scikit-learn's digits, enlarged to 28 x 28: something to train on that needs no download."""
    images, labels = load_digits(return_X_y=True)
    bytes_ = (images * 255 / 16).astype(np.uint8).reshape(-1, 1, 8, 8)
    x = np.pad(np.kron(bytes_, np.ones((3, 3), np.uint8)), ((0, 0), (0, 0), (2, 2), (2, 2)))
    return (x[:1400], labels[:1400]), (x[1400:1600], labels[1400:1600]), (x[1600:], labels[1600:])


def moved(data: Data, batch_size: int = 128) -> DataLoader:
    """The images, shuffled, mirrored and shifted at random."""
    return DataLoader(_Moved(*data), batch_size, shuffle=True, collate_fn=lambda batch: batch)


class _Moved(Dataset):
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


def _idx(path: Path) -> np.ndarray:
    """The bytes of an IDX file, whose head is four bytes, the last its rank, then its sizes."""
    content = gzip.decompress(path.read_bytes())
    rank = content[3]
    sizes = np.frombuffer(content, ">u4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)
