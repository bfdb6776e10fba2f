#!/usr/bin/env python3
"""Updates a gate again and again in a real server at work, and counts what goes wrong.

    itests/bench/swaps.py [--rig launcher/rig] [--plugin JAR] [--updates 1000] FOLDER

FOLDER gets a fresh home and a server on ports of its own. A network trains without end, another one
is evaluated run after run, and five SSH sessions ask things, each as soon as it has its last answer,
while the gate of both is updated to a version that it has not had, as soon as a step has begun on the
one before. The gate is that of SwapsIT, whose jar is the default: it writes down when a version of it
is first asked to compute in a training, and whatever is asked of it after it was deactivated.

The latency is the time from before the request with the new jar to the first step of the training
that begins on the new gate; the step that was under way is part of it, the new one is not. Every
tenth of the updates a line says what the process holds, after a full collection. The status is 1 if
an update, a run, a step or a session failed, if a gate was used that had gone, or if one of their
class loaders is left at the end.
"""
import argparse
import json
import os
import pathlib
import re
import select
import statistics
import subprocess
import sys
import threading
import time

import rigserver

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--plugin", type=pathlib.Path, help="default: that which SwapsIT makes",
                    default="itests/target/plugins-swaps/swapped-0.jar")
parser.add_argument("--updates", type=int, default=1000)
parser.add_argument("--execution", choices=("compiled", "eager"), default="compiled")
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
rigserver.need(*rigserver.CLIENTS)

PLUGIN_CLASS = "org.riglab.itests.plugins.swapped.SwappedGate"
SESSIONS = 5
LINES = [("rig:runs --limit 5", "evaluated"), ("rig:status", "memory"), ("rig:list gate", "itest-swapped"),
         ("rig:networks", "evaluated"), ("rig:plugin list", "itest.swapped")]
NETWORK = ("--backbone resnet:layers=1,1,1,1:width=8 --gate itest-swapped --feedback 6..4"
           " --iterations 2 --dataset shapes --seed 3")
plugin = rigserver.Plugin(args.plugin, args.folder)
# All updates reach the same processes: none is replaced between two runs.
server = rigserver.Server(args.rig, args.folder, **{
    "org.riglab.runs": {"devices": ["cpu", "cpu"], "recycle.updates": 0, "recycle.growth": 0}})
failures, answers = [], [0] * SESSIONS
over = threading.Event()
told = args.folder / "told"
began = time.monotonic()


def failed(what):
    failures.append(what)
    print(f"{time.monotonic() - began:7.0f} s  FAILED {what}", flush=True)


def session(who):
    """Somebody at a terminal: asks, and waits for the next prompt."""
    shell = subprocess.Popen(server.client("admin", "-tt"), stdin=subprocess.PIPE, bufsize=0,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env={**os.environ, "TERM": "dumb"})

    def prompted():
        said = b""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if select.select([shell.stdout], [], [], 0.2)[0]:
                more = os.read(shell.stdout.fileno(), 1 << 16)
                if not more:
                    raise OSError(f"ended with {shell.wait()} after {said[-300:]}")
                said += more
            elif re.search(rb"rig>\s*$", re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", said)):
                return said.decode(errors="replace")
        raise OSError(f"no prompt after {said[-300:]}")

    try:
        prompted()
        while not over.is_set():
            line, expected = LINES[answers[who] % len(LINES)]
            shell.stdin.write((line + "\r").encode())
            said = prompted()
            if expected not in said:
                raise OSError(f"'{line}' was answered {said[-300:]}")
            answers[who] += 1
    except OSError as e:
        failed(f"session {who}: {e}")
    finally:
        shell.kill()
        shell.wait()


def submit(kind, network, **options):
    return server.submit(kind, network, threads=1, execution=args.execution, **options)


def evaluate():
    """One run after another."""
    try:
        while not over.is_set():
            number = submit("eval", "evaluated", dataset="shapes:size=48:train=2:val=2000")
            evaluations.append(number)
            while server.running(number) and not over.is_set():
                time.sleep(0.2)
            state = server.run(number)
            if state["state"].lower() not in ("done", "running", "queued"):
                failed(f"evaluation {number}: {state['state']} {state.get('error')}")
    except OSError as e:
        failed(f"evaluation: {e}")


def first(number, deadline):
    """When, in milliseconds, the training first used a version."""
    wanted = f"first 1.1.{number} "
    while time.monotonic() < deadline:
        if told.exists():
            for line in reversed(told.read_text().splitlines()[-20:]):
                if line.startswith(wanted):
                    return int(line.split()[2])
        time.sleep(0.005)
    raise OSError(f"no step began on version 1.1.{number}")


def sample(done):
    values = server.diagnose(PLUGIN_CLASS)
    samples.append((done, values, server.histogram))
    steps = server.run(training)["progress"]["done"]
    print(f"{time.monotonic() - began:7.0f} s  {done} updates, step {steps}, "
          f"{sum(answers)} answers: " + ", ".join(f"{v:.0f} {k}" for k, v in values.items())
          + f"; load {os.getloadavg()[0]:.1f}", flush=True)


def grown():
    """Classes of which more than one instance in two updates stayed, between the second sample and the last."""
    (start, _, before), (end, _, after) = samples[1], samples[-1]
    updates = end - start
    for name, (count, size) in sorted(after.items(), key=lambda row: before.get(row[0], (0, 0))[1] - row[1][1]):
        more, bytes_more = count - before.get(name, (0, 0))[0], size - before.get(name, (0, 0))[1]
        if more > updates / 2:
            yield f"  {more / updates:8.2f} {name}, {bytes_more / updates:.0f} bytes"
    yield f"  all classes: {sum(v[1] for v in after.values()) - sum(v[1] for v in before.values())} bytes"


samples, latencies, moves, evaluations = [], [], [], []
server.start(ITESTS_SWAPPED=str(told.absolute()))
try:
    plugin.install(server)
    for network in ("trained", "evaluated"):
        server.login("admin", f"rig:assemble {network} {NETWORK}")
    training = submit("train", "trained", dataset="shapes:size=48:train=64:val=2", size="48x48",
                      batch=2, steps=10_000_000, **{"val-split": "none", "workers": 1})
    busy = [threading.Thread(target=evaluate)]
    busy += [threading.Thread(target=session, args=(who,)) for who in range(SESSIONS)]
    for thread in busy:
        thread.start()
    first(0, time.monotonic() + 120)
    began = time.monotonic()
    for number in range(1, args.updates + 1):
        start = time.time() * 1000
        try:
            moves.append(plugin.update(server, number).get("millis", 0))
            latencies.append(first(number, time.monotonic() + 60) - start)
        except OSError as e:
            failed(f"update {number}: {e}")
            if server.run(training)["state"].lower() != "running":
                break
        if number % max(1, args.updates // 10) == 0:
            sample(number)
    seconds = time.monotonic() - began
    over.set()
    for thread in busy:
        thread.join()
    last = server.run(training)
    if last["state"].lower() != "running":
        failed(f"the training is {last['state']}: {last.get('error')}")
    for number in (training, *evaluations[-1:]):
        server.cancel(number)
    losses = [json.loads(line)["step"] for line in
              (server.folder / last["folder"] / "steps.jsonl").read_text().splitlines()]
    if losses != list(range(1, len(losses) + 1)):
        failed("steps are missing in the training's log, or there twice")
    training_done = len(losses)
    final = server.diagnose(PLUGIN_CLASS)
    if final["plugin's loaders"] > 1 or final["plugin's objects"] > 1:
        failed(f"class loaders or gates of old versions are left: {final}")
    late = [line for line in told.read_text().splitlines() if line.startswith("late")]
    for line in late:
        failed(f"a gate was used that had gone: {line}")
finally:
    over.set()
    wrong = server.stop()
if wrong:
    failed(wrong)

print(f"{len(latencies)} updates in {seconds:.0f} s, {training_done} steps, {len(evaluations)} evaluations,"
      f" {sum(answers)} answers to {SESSIONS} sessions, {len(late)} late uses, {len(failures)} failures")
if latencies:
    ordered = sorted(latencies)
    print(f"the server's own count, from verify to the last lease on the old gate: median"
          f" {statistics.median(moves):.0f} ms, worst {max(moves):.0f} ms")
    print(f"latency: median {statistics.median(ordered):.0f} ms, 95 of 100 within"
          f" {ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms, worst {ordered[-1]:.0f} ms")
if len(samples) > 2:
    (start, warm, _), (end, last, _) = samples[1], samples[-1]
    for who in ("", "workers' "):
        held, heap = who + "resident MiB", who + "heap MiB"
        print(f"{who or 'server: '}resident {warm[held]:.0f} MiB after {start} updates, {last[held]:.0f} MiB"
              f" after {end}; heap {warm[heap]:.1f} and {last[heap]:.1f} MiB")
    print(f"instances per update, of those {end - start}, that were not freed:", *grown(), sep="\n")
print("at the end: {plugin's objects} gates, {plugin's loaders} of their class loaders".format_map(final))
sys.exit(1 if failures else 0)
