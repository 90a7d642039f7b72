"""A PostgreSQL server for the length of one process: own folder, own user, a Unix socket only."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MISSING = (
    "no PostgreSQL server programs were found. On Debian: apt-get install postgresql. Elsewhere: "
    "put the folder that holds initdb and pg_ctl on the PATH"
)
SETTINGS = {
    "listen_addresses": "''",
    "jit": "off",  # compiling a hundred aggregates takes longer than running them
    "fsync": "off",
    "shared_buffers": "1GB",
    "work_mem": "256MB",
}


@dataclass(frozen=True)
class Cluster:
    """A running server: the folder of its socket, and its first process."""

    socket: Path
    pid: int


def find_binaries() -> Path | None:
    """Return the folder of initdb and pg_ctl: of the PATH, else the newest of Debian's."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


def start_cluster() -> Cluster:
    """Make a cluster in a temporary folder and start it; it stops when this process ends.

    Raises
    ------
    SystemExit
        If there are no server programs: says how to install them.
    """
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="speed"))
    other_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        other_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def call(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(folder / "data"), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "cwd": folder}
        subprocess.run(command, check=True, **quiet, **other_user)

    def stop() -> None:
        call("pg_ctl", "stop", "-m", "immediate")
        shutil.rmtree(folder)

    call("initdb", "--auth=trust", "--username=postgres", "--no-sync")
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    call("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} {settings}")
    atexit.register(stop)
    return Cluster(folder, int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def server_cpu_seconds(cluster: Cluster) -> float:
    """Return the user and system seconds of the server's processes so far, ended ones as well."""
    ticks = 0
    for stat in _stats(cluster):
        fields = stat.rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:13])
        if int(fields[1]) != cluster.pid:  # the first process has those that it waited for
            ticks += sum(int(field) for field in fields[13:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def server_peak_mb(cluster: Cluster) -> float:
    """Return the most memory that one process of the server has held, shared buffers included."""
    peaks = [0]
    for folder in _processes(cluster):
        lines = (folder / "status").read_text().splitlines()
        peaks += [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return max(peaks) / 1024


def _processes(cluster: Cluster) -> list[Path]:
    """Return the folders of the first process and of its children."""
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()
    return [Path(f"/proc/{pid}") for pid in (cluster.pid, *children)]


def _stats(cluster: Cluster) -> list[str]:
    return [(folder / "stat").read_text() for folder in _processes(cluster)]
