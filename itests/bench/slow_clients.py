#!/usr/bin/env python3
"""Occupies a real server with slow connections and measures how long others wait.

    itests/bench/slow_clients.py [--rig launcher/rig] [--connections 300] [--seconds 120] FOLDER

A third of the connections begin the body of POST /api/v1/session and drip, a third send half a request
line, a third say nothing to the SSH port; each that is closed is opened again. Meanwhile /health, the
page of a user who signed in with a cookie, the list of runs that it asks for, and a login over SSH are
timed, one after the other. Prints the slowest and the median of each, and the machine's load; the
status is 1 if one fails or takes longer than its limit: 1 s, 2 s for the page and for its list, 5 s.
"""
import argparse, json, os, pathlib, socket, statistics, sys, threading, time, urllib.request

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--connections", type=int, default=300)
parser.add_argument("--seconds", type=float, default=120)
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
rigserver.need(*rigserver.CLIENTS)

LIMITS = {"health": 1, "page": 2, "runs": 2, "ssh": 5}
server = rigserver.Server(args.rig, args.folder)
server.start()
server.login("admin", "status")
opened = {"body": 0, "line": 0, "ssh": 0}
stop = threading.Event()


def connect(kind):
    """A new slow connection."""
    s = socket.create_connection(("127.0.0.1", server.ssh if kind == "ssh" else server.http), timeout=5)
    if kind == "body":
        s.sendall(f"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:{server.http}\r\nContent-Type:"
                  " application/json\r\nContent-Length: 1000\r\n\r\n{".encode())
    elif kind == "line":
        s.sendall(b"GET /hea")
    s.setblocking(False)
    opened[kind] += 1
    return s


def drip():
    """Keeps the connections; a byte for each of those with a body every 5 s."""
    held, kinds = {}, ("body", "line", "ssh")
    last = time.monotonic()
    while not stop.is_set():
        for number in range(args.connections):
            kind, s = kinds[number % 3], held.get(number)
            try:
                if s is None:
                    held[number] = connect(kind)
                elif s.recv(4096) == b"":
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                if s is not None:
                    s.close()
                held[number] = None
        if time.monotonic() - last > 5:
            last = time.monotonic()
            for number in range(0, args.connections, 3):
                try:
                    held[number] and held[number].send(b" ")
                except OSError:
                    pass
        stop.wait(0.5)
    for s in held.values():
        s and s.close()


def sign_in():
    """The cookie of a session."""
    asked = urllib.request.Request(f"http://127.0.0.1:{server.http}/api/v1/session",
                                   json.dumps({"token": server.token}).encode(),
                                   {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.headers["Set-Cookie"].split(";")[0]


def ask(path, begin):
    """What a browser with the session gets; it begins as given."""
    asked = urllib.request.Request(f"http://127.0.0.1:{server.http}{path}", headers={"Cookie": cookie})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        said = answer.read()
    if not said.lstrip().lower().startswith(begin):
        raise OSError(f"{path}: {said[:100]}")


def health():
    with urllib.request.urlopen(f"http://127.0.0.1:{server.http}/health", timeout=60) as answer:
        answer.read()


cookie = sign_in()
probes = {"health": health, "page": lambda: ask("/", b"<!doctype html"),
          "runs": lambda: ask("/api/v1/runs", b"{"), "ssh": lambda: server.login("admin", "status")}
times, failures = {name: [] for name in probes}, []


def probe(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name, asking in probes.items():
            begun = time.monotonic()
            try:
                asking()
            except OSError as e:
                failures.append(f"{name}: {e}")
            times[name].append(time.monotonic() - begun)
        time.sleep(1)


def report(what):
    print(f"{what}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, values in times.items():
        print(f"  {name}: {len(values)} times, median {statistics.median(values):.3f} s, slowest {max(values):.3f} s"
              f" (limit {LIMITS[name]} s)", flush=True)


probe(min(20, args.seconds))
report("nobody else")
times = {name: [] for name in probes}
thread = threading.Thread(target=drip)
thread.start()
time.sleep(3)
probe(args.seconds)
report(f"{args.connections} slow connections for {args.seconds:.0f} s, opened {opened}")
stop.set()
thread.join()
wrong = server.stop()
for failure in failures:
    print(failure)
slow = [name for name, values in times.items() if max(values) > LIMITS[name]]
sys.exit(1 if failures or wrong or slow else 0)
