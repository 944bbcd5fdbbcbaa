"""One step of benchmarks/scale.py, in a process of its own: prints CPU seconds and peak memory.

    python benchmarks/scale_steps.py NET STEP FOLDER

Which qfx is measured, PYTHONPATH says; what only prepares a step is not counted.
"""

import argparse
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

SEED, CSIM_SAMPLES, DENSE = 0, 32, {"dense_401k": (784, 512), "dense_1m": (1024, 1024)}
BOARDS = {"dense_401k": "ultra96", "dense_1m": "zcu104"}  # which hold the weights
Step = Callable[[str, Path], Callable[[], object]]  # prepares; what it returns is measured


def _export_unet(net: str, folder: Path) -> Callable[[], object]:
    from scale_nets import model

    import qfx

    twin, shape = model(net, SEED)
    return lambda: qfx.export(twin, folder / "p", input_shape=shape, name=net, board="ultra96")


def _export_digits(net: str, folder: Path) -> Callable[[], object]:
    """As examples/01_digits.py does, but calibrated, not trained: export takes the same."""
    import torch
    from sklearn.datasets import load_digits

    import qfx
    from qfx.nn import Flatten, Linear, Quantizer, ReLU, Sequential

    torch.manual_seed(SEED)
    images = (load_digits().data / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    twin = Sequential(
        Quantizer(6, signed=False),
        Flatten(),
        Linear(64, 32, weight=Quantizer(6), output=None),
        ReLU(Quantizer(6, signed=False)),
        Linear(32, 16, weight=Quantizer(6), output=None),
        ReLU(Quantizer(6, signed=False)),
        Linear(16, 10, weight=Quantizer(6), output=Quantizer(6)),
    )
    qfx.calibrate(twin, images[360:])
    twin.eval().freeze()
    how = {"samples": images[:360], "goal_fps": 1_000_000, "name": net}
    return lambda: qfx.export(twin, folder / "p", board="ultra96", **how)


def _schedule(net: str, folder: Path) -> Callable[[], object]:
    """On a ZCU104 of ten times the block RAM: what it has does not hold so wide a net."""
    import qfx
    from qfx import boards
    from qfx.hardware import schedule

    board = boards.load("zcu104")
    blocks = 10 * board.resources.bram_18k
    larger = board.resources.model_copy(update={"bram_18k": blocks})
    graph = qfx.load(folder.parent / f"{net}.qfx")
    board = board.model_copy(update={"resources": larger})
    return lambda: schedule(graph, board, goal_ii=38_000_000).initiation_interval


def _refuse(net: str, folder: Path) -> Callable[[], object]:
    import qfx
    from qfx import boards
    from qfx.hardware import ScheduleError, schedule

    graph = qfx.load(folder.parent / f"{net}.qfx")

    def refused() -> str:
        try:
            schedule(graph, boards.load("zcu104"))
        except ScheduleError as error:
            return str(error)
        raise AssertionError("it fits")

    return refused


def _stimuli(net: str, folder: Path) -> Callable[[], object]:
    import qfx
    from qfx.simulation.stimuli import vectors

    graph = qfx.load(folder.parent / f"{net}.qfx")
    return lambda: vectors.make(graph, None, SEED).counts


def _csim(net: str, folder: Path) -> Callable[[], object]:
    """The program is built before."""
    import qfx

    root = Path(qfx.__file__).parent.parent
    graph = qfx.load(root / "examples" / "04_resnet8_cifar10.qfx")
    data = np.random.default_rng(SEED).integers(0, 256, (CSIM_SAMPLES, *graph.inputs[0].shape))
    project = qfx.export(graph, folder / "p", samples=data.astype(float), goal_ii=221_184)

    def run(samples: int) -> str:
        return qfx.cosim(project, ("csim",), samples=samples, jobs=1, progress=False).verdict()

    run(1)
    return lambda: run(CSIM_SAMPLES)


def _rtl_build(net: str, folder: Path) -> Callable[[], object]:
    try:
        from qfx.project import Project
        from qfx.simulation.rtl.build import build
    except ModuleNotFoundError:  # of an earlier commit
        from qfx.backends.project import Project
        from qfx.simulation.verilator_build import build

    project = Project.open(folder / "p")
    return lambda: str(build(project))


def _export_dense(net: str, folder: Path) -> None:
    import qfx
    from qfx.nn import Linear, Quantizer, Sequential

    inputs, outputs = DENSE[net]
    linear = Linear(inputs, outputs, weight=Quantizer(8), output=Quantizer(8))
    twin = Sequential(Quantizer(8), linear)
    x = np.random.default_rng(SEED).standard_normal((4, inputs)).astype(np.float32)
    qfx.calibrate(twin, x)
    twin.eval().freeze()
    qfx.export(twin, folder / "p", samples=x, board=BOARDS[net])


STEPS: dict[tuple[str, str], Step] = {
    ("unet", "export"): _export_unet,
    ("digits", "export"): _export_digits,
    ("wide_unet", "schedule"): _schedule,
    ("resnet18", "refuse"): _refuse,
    ("resnet18", "stimuli"): _stimuli,
    ("resnet8", "csim"): _csim,
    ("dense_401k", "rtl_build"): _rtl_build,
    ("dense_1m", "rtl_build"): _rtl_build,
}
# What another process makes first: the peak of one counts for all that it starts.
PREPARED = {("dense_401k", "rtl_build"): _export_dense, ("dense_1m", "rtl_build"): _export_dense}
GRAPHS = ("wide_unet", "resnet18")  # that are read from files, the same for both commits


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("net")
    parser.add_argument("step")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prepare", action="store_true")
    given = parser.parse_args()
    import qfx

    if str(Path(qfx.__file__).parent.parent) != os.environ["PYTHONPATH"]:
        sys.exit(f"{qfx.__file__} is not what was to be measured")
    if given.prepare:
        PREPARED[given.net, given.step](given.net, given.folder)
        return
    measured = STEPS[given.net, given.step](given.net, given.folder)
    before = _seconds()
    said = measured()
    seconds = _seconds() - before
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(each).ru_maxrss for each in who)  # KB, of one process
    print(
        json.dumps({"seconds": round(seconds, 3), "peak_mb": peak // 1024, "said": str(said)[:200]})
    )


def _seconds() -> float:
    """CPU time of this process and of the children that ended."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(each) for each in who]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
    sys.exit(0)
