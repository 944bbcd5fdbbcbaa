"""cast and quantize give the integers of AMD's ap_fixed."""

import json
import random

import numpy as np
import pytest
from ap_fixed import Conversion, convert_with_ap_fixed
from oracle import DIGESTS, MODES, all_integers, conversions, digest, key, qfx_results

from qfx.fixedpoint import FixedPointType, Overflow, cast, quantize

SMALLEST = np.nextafter(0.0, 1.0)
COMMITTED = json.loads(DIGESTS.read_text())


@pytest.mark.parametrize("modes", MODES, ids=key)
def test_every_small_combination_has_the_digest_of_ap_fixed(modes):
    assert digest(qfx_results(modes)) == COMMITTED["sha256"][key(modes)]


def test_the_digests_cover_every_mode_pair():
    assert list(COMMITTED["sha256"]) == [key(modes) for modes in MODES]
    assert COMMITTED["combinations"] == sum(len(list(conversions(modes))) for modes in MODES)
    assert COMMITTED["conversions"] == sum(len(qfx_results(modes)) for modes in MODES)


def test_small_formats_against_the_compiled_header(require_tool):
    require_tool("g++")
    rng = random.Random(1)
    by_modes = [list(conversions(modes)) for modes in MODES]
    todo = [rng.choice(rng.choice(by_modes)) for _ in range(300)]
    check_cast(todo, [all_integers(conversion.source) for conversion in todo])


def test_wide_formats_against_the_compiled_header(require_tool):
    require_tool("g++")
    rng = random.Random(2)
    todo = [random_wide_conversion(rng, modes) for modes in MODES * 3]
    check_cast(todo, [random_integers(rng, conversion.source, 300) for conversion in todo])


def test_quantize_against_the_compiled_header(require_tool):
    require_tool("g++")
    rng = random.Random(3)
    todo = [
        Conversion(None, FixedPointType(wordlength, rng.randint(-4, 40), signed), *modes)
        for modes in MODES
        for signed in (True, False)
        for wordlength in (rng.randint(1, 9), rng.randint(10, 63))
    ]
    inputs = [random_values(rng, conversion) for conversion in todo]
    for conversion, values, expected in zip(
        todo, inputs, convert_with_ap_fixed(todo, inputs), strict=True
    ):
        found = quantize(values, conversion.dtype, conversion.rounding, conversion.overflow)
        np.testing.assert_array_equal(found.integers, expected, err_msg=str(conversion))


def check_cast(todo, inputs):
    for conversion, integers, expected in zip(
        todo, inputs, convert_with_ap_fixed(todo, inputs), strict=True
    ):
        found = cast(
            integers,
            conversion.source.fraction_bits,
            conversion.dtype,
            conversion.rounding,
            conversion.overflow,
        )
        np.testing.assert_array_equal(found, expected, err_msg=str(conversion))


def random_wide_conversion(rng, modes):
    """Up to 63 bits on both sides, dropping up to 62 bits or appending as many as 63 bits allow."""
    source = FixedPointType(rng.randint(1, 63), rng.randint(-20, 80), rng.random() < 0.5)
    shift = rng.randint(source.wordlength - 63, 62)
    dtype = FixedPointType(rng.randint(1, 63), source.fraction_bits - shift, rng.random() < 0.5)
    return Conversion(source, dtype, *modes)


def random_integers(rng, dtype, count):
    """All magnitudes; the ends of the range, powers of two, and their neighbours among them."""
    drawn = [dtype.min_int, dtype.max_int]
    while len(drawn) < count:
        bits = rng.randint(0, dtype.wordlength)
        power = rng.choice((-1, 1)) << bits
        drawn += [power - 1, power, power + 1, rng.randint(-(1 << bits), 1 << bits)]
        drawn += [dtype.min_int + rng.getrandbits(bits), dtype.max_int - rng.getrandbits(bits)]
    return np.array([x for x in drawn if x in dtype.interval], dtype=np.int64)


def random_values(rng, conversion):
    """Floats at and next to half LSBs, around both ends of the range, around zero, and far away."""
    dtype = conversion.dtype
    centres = [0, dtype.min_int, dtype.max_int]
    centres += [rng.randint(dtype.min_int, dtype.max_int) for _ in range(20)]
    halves = np.array([2 * centre + k for centre in centres for k in range(-5, 6)], dtype=object)
    exact = np.ldexp(halves.astype(np.float64), -dtype.fraction_bits - 1)
    near = [np.nextafter(exact, -np.inf), exact, np.nextafter(exact, np.inf)]
    reach = 60 if conversion.overflow is Overflow.WRAP else 200  # a WRAP beyond 62 bits is refused
    far = [
        rng.uniform(-1, 1) * 2.0 ** (rng.randint(-70, reach) - dtype.fraction_bits)
        for _ in range(200)
    ]
    return np.concatenate([*near, far, [0.0, -0.0, SMALLEST, -SMALLEST]])
