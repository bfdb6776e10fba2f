#!/usr/bin/env python3
"""Measures a server that has nothing to do, how soon a run takes its first step, and how soon a lost worker is replaced.

    itests/bench/idle.py [--rig launcher/rig] [--seconds 60] [--runs 10] [--kills 5] FOLDER

FOLDER gets a fresh home and a server on ports of its own, with a small network. First the server does
nothing for --seconds: prints the resident set and the processor time of the server and of each worker.
Then --runs trainings are queued, one after the other, and the worker is warm after the first one: prints
the time from the claim (the run's start in the store) to the first step in its list of steps. Then the
idle worker is killed --kills times, with a training between: prints the time until another one has
taken its place. Each figure stands beside its target; the status is 1 if a run fails or a worker is not replaced within 60 s.
"""
import argparse, json, os, pathlib, signal, sqlite3, statistics, sys, time

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--runs", type=int, default=10)
parser.add_argument("--kills", type=int, default=5)
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()

STEPS = {"dataset": "shapes", "size": "48x48", "batch": 4, "val-split": "none", "threads": 1, "steps": 20}

server = rigserver.Server(args.rig, args.folder)
server.rig("exec", "assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --feedback 6..4 --iterations 2 --dataset shapes")
server.start()


def worker():
    """The process of the only worker; waits for it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = server.workers()
        if found:
            return found[0]
        time.sleep(0.02)
    sys.exit("there is no worker after 60 s")


def idle(when):
    """Prints what server and worker hold and use while they do nothing."""
    time.sleep(10)
    processes = {"server": server.process.pid, "worker": worker()}
    before = {name: rigserver.processor_seconds(process) for name, process in processes.items()}
    began = time.monotonic()
    time.sleep(args.seconds)
    passed = time.monotonic() - began
    shares = {name: 100 * (rigserver.processor_seconds(process) - before[name]) / passed
              for name, process in processes.items()}
    for name, process in processes.items():
        print(f"{when}: {name} {rigserver.resident(process):.0f} MiB resident, {shares[name]:.2f} % of a core", flush=True)
    print(f"{when}: together {sum(shares.values()):.2f} % of a core (target 1)", flush=True)


def first_step():
    """Queues a training; returns the seconds from its claim to its first step, and the worker's processor time meanwhile."""
    process = worker()
    before = rigserver.processor_seconds(process)
    number = server.submit("train", "tiny", **STEPS)
    steps = server.folder / f"runs/tiny-{number}/steps.jsonl"
    while not (steps.exists() and steps.stat().st_size):
        if not server.running(number):
            sys.exit(f"run {number} did not take a step: {json.dumps(server.run(number))[:500]}")
        time.sleep(0.01)
    stepped, used = time.time(), rigserver.processor_seconds(process) - before
    while server.running(number):
        time.sleep(0.2)
    if server.run(number)["state"].lower() != "done":
        sys.exit(f"run {number} failed: {server.run(number).get('error')}")
    with sqlite3.connect(f"file:{server.folder}/lab/lab.db?mode=ro", uri=True, timeout=30) as db:
        return stepped - db.execute("select started from run where id = ?", (number,)).fetchone()[0] / 1000, used


def replaced():
    """Kills the worker; returns the seconds until another one is there and idle."""
    lost = worker()
    os.kill(lost, signal.SIGKILL)
    began = time.monotonic()
    while not [process for process in server.workers() if process != lost]:
        if time.monotonic() - began > 60:
            sys.exit("the worker is not replaced after 60 s")
        time.sleep(0.01)
    return time.monotonic() - began


idle("fresh")
times = [first_step() for _ in range(args.runs)]
for word, values in zip(("", "processor time of the worker until then: "), zip(*times)):
    print(f"{word or 'claim to first step: '}{values[0]:.2f} s the first time, then median"
          f" {statistics.median(values[1:]):.2f} s, slowest {max(values[1:]):.2f} s (target 3 s with a warm worker)", flush=True)
idle(f"after {args.runs} runs")
times = []
for _ in range(args.kills):
    times.append(replaced())
    first_step()  # processes that end without having worked are started again after a pause
print(f"a killed worker is replaced after a median of {statistics.median(times):.2f} s, slowest {max(times):.2f} s (target 5 s)")
wrong = server.stop()
print(f"load {os.getloadavg()[0]:.1f}" + (f", {wrong}" if wrong else ""))
sys.exit(1 if wrong else 0)
