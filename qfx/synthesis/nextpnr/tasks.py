"""Runs of the open tools whose results are kept one by one, so that nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qfx import tools
from qfx.cache import build_once, kept
from qfx.disk.scratch import scratch
from qfx.progress import ENDED, Steps
from qfx.synthesis.measured import SynthesisError
from qfx.synthesis.nextpnr import runs


@dataclass(frozen=True)
class Task:
    """A run of a tool.

    Args:
        what: it does, in a few words.
        kind, key: under which its result is kept.
        module: of the tool's package.
        arguments: of its command line.
        files: gives the texts that it reads, by their names.
        keep: takes what is kept from the folder it ran in to an empty one.
    """

    what: str
    kind: str
    key: tuple[str, ...]
    module: str
    arguments: tuple[str, ...]
    files: Callable[[], Mapping[str, str]]
    keep: Callable[[Path, Path], None]

    @property
    def kept(self) -> Path | None:
        """The folder of its result; None before it was run."""
        return kept(self.kind, self.key)


def run(tasks: Sequence[Task], at_once: int, progress: Steps, whose: str) -> int:
    """Run those whose result is not kept, and return how many.

    Args:
        tasks: in the order in which they begin.
        at_once: so many at a time.
        progress: told what begins, and so many done of all.
        whose: the design, for errors.

    Raises:
        SynthesisError: a tool fails; what was done before is kept.
        KeyboardInterrupt: with a sentence that says how much is kept.
    """
    missing = list({task.key: task for task in tasks if task.kept is None}.values())
    done, of, failed = len(tasks) - len(missing), len(tasks), list[str]()

    def jobs(work: Path) -> Iterator[tools.Job]:
        for number, task in enumerate(missing):
            folder = work / str(number)
            folder.mkdir()
            for name, text in task.files().items():
                (folder / name).write_text(text)
            yield job(task, folder)

    def job(task: Task, folder: Path) -> tools.Job:
        def heard(line: str) -> None:
            step = runs.step_of(line)
            if step:
                progress(f"{task.what}: {step}", done, of)
            if line.startswith("ERROR"):
                failed.append(task.what)

        def ended() -> None:
            nonlocal done
            build_once(task.kind, task.key, lambda target: task.keep(folder, target))
            done += 1
            progress(f"{task.what}{ENDED}", done, of)

        return runs.job(task.module, task.arguments, folder, heard, ended)

    try:
        with scratch("nextpnr") as work:
            tools.watch(jobs(Path(work)), at_once)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"{done} of {of} runs are kept, and the same command goes on from there"
        ) from None
    except tools.ToolFailed as error:
        what = failed[0] if failed else missing[0].what
        raise SynthesisError(
            f"{what} of {whose} cannot be done: {runs.cause(error)}; what other runs gave is kept"
        ) from error
    return len(missing)
