"""Starts `plimsoll serve` for a check, in a home of its own, and ends it."""
import os, re, signal, subprocess, sys, tempfile, time


class Server:
    """The server while it runs: its address, the link for a browser, and the key for programs."""

    def __init__(self, program, home, more=(), environment=None):
        self.environment = {**os.environ, "HOME": home, "PLIMSOLL_HOME": os.path.join(home, "plimsoll"), "NO_COLOR": "1",
                            **(environment or {})}
        self.key = "check-" + os.urandom(16).hex()
        keyfile = os.path.join(home, "key")
        with open(os.open(keyfile, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(self.key)
        self.output = open(os.path.join(home, "serve.out"), "w+")
        self.process = subprocess.Popen(
            [os.path.abspath(program), "serve", "--no-browser", "--api-key-file", keyfile, *more], env=self.environment, cwd=home,
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT)
        end = time.time() + 60
        while time.time() < end and self.process.poll() is None:
            found = re.search(r"http://\S+", open(self.output.name).read())
            if found:
                self.link = found.group(0)
                self.url = re.match(r"http://[^/?]+", self.link).group(0)
                return
            time.sleep(0.05)
        sys.exit("the server did not start: " + open(self.output.name).read())

    def resident(self):
        """MiB that it has in memory."""
        lines = open("/proc/%d/status" % self.process.pid).read()
        return int(re.search(r"VmRSS:\s+(\d+)", lines).group(1)) / 1024

    def processor(self):
        """Milliseconds of processor time that it used so far: those that others take of the machine do not count."""
        fields = open("/proc/%d/stat" % self.process.pid).read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def end(self):
        """Ends it as Ctrl-C does; returns the exit code and the seconds that it took."""
        began = time.time()
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "killed after 30 s"
        return code, time.time() - began
