"""The servers that are compared, as child processes, and what the system says of them."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATASETTE = ROOT / ".venv-bench" / "bin" / "datasette"
TUNED = {  # no suggestions, no time limits, and as much memory as it wants
    "suggest_facets": "off",
    "sql_time_limit_ms": 600_000,
    "facet_time_limit_ms": 600_000,
    "cache_size_kb": 500_000,
}
WORKERS = 2
PATIENCE = 600  # seconds in which a server has to start


class Server:
    """A process that serves http on a free port of this machine from `start` to `stop`."""

    def __init__(self, command):
        self.port = free_port()
        self.command = [str(part).replace("PORT", str(self.port)) for part in command]
        self.process = None

    def start(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command, cwd=ROOT, **quiet)  # noqa: S603

    def wait(self):
        """Waits until the port is open; raises RuntimeError when the process ends instead."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.002)
        raise RuntimeError(f"This server did not start: {' '.join(self.command)}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def workers(self):
        """The process ids of the children, or of the process itself when it has none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if "resource_tracker" not in command_line(pid)] or [self.process.pid]

    def __enter__(self):
        self.start()
        self.wait()
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


def granian(application):
    """The production server with two workers, as docs/deployment.md starts it."""
    return [
        Path(sys.executable).parent / "granian",
        *("--interface", "wsgi", application, "--host", "127.0.0.1", "--port", "PORT"),
        *("--workers", WORKERS, "--blocking-threads", 8, "--no-access-log"),
    ]


def site():
    """This site, in the environment of this process; see context.production."""
    return Server(granian("archive.wsgi:application"))


def reindex():
    """Stores what the site stores of its lists, as is done when it is deployed."""
    subprocess.run([sys.executable, "manage.py", "reindex"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def bare():
    return Server(granian("bench.bare:application"))


def datasette(path):
    return Server([DATASETTE, "serve", path, "--port", "PORT"])


def tuned_datasette(path):
    settings = [word for name, value in TUNED.items() for word in ("--setting", name, value)]
    return Server([DATASETTE, "serve", "--immutable", path, "--inspect-file", inspected(path), "--port", "PORT", *settings])


def inspected(path):
    """The file with the number of rows of each table, counted beforehand, so that Datasette need not count a whole table."""
    counts = path.with_suffix(".json")
    subprocess.run([DATASETTE, "inspect", path, "--inspect-file", counts], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return counts


def memory(pid):
    """(RSS, PSS) of a process in MB: what it has in memory, and its share of that, common pages divided by their users."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return sizes["Rss"] / 1024, sizes["Pss"] / 1024


def worker_of(connection, workers):
    """Which of the processes `workers` serves an open socket `connection` to this machine."""
    ours, theirs = (f"0100007F:{port:04X}" for port in (connection.getsockname()[1], connection.getpeername()[1]))
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, *rest = line.split()
        if (local, remote) == (theirs, ours):
            inode = f"socket:[{rest[6]}]"
            return next((pid for pid in workers if inode in open_files(pid)), None)
    return None


def open_files(pid):
    names = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.add(os.readlink(link))
        except OSError:  # closed since
            continue
    return names
