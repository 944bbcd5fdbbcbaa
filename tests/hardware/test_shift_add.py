"""Terms of constants: equal to the integers, no more of them than signed digits, and as coded."""

import numpy as np
import pytest

from qfx.fixedpoint import count_digits
from qfx.hardware.shift_add import Terms


def decoded(terms: Terms) -> list[int]:
    """By plain integers, field by field, as hardware reads a word."""
    found = []
    for word in terms.words():
        total = 0
        for _ in range(terms.count):
            field = word & ((1 << terms.term_bits) - 1)
            word >>= terms.term_bits
            shift = field & ((1 << terms.shift_bits) - 1)
            field >>= terms.shift_bits
            negative = field & 1 if terms.has_signs else 0
            field >>= int(terms.has_signs)
            present = field & 1 if terms.has_gaps else 1
            total += present * (-1 if negative else 1) << shift if present else 0
        assert word == 0
        found.append(total)
    return found


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize(("low", "high"), [(-129, 129), (0, 2), (0, 256), (-1, 2), (-1024, 1025)])
def test_the_words_are_the_integers(low: int, high: int, filled: bool) -> None:
    integers = np.arange(low, high)
    terms = Terms.of(integers, filled=filled)
    assert terms.count == count_digits(integers).max()
    np.testing.assert_array_equal(terms.integers(), integers)
    assert decoded(terms) == integers.tolist()
    if filled and terms.count > 1:
        assert terms.present.all()
        assert not terms.has_gaps
    else:
        np.testing.assert_array_equal(terms.present.sum(-1), count_digits(integers))


def test_powers_of_two_take_one_term_and_all_zero_one_bit() -> None:
    powers = Terms.of([[1, -4], [16, -64]], filled=True)
    assert (powers.count, powers.shift_bits, powers.word_bits) == (1, 3, 4)
    zeros = Terms.of(np.zeros((2, 3), np.int64), filled=True)
    assert zeros.word_bits == 1
    assert not any(zeros.words())
    ones = Terms.of(np.ones(4, np.int64))
    assert (ones.word_bits, ones.term_bits) == (1, 0)


def test_terms_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qfx.hardware.shift_add._terms", lambda digits: [(0, False)])
    with pytest.raises(ArithmeticError, match="do not add up"):
        Terms.of([3])


def test_words_may_be_wider_than_63_bits() -> None:
    integers = np.array([0x555555555, -0x2AAAAAAAA])
    terms = Terms.of(integers, filled=True)
    assert terms.word_bits > 63
    assert decoded(terms) == integers.tolist()
