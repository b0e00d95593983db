"""The process: command line, start, stop, users, data files."""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from st_tools import WAIT, Closed, Sandbox, check, equal, test


def run(*options):
    return subprocess.run([Sandbox.program, *options], capture_output=True, text=True, timeout=WAIT)


@test
def ready_line_and_port_file():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "port")
        with Sandbox("--port-file", path) as box:
            words = box.line.split()
            equal(words[0], "taos-sandbox", box.line)
            equal(words[2:], ["listening", "on", f"127.0.0.1:{box.port}"], box.line)
            with open(path) as file:
                equal(file.read(), f"{box.port}\n", "port file")
        equal(box.stderr, "", "--quiet")


@test
def help_lists_everything():
    result = run("--help")
    equal(result.returncode, 0)
    for word in ("--port", "--fault", "late=", "bad-upgrade=", "--idle-exit"):
        check(word in result.stdout, word + " is missing from --help")


@test
def wrong_command_lines_are_refused():
    for options, text in [
        (["--nonsense"], "unknown option"), (["--port"], "needs a value"), (["--port", "70000"], "not a good"),
        (["--port", "x"], "not a good"), (["--host", "0.0.0.0"], "loopback"), (["--host", "192.168.1.1"], "loopback"),
        (["--user", "nobody"], "not a good"), (["--ping-seconds", "-1"], "not a good"), (["--quiet=1"], "unknown option"),
    ]:
        result = run(*options)
        equal((result.returncode, result.stdout), (2, ""), f"{options}: {result.stderr}")
        check(text in result.stderr, f"{options}: {result.stderr}")


@test
def wrong_faults_are_refused():
    for spec in ["nonsense", "late", "late=query", "late=query:x", "late=qurey:5", "cut=query:0", "cut=query:x",
                 "garble=query:1", "garble=query:1:0", "garble=query:1:zz", "garble=query:blok+1:00", "replace=query",
                 "bad-frame=query:odd", "bad-upgrade=odd", "duplicate=query@0", "duplicate=query@3-2", "fragment=x",
                 "duplicate=query@1x", "late=query:5:6", "refuse-upgrade", "truncate=query:-1", "error=query"]:
        result = run("--port", "0", "--fault", spec)
        equal(result.returncode, 1, f"{spec} was taken: {result.stdout}{result.stderr}")
        check(spec.split("=")[0].split("@")[0] in result.stderr, f"{spec}: {result.stderr}")


@test
def a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = run("--port", str(other.getsockname()[1]))
        equal(result.returncode, 1)
        check("in use" in result.stderr, result.stderr)


@test
def ipv6_loopback():
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
        return
    with open("/proc/net/if_inet6") as file:
        if "lo" not in file.read():
            return
    with Sandbox("--host", "::1") as box:
        check(f"[::1]:{box.port}" in box.line, box.line)
        with box.ws(host="::1") as ws:
            equal(ws.ask("version")["code"], 0)


@test
def stops_with_open_connections():
    with Sandbox() as box:
        open_ones = [box.ws() for _ in range(5)]
    for ws in open_ones:
        try:
            ws.receive()
            raise AssertionError("a message instead of the end")
        except Closed:
            pass


@test
def sigint_stops_too():
    with Sandbox() as box:
        box.process.send_signal(signal.SIGINT)
        equal(box.process.wait(WAIT), 0)


@test
def idle_exit():
    with Sandbox("--idle-exit", "0.6") as box:
        with box.ws():
            time.sleep(1.2)
            equal(box.process.poll(), None, "exited while a connection was open")
        equal(box.process.wait(WAIT), 0)


@test
def with_parent():
    script = ("import subprocess,sys\n"
              "p=subprocess.Popen([sys.argv[1],'--port','0','--with-parent','--quiet'],stdout=subprocess.PIPE,text=True)\n"
              "print(p.stdout.readline().strip(), p.pid, flush=True)\n")
    result = subprocess.run([sys.executable, "-c", script, Sandbox.program], capture_output=True, text=True, timeout=WAIT)
    pid = int(result.stdout.split()[-1])
    for _ in range(100):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as file:
                if file.read().split()[2] == "Z":
                    return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("outlived its parent")


@test
def users():
    with Sandbox("--user", "alice:Secret#123", "--user", "bob:p'q\\r:s#1A") as box:
        for user, password, code in [("alice", "Secret#123", 0), ("alice", "wrong", 0x357), ("bob", "p'q\\r:s#1A", 0),
                                     ("root", "taosdata", 0), ("nobody", "taosdata", 0x351)]:
            with box.ws() as ws:
                equal(ws.ask("conn", user=user, password=password)["code"], code, user)
    with Sandbox("--no-root", "--user", "alice:Secret#123") as box:
        with box.ws() as ws:
            equal(ws.ask("conn", user="root", password="taosdata")["code"], 0x357)
            equal(ws.ask("conn", user="alice", password="Secret#123")["code"], 0)


@test
def a_dropped_user_is_sent_away():
    with Sandbox() as box:
        box.sql("create user carol pass 'Secret#123'")
        with box.ws() as ws:
            equal(ws.ask("conn", user="carol", password="Secret#123")["code"], 0)
            with box.session() as other:
                box.sql("drop user carol")
                equal(ws.receive(timeout=5), (8, b""), "an empty close frame")
                equal(other.query("select 1")["code"], 0)


@test
def data_in_a_file():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data")
        with Sandbox("--data", path) as box:
            box.sql("create database kept")
            box.sql("create table kept.t (ts timestamp, v int)")
            box.sql("insert into kept.t values (1700000000000, 42)")
        with Sandbox("--data", path, "--user", "alice:Secret#123") as box:
            equal(box.sql("select v from kept.t"), [[42]])
        with Sandbox("--data", path, "--user", "alice:Other#456") as box:
            with box.ws() as ws:
                equal(ws.ask("conn", user="alice", password="Other#456")["code"], 0, "a new password for a known user")
    with Sandbox() as box:
        status, _, body = box.http("POST", "/rest/sql", "select v from kept.t")
        check(json.loads(body)["code"] != 0, "data outlived the memory")


@test
def too_many_connections():
    with Sandbox("--max-connections", "3") as box:
        held = [box.ws() for _ in range(3)]
        status, _, _ = box.http("GET", "/-/ping")
        equal(status, 503)
        for ws in held:
            ws.socket.close()
        for _ in range(50):
            time.sleep(0.05)
            if box.http("GET", "/-/ping")[0] == 200:
                return
        raise AssertionError("the places were not given back")
