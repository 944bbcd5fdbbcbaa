"""Yosys measures whole designs: what it counts, where the multipliers are, and what is kept."""

import json
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import qfx
from models import as_built, random_cnn, small_mlp
from qfx import nn
from qfx.cache import cache_folder
from qfx.hardware import Contract, Embed
from qfx.project.folder import Project
from qfx.simulation.rtl import queues
from qfx.simulation.rtl.verilator import simulate
from qfx.synthesis import Multiplications, SynthesisError, yosys
from qfx.synthesis.yosys import scripts
from qfx.synthesis.yosys.family import family_of
from qfx.synthesis.yosys.split import parts_of, sources_of
from qfx.tools import run

pytestmark = pytest.mark.usefixtures("yosys_is_here")


def lanes(project: Project) -> dict[str, int]:
    """Products of a cycle, by contraction."""
    return {s.name: s.pe * s.simd for s in project.stages() if isinstance(s, Contract)}


def frozen(*layers: nn.Layer) -> nn.Sequential:
    torch.manual_seed(0)
    model = nn.Sequential(*layers).eval()
    as_built(model)
    return model


def tiny(folder: Path, goal_ii: int = 6) -> Project:
    layer = nn.Linear(4, 3, weight=nn.Quantizer(4, 3), output=nn.Quantizer(5, 2))
    model = frozen(nn.Quantizer(4, 2), layer)
    how = {"input_shape": (4,), "goal_ii": goal_ii, "multipliers": "lut"}
    return qfx.export(model, folder, name="net", **how)


def test_a_design_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))
    project, told = tiny(tmp_path / "p"), list[tuple[str, int, int]]()
    first = qfx.synth(project, lambda *now: told.append(now))
    count = len(project.manifest.stages) + 1
    assert [stage.stage for stage in first.stages] == [
        *(stage.name for stage in project.manifest.stages),
        "net",
    ]
    assert first.built == count
    assert told[0] == ("reading the design", 0, 0)
    built = {step.partition(": ")[0] for step, _, _ in told[1:]}
    assert built == {stage.stage for stage in first.stages}
    assert {of for _, _, of in told[1:]} == {count}
    assert max(done for _, done, _ in told) < count  # that is: when the last stage begins
    assert "net: mapping LUTs" in {step for step, _, _ in told}
    again = qfx.synth(str(project.path), lambda *step: told.append(("again", 0, 0)))
    assert again == replace(first, project=again.project, built=0, seconds=again.seconds)
    assert ("again", 0, 0) not in told


def test_another_folding_builds_only_what_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))
    wide, narrow = (tiny(tmp_path / f"{ii}", ii) for ii in (6, 12))
    qfx.synth(wide)
    told = set[str]()
    qfx.synth(narrow, lambda step, done, of: told.add(step.partition(": ")[0]))
    before = {stage.name: stage for stage in wide.manifest.stages}
    changed = {s.name for s in narrow.manifest.stages if before.get(s.name) != s}
    assert "layer1_matmul" in changed
    assert "input_fifo" not in changed
    assert told == {"reading the design", "net", *changed}


def test_the_dsp_slices_are_those_of_the_estimate_and_their_stages_are_named(
    project: Project,
) -> None:
    measured = qfx.synth(project)
    assert len(lanes(project)) == 2
    assert measured.multiplications == Multiplications(lanes(project), lanes(project))
    assert measured.resources.dsps == project.manifest.prediction.estimate.dsps
    assert measured.resources.dsps == sum(lanes(project).values())
    assert yosys.multiplications(project) == measured.multiplications


def test_whatever_its_size_a_product_is_where_its_module_wants_it(tmp_path: Path) -> None:
    bits = nn.Quantizer(2, 1), nn.Quantizer(3, 1, signed=False)
    small = frozen(bits[1], nn.Linear(6, 4, weight=bits[0], output=nn.Quantizer(6, 2)))
    for kind in ("dsp", "lut"):
        project = qfx.export(
            small, tmp_path / "p", input_shape=(6,), goal_ii=6, name="net", multipliers=kind
        )
        assert sum(lanes(project).values()) > 1
        found = yosys.multiplications(project)
        assert found == Multiplications(lanes(project), lanes(project) if kind == "dsp" else {})


@pytest.mark.parametrize("seed", [2, 4])  # strides and widths that are no powers of two
def test_windows_find_their_addresses_without_products(seed: int, tmp_path: Path) -> None:
    model, shape = random_cnn(seed)
    project = qfx.export(
        model, tmp_path / "p", input_shape=shape, goal_fps=20_000, name="net", multipliers="lut"
    )
    kinds = {stage.name: stage.kind for stage in project.manifest.stages}
    assert "window" in kinds.values()
    products = yosys.multiplications(project).products
    assert {kinds[name] for name in products} <= {"contract", "depthwise", "map"}


def test_embeddings_and_row_shifts_find_their_places_without_products(tmp_path: Path) -> None:
    linear = nn.Linear(
        45, 8, weight=nn.Quantizer(6, 5, per_channel=True), output=nn.Quantizer(8, 4)
    )
    linear.weight_quantizer.binary_point.data += torch.arange(8)[:, None] % 5
    rows = nn.Embedding(11, 9, weight=nn.Quantizer(5, 2))  # of three beats
    model = frozen(nn.Indices(11), rows, nn.Flatten(), linear, nn.Softmax())
    project = qfx.export(
        model, tmp_path / "p", input_shape=(5,), goal_ii=44, name="net", multipliers="lut"
    )
    (contract,) = (s for s in project.stages() if isinstance(s, Contract))
    assert contract.row_shifts.max() > 1
    (embed,) = (s for s in project.stages() if isinstance(s, Embed))
    assert embed.row_beats == 3
    softmax = next(s.name for s in project.manifest.stages if s.kind == "softmax")
    found = yosys.multiplications(project)
    assert found == Multiplications({**lanes(project), softmax: 1}, {})


def test_a_rom_in_block_ram_on_the_7_series(tmp_path: Path) -> None:
    model = small_mlp(64, 32, 4)
    project = qfx.export(
        model, tmp_path / "p", board="pynq_z2", input_shape=(64,), goal_ii=2048, name="net"
    )
    measured = qfx.synth(project)
    assert measured.target == "xc7"
    assert measured.resources.bram_18k == project.manifest.prediction.estimate.bram_18k == 1
    assert measured.memory_luts > 0
    logic = measured.resources.luts - measured.memory_luts - measured.shift_luts
    assert logic > measured.memory_luts


def test_what_is_measured_computes_the_same_integers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The netlists of cells in the stages' place, with Yosys' own models of them."""
    project = tiny(tmp_path / "p")
    folder, sources = tmp_path / "netlist", project.path / "verilog" / "src"
    shutil.copytree(sources, folder / "src")
    parts, build = parts_of(project), scripts.build(family_of(project))
    (folder / "stages").mkdir()
    files = [source.name for source in sources_of(project)]
    (folder / "split.ys").write_text(scripts.split("net", files, parts))
    run("yosys", "-q", "-s", "split.ys", cwd=str(folder))
    for name in (*parts, ""):
        module = scripts.module(name) if name else "net"
        text = (folder / (f"stages/{name}.il" if name else "top.il")).read_text()
        (folder / "stage.il").write_text(scripts.alone(text, module))
        write = f"rename {scripts.MODULE} {module}; write_verilog -noattr {module}.v"
        (folder / "build.ys").write_text(f"{build}{write}\n")
        run("yosys", "-q", "-s", "build.ys", cwd=str(folder))
    models = (
        "read_verilog *.v +/xilinx/cells_sim.v; hierarchy -top net; proc; flatten; opt_clean;"
        " write_verilog -noattr net.sv"
    )
    run("yosys", "-q", "-p", models, cwd=str(folder))
    shutil.rmtree(sources)
    sources.mkdir()
    shutil.copyfile(folder / "net.sv", sources / "net.sv")
    monkeypatch.setattr(queues, "check_rtl", lambda project: None)  # a netlist declares none
    found = simulate(project, project.vectors("stimuli")).integers
    assert (found == project.vectors("golden")).all()


def test_an_interrupted_run_leaves_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QFX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    started: list[subprocess.Popen[str]] = []
    opened = subprocess.Popen

    def popen(*arguments: Any, **options: Any) -> subprocess.Popen[str]:
        started.append(opened(*arguments, **options))
        return started[-1]

    monkeypatch.setattr("subprocess.Popen", popen)

    def stop(step: str, done: int, of: int) -> None:
        if step.endswith("mapping products"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        yosys.run(project, stop)
    # the tool stands behind the shell's own arguments
    tools = [process for process in started if process.args[-1] == "steps.ys"]
    assert [process.returncode for process in tools[-2:]] == 2 * [-signal.SIGKILL]
    assert not list((tmp_path / "temporary").glob("*/*"))
    assert not list((tmp_path / "cache").glob("yosys/*"))


def test_a_cell_of_another_kind_is_not_left_out(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    qfx.synth(project)
    shutil.copytree(cache_folder() / "yosys", tmp_path / "yosys")
    for stat in (tmp_path / "yosys").glob("*/stat.json"):
        content = json.loads(stat.read_text())
        for module in content["modules"].values():
            module["num_cells_by_type"]["URAM288"] = 1
        stat.write_text(json.dumps(content))
    monkeypatch.setenv("QFX_CACHE", str(tmp_path))
    with pytest.raises(SynthesisError) as refused:
        qfx.synth(project)
    assert str(refused.value) == (
        "Yosys built input_fifo of URAM288, cells that qfx cannot count: take Yosys 0.23"
    )
