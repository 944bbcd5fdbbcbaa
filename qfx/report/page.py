"""The project's report: one self-contained HTML page, no network."""

from __future__ import annotations

from pathlib import Path

from qfx.backends.manifest import Manifest
from qfx.backends.templates import render


def write(manifest: Manifest, path: Path) -> None:
    """Write the page of a project: stages, cycles, estimate, vectors, provenance."""
    path.write_text(render("report/page.html.j2", m=manifest, p=manifest.prediction))
