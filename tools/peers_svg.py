"""The ratios of `make peers` as bars on a logarithmic scale, in plain SVG.

A bar begins at 1, the line where weft and the peer are level. To the right weft is better, so many
times; to the left the peer. The thin line through its end is the spread of the rounds.
"""

import html
import math
import statistics

COLOURS = {
    "tokio": "#c0562f",
    "go": "#2a9bb5",
    "tbb": "#6b74c4",
    "libuv": "#4f9d4a",
    "asio": "#b08a1e",
    "raw": "#777777",
}
LABEL_WIDTH, PLOT_WIDTH, RIGHT = 190, 620, 70
TOP, BAR, GAP = 64, 11, 9
INK, FAINT = "#222222", "#dddddd"


class Scale:
    """From ratios to places, so that all of them and 1 are inside."""

    def __init__(self, ratios):
        self.low = min([*ratios, 0.5])
        self.high = max([*ratios, 2.0])

    def x(self, ratio):
        part = math.log(ratio / self.low) / math.log(self.high / self.low)
        return LABEL_WIDTH + part * PLOT_WIDTH

    def ticks(self):
        candidates = [mantissa * 10.0**power for power in range(-3, 6) for mantissa in (1, 2, 5)]
        return [tick for tick in candidates if self.low <= tick <= self.high]


def text(x, y, content, **attributes):
    styles = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{styles}>{html.escape(content)}</text>'


def rule(x1, y1, x2, y2, colour, width=1.0):
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
        f' stroke-width="{width}"/>'
    )


def bar(scale, y, name, ratios):
    median = statistics.median(ratios)
    begin, end = sorted((scale.x(1), scale.x(median)))
    middle = y + BAR / 2 - 1
    opacity = 1 if median >= 1 else 0.55
    yield (
        f'<rect x="{begin:.1f}" y="{y:.1f}" width="{max(end - begin, 1):.1f}" height="{BAR - 2}"'
        f' fill="{COLOURS[name]}" fill-opacity="{opacity}"/>'
    )
    yield rule(scale.x(min(ratios)), middle, scale.x(max(ratios)), middle, INK, 0.8)
    after = max(scale.x(max(ratios)), scale.x(1)) + 4
    yield text(after, y + BAR - 3, f"{median:.2g}" if median < 100 else f"{median:.0f}", fill=INK)


def legend(labels):
    x = LABEL_WIDTH
    for name, label in labels.items():
        yield f'<rect x="{x}" y="30" width="10" height="10" fill="{COLOURS[name]}"/>'
        yield text(x + 14, 39, label, fill=INK)
        x += 30 + 7 * len(label)


def axis(scale, bottom):
    for tick in scale.ticks():
        x = scale.x(tick)
        yield rule(x, TOP - 6, x, bottom, INK if tick == 1 else FAINT)
        yield text(x, TOP - 10, f"{tick:g}", text_anchor="middle", fill=INK)


def drawing(lines):
    """The SVG for lines of peers_report."""
    shown = [line for line in lines if line.peers_with_ratio()]
    ratios = [ratio for line in shown for name in line.labels for ratio in line.ratios(name)]
    scale = Scale(ratios)
    labels, body, y = {}, [], TOP
    for line in shown:
        names = line.peers_with_ratio()
        height = BAR * len(names)
        body.append(text(LABEL_WIDTH - 8, y + height / 2 + 3, line.row.name, text_anchor="end",
                         fill=INK))
        for name in names:
            labels[name] = line.labels[name]
            body += bar(scale, y, name, line.ratios(name))
            y += BAR
        y += GAP
    width, height = LABEL_WIDTH + PLOT_WIDTH + RIGHT, y + 8
    title = "How many times better weft is than each peer (1: level; logarithmic)"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        text(LABEL_WIDTH, 18, title, fill=INK, font_size=13),
        *legend({name: labels[name] for name in COLOURS if name in labels}),
        *axis(scale, y),
        *body,
        "</svg>",
    ])
