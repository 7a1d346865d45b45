"""Firefox without a window, driven by WebDriver BiDi, which it speaks itself: no driver of another kind is needed."""

import itertools
import json
import shutil
import subprocess

from websocket import create_connection

from browser import PATIENCE, wait_until

BROWSERS = ("firefox", "firefox-esr")
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Space": "\ue00d", "Home": "\ue011", "ArrowRight": "\ue014"}


class Firefox:
    """A browser with one page, to be used in a `with` statement; its profile is made in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count(1)

    def __enter__(self):
        program = next(filter(None, map(shutil.which, BROWSERS)))
        command = [program, "--headless", "--no-remote", "--profile", self.folder, "--remote-debugging-port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        note = self.folder / "WebDriverBiDiServer.json"
        wait_until(lambda: note.exists() and note.read_text(), "Firefox did not start")
        port = json.loads(note.read_text())["ws_port"]
        self.socket = create_connection(f"ws://127.0.0.1:{port}/session", timeout=3 * PATIENCE, suppress_origin=True)
        self.ask("session.new", capabilities={})
        # in the page that it opens by itself keys arrive, and nothing comes of them
        self.page = self.ask("browsingContext.create", type="tab")["context"]
        return self

    def __exit__(self, *error):
        self.socket.close()
        self.process.terminate()
        self.process.wait(PATIENCE)

    def ask(self, method, **what):
        """Send a command, and give its result; a page's own messages between are passed over."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": what}))
        while (answer := json.loads(self.socket.recv())).get("id") != number:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def open(self, address):
        self.ask("browsingContext.navigate", context=self.page, url=address, wait="complete")

    def evaluate(self, expression):
        """Give the value of an expression: a text, a number, or true or false."""
        where = {"context": self.page}
        done = self.ask("script.evaluate", expression=expression, target=where, awaitPromise=False)
        assert done["type"] == "success", done
        return done["result"].get("value")

    def press(self, *keys):
        """Press keys by name, or type the letters of a word."""
        letters = [letter for key in keys for letter in ([KEYS[key]] if key in KEYS else key)]
        strokes = [{"type": kind, "value": letter} for letter in letters for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        self.ask("input.performActions", context=self.page, actions=actions)

    def wait_for(self, expression):
        return wait_until(lambda: self.evaluate(expression), expression, seconds=PATIENCE)
