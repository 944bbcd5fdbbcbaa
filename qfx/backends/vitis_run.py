"""How AMD's tools are told to run the scripts of vitis/: Vitis HLS by build.tcl, and the unified
tool that replaced it by hls_config.cfg, a call for each step.
"""

from __future__ import annotations

import shutil

STEPS = ("csim", "csynth", "cosim", "export")  # as build.tcl has them

_CONFIG = ("--config", "hls_config.cfg", "--work_dir", "work")
_UNIFIED = {
    "csim": ("vitis-run", "--mode", "hls", "--csim", *_CONFIG),
    "csynth": ("v++", "-c", "--mode", "hls", *_CONFIG),
    "cosim": ("vitis-run", "--mode", "hls", "--cosim", *_CONFIG),
    "export": ("vitis-run", "--mode", "hls", "--package", *_CONFIG),
}
# Where each writes what csynth estimates.
REPORTS = {
    "vitis_hls": "vitis_project/solution/syn/report/csynth.xml",
    "v++": "work/hls/syn/report/csynth.xml",
}


def tool() -> str:
    """The one that is on PATH; where there is none, the one to ask for."""
    return next((tool for tool in REPORTS if shutil.which(tool)), "vitis_hls")


def runs(tool: str, *steps: str) -> tuple[tuple[str, ...], ...]:
    """The calls that do these steps, in vitis/; with `environment` they do no others."""
    if tool == "vitis_hls":
        return (("vitis_hls", "-f", "build.tcl"),)
    return tuple(_UNIFIED[step] for step in steps)


def environment(*steps: str) -> dict[str, str]:
    """The variables that tell build.tcl which steps to do."""
    return {"QFX_STEPS": " ".join(steps)}
