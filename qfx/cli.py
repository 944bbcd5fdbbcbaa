"""The command line: the same door as the Python API, one call each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

import qfx
from qfx.cli_output import Output, Plain, hoisted, told_warnings
from qfx.cli_values import array, each, shape, simulators_of
from qfx.errors import ArgumentError, QfxError
from qfx.packages import named_packages

if TYPE_CHECKING:
    from qfx.project.folder import Project

app = typer.Typer(
    name="qfx",
    help="Fixed-point neural networks on FPGAs, every integer proven equal.",
    epilog="Exit status: 0 done; 1 refused, or a verdict that is not good; 2 a wrong call; 70 a"
    " fault of qfx itself, told with where its traceback is kept; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"qfx {qfx.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print the last sentence alone, without progress.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of tables.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and exit.")
    ] = False,
) -> None:
    """Options of every command, before its name or behind it; `main` reads --debug."""
    context.obj = Output(quiet, as_json)


@app.command()
def export(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="A .qfx graph, or a trained model's .safetensors.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The project folder to write.")],
    board: Annotated[
        str, typer.Option(help="A board's name, or the path of your own .yaml.")
    ] = "ultra96",
    goal_fps: Annotated[float | None, typer.Option(help="Frames a second, at least.")] = None,
    goal_ii: Annotated[int | None, typer.Option(help="Cycles between frames, at most.")] = None,
    clock_mhz: Annotated[
        float | None, typer.Option(help="Clock; the board's default if not given.")
    ] = None,
    multipliers: Annotated[
        str, typer.Option(help="What products are built of: auto, dsp, lut, or none, only shifts.")
    ] = "auto",
    overrides: Annotated[
        Path | None, typer.Option(help="A .yaml of foldings that layers must have.")
    ] = None,
    architecture: Annotated[
        str, typer.Option(help="How stages are joined: streaming, by streams.")
    ] = "streaming",
    input_shape: Annotated[
        list[str] | None,
        typer.Option(
            help="For a .safetensors model: the shape of a sample, as 1,28,28; once for each input."
        ),
    ] = None,
    samples: Annotated[
        list[Path] | None,
        typer.Option(
            help="An .npy of floats to simulate first of all; once for each input, in their order."
        ),
    ] = None,
    labels: Annotated[
        list[Path] | None,
        typer.Option(help="An .npy of the samples' class numbers or values; once for each output."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="For a .safetensors model: the hardware's name.")
    ] = None,
    argmax: Annotated[
        bool, typer.Option("--argmax", help="End with the number of the largest output.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the random stimuli.")] = 0,
    drive_casts: Annotated[
        int | None,
        typer.Option(
            help="Inferences that the search for what drives casts into overflow may take; 0 for"
            " no search, about as long as all else if not given."
        ),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            help="A .history.json for the report; the one that was saved with the model if not"
            " given."
        ),
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Let Yosys decide where the estimate is too large.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write the design although it is too large.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Simulate everywhere when written.")
    ] = False,
) -> None:
    """Write the project folder of a model: QONNX, Vitis HLS C++, SystemVerilog, vectors."""
    from qfx import files, flow
    from qfx.progress import steps
    from qfx.report.terminal import show_project

    told = Output.of(context)
    with steps("Yosys", told.console, "stages", shown=measure) as progress:
        project = flow.export(
            files.load(model),
            output,
            board=board,
            name=name,
            input_shape=each(shape, input_shape),
            samples=each(array, samples),
            labels=each(array, labels),
            goal_ii=goal_ii,
            goal_fps=goal_fps,
            clock_mhz=clock_mhz,
            multipliers=cast(Any, multipliers),  # export refuses a wrong word
            overrides=overrides,
            architecture=architecture,
            argmax=argmax,
            seed=seed,
            drive_casts=drive_casts,
            history=history or files.history_of(model),
            measure=measure,
            force=force,
            progress=progress,
        )
    show_project(project, told.console)
    if check:
        _cosim(told, project.path, exported=project)
    else:
        told.tell(project, str(project.path))


@app.command()
def cosim(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    simulators: Annotated[
        str | None,
        typer.Option(
            help="Only some, as golden,rtl; of torch, golden, qonnx, csim, rtl, rtl-stalled,"
            " rtl-reset, pyverilator, driver, hls4ml, and where AMD's Vitis is on PATH"
            " vitis-csim, vitis-cosim"
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also the folder's driver on the simulated IP, and hls4ml's own C++ of the QONNX"
            " file.",
        ),
    ] = False,
    samples: Annotated[
        int | None, typer.Option(help="So many of the recorded samples; all if not given.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(help="C++ programs and RTL designs at a time; one for each CPU if not given."),
    ] = None,
    trace: Annotated[
        bool,
        typer.Option(
            "--trace", help="Then name the first stage whose stream differs, C++ and RTL."
        ),
    ] = False,
) -> None:
    """Run the recorded vectors through every simulator; exit 1 if any integer differs."""
    chosen = simulators_of(simulators, everything)
    _cosim(Output.of(context), directory, chosen, samples, jobs, trace)


@app.command()
def evaluate(
    context: typer.Context,
    thing: Annotated[Path, typer.Argument(help="A project folder, a .qfx or a .safetensors.")],
    samples: Annotated[
        list[Path], typer.Option(help="An .npy of samples; once for each input, in their order.")
    ],
    labels: Annotated[
        list[Path], typer.Option(help="An .npy of class numbers or values; once for each output.")
    ],
    simulators: Annotated[
        str, typer.Option(help="Of a project, besides the golden model, separated by commas.")
    ] = "",
    jobs: Annotated[
        int | None,
        typer.Option(help="C++ programs and RTL designs at a time; one for each CPU if not given."),
    ] = None,
) -> None:
    """Tell how right a model, graph or design is on labelled samples."""
    from qfx.evaluation import evaluate, show_evaluation

    chosen = simulators_of(simulators, False) if simulators else ()
    data = (each(array, samples), each(array, labels))
    output = Output.of(context)
    result = evaluate(thing, data, simulators=chosen or (), jobs=jobs)
    show_evaluation(result, output.console)
    output.tell(Plain(result.to_dict()), result.verdict())


@app.command()
def synth(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    tool: Annotated[
        str,
        typer.Option(
            help="yosys; nextpnr, of qfx[open], for clocks on a Lattice ECP5; or AMD's own where on"
            " PATH: vivado, vitis."
        ),
    ] = "yosys",
    jobs: Annotated[
        int | None, typer.Option(help="Runs of Yosys or nextpnr at a time; one for each CPU.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Placements by nextpnr, whose median counts; 3.")
    ] = None,
) -> None:
    """Measure LUTs, flip-flops, DSP slices, block RAMs and logic depth, beside the estimate; with
    nextpnr the clock of the whole and of each stage.

    Exit 1 if the project was exported to have no DSP slices, or no multipliers, and has some.
    """
    from qfx.report.synthesis import run_synth

    output = Output.of(context)
    tool_ = cast(Any, tool)  # synth refuses a wrong word
    result = run_synth(directory, tool_, output.console, jobs, seeds)
    output.tell(result, result.verdict())
    if not result.kept:
        raise typer.Exit(1)


@app.command()
def build(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    tool: Annotated[
        str, typer.Option(help="vivado, a bitstream; or vitis, the C++ as an IP.")
    ] = "vivado",
    board: Annotated[
        Path | None, typer.Option(help="The board's .yaml, where it is one of your own.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check the scripts for Vivado; needs tclsh.")
    ] = False,
) -> None:
    """Build a board's bitstream, where AMD's tools are on PATH; exit 1 if timing is not met."""
    from qfx import boards
    from qfx.report.build import run_build, run_check

    if dry_run and tool != "vivado":
        raise ArgumentError(
            f"--dry-run checks the scripts for Vivado only: leave out --tool {tool}, or --dry-run"
        )
    own, output = None if board is None else boards.load(board), Output.of(context)
    if dry_run:
        checked = run_check(directory, own, output.console)
        output.tell(checked, checked.verdict())
        good = not checked.problems
    else:
        built = run_build(directory, cast(Any, tool), own, output.console)  # refuses a wrong word
        output.tell(built, built.verdict())
        good = built.met is not False
    if not good:
        raise typer.Exit(1)


@app.command()
def report(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    html: Annotated[
        bool,
        typer.Option("--html", help="Write report.html anew instead: one page, all that is known."),
    ] = False,
) -> None:
    """Show, layer by layer, where the accuracy went and where the cycles go."""
    from qfx.disk import nearby
    from qfx.project.folder import Project
    from qfx.report import page
    from qfx.report.layer_tables import show_layers

    project, output = Project.open(directory), Output.of(context)
    if html:
        written = nearby(page.write(project))
        output.console.print(written, highlight=False, markup=False, soft_wrap=True)
        output.tell({"report": written}, written)
        return
    show_layers(project, output.console)
    layers = [layer.model_dump(mode="json") for layer in project.manifest.layers]
    output.tell(Plain({"layers": layers, "layers_from": project.manifest.layers_from}))


@app.command()
def info(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .qfx graph or a project folder.")],
) -> None:
    """Show what is in a file or a folder: the graph as text, its sizes, a project's stages."""
    from qfx import files
    from qfx.ir import Graph
    from qfx.project.folder import Project
    from qfx.report.terminal import show_graph, show_project

    output = Output.of(context)
    if file.is_dir():
        project = Project.open(file)
        show_project(project, output.console)
        output.tell(project, str(file))
        return
    thing = files.load(file)
    if isinstance(thing, Graph):
        show_graph(thing, output.console)
        output.tell(thing, thing.name)
    else:
        output.console.print(str(thing), highlight=False, markup=False, soft_wrap=True)
        output.tell({"model": str(thing)}, type(thing).__name__)


@app.command()
def boards(context: typer.Context) -> None:
    """List the boards that come with qfx; --board also takes the path of your own .yaml."""
    from qfx import boards
    from qfx.report.terminal import show_boards

    output = Output.of(context)
    show_boards(output.console)
    output.tell([boards.load(name) for name in boards.names()], ", ".join(boards.names()))


@app.command()
def doctor(context: typer.Context) -> None:
    """List every tool and package, or how to install it; exit 1 if a needed one is missing."""
    from qfx.report.doctor import examine, show_doctor

    found, output = examine(), Output.of(context)
    show_doctor(found, output.console)
    output.tell(Plain(found.to_dict()), found.verdict())
    if found.missing:
        raise typer.Exit(1)


def _cosim(
    output: Output,
    directory: Path,
    simulators: tuple[str, ...] | None = None,
    samples: int | None = None,
    jobs: int | None = None,
    trace: bool = False,
    exported: Project | None = None,
) -> None:
    from qfx.report.terminal import run_cosim, run_trace

    result = run_cosim(directory, simulators, samples, jobs, output.console)
    traced = run_trace(result.project, output.console) if trace else []
    told = {"project": exported, "cosim": result} if exported else result
    output.tell({"cosim": result, "trace": traced} if trace else told, result.verdict())
    if not result.equal:
        raise typer.Exit(1)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line, and exit.

    Status 0 is success; 1 a refusal, one sentence on stderr, or a verdict that is not good; 2 a
    wrong call; FAULT_STATUS a fault of qfx itself, told with where its traceback is; 130 Ctrl-C.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        with told_warnings(), named_packages():
            app(args=hoisted(arguments))
    except (KeyboardInterrupt, SystemExit) as ended:
        interrupted = _interrupt(ended)
        if interrupted is None:
            raise
        kept = f": {interrupted}" if str(interrupted) else ""
        typer.echo(f"qfx: interrupted{kept}", err=True)
        raise SystemExit(130) from None
    except (QfxError, OSError) as error:
        if "--debug" in arguments:
            raise
        typer.echo(f"qfx: {_sentence(error)}", err=True)
        if "--json" in arguments:
            Output(as_json=True).tell({"error": _sentence(error)})
        raise SystemExit(1) from None
    except Exception as error:
        from qfx.cli_fault import FAULT_STATUS, told_fault

        said = told_fault(error, arguments, whole="--debug" in arguments)
        if "--json" in arguments:
            Output(as_json=True).tell({"fault": said})
        raise SystemExit(FAULT_STATUS) from None
    raise SystemExit(0)


def _interrupt(ended: BaseException) -> KeyboardInterrupt | None:
    """The Ctrl-C that ended a command, of which typer makes an exit of status 130."""
    met: BaseException | None = ended
    while met is not None and not isinstance(met, KeyboardInterrupt):
        met = met.__cause__ or met.__context__
    return met


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__
