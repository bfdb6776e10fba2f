#!/usr/bin/env python3
"""Images per second of `rig predict --input` in one process and on a standalone cluster of Spark.

    spark_bench.py --rig launcher/rig --home HOME --images DIR [--network NAME] [--cores 2] [--rounds 2]

HOME has the network and Spark (`rig spark setup`). The local process computes with as many threads
as the cluster has cores; each worker has one core. Rounds alternate. The rates are those that rig
prints: from the first to the last image, without the start of the processes.
"""
import argparse
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rig", required=True)
    parser.add_argument("--home", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--network", default="rig")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="spark-bench"))
    spark = next(Path(given.home).glob("spark/spark-*"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    master = f"spark://127.0.0.1:{port}"
    environment = dict(
        os.environ, SPARK_HOME=str(spark), SPARK_SCALA_VERSION="2.13", SPARK_LOCAL_IP="127.0.0.1"
    )
    common = ["--host", "127.0.0.1", "--webui-port", "0"]
    started = []

    def daemon(kind, *words):
        command = ["java", "-XX:+UseSerialGC", "-Xmx256m", "-cp", f"{spark}/jars/*"]
        command += [f"org.apache.spark.deploy.{kind}", *common, *words]
        log = open(folder / f"daemon{len(started)}.log", "w")
        started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))

    def rate(threads, *words):
        output = folder / f"output{time.monotonic_ns()}"
        command = [given.rig, "--home", given.home, "predict", given.network]
        command += ["--input", given.images, "--output", str(output), *words]
        env = dict(os.environ, OMP_NUM_THREADS=str(threads))
        env.pop("SPARK_HOME", None)
        begin = time.monotonic()
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        wall = time.monotonic() - begin
        shutil.rmtree(output)
        return float(re.search(r"([0-9.]+) images/s", done.stdout)[1]), wall

    try:
        daemon("master.Master", "--port", str(port))
        for core in range(given.cores):
            daemon("worker.Worker", "-c", "1", "-m", "2g", "-d", str(folder / f"w{core}"), master)
        for _ in range(given.rounds):
            local, local_wall = rate(given.cores)
            cluster, cluster_wall = rate(
                1, "--engine", "spark", "--master", master, "--cluster", "spark.executor.memory=1g"
            )
            print(
                f"local {local:.2f} images/s ({local_wall:.0f} s in all), Spark {cluster:.2f}"
                f" ({cluster_wall:.0f} s), ratio {cluster / local:.2f},"
                f" load {os.getloadavg()[0]:.1f}"
            )
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
