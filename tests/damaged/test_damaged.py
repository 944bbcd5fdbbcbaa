"""Damaged files of every format are refused in a sentence, or are right; `make test-long` takes
2,000 of them.
"""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sources
from formats import FORMATS
from survey import OUTCOMES, outcome, summary, survey

SECONDS, MEGABYTES = 1.0, 200  # a refusal takes at most


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sources")
    sources.write(made)
    return made


def judge(rows: list[dict[str, Any]]) -> None:
    print(summary(rows))
    wrong = [row for row in rows if row["outcome"] in ("failed", "hang")]
    assert not wrong, "\n".join(
        f"{row['format']} {row['number']}: {row['outcome']}: {row['said'][-1500:]}" for row in wrong
    )
    assert {outcome(row) for row in rows} <= {*OUTCOMES}
    assert {row["format"] for row in rows} == {*FORMATS}


def test_some_damaged_files_are_refused_or_right(folder: Path) -> None:
    judge(survey(folder, 120, 7, list(FORMATS)))


@pytest.mark.long
def test_two_thousand_damaged_files_are_refused_or_right(folder: Path) -> None:
    rows = survey(folder, 2000, 0, list(FORMATS))
    judge(rows)
    assert len(rows) >= 2000
    refused = [row for row in rows if row["outcome"] == "refused"]
    assert max(row["cpu"] for row in refused) < SECONDS
    bare = [row["peak_mb"] for row in refused if row["format"] != "safetensors"]
    assert max(bare) < MEGABYTES
