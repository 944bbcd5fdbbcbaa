"""The Verilated IP of a project with masters at its ports, as a shared library through ctypes."""

from __future__ import annotations

import ctypes
from typing import Any

from qfx import assets
from qfx.backends.verilog import HARNESS, visitors
from qfx.backends.verilog.ip import RESET_CYCLES, module_name
from qfx.disk import nearby
from qfx.hardware import Port, registers
from qfx.hardware.registers import Control
from qfx.project.folder import Project, ProjectError
from qfx.simulation.rtl.build import compiled, ports_of

_FLAGS = ("--x-assign", "unique", "--x-initial", "unique")  # what no reset sets begins at random
_UNIT = """
#include "V{top}.h"
{visitors}
#include "device.hpp"
using Top = V{top};
using Device = qfx::Device<Top>;
void vl_finish(const char*, int, const char*) {{}}  // the design has no $finish
extern "C" {{
Device* device_new(int count, const char** options, const qfx::PortShape* in, uint64_t in_count,
                   const qfx::PortShape* out, uint64_t out_count, const qfx::Follow* follow,
                   uint32_t percent, uint32_t seed) {{
  auto* context = new VerilatedContext;
  context->commandArgs(count, options);
  return new Device(new Top(context, ""), in, in_count, out, out_count, *follow, percent, seed);
}}
void device_delete(Device* d) {{ delete d; }}
void device_reset(Device* d) {{ d->reset(); }}
void device_abandon(Device* d) {{ d->abandon(); }}
void device_step(Device* d, uint64_t cycles) {{ d->step(cycles, [] {{ return false; }}); }}
int device_settle(Device* d, uint64_t cycles) {{  // until no output has a transfer under way
  const auto ended = [&] {{
    for (auto& receiver : d->receivers) if (receiver.active) return false;
    return true;
  }};
  d->step(cycles, ended);
  return ended();
}}
void device_send(Device* d, uint64_t port, const uint8_t* bytes, uint64_t count) {{
  d->senders[port].send(bytes, count);
}}
int device_sent(Device* d, uint64_t port) {{ return d->senders[port].done(); }}
void device_receive(Device* d, uint64_t port, uint64_t most) {{ d->receivers[port].receive(most); }}
int device_receiving(Device* d, uint64_t port) {{ return d->receivers[port].active; }}
int device_received(Device* d, uint64_t port) {{ return d->receivers[port].ended; }}
uint64_t device_arrived(Device* d, uint64_t port) {{ return d->receivers[port].bytes.size(); }}
void device_take(Device* d, uint64_t port, uint8_t* to) {{
  std::copy(d->receivers[port].bytes.begin(), d->receivers[port].bytes.end(), to);
}}
int device_write(Device* d, uint32_t at, uint32_t data, uint32_t strobes, uint64_t patience) {{
  d->lite.write(at, data, strobes);
  d->step(patience, [&] {{ return !d->lite.writing; }});
  return d->lite.writing ? -1 : int(d->lite.write_response);
}}
int device_read(Device* d, uint32_t at, uint32_t* data, uint64_t patience) {{
  d->lite.read(at);
  d->step(patience, [&] {{ return !d->lite.reading; }});
  *data = d->lite.read_data;
  return d->lite.reading ? -1 : int(d->lite.read_response);
}}
void device_amid(Device* d, uint64_t cycles) {{
  d->lite.write({features}, 0, 0xf);
  d->lite.read({features});
  d->step(cycles, [] {{ return false; }});
}}
void device_counts(Device* d, uint64_t port, qfx::Counts* to) {{
  const uint64_t inputs = d->senders.size();
  *to = port < inputs ? d->senders[port].counts : d->receivers[port - inputs].counts;
}}
uint64_t device_cycle(Device* d) {{ return d->cycle; }}
const char* device_fault(Device* d) {{ return d->fault.text.c_str(); }}
}}
"""


_AT = {register.name: register.offset for register in registers.REGISTERS}
COUNTED = tuple(register.name for register in registers.PORT_COUNTERS)


class PortShape(ctypes.Structure):
    """qfx::PortShape of device.hpp."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("bytes", ctypes.c_uint64),
        ("beats", ctypes.c_uint64),
        ("last_bytes", ctypes.c_uint64),
    )

    @classmethod
    def of(cls, port: Port) -> PortShape:
        stream, last_bytes = port.stream, port.last_keep.bit_length()
        return cls(stream.name.encode(), port.width_bits // 8, stream.beats, last_bytes)


class Counts(ctypes.Structure):
    """qfx::Counts of device.hpp: what the testbench counted at a port."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in COUNTED)


class _Follow(ctypes.Structure):
    """qfx::Follow of device.hpp."""

    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("control", "reset", "clear", "packets", "reset_cycles")
    )


def follow() -> _Follow:
    """The registers that the checks follow."""
    return _Follow(
        _AT["control"],
        int(Control.RESET),
        int(Control.CLEAR),
        _AT["frames_per_packet"],
        RESET_CYCLES,
    )


def load(project: Project) -> Any:
    """The library of a project's IP, built once for the same sources, through ctypes.

    Raises:
        ProjectError: a project of a qfx that wrote no IP; ToolMissing, ToolFailed: Verilator, g++.
    """
    source = project.path / "verilog" / "src"
    top = module_name(project.manifest.name)
    ip = source / f"{top}.v"
    if not ip.is_file():
        raise ProjectError(f"{nearby(project.path)} has no {ip.name}: export again")
    simulation = assets.folder("hls_templates") / "verilog" / "sim"
    unit = _UNIT.format(
        top=top, features=_AT["features"], visitors=visitors(f"V{top}", *ports_of(project))
    )
    headers = [simulation / name for name in ("device.hpp", "lite.hpp", "dma.hpp", *HARNESS)]
    sources = [*sorted(source.glob("*.sv")), ip]
    return _declared(ctypes.CDLL(str(compiled(top, sources, headers, unit, _FLAGS))))


def _declared(library: Any) -> Any:
    device, place, word = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32
    shapes, count = ctypes.POINTER(PortShape), ctypes.c_int
    options = ctypes.POINTER(ctypes.c_char_p)
    for name, result, *arguments in (
        ("new", device, count, options, shapes, place, shapes, place,
         ctypes.POINTER(_Follow), word, word),
        ("delete", None, device),
        ("reset", None, device),
        ("abandon", None, device),
        ("step", None, device, place),
        ("settle", count, device, place),
        ("send", None, device, place, ctypes.c_void_p, place),
        ("sent", count, device, place),
        ("receive", None, device, place, place),
        ("receiving", count, device, place),
        ("received", count, device, place),
        ("arrived", place, device, place),
        ("take", None, device, place, ctypes.c_void_p),
        ("write", count, device, word, word, word, place),
        ("read", count, device, word, ctypes.POINTER(word), place),
        ("amid", None, device, place),
        ("counts", None, device, place, ctypes.POINTER(Counts)),
        ("cycle", place, device),
        ("fault", ctypes.c_char_p, device),
    ):  # fmt: skip
        function = getattr(library, f"device_{name}")
        function.argtypes, function.restype = arguments, result
    return library
