#!/usr/bin/env python3
"""Runs one conformance probe against the built library while a recorded server is played back, and holds what it
prints against the transcript and the list of accepted differences.

usage: run_probe.py PROBE --lib DIR --include DIR [--sandbox PROGRAM] [--print]

--sandbox runs the probe against that program instead; what may differ is then listed in sandbox/PROBE.txt.
--print writes the differences and unrecorded requests as they are now, in the form of the list.

The list is strict: every difference in it must occur, in its order, and no other may. See README.md for its form.
"""
import argparse
import asyncio
import collections
import difflib
import importlib.util
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import statements

HERE = pathlib.Path(__file__).resolve().parent
CONFORMANCE = HERE.parent / "conformance"
# Real answers to what the probes' own recordings lack: the official client asked another server than the recorded one.
GONE = b"result is nil"  # says the server of a result that the recorded client had freed before
ALSO = [CONFORMANCE / "golden" / "wire_session_info.jsonl"]


def load_replay():
    spec = importlib.util.spec_from_file_location("replay", CONFORMANCE / "replay.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


replay = load_replay()


class End:
    """The answer to a fetch behind the last recorded one: some recordings stop in the middle of a result, because the
    recorded client died there or freed the result. What was recorded was all there was."""

    def __init__(self, result_id):
        self.used = 0
        self.answers = [(2, struct.pack("<QQHQQIIQB", replay.FIN_NEW, 7, 1, 0, 0, 0, 0, result_id, 1))]


class Server(replay.Server):
    def __init__(self, args):
        super().__init__(args)
        self.also = [r for path in ALSO for r in replay.load(str(path))[0]]
        self.statements = statements.Statements(self.recorded)
        self.writes = collections.defaultdict(list)  # form of a statement that writes -> its recorded requests
        for r in self.recorded:
            for q in r.requests:
                if q.action == 6 and q.answers:
                    self.writes[form(q.sql)].append(q)
                if q.action in ("version", "conn") and args.server_version:
                    q.answers = [(op, with_version(data, args.server_version)) for op, data in q.answers]
        self.unrecorded = set()

    def find(self, live, req, what):
        if statements.action_of(req.op, req.data):
            found = self.statements.find(live, req)
            self.note("exact" if found else "unmatched", what)
            if found is None:
                self.unrecorded.add(describe(req, self.statements.sql_of(live, req)))
            return found
        loose = self.count["loose"]
        found = super().find(live, req, what)
        if found is not None and self.count["loose"] > loose and not req.loose[1]:
            # The answer to another statement is none.
            self.take_back("loose")
            self.note("unmatched", what)
            found = None
        if found is not None and req.action == 7:
            if found.used and found.exact == req.exact or any(GONE in data for _, data in found.answers):
                return End(req.loose[1])
        if found is not None:
            return found
        found = self.find_write(req) or self.find_also(req)
        if found is not None:
            self.take_back("unmatched")
            self.note("exact", what)
            return found
        self.unrecorded.add(describe(req))
        return None

    def find_write(self, req):
        """An INSERT is answered like those that differ from it in their numbers alone, if these were all answered alike."""
        if req.action != 6 or not req.sql.lower().startswith("insert "):
            return None
        alike = self.writes.get(form(req.sql), [])
        same = {outcome(q.answers) for q in alike}
        return alike[0] if len(same) == 1 else None

    def find_also(self, req):
        if req.loose[1] or req.action in replay.AUTH:
            return None
        return next((q for r in self.also for q in r.requests if q.exact == req.exact and q.answers), None)

    def take_back(self, grade):
        self.count[grade] -= 1
        self.notes.pop()


def describe(req, statement=None):
    """A request as the list names it: without what changes from run to run. `statement`: the SQL of the prepared
    statement that it is about."""
    about = f" for {statement}" if statement else ""
    if req.op == 1:
        message = json.loads(req.text)
        left_out = ("req_id",) if statement is None else ("req_id", "stmt_id")
        message["args"] = {k: v for k, v in sorted((message.get("args") or {}).items()) if k not in left_out}
        if "sql" in message["args"]:
            about = ""
        return json.dumps(message, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + about
    if req.action in (6, 10):
        return f"binary action {req.action}: {req.sql}"
    return f"binary action {req.action}{about}"


def form(sql):
    """A statement without its numbers."""
    return re.sub(r"\d+", "#", sql)


def outcome(answers):
    """What answers say, without what is of one request alone."""
    return tuple(re.sub(rb'"(req_id|timing)":\d+', b"", data) for _, data in answers)


def with_version(data, version):
    message = json.loads(data)
    if "version" in message:
        message["version"] = version
    return json.dumps(message, separators=(",", ":")).encode()


class Request(replay.Request):
    def __init__(self, op, data):
        super().__init__(op, data)
        self.data = data
        if op != 1 and self.action in (6, 10):
            self.sql = data[30:].decode("utf-8", "backslashreplace")[:300]


replay.Request = Request


def play(recording, server_version, ready):
    """Serves a recording in a thread of its own; `ready` gets (port, loop, server, stop)."""

    async def serve():
        args = argparse.Namespace(
            recording=str(recording), server_version=server_version, port=0, strict=False, verbose=False)
        server = Server(args)
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, limit=1 << 26)
        stop = asyncio.Event()
        ready((listening.sockets[0].getsockname()[1], asyncio.get_running_loop(), server, stop))
        await stop.wait()
        listening.close()

    asyncio.run(serve())


def is_open(host, port):
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
        return True
    except OSError:
        return False


class Accepted:
    """A list of accepted differences."""

    def __init__(self, text, is_open=is_open):
        self.lines = []  # of the difference, in their order
        self.asked = set()  # requests without a recording
        self.any_case = set()  # cases that are not compared
        self.may_ask = []  # patterns of requests that may be without a recording
        self.server_version = None  # that the server is to have
        active = True
        for number, line in enumerate(text.splitlines(), 1):
            word, _, rest = line.partition(" ")
            if word == "@if-nobody-listens":
                host, port = rest.rsplit(":", 1)
                active = not is_open(host, port)
            elif word == "@server-version":
                self.server_version = rest
            elif word == "@any-case":
                self.any_case.add(rest)
            elif word == "@may-ask":
                self.may_ask.append(re.compile(rest))
            elif line == "@end":
                active = True
            elif line.startswith(("-", "+")):
                if active:
                    self.lines.append(line)
            elif word == "!":
                if active:
                    self.asked.add(rest)
            elif line and not line.startswith("#"):
                raise ValueError(f"line {number}: {line}")

    def is_compared(self, line):
        return not any(line[1:].startswith(f"[{case}] ") for case in self.any_case)

    def may_be_asked(self, request):
        return request in self.asked or any(p.fullmatch(request) for p in self.may_ask)


def differences(diff):
    """The lines of a unified diff that differ, without its headers."""
    return [l for l in diff.splitlines() if l.startswith(("-", "+")) and not l.startswith(("--- ", "+++ "))]


def judge(seen, unrecorded, accepted):
    """What is wrong, as lines to show; nothing if all is as listed."""
    wrong = []
    compared = [l for l in seen if accepted.is_compared(l)]
    if compared != accepted.lines:
        wrong.append("the transcript differs otherwise than listed (-listed, +seen):")
        wrong += list(difflib.unified_diff(accepted.lines, compared, "listed", "seen", lineterm="", n=1))
    wrong += [f"asked, and neither recorded nor listed: {r}" for r in sorted(unrecorded) if not accepted.may_be_asked(r)]
    wrong += [f"listed as asked, but it was not (or it is recorded): {r}" for r in sorted(accepted.asked - unrecorded)]
    return wrong


class Playing:
    """A recording that is being played back."""

    def __init__(self, probe, server_version):
        recording = next(CONFORMANCE.glob(f"golden/probe_{probe}.jsonl*"))
        started = threading.Event()

        def ready(what):
            self.port, self.loop, self.server, self.stop = what
            started.set()

        self.thread = threading.Thread(target=play, args=(recording, server_version, ready), daemon=True)
        self.thread.start()
        if not started.wait(60):
            raise RuntimeError("the recording could not be loaded")

    def end(self):
        """(unrecorded requests, summary)"""
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(10)
        counts = {k: self.server.count[k] for k in ("exact", "loose", "unmatched")}
        return self.server.unrecorded, "requests exact {exact} loose {loose} unmatched {unmatched}".format(**counts)


class Sandbox:
    """A sandbox that has just been started, empty."""

    def __init__(self, program):
        with tempfile.TemporaryDirectory() as folder:
            told = pathlib.Path(folder, "port")
            self.process = subprocess.Popen(
                [program, "--port", "0", "--port-file", str(told), "--with-parent", "--quiet"], stdout=subprocess.DEVNULL)
            for _ in range(1200):
                if told.exists() and told.read_text().strip():
                    break
                time.sleep(0.05)
            else:
                self.process.kill()
                raise RuntimeError("the sandbox did not start")
            self.port = int(told.read_text())

    def end(self):
        self.process.terminate()
        status = self.process.wait(60)
        if status != 0:
            raise RuntimeError(f"the sandbox ended with {status}")
        return set(), "sandbox"


def run(probe, lib, include, server):
    """(difference lines, unrecorded requests, summary)"""
    kind = "ws" if probe.startswith("ws_") else "native"
    with tempfile.TemporaryDirectory() as out:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TAOS_", "TDENGINE_"))}
        env.update(
            TAOS_HOST="127.0.0.1", TAOS_PORT=str(server.port), OUT=out, VERBOSE="1", TMPDIR=out,
            # What the library takes from its surroundings, so that texts are the same everywhere.
            HOME="/nonexistent", TAOS_CONFIG_DIR=out, TAOS_FQDN="127.0.0.1", TAOS_SERVER_PORT=str(server.port))
        env.setdefault("P_TIMEOUT", "120")
        done = subprocess.run(
            [str(CONFORMANCE / "run.sh"), lib, include, kind, probe],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False)
        transcript = pathlib.Path(out, kind, f"{probe}.txt")
        if not transcript.exists():
            raise RuntimeError(done.stdout)
        diff = pathlib.Path(out, kind, f"{probe}.diff").read_text(encoding="utf-8", errors="backslashreplace")
        lines = len(transcript.read_text(encoding="utf-8", errors="replace").splitlines())
    unrecorded, summary = server.end()
    return differences(diff), unrecorded, f"{lines} lines, {summary}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe")
    parser.add_argument("--lib", required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("--sandbox")
    parser.add_argument("--print", action="store_true", dest="show")
    args = parser.parse_args()
    listed = HERE / ("sandbox" if args.sandbox else "accepted") / f"{args.probe}.txt"
    accepted = Accepted(listed.read_text(encoding="utf-8") if listed.exists() else "")
    try:
        server = Sandbox(args.sandbox) if args.sandbox else Playing(args.probe, accepted.server_version)
        seen, unrecorded, summary = run(args.probe, args.lib, args.include, server)
    except RuntimeError as e:
        print(f"FAIL {args.probe}: {e}")
        return 1
    if args.show:
        print("\n".join([f"! {r}" for r in sorted(unrecorded)] + seen))
        return 0
    wrong = judge(seen, unrecorded, accepted)
    print("\n".join(wrong))
    print(f"{'FAIL' if wrong else 'PASS'} {args.probe}: {summary}; {len(accepted.lines)} lines of accepted differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
