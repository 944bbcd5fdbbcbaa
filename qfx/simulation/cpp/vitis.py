"""C simulation and co-simulation by AMD's own tools: the project's testbench, compiled and run by
Vitis, in the second with the RTL that Vitis makes of the C++.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from qfx import tools
from qfx.disk.scratch import scratch
from qfx.fixedpoint.array import Integers
from qfx.ir.several import Arrays, alone, each_of
from qfx.project import Project, vitis_scripts
from qfx.simulation.cpp.csim import from_hex, testbench_arguments
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers


def csim(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """Run a batch through Vitis' C simulation.

    Args:
        project: whose vitis/ is copied and built.
        stimuli: (samples, *input shape) integers of the input's dtype; of several inputs a tuple.
        workers: who hears of the samples.

    Raises:
        ToolMissing: neither vitis_hls nor v++ is on PATH.
        SimulationError: the tool fails, or not all frames come out.
    """
    return _simulate(project, stimuli, workers or Workers(), "csim")


def cosim(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """`csim` with the RTL of Vitis' own synthesis in place of the C++."""
    return _simulate(project, stimuli, workers or Workers(), "csynth", "cosim")


def _simulate(project: Project, stimuli: Arrays, workers: Workers, *steps: str) -> Outcome:
    tool, count = vitis_scripts.tool(), len(each_of(stimuli)[0])
    tools.require(tool)
    with scratch("vitis") as name:
        work = Path(name) / "vitis"
        for part in ("src", "tb"):
            shutil.copytree(project.path / "vitis" / part, work / part)
        option, *files = testbench_arguments(project, stimuli, Path(name))
        arguments = " ".join((option, *(str(Path(name) / file) for file in files)))
        shutil.copy(project.path / "vitis" / "build.tcl", work)
        config = (project.path / "vitis" / vitis_scripts.CONFIG).read_text()
        (work / vitis_scripts.CONFIG).write_text(vitis_scripts.with_arguments(config, arguments))
        workers.told(0)
        started = time.perf_counter()
        for run in vitis_scripts.runs(tool, *steps):
            _run(project, run, work, {**vitis_scripts.environment(*steps), "QFX_ARGV": arguments})
        seconds = time.perf_counter() - started
        found = _outputs(project, Path(name), count)
    workers.told(count)
    return Outcome(alone(found), seconds)


def _outputs(project: Project, folder: Path, count: int) -> list[Integers]:
    found = []
    for record in project.manifest.outputs:
        port = record.port()
        file = folder / f"output{port.suffix}.hex"
        text = file.read_text() if file.is_file() else ""
        beats, wanted = len(text.splitlines()), count * port.stream.beats
        if beats != wanted:
            raise SimulationError(
                f"Vitis gives {beats} beats of {port.stream.name} of {project.manifest.name}, not"
                f" the {wanted} of {count} frames"
            )
        found.append(port.unpack(from_hex(text, port)))
    return found


def _run(
    project: Project, arguments: tuple[str, ...], work: Path, environment: dict[str, str]
) -> None:
    """Run the tool; what it first says is wrong is the error."""
    errors = list[str]()

    def heard(line: str) -> None:
        if line.startswith(("ERROR", "FAIL")):
            errors.append(line)

    try:
        tools.watch([tools.Job(arguments, work, heard, environment=environment)])
    except tools.ToolFailed as error:
        said = errors or str(error).splitlines()[-1:]
        raise SimulationError(
            f"{arguments[0]} does not simulate {project.manifest.name}: {said[0]}"
        ) from error
