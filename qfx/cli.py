"""The command line: the same door as the Python API, one call each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

from qfx.cli_values import array, each, shape, simulators_of
from qfx.packages import missing_package

app = typer.Typer(
    name="qfx",
    help="Fixed-point neural networks on FPGAs, every integer proven equal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options of every command; `main` reads --debug."""


@app.command()
def export(
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
    name: Annotated[
        str | None, typer.Option(help="For a .safetensors model: the hardware's name.")
    ] = None,
    argmax: Annotated[
        bool, typer.Option("--argmax", help="End with the number of the largest output.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the random stimuli.")] = 0,
    history: Annotated[
        Path | None,
        typer.Option(
            help="A .history.json for the report; the one that was saved with the model if not"
            " given."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Simulate everywhere when written.")
    ] = False,
) -> None:
    """Write the project folder of a model: QONNX, Vitis HLS C++, SystemVerilog, vectors."""
    from qfx import files, flow

    project = flow.export(
        files.load(model),
        output,
        board=board,
        name=name,
        input_shape=each(shape, input_shape),
        samples=each(array, samples),
        goal_ii=goal_ii,
        goal_fps=goal_fps,
        clock_mhz=clock_mhz,
        multipliers=cast(Any, multipliers),  # export refuses a wrong word
        overrides=overrides,
        architecture=architecture,
        argmax=argmax,
        seed=seed,
        history=history or files.history_of(model),
    )
    from qfx.report.terminal import show_project

    show_project(project)
    if check:
        _cosim(project.path)


@app.command()
def cosim(
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    simulators: Annotated[
        str | None,
        typer.Option(
            help="Only some, as golden,rtl; of torch, golden, qonnx, csim, rtl, rtl-stalled,"
            " rtl-reset, driver, hls4ml, and where AMD's Vitis is on PATH vitis-csim, vitis-cosim"
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
    _cosim(directory, chosen, samples, jobs, trace)


@app.command()
def synth(
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    tool: Annotated[
        str, typer.Option(help="yosys; or AMD's own where on PATH: vivado, vitis.")
    ] = "yosys",
) -> None:
    """Measure LUTs, flip-flops, DSP slices, block RAMs and logic depth, beside the estimate.

    Exit 1 if the project was exported to have no DSP slices, or no multipliers, and has some.
    """
    from qfx.report.synthesis import run_synth

    if not run_synth(directory, cast(Any, tool)).kept:  # synth refuses a wrong word
        raise typer.Exit(1)


@app.command()
def build(
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
        raise ValueError(
            f"--dry-run checks the scripts for Vivado only: leave out --tool {tool}, or --dry-run"
        )
    own = None if board is None else boards.load(board)
    if dry_run:
        good = not run_check(directory, own).problems
    else:
        good = run_build(directory, cast(Any, tool), own).met is not False  # refuses a wrong word
    if not good:
        raise typer.Exit(1)


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(help="A project folder that export wrote.")],
    html: Annotated[
        bool,
        typer.Option("--html", help="Write report.html anew instead: one page, all that is known."),
    ] = False,
) -> None:
    """Show, layer by layer, where the accuracy went and where the cycles go."""
    from qfx.backends.project import Project
    from qfx.report import page
    from qfx.report.layer_tables import show_layers

    project = Project.open(directory)
    if html:
        typer.echo(page.write(project))
    else:
        show_layers(project)


@app.command()
def info(file: Annotated[Path, typer.Argument(help="A .qfx graph or a project folder.")]) -> None:
    """Show what is in a file or a folder: the graph as text, its sizes, a project's stages."""
    from qfx import files
    from qfx.backends.project import Project
    from qfx.ir import Graph
    from qfx.report.terminal import show_graph, show_project

    if file.is_dir():
        show_project(Project.open(file))
        return
    thing = files.load(file)
    if isinstance(thing, Graph):
        show_graph(thing)
    else:
        typer.echo(str(thing))


@app.command()
def boards() -> None:
    """List the boards that come with qfx; --board also takes the path of your own .yaml."""
    from qfx.report.terminal import show_boards

    show_boards()


@app.command()
def doctor() -> None:
    """List every tool and package, or how to install it; exit 1 if a needed one is missing."""
    from qfx.report.terminal import show_doctor

    if not show_doctor():
        raise typer.Exit(1)


def _cosim(
    directory: Path,
    simulators: tuple[str, ...] | None = None,
    samples: int | None = None,
    jobs: int | None = None,
    trace: bool = False,
) -> None:
    from qfx.report.terminal import run_cosim, run_trace

    result = run_cosim(directory, simulators, samples, jobs)
    if trace:
        run_trace(result.project)
    if not result.equal:
        raise typer.Exit(1)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; an error is one sentence on stderr and exit status 1, or 2 for a wrong
    call.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app(args=[a for a in arguments if a != "--debug"])
    except KeyboardInterrupt:
        typer.echo("qfx: interrupted", err=True)
        raise SystemExit(130) from None
    except (ValueError, RuntimeError, OSError, ImportError) as error:
        if "--debug" in arguments:
            raise
        typer.echo(f"qfx: {_sentence(error)}", err=True)
        raise SystemExit(1) from None
    raise SystemExit(0)


def _sentence(error: Any) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, ImportError) and (missing := missing_package(error)):
        return missing
    return str(error) or type(error).__name__
