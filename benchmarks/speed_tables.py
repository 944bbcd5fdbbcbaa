"""What docs/results.md shows of benchmarks/speed.py."""

from typing import Any

from speed_clocks import SEEDS

TITLES = {
    "mobilenet": "MobileNetV1 x 0.25, 96 x 96 x 3",
    "ds_cnn": "DS-CNN, 49 x 10",
    "resnet8_cifar10": "ResNet-8, CIFAR-10",
    "fashion_mnist": "Fashion-MNIST CNN",
    "nested_residual": "nested residual net, 16 x 16",
    "digits": "digits MLP",
}


def deepest(levels: dict[str, int | None]) -> int:
    """The levels of the deepest stage."""
    return max(depth or 0 for depth in levels.values())


def table(record: dict[str, Any]) -> list[str]:
    """All of it, in Markdown."""
    lines = [
        "| net | board | cycles before | cycles now, predicted / measured | LUT before | LUT now |"
        " DSP before / now | levels before / now | latency before / now | mismatches |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in record["cycles"]:
        cells = (
            TITLES[row["net"]],
            row["board"],
            f"{row['before']:,}",
            f"{row['predicted']:,} / {row['measured']:,.0f}",
            f"{row['luts_before']:,}",
            f"{row['luts_now']:,}",
            f"{row['yosys_before']['dsps']} / {row['yosys_now']['dsps']}",
            f"{deepest(row['levels_before'])} / {deepest(row['levels_now'])}",
            f"{row['latency_before']:,} / {row['latency_now']:,}",
            str(row["mismatches"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    for row in record["cycles"]:
        if row["over_budget"]:
            lines += ["", f"Over the budget by Yosys: {TITLES[row['net']]}, {row['over_budget']}."]
        if row["refused"]:
            lines += ["", f"{TITLES[row['net']]}: {row['refused']}."]
    return [*lines, "", *_clock_table(record)]


def _clock_table(record: dict[str, Any]) -> list[str]:
    lines = [
        f"Routed by nextpnr on an ECP5 (LFE5U-85F), out of context, medians of {SEEDS} seeds:",
        "",
        "| net | cycles a frame | MHz before | MHz now | times | levels before / now |"
        " LUT4 before / now |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in record["clocks"]:
        before, found = row["fmax_before_mhz"]["median"], row["fmax_mhz"]["median"]
        cells = (
            TITLES[row["net"]],
            f"{row['goal']:,}, at most",
            f"{before:.1f}",
            f"{found:.1f}",
            f"{found / before:.2f}",
            f"{row['levels_before']} / {row['levels']}",
            f"{row['cells_before']['LUT4']:,} / {row['cells']['LUT4']:,}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    limits = ", ".join(f"{name} {each['median']:.0f}" for name, each in record["fabric"].items())
    lines += ["", f"The fabric alone, in MHz: {limits}.", ""]
    return [*lines, *_estimate_table(record["fmax_estimates"]), "", *_frame_table(record["frames"])]


def _estimate_table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "The estimate beside it; the fitted one gave the factor between a whole and its slowest"
        " stage, the others were held out:",
        "",
        "| design | role | LUT4 | MHz, estimate | MHz, nextpnr | off | longest path: estimate |"
        " nextpnr |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['design']} | {row['role']} | {row['LUT4']:,} | {row['estimated']:.1f} |"
            f" {row['routed']:.1f} | {row['off']:+.0%} | {row['estimated_in']} |"
            f" {row['routed_in']} |"
        )
    return lines


def _frame_table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "Committed examples at their goals on the Ultra96, kernel; MHz in reach: before, those of"
        " the routed design scaled (one seed for Fashion-MNIST), now, of the estimate:",
        "",
        "| example | cycles a frame | told before, at 100 / 250 MHz | MHz in reach before | now |"
        " frames/s at 100 MHz or below, before | now | frames/s at the fastest in reach, before |"
        " now |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        told = " / ".join(f"{fps:,}" for fps in row["told_before"].values())
        cells = (
            f"{row['cycles']:,}",
            told,
            *map(
                _number,
                (
                    row["fmax_mhz_before"],
                    row["fmax_mhz_estimate"],
                    row["frames_per_second_before"],
                    row["frames_per_second"],
                    row["fastest_frames_per_second_before"],
                    row["fastest_frames_per_second"],
                ),
            ),
        )
        lines.append(f"| {TITLES[row['example']]} | {' | '.join(cells)} |")
    return lines


def _number(value: float | None) -> str:
    return "not routed" if value is None else f"{value:,.0f}"
