"""C++ stages run as they are counted: with no more than a beat is said to need it leaves, and while
one cannot leave so many come in as are said to.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from random_line_buffers import past_the_image, random_line_buffer

from qfx import assets
from qfx.backends import vitis
from qfx.backends.vitis.stages import function
from qfx.fixedpoint import FixedPointType
from qfx.hardware import Patches, Repeat, Stage, Window
from qfx.hardware.stages.resize import filled
from qfx.hardware.stages.subsample import subsample
from qfx.hardware.stream import Stream

FRAMES = 3
LIBRARY = assets.folder("hls_templates") / "vitis"

# Of each turn: so many beats have come in, then one more leaves.
MAIN = """\
{headers}
using namespace qfx;
template <int IN, int OUT, class Stage>
void turns(const std::vector<int>& come, int all, std::size_t stand, Stage called) {{
  Stream<int, IN> x("x", 1);
  Stream<int, OUT> y("y", stand);
  Stream<int, 1> go("go", 1), gone("gone", 1);
  dataflow.frames = 1;
  stage([&] {{
    int written = 0;
    for (int count : come) {{
      for (; written < count; ++written) x.write({{}});
      go.write({{}});
      gone.read();
    }}
    for (; written < all; ++written) x.write({{}});
  }});
  stage([&] {{ for (int frame = 0; frame < {frames}; ++frame) called(x, y); }});
  stage([&] {{
    for (std::size_t turn = 0; turn < come.size(); ++turn) {{
      go.read();
      y.read();
      gone.write({{}});
    }}
  }});
  run_stages();
}}
int main() {{
{calls}
}}
"""


def stages() -> Iterator[Stage]:
    yield past_the_image()
    generator = np.random.default_rng(1)
    for number in range(40):
        yield random_line_buffer((Repeat, Window, Patches, Patches)[number % 4], generator)
    for height, width, stride, beats in ((5, 6, 2, 2), (3, 5, 5, 3)):
        reads = Stream("x", FixedPointType(4, 0), 2 * height * width * beats, 2)
        yield subsample("s", "", reads, (2 * beats, height, width), stride)
    for part, entering, leaving in ((8, 2, 3), (8, 8, 3), (6, 3, 5)):
        yield filled(Stream("x", FixedPointType(4, 0), 5 * part, entering), 5, leaving, "f", "")


def calls(number: int, stage: Stage) -> Iterator[str]:
    """A stage with no more than it is said to need, and with all that it is said to take."""
    left = np.arange(1, FRAMES * stage.output.beats + 1)
    all_, lanes = FRAMES * stage.input.beats, f"{stage.input.lanes}, {stage.output.lanes}"
    (needed,), (accepted,) = stage.needed(left, "vitis"), stage.accepted(left, "vitis")
    call = f"[](auto& x, auto& y) {{ {function(stage)}(x, y); }}"
    for what, counts in (
        ("needs", needed),
        ("takes", np.minimum(accepted + 1, all_)),  # one waits in the channel; y holds one
    ):
        listed = ", ".join(map(str, counts.tolist()))
        yield f'  std::cout << "{number} {what}" << std::endl;'
        yield f"  turns<{lanes}>({{{listed}}}, {all_}, 1, {call});"


def test_cpp_stages_take_and_give_as_counted(
    tmp_path: Path, require_tool: Callable[[str], None]
) -> None:
    require_tool("g++")
    every = list(stages())
    lines = [line for number, stage in enumerate(every) for line in calls(number, stage)]
    headers = "\n".join(f'#include "{header}"' for header in vitis.stages.headers())
    text = MAIN.format(headers=headers, frames=FRAMES, calls="\n".join(lines))
    (tmp_path / "main.cpp").write_text(text)
    folders = (vitis.ap_types(), LIBRARY / "include", LIBRARY / "lib")
    command = ["g++", "-std=c++17", "-O1", "-w", "-DQFX_DATAFLOW", "-U_FORTIFY_SOURCE"]
    command += [f"-I{folder}" for folder in folders]
    program = tmp_path / "main"
    subprocess.run([*command, str(tmp_path / "main.cpp"), "-o", str(program)], check=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    number, what = _last(done)
    assert done.returncode == 0, f"{every[int(number)]} {what}: {done.stderr}"
    assert {type(stage) for stage in every} >= {Patches, Repeat, Window}


def _last(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The stage that was under way."""
    return [line.split() for line in done.stdout.splitlines() if line[0].isdigit()][-1]
