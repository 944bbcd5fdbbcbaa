"""How AMD's tools are told to run the scripts of vitis/: Vitis HLS by build.tcl, and the unified
tool that replaced it by hls_config.cfg, a call for each step.
"""

from __future__ import annotations

import re
import shutil

STEPS = ("csim", "csynth", "cosim", "export")  # as build.tcl has them

CONFIG = "hls_config.cfg"
_UNIFIED = {
    "csim": ("vitis-run", "--mode", "hls", "--csim"),
    "csynth": ("v++", "-c", "--mode", "hls"),
    "cosim": ("vitis-run", "--mode", "hls", "--cosim"),
    "export": ("vitis-run", "--mode", "hls", "--package"),
}
# Where each writes what csynth estimates.
REPORTS = {
    "vitis_hls": "vitis_project/solution/syn/report/csynth.xml",
    "v++": "work/hls/syn/report/csynth.xml",
}


def tool() -> str:
    """Return the one that is on PATH; where there is none, the one to ask for."""
    return next((tool for tool in REPORTS if shutil.which(tool)), "vitis_hls")


def runs(tool: str, *steps: str, config: str = CONFIG) -> tuple[tuple[str, ...], ...]:
    """Return the calls that do these steps, in vitis/; with `environment` they do no others."""
    if tool == "vitis_hls":
        return (("vitis_hls", "-f", "build.tcl"),)
    return tuple((*_UNIFIED[step], "--config", config, "--work_dir", "work") for step in steps)


def with_arguments(config: str, arguments: str) -> str:
    """Return the text of a configuration whose testbench is given these: it may run in any folder,
    so they name files from the root on.
    """
    return re.sub(r"(?m)^(csim|cosim)\.argv=.*$", lambda m: f"{m[1]}.argv={arguments}", config)


def environment(*steps: str) -> dict[str, str]:
    """Return the variables that tell build.tcl which steps to do."""
    return {"QFX_STEPS": " ".join(steps)}
