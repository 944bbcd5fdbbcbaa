"""The dataflow graph as shapes in pixels, which the template writes as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from qfx.project.manifest import Manifest, StageRecord
from qfx.report.graph_layout import Card, Layout, Way, layout
from qfx.report.recorded import StreamRecord

WIDTH, PORT_HEIGHT = 262, 26  # of a card, of a port
HEAD, ROW, FOOT = 26, 20, 5  # of a card's title, of each stage, below the last
LINE = 17  # of the words on a way
_LANE, _GUTTER, _MARGIN = 150, 26, 12  # a column that only ways run in; between columns; around
_APART, _TURN, _ARROW, _CORNER = 36, 10, 7, 6
_WIDE, _CAPITAL, _LETTER = 13.5, 9.5, 8.0  # pixels, at most, of a bold letter
_CHARACTER = 7.2  # pixels, at most, of text at 12 px

Point = tuple[float, float]


@dataclass(frozen=True)
class Row:
    """A stage in a card; `share` of the frame's cycles, `slowest` where it is all of them."""

    stage: StageRecord
    y: float
    label: str
    folding: str
    cycles: str
    share: float
    slowest: bool


@dataclass(frozen=True)
class Box:
    """A card, or a port where there are no rows."""

    x: float
    y: float
    width: float
    height: float
    title: str
    whole: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Label:
    """Words at a way, and how wide a box around them is; None where there is none."""

    x: float
    y: float
    text: str
    box: float | None
    slowest: bool


@dataclass(frozen=True)
class Path:
    """A way with an arrow at its end, and what is written at it."""

    d: str
    end: Point
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    paths: tuple[Path, ...]


def draw(manifest: Manifest, streams: Sequence[StreamRecord]) -> Drawing:
    """Return the stages of a design, layer by layer from top to bottom."""
    return _Sheet(layout(manifest, streams), manifest.prediction.initiation_interval).drawing()


class _Sheet:
    """What is known when cards get their places in pixels."""

    def __init__(self, plan: Layout, interval: int) -> None:
        self.plan, self.interval = plan, interval
        self.heights = [_height(card) for card in plan.cards]
        self.lines = [_words(way, interval) for way in plan.ways]
        self.left = self._column_edges()
        self.top = self._row_edges()

    def drawing(self) -> Drawing:
        plan = self.plan
        boxes = tuple(self._box(index, card) for index, card in enumerate(plan.cards))
        paths = tuple(self._path(n) for n in range(len(plan.ways)))
        bottom = max(box.y + box.height for box in boxes)
        return Drawing(self.left[-1] - _GUTTER + _MARGIN, bottom + _MARGIN, boxes, paths)

    def _column_edges(self) -> list[float]:
        plan, edges = self.plan, [float(_MARGIN)]
        used = [*plan.columns, *(lane for way in plan.ways for lane in way.lanes)]
        for column in range(max(used) + 1):
            wide = WIDTH if column in plan.columns else _LANE
            edges.append(edges[-1] + wide + _GUTTER)
        return edges

    def _row_edges(self) -> list[float]:
        plan, edges = self.plan, [float(_MARGIN)]
        for row in range(max(plan.rows)):
            tall = [h for h, at in zip(self.heights, plan.rows, strict=True) if at == row]
            words = [
                len(lines)
                for way, lines in zip(plan.ways, self.lines, strict=True)
                if plan.rows[way.target] == row + 1 and not way.lanes
            ]
            gap = 2 * _TURN + _ARROW + LINE * max(words, default=0) + 6
            edges.append(edges[-1] + max(tall, default=PORT_HEIGHT) + gap)
        return edges

    def _middle(self, column: int) -> float:
        if column in self.plan.columns:
            return self.left[column] + WIDTH / 2
        return self.left[column] + 10  # words stand on the right of it

    def _box(self, index: int, card: Card) -> Box:
        plan = self.plan
        x, y = self.left[plan.columns[index]], self.top[plan.rows[index]]
        rows = tuple(
            Row(
                stage=stage,
                y=y + HEAD + n * ROW,
                label=_shortened(_kind(stage), 84),
                folding=_folding(stage),
                cycles=f"{stage.cycles:,}",
                share=stage.cycles / self.interval,
                slowest=stage.cycles == self.interval,
            )
            for n, stage in enumerate(card.stages)
        )
        title = _shortened(card.title, WIDTH - 20)
        return Box(x, y, WIDTH, self.heights[index], title, card.title, rows)

    def _path(self, number: int) -> Path:
        plan, way = self.plan, self.plan.ways[number]
        below = self.top[plan.rows[way.source]] + self.heights[way.source]
        above = self.top[plan.rows[way.target]]
        start, end = self._end(way, True), self._end(way, False)
        lanes = [self._middle(column) for column in way.lanes] or [
            start if plan.columns[way.source] >= plan.columns[way.target] else end
        ]
        points: list[Point] = [(start, below), (start, below + _TURN)]
        for n, lane in enumerate(lanes):
            if n and lane != lanes[n - 1]:
                turn = self.top[plan.rows[way.source] + n + 1] - _TURN
                points += [(lanes[n - 1], turn), (lane, turn)]
            elif not n:
                points.append((lane, below + _TURN))
        turn = above - _ARROW - _TURN
        points += [(lanes[-1], turn), (end, turn), (end, above - 1)]
        half = len(lanes) // 2
        at = lanes[half]
        first = below + _TURN + LINE
        if way.lanes:
            row = plan.rows[way.source] + half + 1
            first = self.top[row] + 20
        return Path(_rounded(points), (end, above), self._labels(number, at + 8, first))

    def _labels(self, number: int, x: float, first: float) -> tuple[Label, ...]:
        return tuple(
            Label(x, first + n * LINE, text, len(text) * _CHARACTER + 8 if boxed else None, slowest)
            for n, (text, boxed, slowest) in enumerate(self.lines[number])
        )

    def _end(self, way: Way, leaving: bool) -> float:
        """Where a way touches its card: those that run straight in the middle, others beside."""
        plan = self.plan
        index = way.source if leaving else way.target
        own = plan.columns[index]

        def lane(other: Way) -> int:
            if other.lanes:
                return other.lanes[0] if leaving else other.lanes[-1]
            return plan.columns[other.target if leaving else other.source]

        same = [w for w in plan.ways if (w.source if leaving else w.target) == index]
        same.sort(key=lane)
        straight = [w for w in same if lane(w) == own]
        middle = self.left[own] + WIDTH / 2
        if way in straight[:1] or len(same) == 1:
            return middle
        beside = [w for w in same if w not in straight[:1]]
        return middle + _APART * (1 + next(n for n, w in enumerate(beside) if w is way))


def _height(card: Card) -> float:
    return HEAD + ROW * len(card.stages) + FOOT if card.stages else PORT_HEIGHT


def _words(way: Way, interval: int) -> list[tuple[str, bool, bool]]:
    """Lines at a way, whether each is boxed, and whether it tells of a slowest stage."""
    lines = []
    for stage in way.passed:
        slow = stage.cycles == interval
        if "depth" in stage.folding:
            lines.append((f"queue {stage.folding['depth']:,}", True, slow))
        else:
            lanes = stage.output.split(" ")[0]
            words = f"{stage.kind} to {lanes} lane{'s' * (lanes != '1')}"
            lines.append((words, False, slow))
    return [*lines, (way.carries.replace(" x ", " × "), False, False)]


def _kind(stage: StageRecord) -> str:
    """What a stage does: the last word of its name; what is before it tells its layer."""
    return stage.name.rsplit("_", 1)[-1]


def _folding(stage: StageRecord) -> str:
    folding = stage.folding
    parts = [f"{folding['pe']} × {folding['simd']}"] if "pe" in folding else []
    parts += [f"window {folding['window']}"] if "window" in folding else []
    parts += [str(folding["multiplier"]).replace("_", "-")] if "multiplier" in folding else []
    return " ".join(parts)


def _shortened(text: str, most: float) -> str:
    """As much of it as `most` pixels hold, in bold at 12.5 px."""
    widths = [_WIDE if c in "MWmw@%" else _LETTER if c.islower() else _CAPITAL for c in text]
    if sum(widths) <= most:
        return text
    kept = sum(total <= most - _WIDE for total in accumulate(widths))
    return text[:kept] + "…"


def _rounded(points: Sequence[Point]) -> str:
    """The `d` of a path through the points, its corners rounded."""
    kept = [points[0]]
    for point in points[1:]:
        if point != kept[-1]:
            kept.append(point)
    d = f"M{kept[0][0]:g} {kept[0][1]:g}"
    for before, here, after in zip(kept, kept[1:], kept[2:], strict=False):
        near, far = _towards(here, before), _towards(here, after)
        d += f"L{near[0]:g} {near[1]:g}Q{here[0]:g} {here[1]:g} {far[0]:g} {far[1]:g}"
    return d + f"L{kept[-1][0]:g} {kept[-1][1]:g}"


def _towards(here: Point, there: Point) -> Point:
    length = abs(there[0] - here[0]) + abs(there[1] - here[1])  # one of them is zero
    part = min(_CORNER, length / 2) / length
    return (here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1]))
