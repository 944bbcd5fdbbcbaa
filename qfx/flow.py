"""The whole way from a model to a project folder."""

from __future__ import annotations

import json
import platform
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfx import boards, foreign
from qfx.backends import verilog
from qfx.backends.languages import LANGUAGES
from qfx.data import Score, labels_of
from qfx.errors import require_whole
from qfx.evaluation import evaluate
from qfx.fixedpoint.array import Integers
from qfx.hardware import Design, Multipliers, Wishes, architectures
from qfx.hardware.overrides import Overrides
from qfx.hardware.shortage import BY_ESTIMATE
from qfx.ir import Graph, append
from qfx.ir import file as graph_file
from qfx.ir.several import alone, each_of
from qfx.ops import ArgMax
from qfx.packages import named_packages, package_version
from qfx.progress import Steps
from qfx.project import findings, folder
from qfx.project import manifest as records
from qfx.project.folder import Project, ProjectError
from qfx.project.input_fit import InputFit, warn
from qfx.project.manifest import ClockWarning
from qfx.report import page
from qfx.report.command import command_of
from qfx.report.profile import Profile, profile
from qfx.report.recorded import report_record
from qfx.report.training import TrainingRecord, training_record
from qfx.samples import Arrays, arrays_of, fits_of, integers_of, shape_of
from qfx.simulation.stimuli import vectors
from qfx.synthesis.yosys.judge import by_yosys
from qfx.version import VERSION

if TYPE_CHECKING:
    from qfx.nn import Layer
    from qfx.training import History

_RECORDED_PACKAGES = ("qfx", "numpy", "onnx", "hls4ml")


def export(
    model: Layer | Graph,
    directory: str | Path,
    *,
    board: str = "ultra96",
    name: str | None = None,
    input_shape: Any = None,
    samples: Any = None,
    labels: Any = None,
    goal_ii: int | None = None,
    goal_fps: float | None = None,
    clock_mhz: float | None = None,
    multipliers: Multipliers = "auto",
    overrides: Overrides | str | Path | None = None,
    architecture: str = "streaming",
    argmax: bool = False,
    seed: int = 0,
    drive_casts: int | None = None,
    history: History | str | Path | None = None,
    measure: bool = False,
    force: bool = False,
    progress: Steps = lambda step, done, of: None,
) -> Project:
    """Lower, schedule and write: a project folder that stands alone.

    Args:
        model: a frozen qfx model, whose own integers are recorded too, or a Graph.
        directory: the folder; an older project there is replaced, but for what others have put into
            it; anything else is refused.
        board: a name `qfx.boards` knows, or the path of a board's .yaml.
        name: of the hardware, "model" when None; not for a Graph, which has its own.
        input_shape: of one sample; for a model, unless samples tell it. Of several inputs a tuple
            of shapes.
        samples: (count, *input_shape) numbers to simulate first of all, for example the test set;
            of several inputs a tuple of arrays. Or a Dataset, a DataLoader, batches in a list
            (docs/data.md), of which y is not read.
        labels: of the samples: class numbers, or values, as `qfx.evaluate` takes them; of several
            outputs a tuple. How right each simulator is then stands in verdict and report.
        goal_ii, goal_fps: cycles per frame at most, or frames a second at least; neither: the
            fastest in budget.
        clock_mhz: the board's default when None.
        multipliers: "dsp" builds every product in a DSP slice, "lut" of LUTs, "none" of shifts and
            adders; "auto" chooses for each contraction what takes the least of the budget.
        overrides: by pattern of a layer's path the pe, simd, multiplier, memory or window it must
            have, as `{"block1.*": {"pe": 4}}`, or a YAML file of such.
        architecture: one of `qfx.hardware.ARCHITECTURES`: "streaming", stages joined by streams.
        argmax: end a classifier's hardware with the number of the largest output.
        seed: of the random stimuli.
        drive_casts: how far to look for stimuli that drive casts into overflow: by so many
            inferences of the whole graph at most; None for about as long as all else takes, 0 not
            at all. What was not driven is in the manifest, and shown.
        history: how the model was trained, for report.html: what `qfx.train` returned, or the file
            that `qfx.save` wrote of it.
        measure: where the estimate says that a design is too large, let Yosys decide: it builds the
            design stage by stage, in minutes, and keeps what it found for `qfx.synth`.
        force: write the design although it is too large; without a goal the slowest one. Its goal
            says what it lacks.
        progress: of measuring, as for `qfx.synth`.

    Returns:
        The project; nothing has been simulated yet: see `qfx.cosim`.

    Raises:
        LoweringError, ScheduleError, BoardError, VitisError: what stands in the way, and the next
            step.
        ArgumentError: no such architecture, or a goal that is no number.
        ProjectError: the folder cannot be written, or there are too many inputs or outputs.
        ToolMissing, SynthesisError: with `measure`, as `qfx.synth`.
    """
    training = training_record(history)
    if isinstance(model, Graph) and (name, input_shape) != (None, None):
        raise ProjectError("a .qfx graph has its own name and input shape: leave both out")
    wishes = Wishes(
        architecture=architecture,
        goal_ii=goal_ii,
        goal_fps=goal_fps,
        clock_mhz=clock_mhz,
        multipliers=multipliers,
        overrides=overrides,
        measure=measure,
        force=force,
    )
    lay_out = architectures.architecture(architecture).lay_out
    for what, count in (("seed", seed), ("drive_casts", 0 if drive_casts is None else drive_casts)):
        require_whole(what, count)
        if count < 0:
            raise ProjectError(f"{what} must be 0 or more, not {count}")
    said = foreign.named(model)
    if said is not None:
        raise ProjectError(said)
    seed = int(seed)  # which may be numpy's
    target = folder.absolute(directory)  # wherever one is when it is written
    folder.written_by_us(target)  # refuses what is not replaced
    data = arrays_of(model, samples, input_shape)
    place = wishes.clocked(boards.load(board))
    if argmax:
        model = _with_argmax(model)
    graph = model if isinstance(model, Graph) else _lower(model, input_shape, data, name or "model")
    judge = by_yosys(verilog.write, progress) if measure else BY_ESTIMATE
    design = lay_out(graph, place, wishes, judge)
    twin = None if isinstance(model, Graph) else model
    command = command_of(board, wishes, len(data or ()), seed, drive_casts)
    known = _labels(graph, data, labels)
    project = _written(design, target, data, known, seed, drive_casts, twin, training, command)
    warn(project.manifest.fits)
    _warn_of_clock(project)
    return project


def write(
    design: Design,
    directory: str | Path,
    *,
    samples: Any = None,
    labels: Any = None,
    seed: int = 0,
    drive_casts: int | None = None,
    twin: Layer | None = None,
    training: TrainingRecord | None = None,
    command: str = "",
) -> Project:
    """Write a design's project folder; `export` with the design in your own hands.

    Args:
        design: as `qfx.hardware.schedule` made it.
        directory, samples, labels, seed, drive_casts: as for `export`.
        twin: the frozen torch model that the graph was lowered from; its integers are recorded.
        training, command: for the report; see ReportRecord.
    """
    given = arrays_of(design.graph, samples)
    known = _labels(design.graph, given, labels)
    project = _written(design, directory, given, known, seed, drive_casts, twin, training, command)
    warn(project.manifest.fits)
    _warn_of_clock(project)
    return project


def _warn_of_clock(project: Project) -> None:
    """Warn, in the name of who called what calls this, where the clock is out of reach."""
    if project.manifest.clock_warning:
        warnings.warn(project.manifest.clock_warning, ClockWarning, stacklevel=3)


def _written(
    design: Design,
    directory: str | Path,
    samples: Arrays | None,
    labels: Arrays,
    seed: int,
    drive_casts: int | None,
    twin: Layer | None,
    training: TrainingRecord | None,
    command: str,
) -> Project:
    place, graph = folder.absolute(directory), design.graph  # wherever one is at the end
    data = None if samples is None else integers_of(graph, samples)
    stimuli = vectors.make(graph, data, seed, drive_casts)
    golden = tuple(y.integers for y in graph.run_all(*stimuli.batch(graph)))
    torch = None if twin is None else _emulate(twin, graph, stimuli.inputs)
    fit = fits_of(graph, samples, data, twin)
    with folder.replacing(place) as target:
        (target / "model.qfx").write_bytes(graph_file.to_bytes(graph))
        refused = {name: each.write(design, target) for name, each in LANGUAGES.items()}
        (target / "vectors").mkdir()
        vectors.write(design, stimuli.inputs, golden, torch, labels, target / "vectors")
        found = profile(design, stimuli, samples, twin, fit)
        report_record(design, command, found.histograms, training).write(target)
        scores = _scores(graph, twin, samples, labels)
        manifest = _manifest(
            design, stimuli, seed, torch is not None, refused["qonnx"], found, fit, scores, target
        )
        (target / folder.MANIFEST).write_text(json.dumps(manifest.model_dump(), indent=1) + "\n")
        project = Project(target, manifest)
        findings.take_over(place, project)
        (target / page.FILE).write_text(page.html(project), encoding="utf-8")
    return Project.open(place)


def _labels(graph: Graph, samples: Arrays | None, labels: Any) -> Arrays:
    """Of each output; none where none are given."""
    if labels is None:
        return ()
    if samples is None:
        raise ProjectError("labels say what is right of samples: pass samples, too")
    shapes = [value.type.shape for value in graph.outputs]
    return tuple(labels_of(labels, shapes, len(samples[0]), "labels"))


def _scores(
    graph: Graph, twin: Layer | None, samples: Arrays | None, labels: Arrays
) -> dict[str, tuple[Score, ...]]:
    """How right the golden model is, and the model in torch."""
    if samples is None or not labels:
        return {}
    data = (alone(samples), alone(labels))
    things = [thing for thing in (twin, graph) if thing is not None]
    return {row.label: row.scores for thing in things for row in evaluate(thing, data).rows}


def _with_argmax(model: Layer | Graph) -> Layer | Graph:
    outputs = len(model.outputs) if isinstance(model, Graph) else model.output_count
    if outputs > 1:
        raise ProjectError(
            f"argmax ends a model of one output, not of {outputs}: put nn.ArgMax behind those that"
            " are classifiers"
        )
    if isinstance(model, Graph):
        return append(model, ArgMax())
    from qfx import nn

    layers = list(model) if isinstance(model, nn.Sequential) else [model]
    end = nn.ArgMax().eval()
    end.freeze()  # the rest is, or is refused as it stands
    ended = nn.Sequential(*layers, end).eval()
    ended.origin = model.origin if isinstance(model, nn.Sequential) else None
    return ended


def _lower(model: Layer, input_shape: Any, samples: Arrays | None, name: str) -> Graph:
    with named_packages():
        from qfx.lowering import lower
        from qfx.nn import Layer, LoweringError

    if not isinstance(model, Layer) or input_shape is not None:
        return lower(model, input_shape, name)
    if samples is None:
        raise LoweringError(
            "the model's input shape is not known: pass input_shape, or samples that have it"
        )
    shape = shape_of(samples)
    try:
        return lower(model, shape, name)
    except LoweringError as error:
        if str(error).startswith("layer "):
            raise LoweringError(f"for samples of shape {shape} each, {error}") from error
        raise


def _emulate(model: Layer, graph: Graph, stimuli: tuple[Integers, ...]) -> tuple[Integers, ...]:
    from qfx.lowering import emulate

    return each_of(emulate(model, graph, stimuli))


def _manifest(
    design: Design,
    stimuli: vectors.Stimuli,
    seed: int,
    torch: bool,
    refused: str | None,
    found: Profile,
    fit: tuple[InputFit, ...],
    scores: dict[str, tuple[Score, ...]],
    target: Path,
) -> records.Manifest:
    files = sorted(path for path in target.rglob("*") if path.is_file())
    versions = {name: package_version(name) or "missing" for name in _RECORDED_PACKAGES}
    return records.Manifest.of(
        design,
        vectors=stimuli.record(seed, torch, scores),
        versions={**versions, "qfx": VERSION, "python": platform.python_version()},
        layers=found.layers,
        layers_from=found.layers_from,
        fits=fit,
        qonnx_refused=refused,
        files={str(path.relative_to(target)): folder.file_digest(path) or "" for path in files},
    ).sealed()
