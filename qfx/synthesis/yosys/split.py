"""A design taken apart by Yosys into its stages, each a text that can be built alone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from qfx import tools
from qfx.cache import build_once
from qfx.disk.scratch import scratch
from qfx.project import Project
from qfx.synthesis.measured import SynthesisError, changed_sources
from qfx.synthesis.yosys import scripts


def sources_of(project: Project) -> list[Path]:
    """Return the design's Verilog files."""
    return sorted((project.path / "verilog" / "src").glob("*.sv"))


def parts_of(project: Project) -> dict[str, list[str]]:
    """Return the instances in the top level that make each stage: its module and the ROMs beside
    it, whose names begin with the stage's.
    """
    top = project.path / "verilog" / "src" / f"{project.manifest.name}.sv"
    instances = re.findall(r"\bu_\w+(?= \()", top.read_text() if top.is_file() else "")
    parts: dict[str, list[str]] = {stage.name: [] for stage in project.manifest.stages}
    for instance in instances:
        name = owner(project, instance)
        if name:
            parts[name].append(instance)
    return {name: found for name, found in parts.items() if found}


def owner(project: Project, instance: str) -> str:
    """Return the stage an instance in the top level is, or stands beside; empty where it is of
    none.
    """
    names = (stage.name for stage in project.manifest.stages)
    owners = [n for n in names if instance == f"u_{n}" or instance.startswith(f"u_{n}_")]
    return max(owners, key=len, default="")


def texts_of(project: Project) -> dict[str, str]:
    """Return each stage in Yosys' own language, by its name; by the design's, what the top itself
    does.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    with scratch("yosys") as folder:
        work = Path(folder)
        (work / "stages").mkdir()
        run_on_sources(project, work, _script(project))
        texts = {}
        for name in parts_of(project):
            text = (work / "stages" / f"{name}.il").read_text()
            alone = scripts.alone(text, scripts.module(name))
            texts[name] = scripts.anywhere(alone, f"u_{name}")
        top = project.manifest.name
        texts[top] = scripts.alone((work / "top.il").read_text(), top)
    return texts


def digests_of(
    project: Project, version: str, texts: Callable[[], dict[str, str]]
) -> dict[str, str]:
    """Return a hash of each text, by its name; known at once where equal sources were split before.

    Args:
        project: whose texts.
        version: of Yosys.
        texts: called where they are needed.
    """

    def write(target: Path) -> None:
        found = {name: sha256(text.encode()).hexdigest() for name, text in texts().items()}
        (target / "stages.json").write_text(json.dumps(found, indent=1))

    folder = build_once("yosys-split", [version, _script(project), *sources_of(project)], write)
    digests: dict[str, str] = json.loads((folder / "stages.json").read_text())
    return digests


def run_on_sources(project: Project, work: Path, script: str) -> None:
    """Run a script that reads the sources from src/ in a folder.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    (work / "src").mkdir()
    for source in sources_of(project):
        shutil.copyfile(source, work / "src" / source.name)
    run_yosys(project, [yosys(work, script)])


def yosys(
    work: Path,
    script: str,
    heard: Callable[[str], None] = lambda step: None,
    ended: Callable[[], None] = lambda: None,
) -> tools.Job:
    """Make a run of Yosys in a folder.

    Args:
        work: the folder.
        script: what Yosys is told.
        heard: told of the script's steps as they begin.
        ended: called when it has done well.
    """

    def listen(line: str) -> None:
        if line.startswith(scripts.STEP):
            heard(line.removeprefix(scripts.STEP))

    (work / "steps.ys").write_text(script)
    return tools.Job(("yosys", "-q", "-s", "steps.ys"), work, listen, ended)


def run_yosys(project: Project, jobs: Iterable[tools.Job], at_once: int = 1) -> None:
    """Run Yosys on what is of a project.

    Raises:
        ToolMissing, SynthesisError: as `qfx.synth`.
    """
    try:
        tools.watch(jobs, at_once)
    except tools.ToolFailed as error:
        last = str(error).splitlines()[-1]
        changed = changed_sources(project)
        cause = f"changed since export: {', '.join(changed[:3])}; " if changed else ""
        raise SynthesisError(
            f"Yosys cannot build {project.manifest.name}: {last.removeprefix('ERROR: ')}"
            f" ({cause}export again)"
        ) from error


def _script(project: Project) -> str:
    names = [source.name for source in sources_of(project)]
    return scripts.split(project.manifest.name, names, parts_of(project))
