"""Where the parts of a dataflow graph stand: cards of stages in rows, branches in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qfx.hardware import STAGES
from qfx.project.manifest import Manifest, StageRecord
from qfx.report.recorded import StreamRecord

# Drawn on the way they lie on, not as a part of a card.
_CARRYING = {stage.kind for stage in STAGES if stage.carries}


@dataclass(frozen=True)
class Card:
    """Stages of one layer behind one another, or a port of the top level when there are none."""

    title: str
    stages: tuple[StageRecord, ...] = ()


@dataclass
class Way:
    """From the last stage of a card to the first of another.

    Args:
        source, target: indices of cards.
        carries: lanes and type where it arrives.
        passed: queues and changes of lanes on it, in order.
        lanes: the column it runs in at each row that it passes by.
    """

    source: int
    target: int
    carries: str
    passed: tuple[StageRecord, ...]
    lanes: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """Cards with a row and a column for each, and the ways between them."""

    cards: tuple[Card, ...]
    ways: tuple[Way, ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]


def layout(manifest: Manifest, streams: Sequence[StreamRecord]) -> Layout:
    """Return every card below all that it reads; the longest branch of a fork stays in its
    column.
    """
    cards, ways = _cards_and_ways(manifest, streams)
    rows = _rows(cards, ways)
    columns = _columns(ways, rows)
    return Layout(tuple(cards), tuple(ways), tuple(rows), tuple(columns))


def _cards_and_ways(
    manifest: Manifest, streams: Sequence[StreamRecord]
) -> tuple[list[Card], list[Way]]:
    stages = {stage.name: stage for stage in manifest.stages}
    drawn = [stage for stage in manifest.stages if stage.kind not in _CARRYING]
    entering: dict[str, list[tuple[str, tuple[StageRecord, ...], str]]] = {}
    leaving: dict[str, int] = {}
    for stream in streams:
        if stream.takes in stages and stages[stream.takes].kind in _CARRYING:
            continue
        giver, passed = _origin(stream, streams, stages)
        entering.setdefault(stream.takes, []).append((giver, passed, stream.carries))
        leaving[giver] = leaving.get(giver, 0) + 1
    chains: list[list[StageRecord]] = []
    chain_of: dict[str, int] = {}
    for stage in drawn:
        (giver, passed, _), *others = entering[stage.name]
        follows = giver in stages and stages[giver].layer == stage.layer and leaving[giver] == 1
        if follows and not passed and not others:
            chain_of[stage.name] = chain_of[giver]
            chains[chain_of[giver]].append(stage)
        else:
            chain_of[stage.name] = len(chains)
            chains.append([stage])
    inputs, outputs = [p.name for p in manifest.inputs], [p.name for p in manifest.outputs]
    cards = [Card(name) for name in inputs]
    index = {name: n for n, name in enumerate(inputs)}
    index |= {name: len(inputs) + chain for name, chain in chain_of.items()}
    cards += [Card(chain[0].layer or chain[0].name, tuple(chain)) for chain in chains]
    index |= {name: len(cards) + n for n, name in enumerate(outputs)}
    cards += [Card(name) for name in outputs]
    ways = [
        Way(index[giver], index[taker], carries, passed)
        for taker, origins in entering.items()
        for giver, passed, carries in origins
        if index[giver] != index[taker]
    ]
    return cards, ways


def _origin(
    stream: StreamRecord, streams: Sequence[StreamRecord], stages: dict[str, StageRecord]
) -> tuple[str, tuple[StageRecord, ...]]:
    """Where a stream comes from, looking through what only carries; and that, in order."""
    into = {s.takes: s for s in streams}
    passed: list[StageRecord] = []
    giver = stream.gives
    while giver in stages and stages[giver].kind in _CARRYING:
        passed.insert(0, stages[giver])
        giver = into[giver].gives
    return giver, tuple(passed)


def _rows(cards: Sequence[Card], ways: Sequence[Way]) -> list[int]:
    rows = [0] * len(cards)
    for index in range(len(cards)):  # a card stands behind those it reads
        rows[index] = max((rows[w.source] + 1 for w in ways if w.target == index), default=0)
    for index in range(len(cards)):
        if not any(way.target == index for way in ways):
            first = min((rows[way.target] for way in ways if way.source == index), default=1)
            rows[index] = first - 1
    return rows


def _columns(ways: Sequence[Way], rows: list[int]) -> list[int]:
    """The column of each card; and the lanes of each way, which are filled in."""
    columns = [0] * len(rows)
    depth = [0] * len(rows)
    for index in reversed(range(len(rows))):
        depth[index] = max((depth[w.target] + 1 for w in ways if w.source == index), default=0)
    for row in range(max(rows) + 1):
        passing = [way for way in ways if rows[way.source] < row < rows[way.target]]
        here = [index for index, at in enumerate(rows) if at == row]
        wishes: list[tuple[int, int, int, Way | int]] = []
        for index in here:
            came = [_last(way, columns) for way in ways if way.target == index]
            wishes.append((min(came, default=0), 0, -depth[index], index))
        for way in passing:
            wishes.append((_last(way, columns), 1, -depth[way.target], way))
        wishes.sort(key=lambda wish: wish[:3])
        for column, item in _seated(wishes):
            if isinstance(item, Way):
                item.lanes.append(column)
            else:
                columns[item] = column
    return columns


def _last(way: Way, columns: list[int]) -> int:
    return way.lanes[-1] if way.lanes else columns[way.source]


def _seated(wishes: list[tuple[int, int, int, Way | int]]) -> list[tuple[int, Way | int]]:
    """The first who wishes a column has it; the others the next that is free."""
    taken: dict[int, Way | int] = {}
    late = []
    for wish, _, _, item in wishes:
        if wish in taken:
            late.append((wish, item))
        else:
            taken[wish] = item
    for wish, item in late:
        while wish in taken:
            wish += 1
        taken[wish] = item
    return list(taken.items())
