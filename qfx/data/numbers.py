"""What people hand over as numbers, as one array of numpy's."""

from __future__ import annotations

import sys
from numbers import Real
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from qfx.errors import QfxError

Numbers = npt.NDArray[Any]  # bool, integers, or floats of at most 64 bits, in the machine's order
_WIDEST = 8  # bytes: float64, in which numbers are quantized


class DataError(QfxError):
    """Data that cannot be read; the sentence says which, what they are and what to give."""


def numbers(given: Any, what: str) -> Numbers:
    """Return `given` as an array, copied only where it has to be.

    What has more digits than float64 is rounded to it; bfloat16 becomes float32, which holds it.

    Args:
        given: an array of numpy's or of any library with `__array__`, a torch tensor on any device,
            with gradient or without, a number, or lists of such.
        what: it is called in the sentence.

    Raises:
        DataError: no array, no numbers, masked numbers, or parts of different shapes.
    """
    try:
        array = np.asarray(_of_any(given, what))
    except DataError:
        raise
    except Exception as error:  # of whichever library it is from
        said = str(error).strip().splitlines()[:1] or [type(error).__name__]
        if "inhomogeneous" in said[0]:
            raise DataError(
                f"{what} holds parts of different shapes: pad, crop or resize them to one"
            ) from error
        raise DataError(
            f"{what}, a {type(given).__name__}, cannot be read as an array ({said[0]}): make an"
            " array of numbers of it first"
        ) from error
    if array.dtype == object:
        array = _of_objects(array, given, what)
    if array.dtype.kind == "V" and np.can_cast(array.dtype, np.float32):
        array = array.astype(np.float32)  # bfloat16 and narrower floats of other libraries
    if array.dtype.kind not in "biuf":
        raise DataError(f"{what} holds {array.dtype}, not numbers: read or encode it first")
    if array.dtype.itemsize > _WIDEST:
        with np.errstate(over="ignore"):
            array = array.astype(np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def is_array(given: Any) -> bool:
    """Tell whether it is an array of some library, or a number, not a collection of such."""
    return (
        isinstance(given, (np.ndarray, np.generic, Real, memoryview, range))
        or hasattr(given, "__array__")
        or hasattr(given, "__array_interface__")
    )


def leaf(given: Any) -> Any:
    """Return the first thing in lists of lists that is no list; None in an empty one."""
    while isinstance(given, (list, tuple)):
        given = given[0] if given else None
    return given


def shape_of(given: Any) -> tuple[int, ...]:
    """Return the shape of an array, a tensor or plain lists of numbers."""
    shape = getattr(given, "shape", None)
    return tuple(np.shape(given) if shape is None else shape)


def _of_any(given: Any, what: str) -> Any:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(given, torch.Tensor):
        return _of_tensor(given)
    if isinstance(given, np.ma.MaskedArray):
        if np.ma.is_masked(given):
            raise DataError(f"{what} is masked in places: fill them, as with .filled(0)")
        return given.data
    if isinstance(given, (list, tuple)):
        first = leaf(given)
        if first is None or isinstance(first, (Real, str, np.generic)):
            return given
        parts = [numbers(each, f"{what}[{place}]") for place, each in enumerate(given)]
        if len({part.shape for part in parts}) > 1:
            raise DataError(
                f"{what} holds parts of different shapes: pad, crop or resize them to one"
            )
        return np.stack(parts)
    if isinstance(given, (str, bytes, PathLike)):
        raise DataError(
            f"{what} is the text {given!r}, not numbers: encode it, or read the file it names"
        )
    if not is_array(given):
        raise DataError(
            f"{what} is a {type(given).__name__}, not an array of numbers: give one, of numpy or"
            " torch"
        )
    return given


def _of_tensor(tensor: Any) -> Any:
    """Numpy has neither gradients nor devices, and fewer types."""
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.to_dense()
    if tensor.is_floating_point() and str(tensor.dtype) not in _FLOATS:
        tensor = tensor.float()
    return tensor.cpu().resolve_conj().resolve_neg().numpy()


_FLOATS = ("torch.float16", "torch.float32", "torch.float64")


def _of_objects(array: Any, given: Any, what: str) -> Any:
    """Numbers, or arrays of one shape, that numpy was given as any objects."""
    if not array.ndim:
        kind = type(given).__name__
        raise DataError(f"{what} is a {kind}, not an array of numbers: make one of it first")
    if all(isinstance(each, (Real, np.bool_)) for each in array.flat):
        return array.astype(np.float64)
    places = np.ndindex(*array.shape)
    parts = [numbers(array[place], f"{what} at index {place}") for place in places]
    if len({part.shape for part in parts}) > 1:
        raise DataError(f"{what} holds parts of different shapes: pad, crop or resize them to one")
    stacked = np.stack(parts) if parts else np.zeros(0)
    return stacked.reshape(*array.shape, *stacked.shape[1:])
