"""What the measurements beside this file share: a home, a real server on it, its clients, its plugin."""
import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile

CLIENTS = ("ssh", "ssh-keygen", "jcmd")


def need(*tools):
    """Ends the program if one of them is not installed."""
    for tool in tools:
        shutil.which(tool) or sys.exit(f"there is no {tool}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor_seconds(process, threads=None):
    """Processor time of a process so far, or of those of its threads whose name begins with one of these."""
    ticks = 0
    tasks = [f"/proc/{process}/stat"] if threads is None else pathlib.Path(f"/proc/{process}/task").glob("*/stat")
    for task in tasks:
        try:
            name, numbers = pathlib.Path(task).read_text().split("(", 1)[1].rsplit(") ", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that has just ended
        if threads is None or name.startswith(threads):
            ticks += sum(map(int, numbers.split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(process):
    """The resident set in MiB."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def workers(server):
    """The processes of a server's workers."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int(process.joinpath("stat").read_text().rsplit(") ", 1)[1].split()[1])
            words = process.joinpath("cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue  # a process that has just ended
        if parent == server and b"worker" in words:
            found.append(int(process.name))
    return sorted(found)


class Home:
    """A home, and the program that works in it."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def rig(self, *words):
        """Runs one command and returns what it prints; where it fails, the program ends with its message."""
        done = subprocess.run([self.program, "--home", str(self.folder), *words], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"'{' '.join(words)}' ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def serve(self, out, **environment):
        """A server as a process."""
        return subprocess.Popen([self.program, "--home", str(self.folder), "server"], stdout=out,
                                stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment})


class Server(Home):
    """A server on a fresh home in a folder, with ports, keys and a token of its own."""

    def __init__(self, program, folder, roles=("admin",), **configuration):
        super().__init__(program, folder / "home")
        if self.folder.exists():
            sys.exit(f"{self.folder} exists; this needs a fresh one")
        self.files, self.process = folder, None
        self.http, self.ssh = free_port(), free_port()
        (self.folder / "config").mkdir(parents=True)
        for pid, values in {"org.riglab.ssh": {"port": self.ssh},
                            "org.apache.felix.http": {"org.osgi.service.http.port": self.http},
                            **configuration}.items():
            (self.folder / f"config/{pid}.json").write_text(
                json.dumps({":configurator:resource-version": 1, pid: values}))
        for role in roles:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", role, "-f", folder / role],
                           check=True)
        keys = self.folder / "authorized_keys"
        keys.write_text("".join(f'role="{role}" {(folder / f"{role}.pub").read_text()}' for role in roles))
        keys.chmod(0o600)
        self.token = self.rig("token", "create", "--role", "admin", "--days", "2", "--name", "bench").split()[0]

    def start(self, **environment):
        """Starts it and waits until it answers."""
        said = self.files / "server.out"
        with open(said, "wb") as out:
            self.process = self.serve(out, **environment)
        atexit.register(self.kill)
        deadline = time.monotonic() + 600
        while True:
            try:
                self.request("GET", "/health")
                return
            except OSError as e:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    sys.exit(f"the server does not serve ({e}): {said}")
                time.sleep(0.5)

    def kill(self):
        """Leaves no server behind if the program has failed."""
        if self.process.poll() is None:
            self.process.kill()

    def stop(self):
        """Ends it with SIGTERM; returns what was wrong with its end, if anything."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        if self.process.returncode != 128 + signal.SIGTERM:
            return f"SIGTERM: the server ended with {self.process.returncode}"
        return None

    def request(self, method, path, body=None, kind="application/json"):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", body, method=method,
            headers={"Authorization": "Bearer " + self.token, "Content-Type": kind})
        try:
            with urllib.request.urlopen(asked, timeout=120) as answer:
                # A live stream has no end: its watcher hangs up after the first line.
                return answer.readline() if "/live" in path else answer.read()
        except urllib.error.HTTPError as e:
            raise OSError(f"{method} {path}: {e.code} {e.read(500).decode(errors='replace')}") from e
        except OSError as e:
            raise OSError(f"{method} {path}: {e}") from e

    def get(self, path):
        return json.loads(self.request("GET", path))

    def run(self, number):
        return self.get(f"/api/v1/runs/{number}")

    def running(self, number):
        return self.run(number)["state"].lower() in ("queued", "running")

    def submit(self, kind, network, **options):
        """Queues a run and returns its number."""
        body = {"kind": kind, "network": network, "options": options}
        return json.loads(self.request("POST", "/api/v1/runs", json.dumps(body).encode()))["runs"][0]["id"]

    def cancel(self, number):
        """Cancels a run and waits for its end."""
        if self.running(number):
            self.request("POST", f"/api/v1/runs/{number}/cancel")
            while self.running(number):
                time.sleep(0.2)

    def client(self, role, *options):
        """OpenSSH's client; a line to execute may follow."""
        return ["ssh", *options, "-F", "none", "-i", str(self.files / role), "-p", str(self.ssh),
                "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new",
                "-o", f"UserKnownHostsFile={self.files / 'known_hosts'}", "-o", "LogLevel=ERROR",
                "lab@127.0.0.1"]

    def login(self, role, line):
        """Runs a line over SSH and returns what it prints."""
        done = subprocess.run([*self.client(role), line], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=120)
        if done.returncode or not done.stdout:
            raise OSError(f"ssh {role} '{line}': {done.returncode} {done.stderr.strip()[:500]}")
        return done.stdout

    def workers(self):
        """The processes of its workers."""
        return workers(self.process.pid)

    def diagnose(self, plugin_class):
        """Collects garbage in the server and its workers; says what they hold, and what is left of a plugin's class.

        What is said of the plugin is the most that one process has."""
        server = self.look(self.process.pid, plugin_class)
        self.histogram = server.pop("histogram")
        workers = [self.look(process, plugin_class) for process in self.workers()]
        for worker in workers:
            for name, values in worker.pop("histogram").items():
                before = self.histogram.get(name, (0, 0))
                self.histogram[name] = before[0] + values[0], before[1] + values[1]
        for name in ("plugin's objects", "plugin's loaders"):
            server[name] = max(values[name] for values in (server, *workers))
        for name in ("resident MiB", "heap MiB"):
            server["workers' " + name] = sum(worker[name] for worker in workers)
        return server

    def look(self, process, plugin_class):
        """What one process holds after a collection."""
        commands = self.files / "jcmd.txt"
        commands.write_text("GC.run\nGC.heap_info\nGC.class_histogram\nVM.classloader_stats\n"
                            "VM.classloaders show-classes=true fold=false\n")
        said = subprocess.run(["jcmd", str(process), "-f", str(commands)], check=True, timeout=300,
                              capture_output=True, text=True).stdout
        loaders, classes = map(int, re.search(r"Total = (\d+)\s+(\d+)", said).groups())
        histogram = {}
        for count, size, name in re.findall(r"(?m)^ *\d+: +(\d+) +(\d+) +(\S+)", said):
            before = histogram.get(name, (0, 0))
            histogram[name] = before[0] + int(count), before[1] + int(size)
        heap = re.findall(r"(?:generation|heap)\s+total \d+K, used (\d+)K", said)
        tree = said[said.index("Total = "):]
        folder = pathlib.Path(f"/proc/{process}")
        return {"resident MiB": resident(process), "heap MiB": sum(map(int, heap)) / 1024,
                "threads": len(list((folder / "task").iterdir())),
                "files": len(list((folder / "fd").iterdir())), "classes": classes, "loaders": loaders,
                "plugin's objects": histogram.get(plugin_class, (0, 0))[0], "histogram": histogram,
                "plugin's loaders": len(re.findall(rf"(?m){re.escape(plugin_class)}$", tree))}


class Plugin:
    """A plugin's jar, in as many versions as are asked for."""

    def __init__(self, jar, folder):
        if not jar.exists():
            sys.exit(f"there is no {jar}")
        self.jar, self.copy = jar, folder / "plugin.jar"

    def version(self, number):
        """The jar with version 1.1.NUMBER in its manifest, and so with another digest."""
        with zipfile.ZipFile(self.jar) as given, zipfile.ZipFile(self.copy, "w", zipfile.ZIP_DEFLATED) as jar:
            for entry in given.infolist():
                content = given.read(entry)
                if entry.filename == "META-INF/MANIFEST.MF":
                    content = re.sub(rb"(?m)^Bundle-Version: .*?(\r?)$",
                                     rb"Bundle-Version: 1.1.%d\1" % number, content)
                jar.writestr(entry, content)
        return self.copy.read_bytes()

    def install(self, server, number=0):
        server.request("POST", "/api/v1/plugins", self.version(number), "application/java-archive")

    def update(self, server, number):
        """Updates it to a version, and returns the server's answer."""
        return json.loads(server.request("PUT", "/api/v1/plugins", self.version(number), "application/java-archive"))
