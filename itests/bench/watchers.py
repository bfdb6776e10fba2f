#!/usr/bin/env python3
"""How much do watchers slow a run? Windows with and without them take turns in one training.

    watchers.py http://127.0.0.1:8090 TOKEN RUN [--watchers 50] [--pairs 20] [--seconds 8]

The run must be running and stay so. Prints the steps per second of each pair, and the median of
the paired differences with the 95 % interval of that median (sign test).
"""
import argparse
import http.client
import json
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
given = arguments.parse_args()
address = urllib.parse.urlparse(given.server)
HEADERS = {"Authorization": "Bearer " + given.token}


class Watcher(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection(address.hostname, address.port)
        self.connection.request("GET", f"/api/v1/live?run={given.run}", headers=HEADERS)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        self.messages = 0

    def run(self):
        try:
            while line := self.answer.readline():
                self.messages += line.startswith(b"event: points")
        except (OSError, ValueError, AttributeError):
            return  # closed by the main thread

    def close(self):
        if self.connection.sock:
            self.connection.sock.shutdown(2)
        self.connection.close()


def done():
    connection = http.client.HTTPConnection(address.hostname, address.port)
    connection.request("GET", f"/api/v1/runs/{given.run}", headers=HEADERS)
    run = json.load(connection.getresponse())
    connection.close()
    assert run["state"] == "running", run["state"]
    return run["progress"]["done"]


def speed(watchers):
    all_of_them = [Watcher() for _ in range(watchers)]
    for watcher in all_of_them:
        watcher.start()
    time.sleep(1)
    first, start = done(), time.monotonic()
    time.sleep(given.seconds)
    steps, seconds = done() - first, time.monotonic() - start
    heard = [watcher.messages for watcher in all_of_them]
    for watcher in all_of_them:
        watcher.close()
    time.sleep(0.5)
    return steps / seconds, min(heard, default=0)


differences = []
for pair in range(given.pairs):
    # Which comes first changes, so that a drift hits both alike.
    order = [0, given.watchers] if pair % 2 else [given.watchers, 0]
    result = {watchers: speed(watchers) for watchers in order}
    without, (watched, heard) = result[0][0], result[given.watchers]
    differences.append(100 * (1 - watched / without))
    print(f"{without:8.3f} {watched:8.3f} steps/s  {differences[-1]:+6.2f} %  (each heard {heard} or more messages)", flush=True)
differences.sort()
n = len(differences)
low = max(0, int(n / 2 - 0.98 * n**0.5))
print(f"median {statistics.median(differences):+.2f} %, 95 % interval {differences[low]:+.2f} to {differences[n - 1 - low]:+.2f} %")
