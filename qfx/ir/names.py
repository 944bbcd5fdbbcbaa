"""Which names a graph may have: they become identifiers in Verilog, C++ and file names."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

from qfx.errors import ArgumentError

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONGEST = 100

# IEEE 1800-2017, table B.1.
_VERILOG = """
accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before
begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class
clocking cmos config const constraint context continue cover covergroup coverpoint cross deassign
default defparam design disable dist do edge else end endcase endchecker endclass endclocking
endconfig endfunction endgenerate endgroup endinterface endmodule endpackage endprimitive endprogram
endproperty endsequence endspecify endtable endtask enum event eventually expect export extends
extern final first_match for force foreach forever fork forkjoin function generate genvar global
highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir include
initial inout input inside instance int integer interconnect interface intersect join join_any
join_none large let liblist library local localparam logic longint macromodule matches medium
modport module nand negedge nettype new nexttime nmos nor noshowcancelled not notif0 notif1 null or
output package packed parameter pmos posedge primitive priority program property protected pull0
pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence
rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0
rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal
showcancelled signed small soft solve specify specparam static string strong strong0 strong1 struct
super supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time
timeprecision timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union
unique unique0 unsigned until until_with untyped use uwire var vectored virtual void wait wait_order
wand weak weak0 weak1 while wildcard wire with within wor xnor xor
"""
# ISO/IEC 14882:2017, 5.11, and what the testbench defines.
_CPP = """
alignas alignof and_eq asm auto bitand bitor bool catch char char16_t char32_t compl const_cast
constexpr decltype delete double dynamic_cast explicit false float friend goto inline long main
mutable namespace noexcept not_eq nullptr operator or_eq private public register reinterpret_cast
short sizeof static_assert static_cast std switch template thread_local throw true try typeid
typename using volatile wchar_t xor_eq hls Top
axi_dma
"""
RESERVED = frozenset(_VERILOG.split()) | frozenset(_CPP.split())


def require_identifier(name: str) -> None:
    """Raise ArgumentError when `name` cannot stand in generated code, with the reason."""
    if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
        raise ArgumentError(
            f"{name!r} cannot name hardware: use letters, digits and underscores, a letter first"
        )
    if name in RESERVED or name.startswith("qfx_"):
        raise ArgumentError(
            f"{name!r} cannot name hardware: Verilog, C++ or qfx uses that word itself: take"
            " another"
        )
    if len(name) > _LONGEST:
        raise ArgumentError(
            f"{name[:20]}... cannot name hardware: use at most {_LONGEST} characters"
        )


def can_name(name: str) -> bool:
    """Tell whether `name` can stand in generated code."""
    try:
        require_identifier(name)
    except ValueError:
        return False
    return True


def identifier(name: str, room: int = 0) -> str:
    """Return what hardware calls what a person called `name`: the same where that can stand in
    generated code, else without accents, with other signs as underscores, a letter first.

    Args:
        name: any words.
        room: characters that must still fit behind it; 0 for a whole name.
    """
    letters = [c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)]
    plain = "".join(map(_ascii, letters)).lstrip("_")
    ours = plain.startswith("qfx_") or (plain == "qfx" and room > 0)  # "_" comes behind it
    if not plain[:1].isalpha() or ours:
        plain = f"layer{'_' if ours else ''}{plain}"
    if len(plain) + room > _LONGEST:
        mark = sha256(name.encode()).hexdigest()[:8]
        plain = f"{plain[: _LONGEST - room - len(mark) - 1]}_{mark}"
    return f"{plain}_" if plain in RESERVED and not room else plain


def _ascii(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalnum() else "_"
    return f"x{ord(letter):x}" if letter.isalnum() else "_"
