#!/usr/bin/env python3
"""Compares 'rig bench' with the peers of pytorch_peer.py in alternating rounds of one run.

    compare.py --rig launcher/rig --python PEERS/bin/python [--work small,resnet50] [--rounds 3] [--json FILE]

PEERS is the virtual environment that peers.sh creates. Per work, the peers are prepared once; then
each round measures ours in every precision and each peer once. Printed are the medians over
the rounds of the wall time and of the CPU time (peers), and the ratio of the fastest peer's
to our fastest. Load and the rate of a matrix product are printed with them, as the machine may be shared."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
RIG = {"classes": 21, "head": "fcn"}


def work(only, batch, size, peer, passes=5, **spec):
    return dict(only=only, batch=batch, size=size, peer=peer, passes=passes, spec={**RIG, **spec})


def resnet(name, feedback, u, head="fcn", routing="own", stride=32):
    unroll = {"own": "parallel", "multi-range": "parallel-multi-range"}[routing] if feedback else "feed-forward"
    spec = dict(backbone=f"{name}:output_stride={stride}", unroll=unroll, feedback=feedback, iterations=u, head=head)
    if feedback:
        spec["gate"] = "mul-sigmoid"
    peer = ["--backbone", name, "--feedback", ",".join(map(str, feedback)), "--iterations", str(u), "--head", head,
            "--routing", routing, "--output-stride", str(stride)]
    if not feedback:
        peer = ["--backbone", name, "--unroll", "feed-forward", "--head", head, "--output-stride", str(stride)]
    return spec, peer


def of(only, batch, size, name, feedback, u, **more):
    spec, peer = resnet(name, feedback, u, **more)
    return work(only, batch, size, peer, **spec)


SMALL = dict(backbone="resnet:block=basic:layers=2,2,2,2:width=32:output_stride=32", unroll="parallel",
             feedback=[4, 5, 6], iterations=2, gate="mul-sigmoid")
NARROW = dict(backbone="resnet:layers=1,1,1,1:width=32:output_stride=8", unroll="parallel", feedback=[4, 5, 6],
              iterations=2, gate="mul-sigmoid")
DEMO = dict(backbone="resnet:layers=1,1,1,1:width=16:output_stride=8", unroll="parallel", feedback=[4, 5, 6],
            iterations=2, gate="mul-sigmoid", classes=6)
GATES = ["--feedback", "4,5,6", "--iterations", "2"]
WORKS = {
    "resnet50": of("train", 4, "321x321", "resnet50", [4, 5, 6], 2),
    "resnet101": of("train", 1, "321x321", "resnet101", [1, 2, 3, 4, 5, 6], 4, routing="multi-range"),
    "deeplab": of("train", 1, "321x321", "resnet101", [4, 5, 6], 2, head="aspp", stride=8),
    "small": work("train", 8, "180x240", ["--backbone", "resnet18", "--width", "32", *GATES], **SMALL),
    "narrow": work("train", 8, "180x240", ["--layers", "1,1,1,1", "--width", "32", "--output-stride", "8", *GATES],
                   **NARROW),
    "demo": work("train", 8, "64x64", ["--layers", "1,1,1,1", "--width", "16", "--output-stride", "8",
                                       "--classes", "6", *GATES], 15, **DEMO),
    "fcn-infer": of("infer", 1, "513x513", "resnet50", [], 1),
    "u2-infer": of("infer", 1, "513x513", "resnet50", [4, 5, 6], 2),
    "u6-infer": of("infer", 1, "513x513", "resnet50", [4, 5, 6], 6),
}


class Ours:
    """A process of rig per measurement, which compiles and warms up before it measures."""

    def __init__(self, options, home, name, w):
        self.file = Path(home, name + ".json")
        self.file.write_text(json.dumps(w["spec"]))
        self.options, self.home, self.w = options, home, w

    def time(self, precision):
        w = self.w
        done = subprocess.run(
            [self.options.rig, "--home", self.home, "bench", "--spec", str(self.file), "--batch", str(w["batch"]),
             "--size", w["size"], "--only", w["only"], "--passes", str(w["passes"]), "--precision", precision, "--json"],
            stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)


class Peers:
    def __init__(self, options, w):
        more = [] if options.bf16 else ["--fp32"]
        self.process = subprocess.Popen(
            [options.python, str(HERE / "pytorch_peer.py"), "--peers", "--rounds", "--only", w["only"], "--batch",
             str(w["batch"]), "--size", w["size"], "--passes", str(w["passes"]), *w["peer"], *options.peer, *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines("ready")

    def lines(self, end):
        found = []
        for line in self.process.stdout:
            if line.strip() == end:
                return found
            if line.startswith("{"):
                found.append(json.loads(line))
        sys.exit(f"pytorch_peer.py ended with {self.process.wait()}")

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.lines("done")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--rig", required=True)
    a.add_argument("--python", required=True)
    a.add_argument("--work", default=",".join(WORKS), help="of " + ", ".join(WORKS))
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--passes", type=int, help="per measurement; a median of several is worth less than a round where a pass takes long")
    a.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    a.add_argument("--peer", action="append", default=[], help="a further argument of pytorch_peer.py, as --peer=--eager")
    a.add_argument("--json", help="appends all measurements to this file")
    options = a.parse_args()
    for name in options.work.split(","):
        if name not in WORKS:
            a.error(f"--work is '{name}': allowed are {', '.join(WORKS)}")
    for name in options.work.split(","):
        compare(options, name, {**WORKS[name], **({"passes": options.passes} if options.passes else {})})


def compare(options, name, w):
    key = {"train": "trainStepMs", "infer": "inferMs"}[w["only"]]
    ours, theirs, rates = {}, {}, {}
    with tempfile.TemporaryDirectory() as home:
        rig, peers = Ours(options, home, name, w), Peers(options, w)
        try:
            precisions = ["fp32"] + (["bf16"] if options.bf16 else [])
            for _ in range(options.rounds):
                for p in precisions:
                    timing = rig.time(p)
                    ours.setdefault(p, []).append(timing[key])
                    rates.setdefault(p, []).append(timing["matrixGflops"])
                for line in peers.round():
                    what = (line["peer"], line["precision"], "channels last" if line.get("channelsLast") else "")
                    theirs.setdefault(what, []).append((line[key], line[key.replace("Ms", "CpuMs")]))
        finally:
            peers.close()
    load = os.getloadavg()[0]
    if options.json:
        with open(options.json, "a") as out:
            out.write(json.dumps(dict(work=name, load=load, ours=ours, rates=rates,
                                      peers=[[*k, v] for k, v in theirs.items()])) + "\n")
    print(f"{name}: {w['only']}, batch {w['batch']}, {w['size']}, {options.rounds} rounds, load {load:.1f}")
    for p, times in ours.items():
        print(f"  ours {p}: {statistics.median(times):.1f} ms; matrix product {statistics.median(rates[p]):.0f} GFLOP/s")
    for what, times in theirs.items():
        print(f"  {', '.join(filter(None, what))}: {statistics.median(t for t, _ in times):.1f} ms,"
              f" CPU {statistics.median(c for _, c in times):.1f} ms")
    best = min(statistics.median(t) for t in ours.values())
    fastest = min(theirs, key=lambda k: statistics.median(t for t, _ in theirs[k]))
    peer = statistics.median(t for t, _ in theirs[fastest])
    print(f"  ratio {peer / best:.2f} to {', '.join(filter(None, fastest))}", flush=True)


if __name__ == "__main__":
    main()
