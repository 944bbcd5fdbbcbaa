"""What Yosys is told: a design taken apart into its stages, and a stage built and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from qfx.synthesis.yosys.family import Family
from qfx.synthesis.yosys.reads import reads

Parts = Mapping[str, Sequence[str]]  # the instances of the top that make a stage, by its name

STEP = "qfx step: "  # what a script says when a step begins
MODULE = "qfx_stage"  # a stage's module
# After a stage is optimized: what is left of its products, then those that a module wants in DSP
# slices, of whatever size, and in LUTs, whatever Yosys thinks of them.
_PRODUCTS = """\
tee -q -o products.txt select -list t:$mul t:$macc
memory_dff
{product_map} t:$mul a:qfx_in_dsp %i
chtype -set $__soft_mul t:$mul a:qfx_in_luts %i
{synth} -run map_dsp:coarse
opt_clean"""
# The rest of synth_xilinx by its labels, and what each step is called.
_REST = (
    ("sharing arithmetic", "coarse", "map_memory"),
    ("mapping memories", "map_memory", "fine"),
    ("mapping adders and flip-flops", "fine", "map_luts"),
    ("mapping LUTs", "map_luts", "check"),
)
# What a signal passes through from register to register, a block RAM being one.
_PASSED = "t:RAM* t:RAMB* %d t:LUT* t:CARRY* t:MUXF* t:INV t:DSP*"


def split(top: str, sources: Sequence[str], parts: Parts) -> str:
    """Write each stage as stages/NAME.il, and what the top itself does as top.il.

    Args:
        top: the design's module.
        sources: names of the files in src/.
        parts: of the design.
    """
    boxes = [module(name) for name in parts]
    return _script(
        *_stages(top, sources, parts),
        "setattr -unset src -unset hdlname w:* c:* m:*",
        "setattr -mod -unset src *",
        "rename -enumerate -pattern $%",
        *(line for name in parts for line in _write(f"stages/{name}.il", module(name))),
        *(f"blackbox {box}" for box in boxes),
        f"flatten {top}",
        "rename -enumerate -pattern $%",
        *_write("top.il", top, *(f"={box}" for box in boxes)),
    )


def alone(text: str, built: str) -> str:
    """Read a file that `split` wrote, for `build`.

    Args:
        text: of the file.
        built: the module of it that is to be built.
    """
    text = re.sub(r"^(#|autoidx ).*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\\(\$\d+)\b", r"\1", text)  # names are private again
    return text.replace(f"module \\{built}\n", f"module \\{MODULE}\n")


def anywhere(text: str, instance: str) -> str:
    """Return a stage without the names of its place, so that equal stages are equal texts.

    Args:
        text: of the stage alone.
        instance: the stage's in the top; those of its ROMs begin with it.
    """
    text = text.replace(f"\\{instance}", "\\u_stage")
    for counted in (r"(?<=\\PRIORITY )\d+", r"(?<=_block\$)\d+"):  # through the whole design
        numbers = sorted({int(number) for number in re.findall(counted, text)})
        ranks = {str(number): str(rank) for rank, number in enumerate(numbers)}
        text = re.sub(counted, lambda found, ranks=ranks: ranks[found[0]], text)
    ports = re.findall(r"^  wire .*\b(?:input|output) (\d+) (\\\S+)$", text, re.MULTILINE)
    names = {name: f"\\port{number}" for number, name in ports}
    text = re.sub(r"\\\S+", lambda found: names.get(found[0], found[0]), text)
    # Yosys writes these in an order that another stage of the design may change.
    return re.sub(r"(?:^  connect .*\n)+", _in_order, text, flags=re.MULTILINE)


def _in_order(lines: re.Match[str]) -> str:
    return "".join(sorted(lines[0].splitlines(keepends=True)))


def build(family: Family, read: Sequence[str] = ("read_rtlil stage.il",)) -> str:
    """Build a stage and count it: products.txt, stat.json, depth.txt.

    Args:
        family: of parts.
        read: what reads the module `MODULE`.
    """
    synth = f"{_synth(family, MODULE)} -flatten"
    return _script(
        f"log -stderr {STEP}optimizing",
        *read,
        f"{synth} -run begin:map_dsp",
        f"log -stderr {STEP}mapping products",
        _PRODUCTS.format(synth=synth, product_map=family.product_map),
        *(
            line
            for words, first, last in _REST
            for line in (f"log -stderr {STEP}{words}", f"{synth} -run {first}:{last}")
        ),
        "tee -q -o stat.json stat -json -tech xilinx",
        "design -save qfx_built",
        *_ends_at_writes(),
        f"select {MODULE}/w:* {_PASSED}",
        "tee -q -o depth.txt ltp",
        "select -clear",
        "design -load qfx_built",
    )


def _ends_at_writes() -> Iterator[str]:
    """So that no path leads through what is written into a distributed RAM."""
    yield "design -push"
    yield f"read_verilog <<EOT\n{reads()}\nEOT"
    yield "design -stash qfx_reads"
    yield "design -pop"
    yield "techmap -max_iter 1 -map %qfx_reads"


def read_sources(top: str, files: Sequence[str]) -> Iterator[str]:
    """Read Verilog; products are marked while the modules that say where they go still stand."""
    yield from (f"read_verilog -sv {file}" for file in files)
    yield f"hierarchy -check -top {top}"
    yield "proc"
    yield "setattr -set qfx_in_dsp 1 A:use_dsp=yes/t:$mul"
    yield "setattr -set qfx_in_luts 1 A:use_dsp=no/t:$mul"


def products(top: str, sources: Sequence[str], parts: Parts, family: Family) -> str:
    """Find the products alone: products.txt and dsps.txt list cells by their
    modules.
    """
    synth = _synth(family, top)
    return _script(
        *_stages(top, sources, parts),
        f"{synth} -run begin:map_dsp",
        _PRODUCTS.format(synth=synth, product_map=family.product_map),
        f"tee -q -o dsps.txt select -list t:{family.dsp}",
    )


def is_stage(cell: str) -> bool:
    """Tell whether a cell of the top level stands for a stage."""
    return cell.startswith(f"{MODULE}_")


def stage_of(listed: str) -> str:
    """Return the stage of a cell that `products` listed; empty for the top itself."""
    module = listed.partition("/")[0]
    return module.removeprefix(f"{MODULE}_") if module.startswith(f"{MODULE}_") else ""


def _stages(top: str, sources: Sequence[str], parts: Parts) -> Iterator[str]:
    """The design as a top of flat stages."""
    yield f"log -stderr {STEP}reading the design"
    yield from read_sources(top, [f"src/{name}" for name in sources])
    for name, instances in parts.items():
        yield f"submod -name {module(name)} " + " ".join(f"{top}/{i}" for i in instances)
    yield from (f"flatten {module(name)}" for name in parts)


def _write(file: str, *modules: str) -> Iterator[str]:
    yield f"select {' '.join(modules)}"
    yield f"write_rtlil -selected {file}"
    yield "select -clear"


def module(stage: str) -> str:
    """Return the name `split` gives a stage's module."""
    return f"{MODULE}_{stage}"


def _synth(family: Family, top: str) -> str:
    return f"synth_xilinx -family {family.name} -noiopad -nowidelut -top {top}"


def _script(*lines: str) -> str:
    return "\n".join(lines) + "\n"
