"""The commands of Vivado that the scripts of a project call, and what they take (UG835, UG1118)."""

from __future__ import annotations

from qfx.synthesis.vivado_check.tcl import Signature

_MANY = 1000
_GET = Signature(0, _MANY, flags=("-quiet",), values=("-of_objects", "-filter"))
_ONE = Signature(1, 1)

# Of every script.
PROJECT = {
    "add_files": Signature(1, 1, flags=("-norecurse",), values=("-fileset",)),
    "close_project": Signature(),
    "create_project": Signature(2, 2, flags=("-force",), values=("-part",), required=("-part",)),
    "current_fileset": Signature(),
    "current_project": Signature(),
    "get_property": Signature(2, 2),
    "set_property": Signature(2, 3, flags=("-dict",)),
    "update_compile_order": Signature(values=("-fileset",)),
}

BLOCK_DESIGN = {
    **PROJECT,
    "apply_bd_automation": Signature(1, 1, values=("-rule", "-config"), required=("-rule",)),
    "assign_bd_address": Signature(
        1,
        1,
        flags=("-force",),
        values=("-offset", "-range", "-target_address_space"),
        required=("-target_address_space",),
    ),
    "connect_bd_intf_net": Signature(2, 2),
    "connect_bd_net": Signature(2, _MANY),
    "create_bd_cell": Signature(1, 1, values=("-type", "-vlnv"), required=("-type", "-vlnv")),
    "create_bd_design": _ONE,
    "exclude_bd_addr_seg": Signature(1, 1, values=("-target_address_space",)),
    "generate_target": Signature(2, 2),
    "get_bd_addr_segs": _GET,
    "get_bd_addr_spaces": _GET,
    "get_bd_cells": _GET,
    "get_bd_intf_pins": _GET,
    "get_bd_pins": _GET,
    "get_board_parts": _GET,
    "get_files": _GET,
    "get_ipdefs": _GET,
    "get_runs": _GET,
    "launch_runs": Signature(1, 1, values=("-jobs", "-to_step")),
    "make_wrapper": Signature(flags=("-top", "-import"), values=("-files",), required=("-files",)),
    "open_run": _ONE,
    "regenerate_bd_layout": Signature(),
    "report_timing_summary": Signature(values=("-file",), required=("-file",)),
    "report_utilization": Signature(
        flags=("-hierarchical",), values=("-file",), required=("-file",)
    ),
    "save_bd_design": Signature(),
    "update_ip_catalog": Signature(flags=("-rebuild",)),
    "validate_bd_design": Signature(),
    "version": Signature(flags=("-short",)),
    "wait_on_run": _ONE,
    "write_bitstream": Signature(1, 1, flags=("-force",)),
}

_ADD = Signature(2, 2)

PACKAGE = {
    **PROJECT,
    "ipx::add_address_block": _ADD,
    "ipx::add_bus_parameter": _ADD,
    "ipx::add_memory_map": _ADD,
    "ipx::add_register": _ADD,
    "ipx::associate_bus_interfaces": Signature(
        1, 1, values=("-busif", "-clock", "-reset"), required=("-busif", "-clock")
    ),
    "ipx::check_integrity": _ONE,
    "ipx::create_xgui_files": _ONE,
    "ipx::current_core": Signature(),
    "ipx::get_bus_interfaces": _GET,
    "ipx::get_bus_parameters": _GET,
    "ipx::get_memory_maps": _GET,
    "ipx::infer_bus_interface": Signature(3, 3),
    "ipx::package_project": Signature(
        flags=("-import_files", "-force"),
        values=("-root_dir", "-vendor", "-library", "-taxonomy"),
        required=("-root_dir", "-vendor", "-library"),
    ),
    "ipx::remove_all_bus_interface": _ONE,
    "ipx::remove_memory_map": Signature(2, 2),
    "ipx::save_core": _ONE,
    "ipx::update_checksums": _ONE,
}
