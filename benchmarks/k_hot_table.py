"""What benchmarks/k_hot.py writes."""

from typing import Any

from common import versions, write
from k_hot_designs import GOALS, SIMULATED
from runs import FLOAT, QUANTIZED, shown

TITLES = {
    "digits": "Digits, MLP 64-32-16-10, 360 test images",
    "fashion_mnist": "Fashion-MNIST, CNN of 19,258 parameters, 10,000 test images",
}
_MADE_OF = {"none": "shifts and adders", "lut": "LUT multipliers", "dsp": "DSP slices"}
_RATIO = "Time of the projection over that of a plain cast, forward alone and with backward:"
_TRAINERS = ("gradual", "straight_through", "compensated", "nearest")

# Keys are (model, weights) and (model, weights, multipliers), as k_hot.py makes them.
Accuracies = dict[tuple[str, Any], dict]
Designs = dict[tuple[str, Any, str], dict]


def write_results(
    accuracies: Accuracies,
    designs: Designs,
    floats: dict[str, dict],
    speed: dict[str, dict[str, float]],
    seeds: int,
    tool: str,
) -> None:
    record = {
        "rows": rows(accuracies, designs),
        "float_accuracy": floats,
        "projection_over_cast": speed,
        "recipes": {"float": FLOAT, "quantized": QUANTIZED},
        "goals_cycles": GOALS,
        "seeds": seeds,
        "seed_of_designs": 0,
        "command": "python benchmarks/k_hot.py",
        "versions": versions() | {"yosys": tool},
    }
    lines = [
        "Weights of K powers of two on a grid of 8 bits, or of as many bits as the row says;"
        " everything else at 8 bits, BatchNorm folded. All start from the same float checkpoints"
        " and have the same schedule (4 quantized epochs for the CNN, 30 for the MLP). Golden"
        " accuracy in % on the test set, mean ± standard deviation of the seeds; `digits`:"
        " non-zero signed digits of a weight, in the mean; LUT and DSP by Yosys of the whole"
        " design of seed 0, for ultra96, folded to the same goal; cycles a frame and bits of all"
        f" weight ROMs. Designs of shifts and adders gave the golden integers in C++ and RTL on"
        f" the first {SIMULATED} test images, and on random and extreme ones, in the cycles of the"
        " table.",
    ]
    for name, title in TITLES.items():
        lines += [
            "",
            f"**{title}**, {seeds} seeds; float {shown(floats[name])}.",
            "",
            "| weights | digits | accuracy | products of | LUT | DSP | cycles | ROM bits |",
            f"|{'---|' * 8}",
            *(
                f"| {weights} | {accuracies[name, weights]['digits']:.2f} |"
                f" {shown(accuracies[name, weights])} | {_MADE_OF[kind]} | {d['luts']:,} |"
                f" {d['dsps']:,} | {d['cycles']:,} | {d['rom_bits']:,} |"
                for (model, weights, kind), d in designs.items()
                if model == name
            ),
            "",
            f"Ways to the same grids ({name}):",
            "",
            f"| weights | {' | '.join(word.replace('_', '-') for word in _TRAINERS)} |",
            f"|{'---|' * (len(_TRAINERS) + 1)}",
            *_ways({weights: a for (model, weights), a in accuracies.items() if model == name}),
        ]
    ratios = "; ".join(
        f"{name}: {found['forward']:.1f} and {found['forward_and_backward']:.1f}"
        for name, found in speed.items()
    )
    lines += [
        "",
        f"{_RATIO} {ratios}.",
    ]
    write("k_hot", record, lines)


def rows(accuracies: Accuracies, designs: Designs) -> list[dict]:
    """One for each net and way to build it; those not built have no figures of hardware."""
    found = []
    for (model, weights), a in accuracies.items():
        built = {kind: d for (m, w, kind), d in designs.items() if (m, w) == (model, weights)}
        for kind, d in built.items() or [(None, {})]:
            found.append(
                {
                    "model": model,
                    "weights": str(weights),
                    "k": weights.k,
                    "trainer": weights.trainer,
                    "multipliers": kind,
                    "digits": a["digits"],
                    "accuracy_mean": a["mean"],
                    "accuracy_spread": a["spread"],
                    "accuracy_runs": a["runs"],
                    **{key: d.get(key) for key in ("luts", "dsps", "cycles", "rom_bits")},
                    **{key: d[key] for key in d.keys() - {"luts", "dsps", "cycles", "rom_bits"}},
                }
            )
    return found


def _ways(accuracies: dict[Any, dict]) -> list[str]:
    """A line for each grid; a plain one is trained in one way only."""
    lines: dict[str, dict[str, str]] = {}
    for weights, a in accuracies.items():
        way = "gradual" if weights.trainer == "trained" else weights.trainer
        lines.setdefault(str(weights), {})[way] = shown(a)
    return [
        f"| {grid} | {' | '.join(cells.get(way, '') for way in _TRAINERS)} |"
        for grid, cells in lines.items()
    ]
