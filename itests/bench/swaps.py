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
import shutil
import signal
import socket
import statistics
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
                    default="itests/target/plugins-swaps/swapped-0.jar")
parser.add_argument("--updates", type=int, default=1000)
parser.add_argument("--execution", choices=("compiled", "eager"), default="compiled")
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
home = args.folder / "home"
if home.exists():
    sys.exit(f"{home} exists; this needs a fresh one")
if not args.plugin.exists():
    sys.exit(f"there is no {args.plugin}; SwapsIT makes it")
for tool in ("ssh", "ssh-keygen", "jcmd"):
    shutil.which(tool) or sys.exit(f"there is no {tool}")

PLUGIN_CLASS = "org.riglab.itests.plugins.swapped.SwappedGate"
SESSIONS = 5
LINES = [("rig:runs --limit 5", "evaluated"), ("rig:status", "memory"), ("rig:list gate", "itest-swapped"),
         ("rig:networks", "evaluated"), ("rig:plugin list", "itest.swapped")]
NETWORK = ("--backbone resnet:layers=1,1,1,1:width=8 --gate itest-swapped --feedback 6..4"
           " --iterations 2 --dataset shapes --seed 3")
failures, answers = [], [0] * SESSIONS
over = threading.Event()
told = args.folder / "told"
began = time.monotonic()


def failed(what):
    failures.append(what)
    print(f"{time.monotonic() - began:7.0f} s  FAILED {what}", flush=True)


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
        with urllib.request.urlopen(asked, timeout=300) as answer:
            return answer.read()
    except urllib.error.HTTPError as e:
        raise OSError(f"{method} {path}: {e.code} {e.read(500).decode(errors='replace')}") from e
    except OSError as e:
        raise OSError(f"{method} {path}: {e}") from e


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


def ssh():
    return ["ssh", "-F", "none", "-i", str(args.folder / "admin"), "-p", str(ssh_port),
            "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
            "-o", "StrictHostKeyChecking=accept-new", "-o",
            f"UserKnownHostsFile={args.folder / 'known_hosts'}", "-o", "LogLevel=ERROR",
            "lab@127.0.0.1"]


def session(who):
    """Somebody at a terminal: asks, and waits for the next prompt."""
    shell = subprocess.Popen([*ssh()[:1], "-tt", *ssh()[1:]], stdin=subprocess.PIPE, bufsize=0,
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
    body = {"kind": kind, "network": network,
            "options": {"threads": 1, "execution": args.execution, **options}}
    answer = json.loads(request("POST", "/api/v1/runs", json.dumps(body).encode()))
    return (answer["runs"] if "runs" in answer else answer)[0]["id"] if not isinstance(
        answer, list) else answer[0]["id"]


def run(number):
    return json.loads(request("GET", f"/api/v1/runs/{number}"))


def evaluate():
    """One run after another."""
    try:
        while not over.is_set():
            number = submit("eval", "evaluated", dataset="shapes:size=48:train=2:val=2000")
            evaluations.append(number)
            while run(number)["state"].lower() in ("queued", "running") and not over.is_set():
                time.sleep(0.2)
            state = run(number)
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


def held():
    commands = args.folder / "jcmd.txt"
    commands.write_text("GC.run\nGC.heap_info\nGC.class_histogram\nVM.classloaders"
                        " show-classes=true fold=false\n")
    said = subprocess.run(["jcmd", str(server.pid), "-f", str(commands)], check=True, timeout=300,
                          capture_output=True, text=True).stdout
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return {"resident MiB": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024,
            "heap MiB": sum(map(int, re.findall(r"(?:generation|heap)\s+total \d+K, used (\d+)K",
                                                said))) / 1024,
            "threads": len(list(pathlib.Path(f"/proc/{server.pid}/task").iterdir())),
            "gates": sum(int(n) for n in re.findall(
                rf"^\s*\d+:\s+(\d+)\s+\d+\s+{re.escape(PLUGIN_CLASS)}\s*$", said, re.M)),
            "their loaders": len(re.findall(rf"{re.escape(PLUGIN_CLASS)}$", said, re.M)) - len(
                re.findall(rf"^\s*\d+:\s+\d+\s+\d+\s+{re.escape(PLUGIN_CLASS)}$", said, re.M))}


def sample(done):
    values = held()
    samples.append(values)
    steps = run(training)["progress"]["done"]
    print(f"{time.monotonic() - began:7.0f} s  {done} updates, step {steps}, "
          f"{sum(answers)} answers: " + ", ".join(f"{v:.0f} {k}" for k, v in values.items())
          + f"; load {os.getloadavg()[0]:.1f}", flush=True)


http_port, ssh_port = free_port(), free_port()
(home / "config").mkdir(parents=True)
for name, configuration in {
        "ssh": {"org.riglab.ssh": {"port": ssh_port}},
        "lab": {"org.riglab.lab": {"devices": ["cpu", "cpu"]}},
        "web": {"org.apache.felix.http": {"org.osgi.service.http.port": http_port}}}.items():
    (home / f"config/{name}.json").write_text(
        json.dumps({":configurator:resource-version": 1, **configuration}))
subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "admin", "-f",
                args.folder / "admin"], check=True)
keys = home / "authorized_keys"
keys.write_text(f'role="admin" {(args.folder / "admin.pub").read_text()}')
keys.chmod(0o600)
token = rig("token", "create", "--role", "admin", "--days", "2", "--name", "swaps").split()[0]

with open(args.folder / "server.out", "wb") as out:
    server = subprocess.Popen([args.rig, "--home", str(home), "server"], stdout=out, stderr=out,
                              env={**os.environ, "ITESTS_SWAPPED": str(told.absolute())})
samples, latencies, moves, evaluations = [], [], [], []
try:
    deadline = time.monotonic() + 120
    while True:
        try:
            request("GET", "/health")
            break
        except OSError as e:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server does not serve ({e}): {args.folder}/server.out")
            time.sleep(0.5)
    request("POST", "/api/v1/plugins", version(0), "application/java-archive")
    for network in ("trained", "evaluated"):
        subprocess.run([*ssh(), f"rig:assemble {network} {NETWORK}"], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120)
    training = submit("train", "trained", dataset="shapes:size=48:train=64:val=2", size="48x48",
                      batch=2, steps=10_000_000, **{"val-split": "none", "workers": 1})
    busy = [threading.Thread(target=evaluate)]
    busy += [threading.Thread(target=session, args=(who,)) for who in range(SESSIONS)]
    for thread in busy:
        thread.start()
    first(0, time.monotonic() + 120)
    began = time.monotonic()
    for number in range(1, args.updates + 1):
        jar = version(number)
        start = time.time() * 1000
        try:
            answer = json.loads(
                request("PUT", "/api/v1/plugins", jar, "application/java-archive"))
            moves.append(answer.get("millis", 0))
            latencies.append(first(number, time.monotonic() + 60) - start)
        except OSError as e:
            failed(f"update {number}: {e}")
            if run(training)["state"].lower() != "running":
                break
        if number % max(1, args.updates // 10) == 0:
            sample(number)
    seconds = time.monotonic() - began
    over.set()
    for thread in busy:
        thread.join()
    last = run(training)
    if last["state"].lower() != "running":
        failed(f"the training is {last['state']}: {last.get('error')}")
    request("POST", f"/api/v1/runs/{training}/cancel")
    while run(training)["state"].lower() == "running":
        time.sleep(0.2)
    for number in evaluations[-1:]:
        if run(number)["state"].lower() in ("queued", "running"):
            request("POST", f"/api/v1/runs/{number}/cancel")
            while run(number)["state"].lower() == "running":
                time.sleep(0.2)
    losses = [json.loads(line)["step"] for line in
              (home / last["folder"] / "steps.jsonl").read_text().splitlines()]
    if losses != list(range(1, len(losses) + 1)):
        failed("steps are missing in the training's log, or there twice")
    training_done = len(losses)
    final = held()
    if final["their loaders"] > 1 or final["gates"] > 1:
        failed(f"class loaders or gates of old versions are left: {final}")
    late = [line for line in told.read_text().splitlines() if line.startswith("late")]
    for line in late:
        failed(f"a gate was used that had gone: {line}")
finally:
    over.set()
    server.send_signal(signal.SIGTERM)
    server.wait(120)
if server.returncode != 128 + signal.SIGTERM:
    failed(f"SIGTERM: the server ended with {server.returncode}")

print(f"{len(latencies)} updates in {seconds:.0f} s, {training_done} steps, {len(evaluations)} evaluations,"
      f" {sum(answers)} answers to {SESSIONS} sessions, {len(late)} late uses, {len(failures)} failures")
if latencies:
    ordered = sorted(latencies)
    print(f"the server's own count, from verify to the last lease on the old gate: median"
          f" {statistics.median(moves):.0f} ms, worst {max(moves):.0f} ms")
    print(f"latency: median {statistics.median(ordered):.0f} ms, 95 of 100 within"
          f" {ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms, worst {ordered[-1]:.0f} ms")
if len(samples) > 2:
    print(f"resident: {samples[1]['resident MiB']:.0f} MiB after {2 * (args.updates // 10)} updates,"
          f" {samples[-1]['resident MiB']:.0f} MiB at the end; heap {samples[1]['heap MiB']:.0f} and"
          f" {samples[-1]['heap MiB']:.0f} MiB")
print(f"at the end: {final['gates']} gates, {final['their loaders']} of their class loaders")
sys.exit(1 if failures else 0)
