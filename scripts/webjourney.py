"""The workbench from nothing, used by check-web: an empty home, the demo's engine and models, then all of it in a browser; and
what interrupts it: a browser or a server that is killed, Ctrl-C in a download, a terminal that is closed, two pages at once."""
import http.client, json, os, pty, re, signal, subprocess, sys, tempfile, time

import docsworld, webserver

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
DONE = "document.querySelector('main').innerText.includes('Done after')"
LIVE = "document.querySelector('main svg path') !== null && /[0-9] tok.s/.test(document.querySelector('main').innerText)"
# What is held against both widths, and in which colours.
WIDTHS = ((1280, "light"), (390, "dark"))


class Journey:
    def __init__(self, program, home, open_browser, problems, axe_text, screens):
        self.program, self.home, self.open_browser = os.path.abspath(program), home, open_browser
        self.problems, self.axe_text, self.screens = problems, axe_text, screens
        self.environment = {"HOME": home, "PLIMSOLL_HOME": os.path.join(home, "plimsoll")}
        self.began = time.time()

    def hold(self, isRight, words):
        if not isRight:
            self.problems.append(words)

    def say(self, words):
        print("%5.0f s  %s" % (time.time() - self.began, words), flush=True)

    def command(self, *words):
        return subprocess.run([self.program, *words], env={**os.environ, **self.environment}, cwd=self.home,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def serve(self, more=None):
        return webserver.Server(self.program, self.home, environment={**self.environment, **(more or {})})

    def look(self, browser, step):
        """Holds what is shown at both widths, and keeps pictures."""
        for width, colours in WIDTHS:
            browser.turn(width, colours == "dark")
            browser.check(step, self.axe_text, self.screens)
        browser.turn(1280, False)
        self.say(step)

    # What a person does.

    def deploy(self, browser):
        browser.show("machine")
        self.look(browser, "1-machine")
        browser.show("recommend")
        browser.wait("document.querySelector('main table') !== null", "recommendations", 120)
        self.look(browser, "2-recommend")
        browser.show("plan?model=" + MODEL)
        browser.wait("document.querySelector('main table') !== null", "a plan", 60)
        self.look(browser, "3-plan")
        browser.click("Deploy")
        browser.wait(DONE, "a deployment", 240)
        self.look(browser, "4-deployed")

    def talk(self, browser):
        browser.click("Chat")
        for count, words in enumerate(("Say hello.\n", "And <b>again</b>.\n"), 1):
            browser.driver.find_element("css selector", "main textarea").send_keys(words)
            browser.wait("document.querySelectorAll('.talk li[data-state=done]').length === %d" % count, "answer %d" % count, 120)
        self.hold(not browser.driver.execute_script("return document.querySelector('.talk b')"), "a chat's words became markup")
        self.look(browser, "5-chat")

    def restart(self, browser, server):
        before = deployments(server)[0]
        browser.show("deployments")
        browser.click("Restart")
        browser.wait("[...document.querySelectorAll('main section')].some(one => one.innerText.includes('restart') && one.innerText.includes('Done after'))",
                     "a restart", 240)
        after = deployments(server)[0]
        self.hold(before["address"] == after["address"] and before["process"] != after["process"],
                  "the restart gave %s instead of a new process at %s" % (after["address"], before["address"]))
        browser.click("Log")
        browser.wait("document.querySelector('pre[aria-label^=Log]')?.textContent.length > 100", "a log")
        self.look(browser, "6-restarted")

    def fill(self, browser, **fields):
        for name, value in fields.items():
            self.hold(browser.driver.execute_script(
                "const one = document.querySelector('main [name=' + arguments[0] + ']'); if (!one) return false; one.value = arguments[1];"
                "one.dispatchEvent(new Event('change', {bubbles: true})); return true", name, str(value)), "there is no field %s" % name)

    def measure(self, browser, **load):
        """Begins a benchmark; returns once figures come."""
        browser.show("deployments")
        browser.show("measure")
        self.fill(browser, **{"concurrency": "1,2", "requests": 20, "inputTokens": 32, "outputTokens": 16, **load})
        browser.click("Measure")
        browser.wait(LIVE, "a live chart", 120)

    def compare(self, browser, server):
        for number in (1, 2):
            self.measure(browser, tags="journey")
            if number == 1:
                self.look(browser, "7-measuring")
            ended = self.ended(server, ask(server, "GET", "/jobs?limit=1")["jobs"][0]["id"])
            self.hold(ended["state"] == "done", "benchmark %d is %s: %s" % (number, ended["state"], ended.get("failure")))
            browser.wait(DONE, "benchmark %d" % number, 30)
        self.look(browser, "8-measured")
        browser.show("runs")
        for box in browser.driver.find_elements("css selector", "main td input[type=checkbox]")[:2]:
            box.click()
        browser.click("Compare")
        browser.wait("document.querySelector('main').innerText.includes('Compared with')", "a comparison")
        self.report(browser)
        self.look(browser, "9-compared")
        browser.driver.execute_script("document.querySelector('main th button').click()")
        browser.wait("document.querySelector('main').innerText.includes('Report')", "a run")
        self.report(browser)
        self.look(browser, "10-run")

    def report(self, browser):
        if not browser.wait("document.querySelector('main iframe') !== null", "the frame of a report: " + browser.text()[-300:]):
            return
        frame = browser.driver.find_element("css selector", "main iframe")
        browser.driver.execute_script("arguments[0].scrollIntoView()", frame)
        browser.driver.switch_to.frame(frame)
        browser.wait("document.querySelector('h1') !== null && document.querySelector('svg') !== null", "a report")
        browser.driver.switch_to.default_content()

    def stop(self, browser):
        browser.show("doctor")
        self.look(browser, "11-doctor")
        browser.show("deployments")
        browser.click("Stop")
        browser.wait("document.querySelector('main').innerText.includes('Nothing is deployed')", "the end of a deployment", 60)
        self.look(browser, "12-stopped")

    # What interrupts them.

    def kill_browser(self, server):
        """A benchmark goes on without the browser that began it."""
        browser = self.open_browser()
        browser.driver.get(new_link(server))
        browser.wait("document.getElementById('content').dataset.shown === 'machine'", "the first page")
        self.measure(browser)
        browser.driver.service.process.kill()
        subprocess.run(["pkill", "-KILL", "-P", str(browser.driver.service.process.pid)])
        job = ask(server, "GET", "/jobs?limit=1")["jobs"][0]
        self.hold(job["state"] == "running", "the job was %s when its browser was killed" % job["state"])
        ended = self.ended(server, job["id"])
        self.hold(ended["state"] == "done", "a job whose browser was killed is %s" % ended["state"])
        self.say("the browser was killed: the benchmark went on")

    def ended(self, server, job, seconds=300):
        end = time.time() + seconds
        while time.time() < end:
            found = ask(server, "GET", "/jobs/" + job)
            if found["state"] != "running":
                return found
            time.sleep(0.2)
        return found

    def kill_server(self, server, browser):
        """The next server shows what the killed one was doing; the deployment lives on."""
        self.measure(browser)
        job = ask(server, "GET", "/jobs?limit=1")["jobs"][0]["id"]
        server.process.kill()
        server.process.wait()
        next_server = self.serve()
        self.hold(ask(next_server, "GET", "/jobs/" + job)["state"] == "interrupted", "a killed server's job is not interrupted")
        run = ask(next_server, "GET", "/runs?limit=1")["runs"][0]
        self.hold(run["status"] != "running", "a killed server's run is still running")
        self.hold(deployments(next_server)[0]["state"] == "ready", "the deployment did not live on")
        browser.driver.get_log("browser")
        browser.driver.get(next_server.link)
        browser.wait("document.getElementById('content').dataset.shown === 'machine'", "the first page")
        self.say("the server was killed: the next one knows")
        return next_server

    def two_pages(self, server, browser):
        """What one page changes, the other shows."""
        other = self.open_browser()
        try:
            other.driver.get(new_link(server))
            other.wait("document.getElementById('content').dataset.shown === 'machine'", "the first page")
            self.measure(browser)
            other.show("measure")
            other.wait(LIVE, "the other page's benchmark", 60)
            other.click("Cancel")
            for one in (browser, other):
                one.wait("/cancelled/.test(document.querySelector('main').innerText)", "the end on both pages", 60)
            other.show("deployments")
            self.stop(browser)
            other.wait("document.querySelector('main').innerText.includes('Nothing is deployed')", "the end on the other page", 30)
            other.check("two-pages", self.axe_text, None)
        finally:
            other.driver.quit()
        self.say("two pages at once")

    def end_in_download(self):
        """Ctrl-C in a download leaves what the next one goes on with, and nothing else."""
        with tempfile.TemporaryDirectory() as folder:
            hub = docsworld.Hub(folder)
            try:
                hub.slow("tiny", 2_000_000)
                server = self.serve(hub.environment)
                job = ask(server, "POST", "/downloads", {"model": "hf:org/tiny-GGUF:Q8_0"})
                end = time.time() + 30
                while time.time() < end and not ask(server, "GET", "/jobs/" + job["id"]).get("figures", {}).get("bytesDone"):
                    time.sleep(0.05)
                self.hold(ask(server, "GET", "/jobs/" + job["id"])["state"] == "running", "the download was over too soon")
                code, seconds = server.end()
                self.hold(code == 0 and seconds < 10, "Ctrl-C in a download: exit code %s after %.1f s" % (code, seconds))
                hub.slow("tiny", 0)
                server = self.serve(hub.environment)
                self.hold(ask(server, "GET", "/jobs/" + job["id"])["state"] == "cancelled", "the download is not cancelled")
                again = ask(server, "POST", "/downloads", {"model": "hf:org/tiny-GGUF:Q8_0"})
                ended = self.ended(server, again["id"])
                self.hold(ended["state"] == "done", "the next download is %s: %s" % (ended["state"], ended.get("failure")))
                server.end()
            finally:
                hub.close()
        left = [os.path.join(place, name) for place, _, names in os.walk(self.home) for name in names
                if name.endswith((".tmp", ".incomplete", ".partial"))]
        self.hold(not left, "left behind: %s" % left)
        self.say("Ctrl-C in a download")

    def terminal(self, how):
        """A server in a terminal, which is closed or gets Ctrl-C."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.program, [self.program, "serve", "--no-browser"], {**os.environ, **self.environment})
        said = b""
        while b"Ctrl-C ends it" not in said:
            said += os.read(terminal, 4096)
        if how == "Ctrl-C":
            os.write(terminal, b"\x03")
        else:
            os.close(terminal)
        end = time.time() + 15
        ended = (0, 0)
        while time.time() < end and ended[0] == 0:
            ended = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)
        if ended[0] == 0:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.hold(ended[0] != 0 and os.waitstatus_to_exitcode(ended[1]) == 0, "%s did not end the server" % how)
        self.say("%s ends the server" % how)

    def detached(self):
        """A server without a terminal opens browsers until it is stopped."""
        begun = self.command("serve", "--detach", "--no-browser")
        self.hold(begun.returncode == 0 and "/?token=" in begun.stdout, "--detach: %s" % begun.stdout)
        for words in (("serve", "--no-browser"), ("serve", "--link")):
            browser = self.open_browser()
            try:
                browser.driver.get(re.search(r"http://\S+", self.command(*words).stdout).group(0))
                browser.wait("document.getElementById('content').dataset.shown === 'machine'", "the page by %s" % " ".join(words))
            finally:
                browser.driver.quit()
        self.hold(self.command("serve", "--stop").returncode == 0, "--stop failed")
        self.hold("no server runs" in self.command("serve", "--stop").stdout, "a second --stop found a server")
        self.say("--detach, --link and --stop")

    def run(self):
        for part in ("llama.cpp", "demo-models"):
            made = self.command("engines", "install", part)
            if made.returncode != 0:
                self.problems.append("engines install %s: %s" % (part, made.stdout[-500:]))
                return
            self.say("installed " + part)
        server = self.serve()
        browser = self.open_browser()
        try:
            browser.driver.get(server.link)
            browser.wait("document.getElementById('content').dataset.shown === 'machine'", "the first page")
            self.deploy(browser)
            self.talk(browser)
            self.restart(browser, server)
            self.compare(browser, server)
            self.kill_browser(server)
            server = self.kill_server(server, browser)
            self.two_pages(server, browser)
            code, _ = server.end()
            self.hold(code == 0, "Ctrl-C gave exit code %s" % code)
        finally:
            browser.driver.quit()
            if server.process.poll() is None:
                server.process.kill()
            self.command("stop", "--all")
        self.end_in_download()
        for how in ("Ctrl-C", "closing its terminal"):
            self.terminal(how)
        self.detached()


def ask(server, method, path, body=None):
    """The answer's document."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    headers = {"Authorization": "Bearer " + server.key, **({"Content-Type": "application/json"} if body else {})}
    connection.request(method, "/api/v1" + path, json.dumps(body) if body else None, headers)
    return json.loads(connection.getresponse().read())


def deployments(server):
    return [row["deployment"] if "deployment" in row else row for row in ask(server, "GET", "/deployments")["deployments"]]


def new_link(server):
    return ask(server, "POST", "/link")["link"]

