#!/usr/bin/env python3
"""How much do watchers slow a run? Windows with and without them take turns in one training.

    watchers.py http://127.0.0.1:8090 TOKEN RUN [--watchers 50] [--pairs 20] [--seconds 8] [--pid P]

The run must be running and stay so. Prints the steps per second of each pair, and the median of
the paired differences with its 95 % interval (sign test). With the server's process id it also
prints the processor time of the threads that serve HTTP, which a busy machine does not change.
"""
import argparse
import glob
import http.client
import json
import os
import selectors
import socket
import statistics
import threading
import time
import urllib.parse

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("server")
arguments.add_argument("token")
arguments.add_argument("run", type=int)
arguments.add_argument("--watchers", type=int, default=50)
arguments.add_argument("--pairs", type=int, default=20)
arguments.add_argument("--seconds", type=float, default=8)
arguments.add_argument("--pid", type=int)
given = arguments.parse_args()
address = urllib.parse.urlparse(given.server)
HEADERS = {"Authorization": "Bearer " + given.token}
REQUEST = f"GET /api/v1/live?run={given.run} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {given.token}\r\n\r\n"


class Watchers(threading.Thread):
    """Reads what comes, of all of them in one thread: what measures should cost little."""

    def __init__(self, count):
        super().__init__(daemon=True)
        self.open = True
        self.heard = {}
        self.selector = selectors.DefaultSelector()
        for _ in range(count):
            watcher = socket.create_connection((address.hostname, address.port))
            watcher.sendall(REQUEST.encode())
            assert watcher.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
            self.selector.register(watcher, selectors.EVENT_READ)
            self.heard[watcher] = 0

    def run(self):
        while self.open:
            for key, _ in self.selector.select(0.2):
                self.heard[key.fileobj] += key.fileobj.recv(1 << 16).count(b"event: points")

    def close(self):
        self.open = False
        self.join()
        for watcher in self.heard:
            watcher.close()


def done():
    connection = http.client.HTTPConnection(address.hostname, address.port)
    connection.request("GET", f"/api/v1/runs/{given.run}", headers=HEADERS)
    run = json.load(connection.getresponse())
    connection.close()
    assert run["state"] == "running", run["state"]
    return run["progress"]["done"]


def serving():
    """Seconds of processor time of Jetty's threads and the one that tells them."""
    ticks = 0
    for task in glob.glob(f"/proc/{given.pid}/task/*/stat") if given.pid else []:
        with open(task) as stat:
            name, numbers = stat.read().split("(", 1)[1].rsplit(") ", 1)
        if name.startswith(("qtp", "web-live", "lab-listener")):
            ticks += sum(map(int, numbers.split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def window(count):
    watchers = Watchers(count)
    watchers.start()
    time.sleep(1)
    first, busy, start = done(), serving(), time.monotonic()
    time.sleep(given.seconds)
    steps, busy, seconds = done() - first, serving() - busy, time.monotonic() - start
    watchers.close()
    time.sleep(0.5)
    return steps / seconds, busy / seconds, min(watchers.heard.values(), default=0)


differences, costs = [], []
for pair in range(given.pairs):
    # Which comes first changes, so that a drift hits both alike.
    order = [0, given.watchers] if pair % 2 else [given.watchers, 0]
    result = {count: window(count) for count in order}
    (alone, idle, _), (watched, busy, heard) = result[0], result[given.watchers]
    differences.append(100 * (1 - watched / alone))
    costs.append(100 * (busy - idle))
    print(f"{alone:8.3f} {watched:8.3f} steps/s  {differences[-1]:+6.2f} %  each heard {heard} messages"
          + (f", serving them took {costs[-1]:.2f} % of a core" if given.pid else ""), flush=True)
differences.sort()
n = len(differences)
low = max(0, int(n / 2 - 0.98 * n**0.5))
print(f"median {statistics.median(differences):+.2f} %, 95 % interval {differences[low]:+.2f} to {differences[n - 1 - low]:+.2f} %")
if given.pid:
    print(f"serving {given.watchers} watchers: {statistics.median(costs):.2f} % of a core (median)")
