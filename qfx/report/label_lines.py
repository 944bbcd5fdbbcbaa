"""How right outputs are, by the labels given at export, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from qfx.data import Score
from qfx.project.manifest import Manifest
from qfx.simulation.verdicts import Compared


def label_lines(manifest: Manifest, rows: Sequence[Compared]) -> list[str]:
    """Return one for each output: who computed which figure.

    Args:
        manifest: tells what the model in torch and the golden model reached at export.
        rows: of simulators; one that differs from the golden model may be less right.
    """
    reached = dict(manifest.vectors.scores)
    reached |= {row.simulator: row.scores for row in rows if row.scores}
    lines = []
    for number, output in enumerate(manifest.outputs if reached else ()):
        found: dict[Score, list[str]] = {}
        for name, scores in reached.items():
            found.setdefault(scores[number], []).append(name)
        said = "; ".join(f"{score} by {', '.join(names)}" for score, names in found.items())
        where = f" {output.name}" if len(manifest.outputs) > 1 else ""
        lines.append(f"labels{where}: {said}")
    return lines
