#!/usr/bin/env python3
"""How much do watchers slow a run? Windows with and without them take turns in one training.

    itests/bench/watchers.py [--rig launcher/rig] [--watchers 50] [--pairs 20] [--seconds 9] FOLDER

FOLDER gets a fresh home, a server on ports of its own, and a training without end on all cores. The
watchers are one process that wakes five times a second and reads what has come, without a look at it,
into one buffer. It works on the same cores, so its processor time is printed beside the server's:
watchers at desks of their own would take none of it here.

Three windows with watchers come first and do not count: what serves is compiled in them. Then it
prints for each pair of windows the steps per second; what a step takes of the server's processor time,
which where others use the machine too tells more; the processor time of the threads that serve, less
that of the same threads without watchers; and the watchers' own. At the end the medians, with their
95 % intervals (sign test).
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
    """Steps per second; processor time: of the server per step, of the threads that serve and of the
    watchers per second; bytes that each watcher got."""
    watchers = None
    if watched:
        here, there = multiprocessing.Pipe()
        watchers = multiprocessing.Process(target=watch, args=(run, there))
        watchers.start()
        here.recv()
    time.sleep(1)

    def used(threads=SERVING):
        return rigserver.processor_seconds(server.process.pid, threads)

    def reading():
        return rigserver.processor_seconds(watchers.pid) if watched else 0

    begun, first = told(run)
    whole, serving, read = used(None), used(), reading()
    time.sleep(given.seconds)
    serving, read = used() - serving, reading() - read
    ended, last = told(run)
    whole = used(None) - whole
    heard = 0
    if watched:
        here.send("enough")
        heard = here.recv()
        watchers.join()
    time.sleep(0.5)
    steps = last - first
    return (steps / (ended - begun), whole / steps, serving / given.seconds, read / given.seconds, heard)


server.start()
try:
    server.login("admin", "rig:assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --feedback 6..4"
                          " --iterations 2 --dataset shapes --seed 3")
    training = server.submit("train", "tiny", dataset="shapes:train=64:val=2", size=given.size, batch=4,
                             steps=10_000_000, threads=os.cpu_count(), **{"val-split": "none"})
    while server.run(training)["progress"]["done"] < 50:
        time.sleep(0.2)
    for _ in range(3):
        window(training, True)  # until what serves is compiled, which takes more than serving does
    slower, dearer, serving, clients = [], [], [], []
    for pair in range(given.pairs):
        # Which comes first changes, so that a drift hits both alike.
        result = {watched: window(training, watched) for watched in ((False, True) if pair % 2 else (True, False))}
        (alone, cheap, idle, _, _), (watched, dear, busy, read, heard) = result[False], result[True]
        slower.append(100 * (1 - watched / alone))
        dearer.append(100 * (dear / cheap - 1))
        serving.append(100 * (busy - idle))
        clients.append(100 * read)
        print(f"{alone:8.2f} {watched:8.2f} steps/s {slower[-1]:+7.2f} %;  a step's processor time {dearer[-1]:+6.2f} %,"
              f" serving {serving[-1]:5.2f} % of a core, the watchers' process {clients[-1]:5.2f} %;"
              f" each heard {heard} bytes", flush=True)
    server.cancel(training)
finally:
    wrong = server.stop()
if wrong:
    print(wrong)


def interval(values):
    values.sort()
    low = max(0, int(len(values) / 2 - 0.98 * len(values)**0.5))
    return f"{statistics.median(values):+.2f} % (95 % interval {values[low]:+.2f} to {values[len(values) - 1 - low]:+.2f})"


print(f"{given.watchers} watchers, medians: {interval(slower)} fewer steps; {interval(dearer)} processor time per step;"
      f" serving takes {statistics.median(serving):.2f} % of a core, the watchers' own process"
      f" {statistics.median(clients):.2f} %")
