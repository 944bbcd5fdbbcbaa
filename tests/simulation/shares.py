"""Random designs of which the usual run takes a share."""

import pytest
from _pytest.mark.structures import ParameterSet


def share(kept: int, of: int) -> list[ParameterSet]:
    """Numbers up to `of`; those from `kept` on are for `make test-long` alone."""
    return [pytest.param(n, marks=[pytest.mark.long] if n >= kept else []) for n in range(of)]
