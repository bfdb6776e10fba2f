#!/usr/bin/env python3
"""How much do watchers slow a run? Windows with and without them take turns in one training.

    itests/bench/watchers.py [--rig launcher/rig] [--watchers 50] [--pairs 20] [--seconds 9] FOLDER

FOLDER gets a fresh home, a server on ports of its own, and a training without end on all cores. The
watchers are one process that wakes five times a second and reads what has come, without a look at it,
into one buffer. It works on the same cores, so its processor time is printed beside the server's:
watchers at desks of their own would take none of it here.

Prints for each pair of windows the steps per second, the processor time of the server's threads that
serve watchers, less that of the same threads without any, and the watchers' own; at the end medians,
and the 95 % interval (sign test) of the difference. Processor time tells more than steps per second
where others use the machine too.
"""
import argparse
import multiprocessing
import os
import pathlib
import select
import socket
import statistics
import time

import rigserver

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--rig", default="launcher/rig")
arguments.add_argument("--watchers", type=int, default=50)
arguments.add_argument("--pairs", type=int, default=20)
arguments.add_argument("--seconds", type=float, default=9)
arguments.add_argument("--size", default="48x48", help="of the training's images (default: %(default)s)")
arguments.add_argument("folder", type=pathlib.Path)
given = arguments.parse_args()
rigserver.need("ssh-keygen")
server = rigserver.Server(given.rig, given.folder)
SERVING = ("qtp", "web-live", "lab-listener")
NAP = 0.2


def watch(run, parent):
    """Watches until the parent says something; answers with the bytes of the watcher that got least."""
    ready, buffer, watchers, heard = select.epoll(), bytearray(1 << 20), {}, {}
    for _ in range(given.watchers):
        watcher = socket.create_connection(("127.0.0.1", server.http))
        watcher.sendall(f"GET /api/v1/live?run={run} HTTP/1.1\r\nHost: localhost\r\n"
                        f"Authorization: Bearer {server.token}\r\n\r\n".encode())
        assert watcher.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
        watcher.setblocking(False)
        ready.register(watcher, select.EPOLLIN)
        watchers[watcher.fileno()], heard[watcher.fileno()] = watcher, 0
    parent.send("all watch")
    while not parent.poll(NAP):
        for number, _ in ready.poll(0):
            heard[number] += (read := watchers[number].recv_into(buffer))
            assert read, "the server hung up"
    parent.send(min(heard.values()))


def told(run):
    """When the store is next told of steps, and how many are done then."""
    before = done = server.run(run)["progress"]["done"]
    while done == before:
        time.sleep(0.005)
        done = server.run(run)["progress"]["done"]
    return time.monotonic(), done


def window(run, watched):
    """Steps per second; processor time per second, of the server's threads and of the watchers; bytes."""
    watchers = None
    if watched:
        here, there = multiprocessing.Pipe()
        watchers = multiprocessing.Process(target=watch, args=(run, there))
        watchers.start()
        here.recv()
    time.sleep(1)

    def used():
        return (rigserver.processor_seconds(server.process.pid, SERVING),
                rigserver.processor_seconds(watchers.pid) if watched else 0)

    (begun, first), (serving, reading) = told(run), used()
    time.sleep(given.seconds)
    (served, read), (ended, last) = used(), told(run)
    heard = 0
    if watched:
        here.send("enough")
        heard = here.recv()
        watchers.join()
    time.sleep(0.5)
    return (last - first) / (ended - begun), (served - serving) / given.seconds, (read - reading) / given.seconds, heard


server.start()
try:
    server.login("admin", "rig:assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --feedback 6..4"
                          " --iterations 2 --dataset shapes --seed 3")
    training = server.submit("train", "tiny", dataset="shapes:train=64:val=2", size=given.size, batch=4,
                             steps=10_000_000, threads=os.cpu_count(), **{"val-split": "none"})
    while server.run(training)["progress"]["done"] < 50:
        time.sleep(0.2)
    differences, costs, clients = [], [], []
    for pair in range(given.pairs):
        # Which comes first changes, so that a drift hits both alike.
        result = {watched: window(training, watched) for watched in ((False, True) if pair % 2 else (True, False))}
        (alone, idle, _, _), (watched, busy, reading, heard) = result[False], result[True]
        differences.append(100 * (1 - watched / alone))
        costs.append(100 * (busy - idle))
        clients.append(100 * reading)
        print(f"{alone:8.2f} {watched:8.2f} steps/s  {differences[-1]:+6.2f} %  serving {costs[-1]:5.2f} % of a core,"
              f" the watchers' process {clients[-1]:5.2f} %; each heard {heard} bytes", flush=True)
    server.cancel(training)
finally:
    wrong = server.stop()
if wrong:
    print(wrong)
differences.sort()
n = len(differences)
low = max(0, int(n / 2 - 0.98 * n**0.5))
print(f"{given.watchers} watchers: median {statistics.median(differences):+.2f} % fewer steps, 95 % interval"
      f" {differences[low]:+.2f} to {differences[n - 1 - low]:+.2f} %; serving them takes"
      f" {statistics.median(costs):.2f} % of a core (median), their own process {statistics.median(clients):.2f} %")
