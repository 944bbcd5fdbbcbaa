"""Trades one resource for another, head by head, until a design fits its board."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import numpy as np
import numpy.typing as npt

from qfx.boards import Resources
from qfx.hardware.folding import Folding

Costs = list[dict[Folding, Resources]]  # of each head, what its foldings take
_Table = npt.NDArray[np.float64]

_NAMES = tuple(Resources.model_fields)


def trade(
    costs: Costs, chosen: list[Folding], others: Mapping[str, int], allowed: Resources
) -> list[Folding]:
    """Return the foldings chosen, some of them exchanged for others that take less of what is
    short.

    One exchange after the other: the one that takes the least of all else for what it saves, as
    shares of the budget, and makes nothing else short.

    Args:
        costs: of each head, the foldings that are fast enough.
        chosen: one of each.
        others: what all else in the design takes, by resource.
        allowed: the board's budget.

    Returns:
        One folding of each head; not all is in the budget where no exchange was left.
    """
    tables = [_table(each) for each in costs]
    indices = [list(each).index(folding) for each, folding in zip(costs, chosen, strict=True)]
    limits = np.array([getattr(allowed, name) for name in _NAMES], np.float64)
    rest = np.array([others[name] for name in _NAMES], np.float64)
    while True:
        totals = rest + sum(table[index] for table, index in zip(tables, indices, strict=True))
        short = np.flatnonzero(totals > limits)
        prices = np.zeros(0)
        if len(short):
            worst = max(short, key=lambda n: share(float(totals[n]), float(limits[n])))
            each = [
                _prices(t - t[index], totals, limits, int(worst))
                for t, index in zip(tables, indices, strict=True)
            ]
            prices = np.concatenate(each)
        if not np.isfinite(prices).any():
            return [list(each)[index] for each, index in zip(costs, indices, strict=True)]
        head, folding = 0, int(np.argmin(prices))
        while folding >= len(tables[head]):
            head, folding = head + 1, folding - len(tables[head])
        indices[head] = folding


def share(taken: float, allowed: float) -> float:
    """Return the share of a budget; infinite for some of none."""
    return taken / allowed if allowed else inf if taken > 0 else 0.0


def _table(costs: Mapping[Folding, Resources]) -> _Table:
    rows = [[getattr(taken, name) for name in _NAMES] for taken in costs.values()]
    return np.array(rows, np.float64)


def _prices(more: _Table, totals: _Table, limits: _Table, worst: int) -> _Table:
    """Of each exchange, the share of all else that it takes for the share of the worst that it
    saves; infinite where it saves nothing, or makes something else short.

    Args:
        more: (exchanges, resources): what each takes more.
    """
    saved, others = -more[:, worst], np.delete(more, worst, axis=1)
    allowed, left = np.delete(limits, worst), np.delete(limits - totals, worst)
    possible = (saved > 0) & ~((others > 0) & (others > left)).any(axis=1)
    paid = np.where(others != 0, others / np.where(allowed > 0, allowed, inf), 0.0).sum(axis=1)
    gain = saved / limits[worst] if limits[worst] else np.full(len(saved), inf)
    prices: _Table = np.where(possible, paid / np.where(possible, gain, 1.0), inf)
    return prices
