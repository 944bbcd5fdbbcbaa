"""Every board file loads, its figures have a source; bad files are refused by field."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from qfx import assets, boards
from qfx.boards import BoardError

ULTRA96 = assets.folder("boards") / "ultra96.yaml"


@pytest.mark.parametrize("name", boards.names())
def test_a_board_that_comes_with_qfx(name: str) -> None:
    board = boards.load(name)
    assert board.name == name
    assert re.fullmatch(
        r"xc(zu|ku|vu|k)\w+-[a-z]{4}\d+-\d(LV)?(-[a-z])?|xc7[az]\d+t?[a-z]{3}\d+-\d", board.part
    )
    assert board.clock_mhz <= board.max_clock_mhz
    assert {"part", "resources", "dma_width_bits", "clock_mhz"} <= set(board.sources)
    assert board.resources.luts > board.allowance().luts > 0


@pytest.mark.parametrize(
    ("name", "luts", "flip_flops", "dsps", "bram_36k", "uram"),
    [
        ("ultra96", 70_560, 141_120, 360, 216, 0),  # DS891
        ("zcu104", 230_400, 460_800, 1_728, 312, 96),  # DS891
        ("kv260", 117_120, 234_240, 1_248, 144, 64),  # DS987
        ("pynq_z2", 53_200, 106_400, 220, 140, 0),  # DS190
        ("arty_a7_100", 63_400, 126_800, 240, 135, 0),  # DS180
        ("generic", 1_182_240, 2_364_480, 6_840, 2_160, 960),  # DS890
    ],
)
def test_resources_are_those_of_the_data_sheet(
    name: str, luts: int, flip_flops: int, dsps: int, bram_36k: int, uram: int
) -> None:
    has = boards.load(name).resources
    assert (has.luts, has.flip_flops, has.dsps) == (luts, flip_flops, dsps)
    assert (has.bram_18k, has.uram) == (2 * bram_36k, uram)


def test_every_board_is_checked_against_its_data_sheet() -> None:
    assert set(boards.names()) == {
        "arty_a7_100", "generic", "kv260", "pynq_z2", "ultra96", "zcu104",
    }  # fmt: skip


def test_the_list_of_boards_fits_a_terminal() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "qfx", "boards"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "80"},
    ).stdout
    for name in boards.names():
        assert name in shown
        assert boards.load(name).part in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_board_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(ULTRA96.read_text().replace("name: ultra96", "name: mine"))
    assert boards.load(str(own)).name == "mine"


def test_an_unknown_board_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        BoardError, match=r"'ultra97' is unknown: use one of arty_a7_100, generic, kv260"
    ):
        boards.load("ultra97")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda b: b.pop("part"), "part: Field required"),
        (lambda b: b.update(clock_mhz=-1), "clock_mhz: Input should be greater than 0"),
        (
            lambda b: b["resources"].update(luts="many"),
            "resources.luts: Input should be a valid integer",
        ),
        (lambda b: b.update(colour="red"), "colour: Extra inputs are not permitted"),
        (lambda b: b.update(dma_width_bits=48), "dma_width_bits: Input should be a multiple of 32"),
    ],
)
def test_what_is_wrong_is_named(change, sentence: str, tmp_path: Path) -> None:
    content = yaml.safe_load(ULTRA96.read_text())
    change(content)
    own = tmp_path / "mine.yaml"
    own.write_text(yaml.safe_dump(content))
    with pytest.raises(BoardError, match=sentence):
        boards.load(str(own))


def test_what_is_not_yaml_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text("a: [")
    with pytest.raises(BoardError, match="is no YAML that is read"):
        boards.load(str(own))


def test_a_way_to_pynq_that_is_not_known_is_refused(tmp_path):
    text = (assets.folder("boards") / "kv260.yaml").read_text()
    (tmp_path / "kv260.yaml").write_text(text.replace("pynq: kria", "pynq: docker"))
    with pytest.raises(
        boards.BoardError, match=r"^way to PYNQ 'docker' is unknown: use one of image, kria$"
    ):
        boards.load(tmp_path / "kv260.yaml")
