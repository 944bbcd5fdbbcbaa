"""What makes the C++ fast is found in AMD's headers, and is all that is changed in them."""

from importlib.util import find_spec
from pathlib import Path

from qfx.simulation.cpp.csim import CLEARED, FASTER, copied_headers


def test_one_word_of_amds_integers_is_left_out(tmp_path: Path) -> None:
    headers = Path(find_spec("hls4ml").origin).parent / "templates/vivado/ap_types"
    copied = copied_headers(headers, tmp_path / "include")
    for file in (path for path in headers.rglob("*.h") if path.name != "ap_private.h"):
        assert (copied / file.relative_to(headers)).read_bytes() == file.read_bytes()
    before = (headers / "etc" / "ap_private.h").read_text()
    after = (copied / "etc" / "ap_private.h").read_text()
    assert before.count(CLEARED) == 2  # of integers up to 64 bits, and of wider ones
    assert after == before.replace(CLEARED, FASTER)
