#!/usr/bin/env python3
"""Writes the tables and diagrams of docs/results.md from the runs of a home.

    itests/bench/results.py --rig launcher/rig --home HOME --data CamVid [--seeds 0,1,2] docs/results.md

A place is a pair of lines, <!-- table NAME --> and <!-- end -->, with NAME that of a file in
config/campaign. What is between them is replaced: the table of 'rig ablate --results', scores of
every iteration, cost and time. Diagrams go to results/NAME-*.svg beside the document: curves of the
validation, and mIoU over multiply-adds and over parameters; of a table with columns, mIoU over the
number of iterations for each column. Cells without a result stay empty.
Needs nothing but Python and rig; call it again when further runs have ended."""
import argparse, json, math, os, re, subprocess, sys
from pathlib import Path

COLOURS = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#e377c2", "#17becf",
           "#7f7f7f", "#bcbd22", "#393b79", "#000000", "#f7b6d2", "#98df8a", "#ffbb78"]
T95 = [0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]
ROOT = Path(__file__).resolve().parents[2]


def rig(options, lines):
    """Outputs of several commands of one process."""
    script = "".join("echo @@@%d\n%s\n" % (i, line) for i, line in enumerate(lines))
    done = subprocess.run([options.rig, "--home", options.home], input=script, text=True,
                          stdout=subprocess.PIPE)
    parts = re.split(r"^@@@\d+\n", done.stdout, flags=re.M)[1:]
    if done.returncode or len(parts) != len(lines):
        sys.exit("rig ended with %d after %d of %d commands:\n%s"
                 % (done.returncode, len(parts), len(lines), done.stdout[-2000:]))
    return parts


def mean(values):
    """Mean and half the 95 % interval (Student's t); None without values."""
    if not values:
        return None
    m = sum(values) / len(values)
    if len(values) == 1:
        return m, 0.0
    s = math.sqrt(sum((v - m) ** 2 for v in values) / (len(values) - 1))
    return m, T95[len(values) - 1] * s / math.sqrt(len(values))


def shown(values, digits=1):
    found = mean(values)
    if not found:
        return ""
    return "%.*f" % (digits, found[0]) + (" ± %.*f" % (digits, found[1]) if len(values) > 1 else "")


def ticks(low, high):
    step = 10 ** math.floor(math.log10((high - low) / 3 or 1))
    for factor in (1, 2, 5, 10):
        if (high - low) / (step * factor) <= 6:
            step *= factor
            break
    first = math.ceil(low / step) * step
    return [first + i * step for i in range(int((high - first) / step + 1e-9) + 1)]


def chart(path, title, across, up, lines, marks, dashed=()):
    """lines: (name, [(x, y)]); marks: (name, x, y, half). Writes nothing without points."""
    xs = [x for _, points in lines for x, _ in points] + [m[1] for m in marks]
    ys = [y for _, points in lines for _, y in points] + [m[2] + s * m[3] for m in marks for s in (-1, 1)]
    if not xs:
        return False
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    x0, x1 = x0 - 0.06 * (x1 - x0 or 1), x1 + 0.06 * (x1 - x0 or 1)
    y0, y1 = y0 - 0.06 * (y1 - y0 or 1), y1 + 0.06 * (y1 - y0 or 1)
    names = [name for name, *_ in (lines or marks)]
    w, h, left, top = 420, 300, 60, 34
    px = lambda x: left + (x - x0) / (x1 - x0) * w
    py = lambda y: top + h - (y - y0) / (y1 - y0) * h
    escape = lambda t: t.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" '
           'font-family="sans-serif" font-size="12">' % (left + w + 340, top + h + 46, left + w + 340),
           '<rect width="100%" height="100%" fill="white"/>',
           '<text x="%d" y="20" font-size="14">%s</text>' % (left, escape(title)),
           '<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#999"/>' % (left, top, w, h)]
    for x in ticks(x0, x1):
        out.append('<path d="M%.1f %d v%d" stroke="#eee"/><text x="%.1f" y="%d" text-anchor="middle">%g</text>'
                   % (px(x), top, h, px(x), top + h + 16, round(x, 6)))
    for y in ticks(y0, y1):
        out.append('<path d="M%d %.1f h%d" stroke="#eee"/><text x="%d" y="%.1f" text-anchor="end">%g</text>'
                   % (left, py(y), w, left - 6, py(y) + 4, round(y, 6)))
    out.append('<text x="%d" y="%d" text-anchor="middle">%s</text>' % (left + w / 2, top + h + 36, across))
    out.append('<text transform="translate(16 %d) rotate(-90)" text-anchor="middle">%s</text>' % (top + h / 2, up))
    for i, name in enumerate(names):
        colour = COLOURS[i % len(COLOURS)]
        for line in [points for n, points in lines if n == name]:
            out.append('<polyline fill="none" stroke="%s" stroke-width="2"%s points="%s"/>'
                       % (colour, ' stroke-dasharray="6 4"' if name in dashed else "", " ".join("%.1f,%.1f" % (px(x), py(y)) for x, y in line)))
        for _, x, y, half in [m for m in marks if m[0] == name]:
            out.append('<path d="M%.1f %.1f V%.1f" stroke="%s"/><circle cx="%.1f" cy="%.1f" r="5" fill="%s"/>'
                       % (px(x), py(y - half), py(y + half), colour, px(x), py(y), colour))
        key = top + 10 + 20 * i
        out.append('<circle cx="%d" cy="%d" r="5" fill="%s"/><text x="%d" y="%d">%s</text>'
                   % (left + w + 16, key, colour, left + w + 28, key + 4, escape(name)))
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(out + ["</svg>"]) + "\n")
    return True


def points(folder):
    """Steps and mIoU (%) of the last iteration of a run's validation."""
    file = folder / "evaluations.jsonl"
    found = {}
    for line in file.read_text().splitlines() if file.exists() else []:
        item = json.loads(line)
        found[item["step"]] = 100 * item["miou"][-1]
    return sorted(found.items())


def by_column(options, plan, name, out, cells):
    """The second table, and a diagram per column: lines of mIoU over iterations by strategy."""
    size = plan["train"]["size"]
    found = {}
    for cell in cells:
        if cell["scores"]:
            found.setdefault((cell["row"], cell["column"]), []).append(cell)
    columns = [c["column"] for c in plan["columns"]]
    rows = [r for r in plan["rows"] if any((r["row"], c) in found for c in columns)]
    first = {r["row"]: next(found[r["row"], c][0] for c in columns if (r["row"], c) in found) for r in rows}
    shows = rig(options, ["show %s --size %dx%d --json" % (first[r["row"]]["network"], *size) for r in rows])
    costs = {r["row"]: json.loads(text)["analysis"]["multiplyAdds"] / 1e6 for r, text in zip(rows, shows)}

    def score(row, column, t):
        return [100 * c["scores"][t]["values"]["mIoU"] for c in found.get((row, column), [])]

    lines = ["", "mIoU of iteration 1 and of the last iteration, in brackets the number of seeds:", "",
             "| row | MMACs | parameters | " + " | ".join(columns) + " |", "|---|" + "---|" * (len(columns) + 2)]
    for r in rows:
        row, shown_cells = r["row"], []
        for column in columns:
            few = found.get((row, column), [])
            ends = [shown(score(row, column, t)) for t in ((0, -1) if few and len(few[0]["scores"]) > 1 else (-1,))]
            shown_cells.append((" to ".join(ends) + " (%d)" % len(few)) if few else "")
        lines.append("| %s | %.0f | %s | %s |" % (row.replace("|", "\\|").replace("<", "&lt;"), costs[row],
                                                  format(first[row]["parameters"], ","), " | ".join(shown_cells)))
    groups = {}
    for r in rows:
        spec = {**plan["spec"], **r["spec"]}
        key = (spec["unroll"], spec.get("gate") if spec["feedback"] else None)
        groups.setdefault(key, []).append((spec["iterations"], r["row"]))
    most = max(u for some in groups.values() for u, _ in some)
    for i, column in enumerate(columns):
        drawn, marks = [], []
        for (unroll, _), some in groups.items():
            points = [(u, mean(score(row, column, -1))) for u, row in sorted(some) if score(row, column, -1)]
            if unroll == "feed-forward" and points:
                drawn.append((unroll, [(1, points[0][1][0]), (most, points[0][1][0])]))
            elif len(some) > 1 and points:
                drawn.append((unroll, [(u, m) for u, (m, _) in points]))
            else:
                continue
            marks += [(unroll, u, m, 0) for u, (m, _) in points]  # the table has the intervals
        picture = out / ("%s-%d-iterations.svg" % (name, i))
        words = "%s, mean of the seeds" % column
        if chart(picture, words, "iterations", "mIoU %", drawn, marks, ["feed-forward"]):
            lines += ["", "![%s: mIoU over iterations, %s](results/%s)" % (plan["title"], words, picture.name)]
    return lines


def table(options, name, out):
    file = ROOT / "config" / "campaign" / (name + ".json")
    plan = json.loads(file.read_text())
    size = plan["train"]["size"]
    data = ["--data", options.data] if name.startswith("camvid") else []
    ablate = " ".join(["ablate", str(file), "--results", "--seeds", options.seeds] + data)
    markdown, cells, runs = rig(options, [ablate + " --format markdown", ablate + " --json", "runs --json --limit 1000"])
    cells, runs = json.loads(cells), json.loads(runs)
    if "columns" in plan:
        return "\n".join([markdown.strip()] + by_column(options, plan, name, out, cells))
    runs = runs if isinstance(runs, list) else runs["runs"]
    rows = {}
    for cell in cells:
        rows.setdefault((cell["row"] + " " + cell["column"]).strip(), []).append(cell)
    done = {row: [c for c in some if c["scores"]] for row, some in rows.items()}
    done = {row: some for row, some in done.items() if some}
    costs = {}
    if done:
        shows = rig(options, ["show %s --size %dx%d --json" % (some[0]["network"], *size) for some in done.values()])
        costs = {row: json.loads(text) for row, text in zip(done, shows)}
    most = max([len(some[0]["scores"]) for some in done.values()], default=0)
    trains = {r["network"]: r for r in runs if r["kind"].lower() == "train"}
    lines = [markdown.strip()]
    if not done:
        return lines[0]
    lines += ["", "| row | MMACs | parameters | " + " | ".join("mIoU t=%d" % (t + 1) for t in range(most))
             + " | runs | seconds of a training |", "|---|" + "---|" * (most + 4)]
    curves, by_macs, by_parameters = [], [], []
    for row, some in done.items():
        scores = [[100 * c["scores"][t]["values"]["mIoU"] for c in some] if t < len(some[0]["scores"]) else []
                  for t in range(most)]
        last = [100 * c["scores"][-1]["values"]["mIoU"] for c in some]
        macs = costs[row]["analysis"]["multiplyAdds"] / 1e6
        seconds = [t for t in (seconds_of(trains.get(c["network"])) for c in some) if t]
        lines.append("| %s | %.0f | %s | %s | %d | %s |" % (
            row.replace("|", "\\|").replace("<", "&lt;"), macs, format(some[0]["parameters"], ","), " | ".join(shown(s) for s in scores),
            len(some), "%.0f" % (sum(seconds) / len(seconds)) if seconds else ""))
        centre, half = mean(last)
        by_macs.append((row, macs, centre, half))
        by_parameters.append((row, some[0]["parameters"] / 1e6, centre, half))
        seeds = [dict(points(Path(options.home) / "runs" / Path(trains[c["network"]]["folder"]).name))
                 for c in some if c["network"] in trains]
        steps = set.intersection(*[set(s) for s in seeds]) if seeds else set()
        curves.append((row, [(s, sum(v[s] for v in seeds) / len(seeds)) for s in sorted(steps)]))
    title = json.loads(file.read_text())["title"]
    for suffix, words, across, data in (
            ("curves", "validation, mean of the seeds", "step", (curves, [])),
            ("macs", "test, mean and 95 % interval", "10⁶ multiply-adds per image", ([], by_macs)),
            ("parameters", "test, mean and 95 % interval", "10⁶ parameters", ([], by_parameters))):
        picture = out / ("%s-%s.svg" % (name, suffix))
        if len(done) > 1 and chart(picture, words + ": " + title.split(",")[0], across, "mIoU %", *data):
            lines += ["", "![%s, %s](results/%s)" % (title, words, picture.name)]
    return "\n".join(lines)


def seconds_of(run):
    return run and (run.get("times") or {}).get("seconds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rig", default=str(ROOT / "launcher" / "rig"))
    parser.add_argument("--home", required=True)
    parser.add_argument("--data", required=True, help="directory of CamVid")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("document", type=Path)
    options = parser.parse_args()
    text = options.document.read_text()
    out = options.document.parent / "results"
    place = re.compile(r"(<!-- table (\S+) -->\n).*?(<!-- end -->)", re.S)
    text = place.sub(lambda m: m[1] + table(options, m[2], out) + "\n" + m[3], text)
    options.document.write_text(text)


if __name__ == "__main__":
    main()
