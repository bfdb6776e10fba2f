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
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--plugin", type=pathlib.Path,
                    default="examples/attention-gate/target/attention-gate-1.0.0.jar")
parser.add_argument("--minutes", type=float, default=60)
parser.add_argument("--steps", type=int, default=120, help="of each training (default: %(default)s)")
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
home = args.folder / "home"
if home.exists():
    sys.exit(f"{home} exists; a soak needs a fresh one")
for tool in ("ssh", "ssh-keygen", "jcmd"):
    shutil.which(tool) or sys.exit(f"there is no {tool}")

PLUGIN_CLASS = "example.attention.AttentionGate"
SHAPE = {"dataset": "shapes", "size": "48x48", "batch": 4, "val-limit": 8, "threads": 1}
LINES = {"admin": ["rig:runs --json --limit 20", "rig:status", "rig:plugin list", "rig:networks"],
         "viewer": ["runs --json --limit 20", "status", "queue", "list gate"]}
PATHS = ["/api/v1/runs?limit=50", "/api/v1/runs/{run}", "/api/v1/runs/{run}/metrics",
         "/api/v1/runs/{run}/curves?metric=loss", "/api/v1/runs/{run}/events",
         "/api/v1/runs/{run}/files", "/api/v1/runs/{run}/file?name=steps.jsonl", "/api/v1/queue",
         "/api/v1/events?limit=50", "/api/v1/columns", "/api/v1/networks", "/api/v1/plugins",
         "/api/v1/health", "/api/v1/live?run={run}", "/api/v1/session", "/metrics", "/health", "/"]
COLUMNS = {"resident MiB": 1, "heap MiB": 1, "threads": 0, "files": 0, "classes": 0, "loaders": 0,
           "plugin's loaders": 0}

began = time.monotonic()
failures, counts = [], {"trainings": 0, "updates": 0, "logins": 0, "requests": 0}
lock, over = threading.Lock(), threading.Event()


def failed(what):
    with lock:
        failures.append(what)
        print(f"{time.monotonic() - began:7.0f} s  FAILED {what}", flush=True)


def counted(what):
    with lock:
        counts[what] += 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rig(*words):
    return subprocess.run([args.rig, "--home", str(home), *words], check=True, capture_output=True,
                          text=True).stdout


def request(method, path, body=None, kind="application/json"):
    asked = urllib.request.Request(f"http://127.0.0.1:{http_port}{path}", body, method=method,
                                   headers={"Authorization": "Bearer " + token, "Content-Type": kind})
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            # A live stream has no end: its watcher hangs up after the first line.
            return answer.readline() if "/live" in path else answer.read()
    except urllib.error.HTTPError as e:
        raise OSError(f"{method} {path}: {e.code} {e.read(500).decode(errors='replace')}") from e
    except OSError as e:
        raise OSError(f"{method} {path}: {e}") from e


def runs(state=None):
    return json.loads(request("GET", f"/api/v1/runs?limit=1{f'&state={state}' if state else ''}"))


def version(number):
    """The plugin with another version in its manifest, and so with another digest."""
    file = args.folder / "plugin.jar"
    with zipfile.ZipFile(args.plugin) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as jar:
        for entry in given.infolist():
            content = given.read(entry)
            if entry.filename == "META-INF/MANIFEST.MF":
                content = re.sub(rb"(?m)^Bundle-Version: .*?(\r?)$",
                                 rb"Bundle-Version: 1.1.%d\1" % number, content)
            jar.writestr(entry, content)
    return file.read_bytes()


def train():
    body = {"kind": "train", "network": "tiny", "options": {**SHAPE, "steps": args.steps}}
    request("POST", "/api/v1/runs", json.dumps(body).encode())
    counted("trainings")


def update(number=itertools.count(1)):
    request("PUT", "/api/v1/plugins", version(next(number)), "application/java-archive")
    counted("updates")


def login(role, line):
    done = subprocess.run(
        ["ssh", "-F", "none", "-i", str(args.folder / role), "-p", str(ssh_port), "-o", "BatchMode=yes",
         "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new", "-o",
         f"UserKnownHostsFile={args.folder / 'known_hosts'}", "-o", "LogLevel=ERROR", "lab@127.0.0.1", line],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode or not done.stdout:
        raise OSError(f"ssh {role} '{line}': {done.returncode} {done.stderr.strip()[:500]}")


def log_in(which=itertools.count()):
    n = next(which)
    role = ("admin", "viewer")[n % 2]
    login(role, LINES[role][n // 2 % len(LINES[role])])
    counted("logins")


def ask(which=itertools.count()):
    n = next(which)
    request("GET", PATHS[n % len(PATHS)].format(run=max(1, counts["trainings"] - 1)))
    counted("requests")


def diagnose():
    """Collects, and says what is left: heap in MiB, classes, loaders, loaders of the plugin."""
    commands = args.folder / "jcmd.txt"
    commands.write_text("GC.run\nGC.heap_info\nVM.classloader_stats\nVM.classloaders show-classes=true"
                        " fold=false\n")
    said = subprocess.run(["jcmd", str(server.pid), "-f", str(commands)], check=True, timeout=120,
                          capture_output=True, text=True).stdout
    heap = sum(map(int, re.findall(r"(?:generation|heap)\s+total \d+K, used (\d+)K", said)))
    loaders, classes = map(int, re.search(r"Total = (\d+)\s+(\d+)", said).groups())
    return [heap / 1024, classes, loaders, len(re.findall(rf"{re.escape(PLUGIN_CLASS)}$", said, re.M))]


samples = []


def sample():
    now = time.monotonic() - began
    process = pathlib.Path(f"/proc/{server.pid}")
    resident = int(re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text()).group(1)) / 1024
    threads, files = len(list((process / "task").iterdir())), len(list((process / "fd").iterdir()))
    heap, *classes = diagnose()
    samples.append([now, resident, heap, threads, files, *classes])
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


http_port, ssh_port = free_port(), free_port()
(home / "config").mkdir(parents=True)
for name, configuration in {
        "ssh": {"org.riglab.ssh": {"port": ssh_port}},
        "web": {"org.apache.felix.http": {"org.osgi.service.http.port": http_port}}}.items():
    (home / f"config/{name}.json").write_text(
        json.dumps({":configurator:resource-version": 1, **configuration}))
for role in LINES:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", role, "-f", args.folder / role],
                   check=True)
keys = home / "authorized_keys"
keys.write_text("".join(f'role="{role}" {(args.folder / f"{role}.pub").read_text()}' for role in LINES))
keys.chmod(0o600)
token = rig("token", "create", "--role", "admin", "--days", "2", "--name", "soak").split()[0]

with open(args.folder / "server.out", "wb") as out:
    server = subprocess.Popen([args.rig, "--home", str(home), "server"], stdout=out, stderr=out)
try:
    deadline = time.monotonic() + 120
    while True:
        try:
            request("GET", "/health")
            login("viewer", "status")
            break
        except OSError as e:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server does not serve ({e}): {args.folder}/server.out")
            time.sleep(0.5)
    request("POST", "/api/v1/plugins", version(0), "application/java-archive")
    login("admin", "rig:assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --gate attention"
                   " --feedback 6..4 --iterations 2 --dataset shapes --seed 3")
    began = time.monotonic()
    busy = [every(60, 0, train), every(120, 62, update), every(6, 3, log_in), every(3, 1, ask),
            every(30, 28, sample)]
    while time.monotonic() < began + 60 * args.minutes and server.poll() is None:
        time.sleep(0.5)
    over.set()
    for thread in busy:
        thread.join()
    if server.poll() is not None:
        sys.exit(f"the server ended with {server.returncode}: {args.folder}/server.out")
    deadline = time.monotonic() + 300
    while runs("queued,running")["total"] and time.monotonic() < deadline:
        time.sleep(0.5)
    done, total = runs("done")["total"], runs()["total"]
    if not done == total == counts["trainings"]:
        failed(f"runs: {counts['trainings']} were submitted, there are {total}, {done} are done")
    sample()
finally:
    over.set()
    server.send_signal(signal.SIGTERM)
    server.wait(120)
if server.returncode != 128 + signal.SIGTERM:
    failed(f"SIGTERM: the server ended with {server.returncode}")
if samples[-1][-1] > 2:
    failed(f"{samples[-1][-1]} class loaders of the plugin are left")

print(", ".join(f"{count} {what}" for what, count in counts.items()) + f", {len(failures)} failures")
print(f"{'':18}{'after 1/4':>10}{'end':>10}{'per hour':>11}{'+-':>9}")
for column, (name, digits) in enumerate(COLUMNS.items(), 1):
    warm, end, slope, error = line(column)
    print(f"{name:18}{warm:10.{digits}f}{end:10.{digits}f}{slope:+11.1f}{error:9.1f}")
sys.exit(1 if failures else 0)
