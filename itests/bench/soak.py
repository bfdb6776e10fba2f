#!/usr/bin/env python3
"""Keeps a real server busy and watches what it holds: memory, threads, files, classes.

    itests/bench/soak.py [--rig launcher/rig] [--plugin JAR] [--minutes 60] FOLDER

FOLDER gets a fresh home and a server on ports of its own. Each minute it gets a short training of a
network whose gate is the plugin's, 10 logins with OpenSSH's client and 20 requests; every second
minute, while a training runs, the plugin is updated to a version it has not had. Every 30 s a line
says what the process holds; heap, classes and loaders are counted after a full collection. The table
at the end has the first sample after a quarter of the time, the last one, and the slope between by
least squares with its standard error. The status is 1 if a run, a request, an update or a login
failed, if the server did not end as it should, or if more than two of the plugin's class loaders are
left. JAR is examples/attention-gate/target/attention-gate-1.0.0.jar if it is not given.
"""
import argparse
import itertools
import pathlib
import sys
import threading
import time

import rigserver

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--plugin", type=pathlib.Path,
                    default="examples/attention-gate/target/attention-gate-1.0.0.jar")
parser.add_argument("--minutes", type=float, default=60)
parser.add_argument("--steps", type=int, default=120, help="of each training (default: %(default)s)")
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
rigserver.need(*rigserver.CLIENTS)

PLUGIN_CLASS = "example.attention.AttentionGate"
SHAPE = {"dataset": "shapes", "size": "48x48", "batch": 4, "val-limit": 8, "threads": 1}
LINES = {"admin": ["rig:runs --json --limit 20", "rig:status", "rig:plugin list", "rig:networks"],
         "viewer": ["runs --json --limit 20", "status", "queue", "list gate"]}
PATHS = ["/api/v1/runs?limit=50", "/api/v1/runs/{run}", "/api/v1/runs/{run}/metrics",
         "/api/v1/runs/{run}/curves?metric=loss", "/api/v1/runs/{run}/events",
         "/api/v1/runs/{run}/files", "/api/v1/runs/{run}/file?name=steps.jsonl", "/api/v1/queue",
         "/api/v1/events?limit=50", "/api/v1/columns", "/api/v1/networks", "/api/v1/plugins",
         "/api/v1/health", "/api/v1/live?run={run}", "/api/v1/session", "/metrics", "/health", "/"]
COLUMNS = {"resident MiB": 1, "workers' resident MiB": 1, "heap MiB": 1, "threads": 0, "files": 0, "classes": 0, "loaders": 0,
           "plugin's loaders": 0}

plugin = rigserver.Plugin(args.plugin, args.folder)
server = rigserver.Server(args.rig, args.folder, roles=LINES)
began = time.monotonic()
failures, counts = [], {"trainings": 0, "updates": 0, "logins": 0, "requests": 0}
asked = [1]  # a run that has ended has all its files
lock, over = threading.Lock(), threading.Event()


def failed(what):
    with lock:
        failures.append(what)
        print(f"{time.monotonic() - began:7.0f} s  FAILED {what}", flush=True)


def counted(what):
    with lock:
        counts[what] += 1


def runs(state=None):
    return server.get(f"/api/v1/runs?limit=1{f'&state={state}' if state else ''}")


def train():
    asked.append(max(1, runs("done")["total"]))
    server.submit("train", "tiny", **SHAPE, steps=args.steps)
    counted("trainings")


def update(number=itertools.count(1)):
    plugin.update(server, next(number))
    counted("updates")


def log_in(which=itertools.count()):
    n = next(which)
    role = ("admin", "viewer")[n % 2]
    server.login(role, LINES[role][n // 2 % len(LINES[role])])
    counted("logins")


def ask(which=itertools.count()):
    n = next(which)
    server.request("GET", PATHS[n % len(PATHS)].format(run=asked[-1]))
    counted("requests")


samples = []


def sample():
    now = time.monotonic() - began
    held = server.diagnose(PLUGIN_CLASS)
    samples.append([now, *(held[name] for name in COLUMNS)])
    print(f"{now:7.0f} s  " + "  ".join(f"{value:.{digits}f} {name}" for (name, digits), value in
                                       zip(COLUMNS.items(), samples[-1][1:])), flush=True)


def every(seconds, first, action):
    """A thread that acts at its times until the time is over; what it misses it does not make up for."""
    def act():
        due = began + first
        while not over.wait(max(0, due - time.monotonic())):
            try:
                action()
            except Exception as e:
                failed(f"{action.__name__}: {e!r}")
            due = max(due + seconds, time.monotonic())
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def line(column):
    """Value after a quarter of the time, last value, slope per hour and its standard error."""
    after = [s for s in samples if s[0] >= 60 * args.minutes / 4]
    hours, values = [s[0] / 3600 for s in after], [s[column] for s in after]
    n = len(after)
    mean, middle = sum(values) / n, sum(hours) / n
    spread = sum((h - middle) ** 2 for h in hours)
    slope = sum((h - middle) * (v - mean) for h, v in zip(hours, values)) / spread
    rest = sum((v - mean - slope * (h - middle)) ** 2 for h, v in zip(hours, values))
    return values[0], values[-1], slope, (rest / (n - 2) / spread) ** 0.5 if n > 2 else float("nan")


server.start()
try:
    server.login("viewer", "status")
    plugin.install(server)
    server.login("admin", "rig:assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --gate attention"
                          " --feedback 6..4 --iterations 2 --dataset shapes --seed 3")
    train()  # a run to ask about, from the first minute on
    while runs("queued,running")["total"]:
        time.sleep(0.5)
    began = time.monotonic()
    busy = [every(60, 0, train), every(120, 62, update), every(6, 3, log_in), every(3, 1, ask),
            every(30, 28, sample)]
    while time.monotonic() < began + 60 * args.minutes and server.process.poll() is None:
        time.sleep(0.5)
    over.set()
    for thread in busy:
        thread.join()
    if server.process.poll() is not None:
        sys.exit(f"the server ended with {server.process.returncode}: {args.folder}/server.out")
    deadline = time.monotonic() + 1200
    while runs("queued,running")["total"] and time.monotonic() < deadline:
        time.sleep(0.5)
    done, total = runs("done")["total"], runs()["total"]
    if not done == total == counts["trainings"]:
        failed(f"runs: {counts['trainings']} were submitted, there are {total}, {done} are done")
    sample()
finally:
    over.set()
    wrong = server.stop()
if wrong:
    failed(wrong)
if samples[-1][-1] > 2:
    failed(f"{samples[-1][-1]} class loaders of the plugin are left")

print(", ".join(f"{count} {what}" for what, count in counts.items()) + f", {len(failures)} failures")
print(f"{'':22}{'after 1/4':>10}{'end':>10}{'per hour':>11}{'+-':>9}")
for column, (name, digits) in enumerate(COLUMNS.items(), 1):
    warm, end, slope, error = line(column)
    print(f"{name:22}{warm:10.{digits}f}{end:10.{digits}f}{slope:+11.1f}{error:9.1f}")
sys.exit(1 if failures else 0)
