"""Thirty students at once: each logs in, gets the lessons, runs lesson 3, steps its widget and solves 3.1.

It needs a hub on this machine, with the names trial-1 to trial-30 in its students.txt. It prints how long they waited,
and the memory that they took (run it as root if each has an account).
"""

import argparse
import json
import os
import re
import secrets
import statistics
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import websocket

LESSON = "lessons/03-read-backprop-line-by-line.ipynb"
SOLUTION = "def output_error(a, y, z):\n    return cost_derivative(a, y) * sigmoid_prime(z)"
STEPPED = "from ipywidgets.widgets.widget import _instances; assert _instances[{!r}].step == 3"
WIDGET = "application/vnd.jupyter.widget-view+json"
MOST, PATIENCE = 60, 300  # students; seconds for any one answer


class Student:
    """What a browser does for a student; `waits` holds when each cell was run, and for how long."""

    def __init__(self, address, name, password):
        self.web = httpx.Client(base_url=address, follow_redirects=True, timeout=PATIENCE, trust_env=False)
        self.name, self.password, self.home = name, password, f"/user/{name}/"
        self.waits, self.kernel, self.failure = [], None, None

    def ask(self, what, method="GET", path=None, **more):
        """Ask the student's server, or what is at `path`, with the token that a page would send."""
        path = path or self.home
        tokens = [cookie.value for cookie in self.web.cookies.jar if (cookie.name, cookie.path) == ("_xsrf", path)]
        return self.web.request(
            method, path + what, headers={"X-XSRFToken": "".join(tokens)}, **more
        ).raise_for_status()

    def log_in(self):
        """Log in, wait for the server, and get what a login brings: the lessons, or what is new in them."""
        self.ask("login", path="/hub/")
        self.ask("login?next=/hub/spawn", "POST", "/hub/", data={"username": self.name, "password": self.password})
        end = time.monotonic() + PATIENCE
        while not (page := self.web.get(self.home)).url.path.startswith(self.home) or page.is_error:
            if time.monotonic() > end:
                raise TimeoutError(f"no server within {PATIENCE} s")
            time.sleep(1)
        progress = self.ask(f"git-pull/api?{page.url.query.decode()}").text
        if '"phase": "finished"' not in progress:
            raise ValueError(f"no lessons: {progress[-500:]}")

    def read(self, path):
        return self.ask(f"api/contents/{path}").json()["content"]

    def save(self, path, notebook):
        self.ask(f"api/contents/{path}", "PUT", json={"type": "notebook", "format": "json", "content": notebook})

    def open(self, path):
        """Open a notebook: JupyterLab's page with the scripts that it names, a kernel, and the cells."""
        page = self.ask(f"lab/tree/{path}")
        for link in re.findall(r'(?:src|href)="([^"]+\.(?:js|css)[^"]*)"', page.text):
            self.web.get(link).raise_for_status()
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self.kernel = self.ask("api/sessions", "POST", json=session).json()["kernel"]["id"]
        address = self.web.base_url.copy_with(scheme="ws", path=f"{self.home}api/kernels/{self.kernel}/channels")
        cookies = "; ".join(
            f"{cookie.name}={cookie.value}" for cookie in self.web.cookies.jar if self.home == cookie.path
        )
        self.socket = websocket.create_connection(str(address), PATIENCE, cookie=cookies, http_no_proxy=["*"])
        return self.read(path)

    def tell(self, kind, content):
        """Send a message to the kernel; give what it answers until it rests."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": self.kernel,
            "version": "5.3",
        }
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        start, answers = time.monotonic(), []
        self.socket.send(json.dumps(message))
        while not answers or answers[-1].get("execution_state") != "idle":
            frame = self.socket.recv()  # in bytes: what a widget is drawn from
            answer = json.loads(frame) if isinstance(frame, str) else {"parent_header": {}}
            if answer["parent_header"].get("msg_id") == header["msg_id"]:
                answers.append(answer["content"])
                if answer["msg_type"] == "error":
                    raise ValueError(f"{answer['content']['ename']}: {answer['content']['evalue']}")
        self.waits.append((start, time.monotonic() - start))
        return answers

    def run(self, source):
        return self.tell("execute_request", {"code": source, "silent": False, "allow_stdin": False})

    def work(self):
        notebook, widgets = self.open(LESSON), []
        for cell in notebook["cells"]:
            answers = self.run(cell["source"]) if cell["cell_type"] == "code" else []
            if "BackpropStepper(" in cell["source"]:
                widgets += [
                    answer["data"][WIDGET]["model_id"] for answer in answers if WIDGET in answer.get("data", ())
                ]
        for widget in widgets:
            step = {"method": "update", "state": {"step": 3}, "buffer_paths": []}
            self.tell("comm_msg", {"comm_id": widget, "data": step})
            self.run(STEPPED.format(widget))
        self.run(SOLUTION)
        if not widgets or "✓ Right" not in str(self.run('check("3.1", output_error)')):
            raise ValueError("no widget, or the check of 3.1 does not say that it is right")
        self.save(LESSON, notebook)

    def memory(self):
        """Give the MB of the kernel and of its server; a page that several share counts in parts (PSS)."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.kernel in (folder / "cmdline").read_text():
                    parent = re.search(r"PPid:\s+(\d+)", (folder / "status").read_text())[1]
                    texts = [Path(f"/proc/{process}/smaps_rollup").read_text() for process in (folder.name, parent)]
                    return [int(re.search(r"\nPss:\s+(\d+)", text)[1]) * 1024 / 1e6 for text in texts]
            except OSError:  # it has just ended, or belongs to somebody else
                continue
        return [float("nan")] * 2


def timed(work, student):
    """Let a student do something; give when it began and ended. Who fails says so, and drops out."""
    start = time.monotonic()
    try:
        work(student)
    except Exception as error:
        student.failure = f"{student.name}: {type(error).__name__}: {error}"
    return start, time.monotonic()


def say(what, numbers, unit):
    numbers = sorted(numbers) or [float("nan")]
    middle, late = statistics.median(numbers), numbers[int(0.95 * len(numbers))]
    print(f"{what:36} {middle:8.2f} {late:10.2f} {numbers[-1]:8.2f} {unit}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000", help="of the hub, on this machine")
    parser.add_argument("--students", type=int, default=30, metavar="N", help=f"1 to {MOST}")
    parser.add_argument("--password", default=secrets.token_hex(8), help="that of an earlier run, to come again")
    chosen = parser.parse_args()
    if urlsplit(chosen.address).hostname not in ("127.0.0.1", "::1", "localhost"):
        parser.error(f"address is {chosen.address}: expected one of this machine alone, such as http://127.0.0.1:8000.")
    if not 1 <= chosen.students <= MOST:
        parser.error(f"students are {chosen.students}: expected 1 to {MOST}.")
    students = [Student(chosen.address, f"trial-{i}", chosen.password) for i in range(1, chosen.students + 1)]
    with ThreadPoolExecutor(MOST) as pool:
        came = list(pool.map(lambda student: timed(Student.log_in, student), students))
        there = [student for student in students if not student.failure]
        worked = list(pool.map(lambda student: timed(Student.work, student), there))
        memory = list(zip(*[student.memory() for student in there if student.kernel], strict=True)) or [(), ()]
        list(pool.map(lambda student: student.ask(f"api/users/{student.name}/server", "DELETE", "/hub/"), there))
    begun = max((start for start, _ in worked), default=0)
    ended = min((end for _, end in worked), default=0)  # from then on not all are at work
    waits = [wait for student in there for start, wait in student.waits if begun <= start <= ended]
    print(f"{chosen.students} students, {os.cpu_count()} cores {'':14} median  95 in 100     most")
    say("logged in, with the lessons", [end - start for start, end in came], "s")
    say("lesson 3 run, stepped, 3.1 solved", [end - start for start, end in worked], "s")
    say(f"click to output, {len(waits)} cells", waits, "s")
    say("memory of a kernel", memory[0], "MB")
    say("memory of its server", memory[1], "MB")
    failures = [student.failure for student in students if student.failure]
    print(*failures or ["All have finished, without an error."], sep="\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
