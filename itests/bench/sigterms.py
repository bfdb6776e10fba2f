#!/usr/bin/env python3
"""Ends a real server with SIGTERM again and again while it starts; none may count as a crash of its run.

    itests/bench/sigterms.py [--rig launcher/rig] [--times 12] [--first 0.15] [--last 8] FOLDER

A run waits in the queue of a fresh home. The server is ended after --first to --last seconds, at equal
distances. Then it is left alone until the run is done. Prints when it was ended and what was counted;
the status is 1 if a crash was, or if the run does not end well.
"""
import argparse, pathlib, signal, sqlite3, sys, time

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--times", type=int, default=12)
parser.add_argument("--first", type=float, default=0.15)
parser.add_argument("--last", type=float, default=8)
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()

home = args.folder / "home"
home.mkdir(parents=True)
rig = rigserver.Home(args.rig, home)
rig.rig("exec", "assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --feedback 6..4 --iterations 2 --dataset"
        " shapes; submit tiny --steps 20 --dataset shapes --size 48x48 --batch 4 --val-limit 8 --threads 1")


def row():
    with sqlite3.connect(f"file:{home}/lab/lab.db?mode=ro", uri=True, timeout=30) as db:
        return db.execute("select state, done, crashes, error from run where id = 1").fetchone()


def started():
    log = home / "log/riglab.log"
    return log.read_text().count("org.riglab.launcher.Main: started in") if log.exists() else 0


before, good = started(), True
with open(args.folder / "server.out", "ab") as out:
    for number in range(args.times):
        delay = args.first + (args.last - args.first) * number / max(1, args.times - 1)
        process = rig.serve(out)
        time.sleep(delay)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        status = process.wait(120)
        state, done, crashes, error = row()
        print(f"SIGTERM after {delay:.2f} s: status {status} in {time.monotonic() - begun:.1f} s, run {state} at"
              f" {done}, {crashes} crashes", flush=True)
        good &= crashes == 0 and not rigserver.workers(process.pid)
    print(f"{started() - before} of {args.times} starts had come to their end", flush=True)
    process = rig.serve(out)
    end = time.monotonic() + 600
    while row()[0] in ("QUEUED", "RUNNING") and time.monotonic() < end:
        time.sleep(1)
    state, done, crashes, error = row()
    print(f"left alone: {state} after {done} steps, {crashes} crashes, {error or 'no error'}")
    process.send_signal(signal.SIGTERM)
    process.wait(120)
sys.exit(0 if good and state == "DONE" and crashes == 0 else 1)
