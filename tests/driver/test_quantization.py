"""The driver's casts of numbers, written for themselves, are qfx.fixedpoint's: tolerance zero."""

from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np
import pytest
from golden_device import GoldenDevice

from qfx.fixedpoint import FixedPointError, FixedPointType, Overflow, Rounding, quantize
from qfx.project.folder import Project
from qfx.simulation.board.pynq import Board, installed, load

FRACTION_BITS = (-1000, -70, -5, 0, 1, 7, 31, 40, 1000)


@pytest.fixture(scope="module")
def driver(project_of: Callable[[str], Project]) -> Iterator[ModuleType]:
    project = project_of("vector")
    with installed(Board(project.manifest, GoldenDevice(project))):
        yield load(project)


def port(driver: ModuleType, dtype: FixedPointType, rounding: Rounding, overflow: Overflow):
    return driver.Port(
        name="x", shape=(), wordlength=dtype.wordlength, fraction_bits=dtype.fraction_bits,
        signed=dtype.signed, memory="<i4", frame_bytes=4, rounding=rounding.name,
        overflow=overflow.name,
    )  # fmt: skip


def numbers(dtype: FixedPointType, kind: type, generator: np.random.Generator) -> np.ndarray:
    """Floats at and around the grid and its middle, all magnitudes, the ends of the type."""
    whole = [*range(-9, 10), dtype.min_int, dtype.max_int, 2 * dtype.min_int, 2 * dtype.max_int]
    whole += generator.integers(-(2**34), 2**34, 50).tolist()
    near = np.array(whole, np.float64)[:, None] + np.array([0, 0.5, -0.5, 0.25, -0.25, 0.49999])
    limits = np.finfo(kind)
    ends = (limits.tiny, limits.smallest_subnormal, 3 * limits.smallest_subnormal, limits.max)
    spread = generator.normal(size=200) * 2.0 ** generator.integers(-60, 60, 200)
    with np.errstate(over="ignore", under="ignore"):
        at_grid = np.ldexp(near.reshape(-1), -dtype.fraction_bits).astype(kind)
        apart = np.concatenate(
            [np.nextafter(at_grid, kind(0)), np.nextafter(at_grid, kind(np.inf))]
        )
    extremes = np.array([*ends, *(-end for end in ends), 0.0, -0.0], kind)
    everything = np.concatenate([at_grid, apart, extremes, spread.astype(kind)])
    return everything[np.isfinite(everything)]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("overflow", Overflow)
@pytest.mark.parametrize("rounding", Rounding)
def test_floats(rounding: Rounding, overflow: Overflow, kind: type, driver: ModuleType) -> None:
    generator, refused, compared = np.random.default_rng(7), 0, 0
    for wordlength in (1, 2, 3, 8, 13, 16, 31, 32):
        for fraction_bits in FRACTION_BITS:
            for signed in (False, True):
                dtype = FixedPointType(wordlength, fraction_bits, signed)
                own = port(driver, dtype, rounding, overflow)
                x = numbers(dtype, kind, generator)
                with np.errstate(over="ignore"):
                    beyond = np.abs(np.ldexp(x.astype(np.float64), fraction_bits)) >= 2.0**63
                if overflow is Overflow.WRAP and beyond.any():
                    with pytest.raises(FixedPointError):
                        quantize(x, dtype, rounding, overflow)
                    with pytest.raises(driver.InputError, match="more than 63 bits above"):
                        own.check(x, "f")
                    x, refused = x[~beyond], refused + 1
                wanted = quantize(x, dtype, rounding, overflow).integers
                assert own.check(x, "f") is x
                np.testing.assert_array_equal(own.quantized(x), wanted, str(dtype))
                compared += len(x)
    assert compared > 90_000
    assert bool(refused) == (overflow is Overflow.WRAP)


@pytest.mark.parametrize("overflow", Overflow)
def test_integers_are_numbers_too(overflow: Overflow, driver: ModuleType) -> None:
    generator = np.random.default_rng(8)
    for kind in (np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64):
        ends = (0, 2) if kind is np.bool_ else (np.iinfo(kind).min >> 2, np.iinfo(kind).max >> 2)
        x = generator.integers(*ends, 200).astype(kind)
        for dtype in (
            FixedPointType(8, 0, False), FixedPointType(8, 0), FixedPointType(8, -2),
            FixedPointType(17, 0), FixedPointType(16, 1), FixedPointType(32, 0, False),
        ):  # fmt: skip
            own = port(driver, dtype, Rounding.RND, overflow)
            wanted = quantize(x, dtype, Rounding.RND, overflow).integers
            np.testing.assert_array_equal(own.quantized(own.check(x, "biuf")), wanted)


def test_the_ends_of_bytes_pass_and_saturate(driver: ModuleType) -> None:
    x = np.array([-128, -127, 127], np.int8)
    for overflow in Overflow:
        own = port(driver, FixedPointType(8, 0), Rounding.TRN, overflow)
        wanted = quantize(x, FixedPointType(8, 0), Rounding.TRN, overflow).integers
        np.testing.assert_array_equal(own.quantized(x), wanted)


def test_outputs_are_floats_exactly_on_the_grid(driver: ModuleType) -> None:
    for fraction_bits in FRACTION_BITS[1:-1]:
        own = port(driver, FixedPointType(32, fraction_bits), Rounding.TRN, Overflow.WRAP)
        integers = np.array([-(2**31), -1, 0, 1, 2**31 - 1])
        assert own.values(integers).tolist() == [int(n) * 2.0**-fraction_bits for n in integers]
