#!/usr/bin/env python3
"""Kills a real server or its worker with SIGKILL at random moments, and compares with one left alone.

    itests/bench/survive_kills.py [--rig launcher/rig] [--runs 1] [--kills 20] [--steps 1500] [--seed 1] FOLDER

FOLDER gets two homes. In each, the same queue of runs trains small networks on the embedded data set;
in the second the server is killed again and again, while it starts as well as while it trains, and
started anew until the runs are done by themselves; every other kill is that of the worker, which the
server has to replace. Prints what was compared; the status is 1 if anything differs.
"""
import argparse, hashlib, os, pathlib, random, signal, sqlite3, sys, time

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--runs", type=int, default=1)
parser.add_argument("--kills", type=int, default=20)
parser.add_argument("--steps", type=int, default=1500)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()

NETWORK = "resnet:layers=1,1,1,1:width=8"
TRAIN = ("--dataset shapes --size 48x48 --batch 4 --val-limit 8 --threads 1 --checkpoint-every 7"
         " --eval-every 50 --optimizer adamw --lr 0.001")


NAMES = [f"tiny{number}" for number in range(1, args.runs + 1)]


def row(home):
    """The state of the queue: DONE once all runs are, else that of the first that is not; the steps of all; an error."""
    with sqlite3.connect(f"file:{home}/lab/lab.db?mode=ro", uri=True, timeout=30) as db:
        runs = db.execute("select state, done, error from run order by id").fetchall()
    states = [run[0] for run in runs]
    state = next((ended for ended in ("FAILED", "CANCELLED") if ended in states),
                 next((state for state in states if state != "DONE"), "DONE"))
    return state, sum(run[1] for run in runs), next((run[2] for run in runs if run[2]), None)


def serve(home):
    with open(home / "server.out", "ab") as out:
        return rigserver.Home(args.rig, home).serve(out)


def wait(home, until, process, limit=1800):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        state, done, error = row(home)
        if state in until:
            return state, done, error
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode}: {home}/server.out")
        time.sleep(0.1)
    sys.exit(f"still {row(home)}")


def prepare(home):
    home.mkdir(parents=True)
    rigserver.Home(args.rig, home).rig("exec", "; ".join(
        f"assemble {name} --backbone {NETWORK} --feedback 6..4 --iterations 2 --dataset shapes --seed {seed};"
        f" submit {name} --steps {args.steps} {TRAIN}" for seed, name in enumerate(NAMES, 3)))


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


whole, killed = args.folder / "whole", args.folder / "killed"
prepare(whole)
start = time.monotonic()
process = serve(whole)
state, done, error = wait(whole, ("DONE", "FAILED"), process)
print(f"left alone: {state} after {done} steps, {time.monotonic() - start:.0f} s")
process.send_signal(signal.SIGTERM)
process.wait()

prepare(killed)
moments = random.Random(args.seed)
kills, process = [], None
while len(kills) < args.kills:
    process = process or serve(killed)
    if moments.random() < 0.75:
        # somewhere in the training: it has to have begun to go on
        before = row(killed)[1]
        end = time.monotonic() + 120
        while row(killed)[1] == before and row(killed)[0] != "DONE" and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 4))
    else:
        time.sleep(moments.uniform(0, 3))
    if row(killed)[0] == "DONE":
        sys.exit(f"done after {len(kills)} kills already: --steps {args.steps} is too short")
    workers = rigserver.workers(process.pid) if len(kills) % 2 else []
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    if not workers:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = None
    kills.append(f"{row(killed)[1]}{'w' if workers else ''}")
process = process or serve(killed)
state, done, error = wait(killed, ("DONE", "FAILED"), process)
print(f"killed {len(kills)} times (w: the worker), after steps {' '.join(kills)}: {state} after {done} steps {error}")
process.send_signal(signal.SIGTERM)
process.wait()

same = state == "DONE"
for name in (file for network in NAMES for run in [f"runs/{network}-1"] for file in (
        f"models/{network}/network.safetensors", f"{run}/steps.jsonl", f"{run}/evaluations.jsonl",
        f"{run}/step-{args.steps}/weights.safetensors", f"{run}/step-{args.steps}/optimizer.safetensors")):
    a, b = digest(whole / name), digest(killed / name)
    print(f"{'same' if a == b else 'DIFFERENT'} {name} {a[:16]} {b[:16]}")
    same &= a == b
points = []
for home in (whole, killed):
    with sqlite3.connect(f"file:{home}/lab/lab.db?mode=ro", uri=True) as db:
        points.append(db.execute("select m.name, p.step, p.value from point p join metric m on m.id ="
                                 " p.metric where m.name <> 'seconds' order by p.run, 1, 2").fetchall())
print(f"{'same' if points[0] == points[1] else 'DIFFERENT'} {len(points[0])} and {len(points[1])}"
      " points in the store")
same &= points[0] == points[1]
sys.exit(0 if same else 1)
