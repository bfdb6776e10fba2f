#!/usr/bin/env python3
"""Measures the lab with many runs: 200 of them with 10,000 points each.

    itests/bench/store_bench.py [--rig launcher/rig] [--runs 200] [--points 10000] FOLDER
    itests/bench/store_bench.py --runs 10000 --points 20 --long 1000000 --networks 1000 --plugins 50 \\
        --jar JAR FOLDER

The second form is the store at size: run 1 has 1,000,000 points, there are 1,000 networks, and a
plugin is installed under 50 names. It then asks a server, and prints a table with the medians and
the worst of 20 answers, with the server's processor time for one: runs sorted by a metric, a search,
a curve, /metrics, /health, 'rig list'.

Makes a home in FOLDER whose runs/ holds that many finished trainings as files, lets Riglab take them
into its store, and prints how long a list of all runs and a curve of 500 points take within the
process (median and worst of 20 after one, and processor time), how long a server takes until it serves, and what it
costs while it idles for 60 s.
"""
import argparse, json, math, pathlib, re, resource, shutil, signal, subprocess, time, urllib.parse, urllib.request, zipfile

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--runs", type=int, default=200)
parser.add_argument("--points", type=int, default=10000)
parser.add_argument("--long", type=int, default=0, help="points of run 1")
parser.add_argument("--networks", type=int, default=1)
parser.add_argument("--plugins", type=int, default=0)
parser.add_argument("--jar", type=pathlib.Path, help="of a plugin, to be installed under other names")
parser.add_argument("--idle", type=int, default=60)
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
def renamed(jar, copy, name, version):
    """The same plugin with another symbolic name, and a newer version, which may replace its parts."""
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "META-INF/MANIFEST.MF":
                for header, value in {"Bundle-SymbolicName": name, "Bundle-Version": version}.items():
                    data = re.sub(rb"(?m)^" + header.encode() + rb":.*?(?=\r?\n\S)",
                                  f"{header}: {value}".encode(), data, flags=re.S)
            target.writestr(entry, data)


home = args.folder / "home"
rig = rigserver.Home(args.rig, home).rig

if not home.exists():
    home.mkdir(parents=True)
    rig("exec", "assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --dataset shapes;"
        " train tiny --dataset shapes --steps 2 --size 32x32 --batch 2 --val-split none")
    first = home / "runs/tiny-1"
    for k in range(2, args.runs + 1):
        run = home / f"runs/tiny-{k}"
        run.mkdir()
        for name in ("network.json", "data.json", "parts.json"):
            (run / name).write_bytes((first / name).read_bytes())
        spec = json.loads((first / "spec.json").read_text())
        spec["seed"], spec["steps"] = k, args.points
        (run / "steps.jsonl").write_text("".join(
            f'{{"step":{s},"loss":{1 / s + 0.1 * math.sin(s * k)},"lr":{0.05 * (1 - s / args.points)}}}\n'
            for s in range(1, args.points + 1)))
        (run / "end.json").write_text('{"end":"FINISHED"}')
        if k % 2:
            (run / "evaluations.jsonl").write_text(f'{{"step":{args.points},"miou":[{k * 7919 % 10007 / 10007}]}}\n')
        (run / "spec.json").write_text(json.dumps(spec))
    if args.long:
        (first / "steps.jsonl").write_text("".join(
            f'{{"step":{s},"loss":{1 / s + 0.1 * math.sin(s)},"lr":0.01}}\n' for s in range(1, args.long + 1)))
    for k in range(2, args.networks + 1):
        shutil.copytree(home / "models/tiny", home / f"models/tiny-{k}")
    copies = [args.folder / f"plugin-{k}.jar" for k in range(args.plugins)]
    for k, copy in enumerate(copies):
        renamed(args.jar, copy, f"bench.plugin{k}", f"1.0.{k}")
    if copies:
        rig("exec", "; ".join(f"plugin install --replace {copy}" for copy in copies))
    start = time.monotonic()
    rig("runs")
    print(f"taken in: {args.runs} runs, {time.monotonic() - start:.1f} s")
db = home / "lab/lab.db"
print(f"database: {db.stat().st_size / 2**20:.0f} MiB")


def inside(line):
    """What passes between the ends of 21 answers of one process, JSON and terminal included."""
    script = "\n".join([line] * 21)
    process = subprocess.Popen([args.rig, "--home", str(home), "exec", "-"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, bufsize=1)
    process.stdin.write(script + "\n")
    process.stdin.close()
    ends = []
    for text in process.stdout:
        if text.rstrip() in ("}", "]") and not text.startswith(" "):
            ends.append(time.monotonic())
    process.wait()
    times = sorted(b - a for a, b in zip(ends, ends[1:]))
    return (f"median {times[len(times) // 2] * 1e3:.0f} ms, worst {times[-1] * 1e3:.0f} ms of"
            f" {len(times)}; {per_call(line):.0f} ms of CPU")


def per_call(line):
    """Processor time of a call, JSON included: of 41 calls in one process less that of one."""
    used = []
    for count in (1, 41):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        rig("exec", "; ".join([line] * count))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return (used[1] - used[0]) / 40 * 1e3


start = time.monotonic()
rig("list")
print(f"rig list: {time.monotonic() - start:.1f} s, start of the process included; 'rig list' 20 times more in one:"
      f" {per_call('list'):.0f} ms of CPU each")
shown = min(args.runs, 200)
print(f"list of {shown} of {args.runs} runs, as JSON:", inside(f"runs --limit {shown} --json"))
print("curve, 500 of", args.points, "points, as JSON:", inside("run 77 --metric loss --points 500 --json"))

port = rigserver.free_port()
(home / "config").mkdir(exist_ok=True)
for pid, values in {"org.riglab.ssh": {"port": rigserver.free_port()},
                    "org.apache.felix.http": {"org.osgi.service.http.port": port}}.items():
    (home / f"config/{pid}.json").write_text(json.dumps({":configurator:resource-version": 1, pid: values}))
token = rig("token", "create", "--role", "admin", "--days", "2", "--name", f"bench-{port}").split()[0]


def answers(title, path):
    """A row of the table: 20 answers of the server after one, over HTTP."""
    times = []
    used = 0
    for k in range(21):
        asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "Bearer " + token})
        if k == 1:
            used = rigserver.processor_seconds(server.pid)
        start = time.monotonic()
        with urllib.request.urlopen(asked, timeout=120) as answer:
            answer.read()
        times.append(time.monotonic() - start)
    cpu = (rigserver.processor_seconds(server.pid) - used) / 20
    first, times = times[0], sorted(times[1:])
    print(f"| {title} | {first * 1e3:.0f} | {times[len(times) // 2] * 1e3:.0f} | {times[-1] * 1e3:.0f} |"
          f" {cpu * 1e3:.0f} |", flush=True)


start = time.monotonic()
server = rigserver.Home(args.rig, home).serve(subprocess.PIPE)
server.stdout.readline()
ready = time.monotonic() - start
print(f"server: ready after {ready:.2f} s, {rigserver.processor_seconds(server.pid):.2f} s of CPU")
print("\n| over HTTP | first, ms | median, ms | worst, ms | CPU, ms |\n|---|---|---|---|---|")
page = "/api/v1/runs?limit=50"
answers("50 newest runs", page)
answers("50 runs by a metric", page + "&sort=-mIoU")
answers("50 runs by a metric, filtered", page + "&sort=-mIoU&where=" + urllib.parse.quote("seed>100 and mIoU>10"))
answers("a search", page + "&text=tiny-77")
answers(f"a curve of {max(args.long, args.points)} points", "/api/v1/runs/1/curves?metric=loss&points=500")
answers("/metrics", "/metrics")
answers("/health", "/health")
answers(f"{args.networks} networks", "/api/v1/networks")
print()
time.sleep(10)
before = rigserver.processor_seconds(server.pid)
time.sleep(args.idle)
after = rigserver.processor_seconds(server.pid)
print(f"idle: {100 * (after - before) / args.idle:.2f} % of a core, {rigserver.resident(server.pid):.0f} MiB resident")
start = time.monotonic()
server.send_signal(signal.SIGTERM)
server.wait()
print(f"SIGTERM: ended after {time.monotonic() - start:.2f} s with status {server.returncode}")
