"""What a notebook that nobody has read is run in: bubblewrap, a command that the teacher names, or nothing."""

import contextlib
import os
import shlex
import shutil
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpteach
from bpteach.locale import _

HOME, HOME_MEGABYTES = "/notebook", 200  # the home of a notebook, in memory
ETC = ("ld.so.cache", "fonts", "localtime", "alternatives")  # what programs need of it: no names of people, no secrets

#: The teacher's environment variables that a notebook gets to see
KEPT = ("BPTEACH_LANGUAGE", "LD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PATHEXT", "COMSPEC")


@dataclass(frozen=True)
class Confinement:
    """A way to run Python."""

    by: str  # what confines it: "bubblewrap", "command" or "nothing"
    words: list  # the command line, up to Python's own options

    @contextlib.contextmanager
    def place(self):
        """Give folder and environment for a process, as `subprocess.Popen` takes them; tidy up at the end."""
        if self.by == "command":
            yield {}  # what it hands on is its own affair; docker needs the teacher's variables
        elif self.by == "bubblewrap":
            yield {"cwd": "/", "env": environment(HOME)}
        else:
            with tempfile.TemporaryDirectory(prefix="bpteach-tally-", ignore_cleanup_errors=True) as home:
                yield {"cwd": home, "env": environment(home)}

    def about(self):
        """Say in a sentence what a notebook may do."""
        if self.by == "bubblewrap":
            told = _("Confined by bubblewrap: no network, no terminal, no files but Python's and {size} MB in memory.")
        elif self.by == "command":
            told = _("Confined by your own command, as far as it confines: {command}")
        else:
            told = _("Not confined: do not run notebooks of people whom you do not trust in this way.")
        return told.format(size=HOME_MEGABYTES, command=shlex.join(self.words))


def choose(command="", *, unconfined=False):
    """Take what the teacher names, or bubblewrap; RuntimeError where there is neither."""
    if unconfined:
        return Confinement("nothing", [sys.executable])
    if command:
        words = shlex.split(command, posix=os.name != "nt")
        if not words or shutil.which(words[0]) is None:
            raise RuntimeError(_("The command {command} is not there.").format(command=(words or ["''"])[0]))
        return Confinement("command", words)
    program = shutil.which("bwrap") if sys.platform == "linux" else None
    if program is None:
        raise RuntimeError(_how_to_confine())
    confinement = Confinement("bubblewrap", [program, *what_bubblewrap_gives(), sys.executable])
    with confinement.place() as place:
        tried = subprocess.run([*confinement.words, "-c", ""], **place, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        reason = (tried.stderr.strip().splitlines() or [""])[-1]
        raise RuntimeError(_("bubblewrap (0.8 or newer is needed) does not work here: {reason}").format(reason=reason))
    return confinement


def _how_to_confine():
    if sys.platform == "linux":
        return _(
            "Notebooks of others are run in bubblewrap, which is not installed: sudo apt install bubblewrap (Debian, "
            "Ubuntu), sudo dnf install bubblewrap (Fedora), or name a container with --confine-with, or add "
            "--unconfined if you trust everybody whose notebook it is."
        )
    return _(
        'Notebooks of others are run in a container here: name one, --confine-with "docker run --rm -i --network none '
        '... python", or add --unconfined if you trust everybody whose notebook it is.'
    )


def what_bubblewrap_gives():
    """List its options: no rights, no network, no other processes; Python and what it needs, to be read; a home."""
    words = ["--unshare-all", "--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    words += ["--cap-drop", "ALL", "--new-session", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
    for folder, megabytes in (("/dev/shm", 50), ("/tmp", 50), (HOME, HOME_MEGABYTES)):
        words += ["--size", str(megabytes * 1_000_000), "--tmpfs", folder]
    words += ["--ro-bind", "/usr", "/usr"]
    for folder in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(folder):
            words += ["--symlink", os.readlink(folder), folder]
        else:
            words += ["--ro-bind-try", folder, folder]
    for path in [*(f"/etc/{name}" for name in ETC), *readable_folders()]:
        words += ["--ro-bind-try", path, path]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]


def readable_folders():
    """List where Python, the packages and bpteach are: of a working copy of the project, the package alone."""
    folders = [sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix, *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    folders.append(Path(bpteach.__file__).parent)
    return list(dict.fromkeys(str(path) for folder in folders for path in (folder, Path(folder).resolve())))


def environment(home):
    """Give all environment variables of a notebook: nothing of the teacher's but what programs need."""
    folders = [os.path.dirname(sys.executable), os.environ.get("PATH", "") if os.name == "nt" else "/usr/bin:/bin"]
    return (
        {name: os.environ[name] for name in KEPT if name in os.environ}
        | dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP"), home)
        | dict.fromkeys(("USER", "LOGNAME", "USERNAME"), "notebook")
        | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        | dict.fromkeys(("PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"), "1")
        | {
            "PATH": os.pathsep.join(folders),
            "PYTHONPATH": str(Path(bpteach.__file__).parents[1]),
            "PYTHONUSERBASE": site.getuserbase() or "",
            "MPLBACKEND": "Agg",
            "MALLOC_ARENA_MAX": "2",
        }
    )
