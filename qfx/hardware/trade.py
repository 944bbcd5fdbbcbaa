"""Trades one resource for another, head by head, until a design fits its board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

from qfx.boards import Resources
from qfx.hardware.folding import Folding

Costs = list[dict[Folding, Resources]]  # of each head, what its foldings take


def trade(
    costs: Costs, chosen: list[Folding], others: Mapping[str, int], allowed: Resources
) -> list[Folding]:
    """The foldings chosen, some of them exchanged for others that take less of what is short.

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
    chosen = list(chosen)
    while True:
        totals = dict(others)
        for each, folding in zip(costs, chosen, strict=True):
            for name, value in each[folding]:
                totals[name] += value
        short = [name for name, value in totals.items() if value > getattr(allowed, name)]
        if not short:
            return chosen
        worst = max(short, key=lambda name: share(totals[name], getattr(allowed, name)))
        prices = _exchanges(costs, chosen, totals, allowed, worst)
        found = min(prices, default=None, key=lambda exchange: exchange[0])
        if found is None:
            return chosen
        _, place, folding = found
        chosen[place] = folding


def share(taken: float, allowed: int) -> float:
    """Of a budget; infinite for some of none."""
    return taken / allowed if allowed else inf if taken > 0 else 0.0


def _exchanges(
    costs: Costs, chosen: list[Folding], totals: Mapping[str, int], allowed: Resources, worst: str
) -> Iterator[tuple[float, int, Folding]]:
    """The price of each exchange that saves some of what is short, its head and new folding."""
    for place, each in enumerate(costs):
        now = dict(each[chosen[place]])
        for folding, taken in each.items():
            more = {name: value - now[name] for name, value in taken}
            saved = -more.pop(worst)
            limits = {name: getattr(allowed, name) for name in more}
            exceeds = any(
                extra > 0 and totals[name] + extra > limits[name] for name, extra in more.items()
            )
            if saved > 0 and not exceeds:
                price = sum(share(extra, limits[name]) for name, extra in more.items() if extra)
                yield price / share(saved, getattr(allowed, worst)), place, folding
