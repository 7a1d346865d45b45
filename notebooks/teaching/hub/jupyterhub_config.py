"""One JupyterHub for a class, on one machine. README.md beside this file has the commands."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

c = get_config()  # noqa: F821 - JupyterHub defines it

HERE = Path(__file__).resolve().parent  # the folder of the class: students.txt, lessons, and the hub's own state
STATE = HERE / "state"
STATE.mkdir(mode=0o700, exist_ok=True)  # passwords (hashed), who is logged in: nobody's to read but the hub's
PROGRAMS = Path(sys.executable).parent  # one installation for all; students may read it, not write to it

# Who may come in: the names of students.txt, one a line. A password is chosen at the first login.
c.JupyterHub.authenticator_class = "firstuse"
c.Authenticator.allowed_users = set((HERE / "students.txt").read_text(encoding="utf-8").split())
c.Authenticator.admin_users = {"teacher"}
c.FirstUseAuthenticator.create_users = False  # any other name is refused before a password is kept for it
c.FirstUseAuthenticator.dbm_path = str(STATE / "passwords")

# What the hub keeps between two starts.
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.JupyterHub.cleanup_servers = True  # who stops the hub stops the students' servers; their files stay

# What each student's server is, and how long thirty of them may take to start at once.
c.Spawner.cmd = [str(PROGRAMS / "jupyterhub-singleuser")]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.Spawner.environment = {
    "OPENBLAS_NUM_THREADS": "1",  # thirty kernels do not fight for the cores
    "OMP_NUM_THREADS": "1",  # nor do the libraries of lesson 10
}
c.Spawner.args = [
    "--KernelManager.transport=ipc",  # through files: of ports for thirty kernels at once, one may be taken meanwhile
    "--MappingKernelManager.cull_idle_timeout=3600",  # a kernel that rests for an hour is ended: variables go,
    "--MappingKernelManager.cull_connected=True",  # also where its notebook is still open in a forgotten tab
    "--MappingKernelManager.cull_interval=300",
    "--LabApp.news_url=None",  # the lessons need no internet, and ask for none
    "--LabApp.extension_manager=readonly",
    "--LanguageServerManager.autodetect=False",  # a search at each start, for programs that are not there
]

# A login brings the lessons, or what is new in them; a notebook that a student has changed stays the student's.
LESSONS = {"repo": (HERE / "lessons").as_uri(), "branch": "main", "targetpath": "lessons"}
c.Spawner.default_url = "/git-pull?" + urlencode(LESSONS | {"urlpath": "lab/tree/lessons"})

# A server that nobody has used for two hours is ended; the next login starts it again.
c.JupyterHub.services = [
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=7200"]},
]
scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
c.JupyterHub.load_roles = [{"name": "culler", "scopes": scopes, "services": ["culler"]}]

# What a student may use. No lesson needs more than 450 MB (lesson 10, with three libraries, 1200: then, allow 2G).
c.Spawner.mem_limit = "1G"  # for all that the student runs, together
c.Spawner.cpu_limit = 1.0  # one core
if os.geteuid() == 0 and Path("/run/systemd/system").is_dir():
    c.JupyterHub.spawner_class = "systemd"
    c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = f"{tempfile.gettempdir()}/jupyter"  # a socket's path must be short
    c.SystemdSpawner.username_template = "class-{USERNAME}"  # an account each, and never one of the system's own
    c.SystemdSpawner.isolate_tmp = True  # so this folder is each one's own
    c.SystemdSpawner.isolate_devices = True
    c.SystemdSpawner.unit_extra_properties = {"TasksMax": "200"}  # threads and processes: no fork bomb
else:
    # To try it, without rights: all run in your account, and so can read and change each other's files. Nothing
    # limits a student as a whole; each process may have 1 GB of data, and the cores are shared out by process.
    c.JupyterHub.spawner_class = "simple"
    runtime = tempfile.TemporaryDirectory(prefix="class-")
    c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = lambda spawner: f"{runtime.name}/{spawner.user.id}"
    c.SimpleLocalProcessSpawner.home_dir_template = str(HERE / "students" / "{username}")
    if os.geteuid() == 0:  # in a container, say
        c.Spawner.args.append("--allow-root")
    if limiting := shutil.which("prlimit"):
        c.Spawner.cmd = [limiting, f"--data={1 << 30}", *c.Spawner.cmd]
