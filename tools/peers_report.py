#!/usr/bin/env python3
"""What `make peers` leaves behind, from the figures of all runs.

    tools/peers_report.py <peers-runs.json> <document.md>    puts the table between its two markers

peers.json is a list of {"name", "unit", "workers", "weft": {"median", "min", "max", "runs"}, "peers":
{"tokio-1.24": {...}, ...}, "ratio": {"tokio-1.24": ...}}, where the ratio is the median of the rounds'
ratios and always says how many times better weft is. A row that cannot be measured here has
"not_measurable" with the reason, and null for figures.
"""

import json
import pathlib
import statistics
import sys

import peers_rows
import peers_svg

BEGIN = "<!-- table of make peers: begin -->"
END = "<!-- table of make peers: end -->"


def summary(values):
    if not values:
        return {"median": None, "min": None, "max": None, "runs": 0}
    return {
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "runs": len(values),
    }


class Line:
    """One row of the report."""

    def __init__(self, row, measured, versions):
        self.row = row
        self.failures = dict(measured.get("failures", {}))
        self.not_measurable = measured.get("not_measurable", "")
        self.runs = measured.get("runs", {})
        scale = peers_rows.UNITS[row.unit]
        self.values = {
            name: [run["value"] / scale for run in runs] for name, runs in self.runs.items()
        }
        if "weft" not in self.values and not self.not_measurable:
            self.not_measurable = f"weft: {self.failures.get('weft', 'no figure')}"
        self.labels = {
            peer.name: peer.label(versions)
            for peer in peers_rows.PEERS
            if peer.name in self.values or peer.name in self.failures
        }

    def ratios(self, name):
        """How many times better weft is than this peer, round by round."""
        pairs = zip(self.values.get("weft", []), self.values.get(name, []))
        return [self.row.ratio(weft, peer) for weft, peer in pairs]

    def peers_with_ratio(self):
        return [name for name in self.labels if self.ratios(name)]

    def cpu(self, name):
        """Processor time for each operation, nanoseconds; 0 where it was not measured."""
        return statistics.median(run["cpu"] for run in self.runs[name])

    def as_json(self):
        entry = {
            "name": self.row.name,
            "unit": self.row.unit,
            "workers": self.row.workers,
            "weft": summary(self.values.get("weft", [])),
            "peers": {self.labels[name]: summary(self.values.get(name, [])) for name in self.labels},
            "ratio": {
                self.labels[name]: statistics.median(self.ratios(name))
                for name in self.peers_with_ratio()
            },
        }
        if self.not_measurable:
            entry["not_measurable"] = self.not_measurable
        return entry


def lines_of(results):
    return [
        Line(row, results["rows"][row.name], results["versions"])
        for row in peers_rows.ROWS
        if row.name in results["rows"]
    ]


def number(value):
    """Three significant digits, without an exponent."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def figure_cell(line, name):
    """The median, and the processor time where that is another matter."""
    text = number(statistics.median(line.values[name]))
    if line.row.unit in ("ns", "us") and line.cpu(name):
        text += f" ({number(line.cpu(name) / peers_rows.UNITS[line.row.unit])})"
    return text


def peer_cell(line, name):
    if name in line.failures:
        return f"{name}: {line.failures[name]}"
    ratios = line.ratios(name)
    spread = f"{number(min(ratios))}-{number(max(ratios))}"
    return f"{name} {figure_cell(line, name)}: **{number(statistics.median(ratios))}** [{spread}]"


def goal_cell(line):
    if not line.row.goal:
        return ""
    name, wanted = line.row.goal
    ratios = line.ratios(name)
    verdict = ""
    if ratios:
        verdict = ", reached" if statistics.median(ratios) >= wanted else ", **not reached**"
    return f"{number(wanted)} x {name}{verdict}"


def table(lines):
    yield "| Row | What | Unit | weft | Peers: figure, **ratio** [spread] | Goal |"
    yield "|---|---|---|---|---|---|"
    for line in lines:
        row = line.row
        if line.not_measurable:
            weft, peers = "not measurable", line.not_measurable
        else:
            weft = figure_cell(line, "weft")
            peers = "<br>".join(peer_cell(line, name) for name in line.labels) or "no peer"
        yield f"| `{row.name}` | {row.title} | {row.unit} | {weft} | {peers} | {goal_cell(line)} |"


def conditions(results):
    machine, plan = results["machine"], results["plan"]
    yield (
        f"{machine['date']}, {machine['processor']}, {machine['cores']} cores, {machine['kernel']}; "
        f"{'; '.join(machine['compilers'])}; {plan['rounds']} rounds of {plan['seconds']} s; "
        f"load of the machine before: {machine['load']:.1f}."
    )
    yield ""
    for peer in peers_rows.PEERS:
        yield f"- {peer.label(results['versions'])}: {peer.built}"


def markdown(results):
    return "\n".join([*conditions(results), "", *table(lines_of(results)), ""])


def write(results, directory):
    lines = lines_of(results)
    entries = [line.as_json() for line in lines]
    for name, text in {
        "peers-runs.json": json.dumps(results, indent=1),
        "peers.json": json.dumps(entries, indent=1),
        "peers.svg": peers_svg.drawing(lines),
        "peers.md": markdown(results),
    }.items():
        (directory / name).write_text(text + "\n")
        print(f"wrote {directory.name}/{name}")


def put_into(document, text):
    before, found, rest = document.read_text().partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found or not found_end:
        sys.exit(f"{document} has not the lines {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    put_into(pathlib.Path(sys.argv[2]), markdown(json.loads(pathlib.Path(sys.argv[1]).read_text())))
