"""The HLS kernel says over AXI4-Lite which kernel it is, at the offsets that every core has; its
testbench finds out when it does not.
"""

import re
import shutil
from pathlib import Path

import pytest

import qfx
from models import small_mlp
from qfx.hardware import registers
from qfx.project.folder import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("kernel") / "net"
    return qfx.export(small_mlp(), folder, input_shape=(16,), name="net")


def test_the_registers_stand_where_every_core_has_them(project: Project) -> None:
    text = (project.path / "vitis" / "src" / "net.cpp").read_text()
    found = re.findall(r"s_axilite port=qfx_(\w+) bundle=control offset=0x(\w+)$", text, re.M)
    wanted = (*registers.REGISTERS, *registers.GRAPH_SHA256)
    assert [(name, int(offset, 16)) for name, offset in found] == [
        (r.name, r.offset) for r in wanted if r.feature is None
    ]
    said = [int(word, 16) for word in re.findall(r"identify<(.*)>", text)[0].split(", ")]
    words = registers.hash_words(project.manifest.graph_sha256)
    assert said == [registers.ID, registers.MAP_VERSION, 0, *words]


@pytest.mark.parametrize(
    ("file", "old", "new", "register"),
    [
        ("net.cpp", "identify<0x51465820", "identify<0x51465821", "qfx_id says 0x51465821"),
        ("net.cpp", "(qfx_id, qfx_version", "(qfx_version, qfx_id", "qfx_id says 0x1"),
        ("qfx_registers.hpp", "  h7 = H7;", "", "qfx_graph_sha256_7 says 0x0"),
        ("qfx_registers.hpp", "count += 1", "count += 2", "qfx_frames says 0x"),
    ],
)
def test_a_kernel_that_says_something_else_is_told(
    file: str, old: str, new: str, register: str, project: Project, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project.path, copy)
    source = copy / "vitis" / "src" / file
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))
    verdict = qfx.cosim(copy, ("csim",), progress=False).verdict()
    assert "NOT PROVEN: csim" in verdict
    assert f"the register {register}" in verdict
