#!/usr/bin/env python3
"""Looks at the built site in Chromium: `make docs` first, then

    tools/docs_check.py [<word>...]     all pages, or those whose path contains a word

Each page is opened at the width of a desktop and of a phone. Fails on an error in the console, on
anything that is asked for outside of the site, and on a page that is wider than the window. The
search is tried once. Screenshots go to build/docs-shots; those of sources and headers are left out
unless a word asks for them.

Chromium is driven by its DevTools protocol over two pipes, which needs no driver and no port.
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile

import tree

SITE = tree.ROOT / "build" / "docs"
SHOTS = tree.ROOT / "build" / "docs-shots"
WIDTHS = {"desktop": 1280, "phone": 390}
HEIGHTS = {"desktop": 1400, "phone": 1200}
# The page, and what in it is wider than the window and does not scroll by itself.
OVERFLOW = """(() => {
  const page = document.documentElement;
  const width = page.clientWidth;
  if (page.scrollWidth <= width && document.body.scrollWidth <= width) return "";
  const wide = [...document.querySelectorAll("article *")].find(element => {
    if (element.getBoundingClientRect().right <= width + 1) return false;
    for (let up = element.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return false;
    }
    return true;
  });
  return page.scrollWidth + " px: " + (wide ? wide.outerHTML.slice(0, 120) : "?");
})()"""
# Types a word once the index is there, and says how many results come.
SEARCH = """new Promise(done => {
  const field = document.querySelector("[data-md-component=search-query]");
  const list = document.querySelector(".md-search-result__list");
  const state = document.querySelector(".md-search-result__meta");
  const initial = state.innerText;
  const end = Date.now() + 30000;
  const look = () => {
    if (list.children.length > 0 || Date.now() > end) return done(list.children.length);
    if (state.innerText !== initial && field.value === "") {
      document.getElementById("__search").checked = true;
      field.focus();
      field.value = "cancellation";
      field.dispatchEvent(new Event("keyup"));
    }
    setTimeout(look, 100);
  };
  look();
})"""


class Browser:
    """One tab of a headless Chromium."""

    def __init__(self, profile):
        read_commands, self.commands = os.pipe()
        self.answers, write_answers = os.pipe()
        # High numbers, so that the shell can put them at 3 and 4, where Chromium looks.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (read_commands, write_answers)]
        arguments = ["chromium", "--headless", "--remote-debugging-pipe", "--no-first-run",
                     "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--disable-background-networking", "--disable-extensions",
                     f"--user-data-dir={profile}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{ends[0]} 4>&{ends[1]}', "bash", *arguments],
            pass_fds=ends, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (read_commands, write_answers, *ends):
            os.close(end)
        self.buffer, self.last, self.session, self.problems, self.loaded = b"", 0, None, [], False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def receive(self):
        while b"\0" not in self.buffer:
            data = os.read(self.answers, 1 << 16)
            if not data:
                raise SystemExit("docs_check: chromium has ended")
            self.buffer += data
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self.last += 1
        command = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        while True:
            message = self.receive()
            if message.get("id") == self.last:
                if "error" in message:
                    raise SystemExit(f"docs_check: {method}: {message['error']['message']}")
                return message["result"]
            self.notice(message.get("method"), message.get("params", {}))

    def notice(self, method, parameters):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.problems.append(f"console: {parameters['entry']['text']}")
        elif method == "Runtime.exceptionThrown":
            self.problems.append(f"exception: {parameters['exceptionDetails']['text']}")
        elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.problems.append(f"console: {parameters['args']}")
        elif method == "Network.requestWillBeSent":
            url = parameters["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:", "about:")):
                self.problems.append(f"asks for {url}")

    def open(self, page):
        self.loaded, self.problems = False, []
        self.call("Page.navigate", url=page.as_uri())
        while not self.loaded:
            message = self.receive()
            self.notice(message.get("method"), message.get("params", {}))

    def resize(self, device):
        self.call("Emulation.setDeviceMetricsOverride", width=WIDTHS[device],
                  height=HEIGHTS[device], deviceScaleFactor=1, mobile=False)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        return answer["result"].get("value")

    def screenshot(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait()


def look_at(browser, page, with_shots):
    name = page.relative_to(SITE)
    for device in WIDTHS:
        browser.resize(device)
        if device == "desktop":
            browser.open(page)
        overflow = browser.evaluate(OVERFLOW)
        if overflow:
            browser.problems.append(f"wider than a {device}: {overflow}")
        if with_shots:
            browser.screenshot(SHOTS / device / name.with_suffix(".png"))
    yield from (f"{name}: {problem}" for problem in browser.problems)


def main():
    words = sys.argv[1:]
    pages = [page for page in sorted(SITE.rglob("*.html"))
             if page.name != "404.html" and (not words or any(word in str(page) for word in words))]
    if not pages:
        sys.exit("docs_check: no such page; make docs?")
    shutil.rmtree(SHOTS, ignore_errors=True)
    found = []
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        for page in pages:
            is_listing = page.relative_to(SITE).parts[0] in ("source", "reference")
            found += look_at(browser, page, bool(words) or not is_listing)
        browser.resize("desktop")
        browser.open(SITE / "index.html")
        if not browser.evaluate(SEARCH):
            found.append("index.html: the search finds nothing")
        browser.close()
    print("\n".join(found) if found else f"{len(pages)} pages look right; screenshots in {SHOTS}")
    return len(found) > 0


if __name__ == "__main__":
    sys.exit(main())
