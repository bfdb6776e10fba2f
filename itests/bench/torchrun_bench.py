#!/usr/bin/env python3
"""Measures trainings with --engine torchrun in 1 and 2 processes of one thread each, in turns.

    itests/bench/torchrun_bench.py [--rig launcher/rig] [--python python3] [--rounds 3] [--steps 12] FOLDER

Both have the same batch, so that two processes would be twice as fast if they did not have to wait for
each other. Prints for each the steps per second (median of the rounds, least and most) and the share of the
time that a process waits: for statistics of batch norm, the loss and the last gradients.
"""
import argparse, pathlib, re, statistics

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--python", default="python3")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--steps", type=int, default=12)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--size", default="161x161")
parser.add_argument("--width", type=int, default=32)
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
home = args.folder / "home"
rig = rigserver.Home(args.rig, home).rig

if not home.exists():
    home.mkdir(parents=True)
    rig("assemble", "rig", "--backbone", f"resnet:layers=1,1,1,1:width={args.width}:output_stride=8",
        "--feedback", "6..4", "--iterations", "2", "--classes", "6")
height = args.size.split("x")[0]
LINE = re.compile(r"(\d+) process(?:es)?: ([\d.]+) steps/s, ([\d.]+)% of the time waiting")
found = {1: [], 2: []}
for _ in range(args.rounds):
    for processes in found:
        said = rig("train", "rig", "--dataset", f"shapes:size={height},{height}:train=32:val=2", "--size",
            args.size, "--val-split", "none", "--steps", str(args.steps), "--batch", str(args.batch),
            "--threads", "1", "--engine", "torchrun", "--per-node", str(processes), "--python", args.python)
        line = next(LINE.search(line) for line in said.splitlines() if LINE.search(line))
        found[processes].append((float(line[2]), float(line[3])))
for processes, rounds in found.items():
    speeds, waits = [r[0] for r in rounds], [r[1] for r in rounds]
    print(f"{processes} processes: {statistics.median(speeds):.2f} steps/s ({min(speeds):.2f} to {max(speeds):.2f}), "
          f"{statistics.median(waits):.0f}% waiting ({min(waits):.0f} to {max(waits):.0f})")
print("speed-up %.2f" % (statistics.median(r[0] for r in found[2]) / statistics.median(r[0] for r in found[1])))
