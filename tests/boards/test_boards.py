"""Every board file loads, its figures have a source; bad files are refused by field."""

import re
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
        r"xc(7|zu|ku|vu|k)\w+-[a-z]{4}\d+-\d(-[a-z])?|xc7z\d+[a-z]{3}\d+-\d", board.part
    )
    assert board.clock_mhz <= board.max_clock_mhz
    assert {"part", "resources", "dma_width_bits", "clock_mhz"} <= set(board.sources)
    assert board.resources.luts > board.allowance().luts > 0


def test_the_ultra96_is_the_one_of_the_data_sheet() -> None:
    resources = boards.load("ultra96").resources
    assert (resources.luts, resources.flip_flops) == (70_560, 141_120)
    assert (resources.dsps, resources.bram_18k) == (360, 432)


def test_a_board_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(ULTRA96.read_text().replace("name: ultra96", "name: mine"))
    assert boards.load(str(own)).name == "mine"


def test_an_unknown_board_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BoardError, match=r"'ultra97' is unknown: use one of pynq_z2, ultra96"):
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
    with pytest.raises(BoardError, match="is not YAML"):
        boards.load(str(own))
