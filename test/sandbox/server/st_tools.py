"""A tiny WebSocket and HTTP client, the server under test as a context, and decoders written by hand."""
import base64
import hashlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import time
import zlib

TESTS = []
WAIT = 10.0  # no single answer may take longer
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # test/


def test(function):
    TESTS.append(function)
    return function


def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}\n  got  {got!r}\n  want {want!r}")


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def eventually(get, want, what=""):
    """For what another thread of the server does a moment later."""
    end = time.monotonic() + WAIT
    got = get()  # asking may itself change it, so the value that was right is the one that counts
    while got != want and time.monotonic() < end:
        time.sleep(0.02)
        got = get()
    equal(got, want, what)


class Sandbox:
    """Runs the server; `with Sandbox("--fault", "...") as box`."""

    program = None

    def __init__(self, *options, quiet=True, env=None):
        self.options = ["--port", "0", *options] + (["--quiet"] if quiet else [])
        self.env = dict(os.environ, **(env or {}))

    def __enter__(self):
        self.process = subprocess.Popen([self.program, *self.options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=self.env)
        ready, _, _ = select.select([self.process.stdout], [], [], WAIT)
        self.line = self.process.stdout.readline() if ready else ""
        if "listening on" not in self.line:
            self.process.kill()
            raise AssertionError("did not start: " + self.process.communicate()[1])
        self.port = int(self.line.rsplit(":", 1)[1])
        return self

    def __exit__(self, kind, value, trace):
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            out, err = self.process.communicate(timeout=WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("SIGTERM did not stop the server")
        self.stderr = err
        if kind is None:
            equal(self.process.returncode, 0, "exit status\n" + err)
            equal(out, "", "more than one line on standard output")
            check(time.monotonic() - started < 3, "stopping took longer than 3 s")

    def ws(self, path="/ws", **options):
        return WebSocket(self.port, path, **options)

    def session(self, db="", **options):
        ws = self.ws(**options)
        answer = ws.ask("conn", user="root", password="taosdata", db=db)
        equal(answer["code"], 0, str(answer))
        return ws

    def http(self, method, path, body=None, auth="root:taosdata", headers=None):
        with Http(self.port) as client:
            return client.ask(method, path, body, auth, headers)

    def sql(self, text, db=""):
        status, _, body = self.http("POST", "/rest/sql" + ("/" + db if db else ""), text)
        answer = json.loads(body)
        check(status == 200 and answer["code"] == 0, f"{text}: {status} {answer}")
        return answer["data"]

    def faults(self, spec):
        status, _, body = self.http("POST", "/-/fault", spec)
        equal(status, 200, body)

    def stats(self):
        return json.loads(self.http("GET", "/-/stats")[2])


class Closed(Exception):
    """The server ended the TCP connection."""


class Wire:
    """A socket with a buffer and deadlines."""

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=WAIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def more(self, timeout=WAIT):
        self.socket.settimeout(max(timeout, 0.001))
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed()
        self.buffer += data

    def exactly(self, n, timeout=WAIT):
        end = time.monotonic() + timeout
        while len(self.buffer) < n:
            self.more(end - time.monotonic())
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def until(self, mark, timeout=WAIT):
        end = time.monotonic() + timeout
        while mark not in self.buffer:
            self.more(end - time.monotonic())
        data, self.buffer = self.buffer.split(mark, 1)
        return data

    def rest(self, timeout=WAIT):
        """Everything up to the end of the connection."""
        end = time.monotonic() + timeout
        try:
            while True:
                self.more(end - time.monotonic())
        except Closed:
            data, self.buffer = self.buffer, b""
            return data


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        headers[name.strip().lower()] = value.strip()
    return int(lines[0].split(" ")[1]), headers


class Http(Wire):
    def request(self, method, path, body=None, auth="root:taosdata", headers=None):
        data = body.encode() if isinstance(body, str) else body
        head = {"Host": "localhost"}
        if auth:
            head["Authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()
        if data is not None:
            head["Content-Length"] = str(len(data))
        head.update(headers or {})
        lines = [f"{method} {path} HTTP/1.1"] + [f"{k}: {v}" for k, v in head.items() if v is not None]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (data or b""))

    def answer(self):
        status, headers = parse_head(self.until(b"\r\n\r\n"))
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(self.until(b"\r\n"), 16)
                body += self.exactly(size)
                equal(self.exactly(2), b"\r\n", "end of chunk")
                if size == 0:
                    break
        else:
            body = self.exactly(int(headers.get("content-length", 0)))
        if headers.get("content-encoding") == "gzip":
            body = zlib.decompress(body, 31)
        return status, headers, body.decode()

    def ask(self, *args, **options):
        self.request(*args, **options)
        return self.answer()


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class WebSocket(Wire):
    def __init__(self, port, path="/ws", deflate=False, host="127.0.0.1"):
        super().__init__(port, host)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + key]
        if deflate:
            lines.append("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        status, headers = parse_head(self.until(b"\r\n\r\n"))
        if status != 101:
            raise AssertionError(f"upgrade: {status}")
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        equal(headers["sec-websocket-accept"], base64.b64encode(digest).decode(), "accept")
        equal(headers["upgrade"], "websocket", "upgrade")
        equal(headers["connection"].lower(), "upgrade", "connection")
        self.extensions = headers.get("sec-websocket-extensions")
        self.compress = deflate
        self.next_id = 1
        self.seen_compressed = 0
        self.frames = 0

    def frame(self, opcode, payload, fin=True, rsv=0, mask=True):
        head = bytes([(0x80 if fin else 0) | rsv | opcode])
        bit = 0x80 if mask else 0
        n = len(payload)
        if n < 126:
            head += bytes([bit | n])
        elif n < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", n)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", n)
        if not mask:
            return head + payload
        key = os.urandom(4)
        repeated = (key * (n // 4 + 1))[:n]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(n, "big")
        return head + key + masked

    def send_message(self, opcode, payload):
        if self.compress:
            packer = zlib.compressobj(wbits=-15)
            payload = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
            self.send(self.frame(opcode, payload[:-4], rsv=0x40))
        else:
            self.send(self.frame(opcode, payload))

    def send_text(self, text):
        self.send_message(TEXT, text.encode())

    def send_binary(self, data):
        self.send_message(BINARY, data)

    def read_frame(self, timeout=WAIT):
        first, second = self.exactly(2, timeout)
        check(second & 0x80 == 0, "a server's frame is masked")
        check(first & 0x30 == 0, "reserved bits")
        n = second & 0x7F
        if n == 126:
            n = struct.unpack(">H", self.exactly(2, timeout))[0]
            check(n >= 126, "length in more bytes than needed")
        elif n == 127:
            n = struct.unpack(">Q", self.exactly(8, timeout))[0]
            check(n >= 65536, "length in more bytes than needed")
        self.frames += 1
        return bool(first & 0x80), bool(first & 0x40), first & 15, self.exactly(n, timeout)

    def receive(self, timeout=WAIT, keep_pings=False):
        """The next message as (opcode, payload); answers pings on the way unless they are wanted."""
        end = time.monotonic() + timeout
        whole, opcode, packed = b"", 0, False
        while True:
            fin, rsv1, code, payload = self.read_frame(end - time.monotonic())
            if code == PING and not keep_pings:
                self.send(self.frame(PONG, payload))
                continue
            if code >= CLOSE:
                return code, payload
            if code != 0:
                opcode, packed = code, rsv1
            whole += payload
            if fin:
                break
        if packed:
            check(self.compress, "compressed without agreement")
            self.seen_compressed += 1
            whole = zlib.decompressobj(wbits=-15).decompress(whole + b"\0\0\xff\xff")
        return opcode, whole

    def receive_json(self, timeout=WAIT):
        opcode, payload = self.receive(timeout)
        equal(opcode, TEXT, "a text message")
        return json.loads(payload)

    def nothing(self, timeout=0.3):
        """True when no message comes for a while."""
        try:
            message = self.receive(timeout)
        except (TimeoutError, socket.timeout):
            return True
        raise AssertionError(f"unexpected message {message!r}")

    def request_id(self):
        self.next_id += 1
        return self.next_id

    def ask(self, action, **args):
        args.setdefault("req_id", self.request_id())
        self.send_text(json.dumps({"action": action, "args": args}))
        answer = self.receive_json()
        equal((answer["action"], answer.get("req_id", args["req_id"])), (action, args["req_id"]), "envelope")
        return answer

    def ask_binary(self, action, resource=0, tail=b"", req_id=None):
        req_id = self.request_id() if req_id is None else req_id
        self.send_binary(struct.pack("<QQQ", req_id, resource, action) + tail)
        return self.receive()

    def query(self, sql):
        data = sql.encode()
        opcode, payload = self.ask_binary(6, 0, struct.pack("<HI", 1, len(data)) + data)
        equal(opcode, TEXT, "answer to a query")
        return json.loads(payload)

    def fetch(self, result):
        opcode, payload = self.ask_binary(7, result, struct.pack("<H", 1))
        equal(opcode, BINARY, f"answer to a fetch: {payload[:200]}")
        return decode_block_frame(payload)

    def rows(self, sql):
        """The columns' values, turned into rows."""
        answer = self.query(sql)
        equal(answer["code"], 0, f"{sql}: {answer}")
        out = []
        while True:
            frame = self.fetch(answer["id"])
            equal(frame["code"], 0, frame["message"])
            if frame["finished"]:
                return out
            out += list(zip(*decode_block(frame["block"])["columns"]))


def decode_block_frame(data):
    marker, action, version, timing, req_id, code, length = struct.unpack_from("<QQHQQII", data)
    equal((marker, action, version), (2**64 - 1, 7, 1), "frame of action 7")
    at = 42 + length
    result, finished = struct.unpack_from("<QB", data, at)
    frame = {"timing": timing, "req_id": req_id, "code": code, "message": data[42:at].decode(), "id": result,
             "finished": finished}
    if not finished:
        size = struct.unpack_from("<I", data, at + 9)[0]
        frame["block"] = data[at + 13:]
        equal(len(frame["block"]), size, "block length")
    else:
        equal(len(data), at + 9, "length of a finished frame")
    return frame


SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 4, 7: 8, 9: 8, 11: 1, 12: 2, 13: 4, 14: 8, 17: 16, 21: 8}


def decode_value(kind, data, info):
    if kind == 1:
        return data[0] != 0
    if kind in (2, 3, 4, 5, 9):
        return int.from_bytes(data, "little", signed=True)
    if kind in (11, 12, 13, 14):
        return int.from_bytes(data, "little")
    if kind == 6:
        return struct.unpack("<f", data)[0]
    if kind == 7:
        return struct.unpack("<d", data)[0]
    if kind in (17, 21):
        scale, number = info[0], int.from_bytes(data, "little", signed=True)
        digits = str(abs(number)).rjust(scale + 1, "0")
        return ("-" if number < 0 else "") + (digits[:-scale] + "." + digits[-scale:] if scale else digits)
    if kind == 10:
        return data.decode("utf-32-le")
    if kind in (8, 15):
        return data.decode()
    return data.hex()


def decode_block(data):
    version, length, rows, columns, flags, group = struct.unpack_from("<iiiiIQ", data)
    equal((version, length, flags), (1, len(data), 0x80000000), "block header")
    infos = [(data[28 + 5 * i], data[29 + 5 * i:33 + 5 * i]) for i in range(columns)]
    lengths = struct.unpack_from(f"<{columns}i", data, 28 + 5 * columns)
    at = 28 + 9 * columns
    out = []
    for (kind, info), size in zip(infos, lengths):
        values = []
        if kind in SIZES:
            width = SIZES[kind]
            bitmap = data[at:at + (rows + 7) // 8]
            at += len(bitmap)
            equal(size, rows * width, "column length")
            for row in range(rows):
                null = bitmap[row // 8] & (0x80 >> row % 8)
                part = data[at + row * width:at + (row + 1) * width]
                values.append(None if null else decode_value(kind, part, info))
        else:
            offsets = struct.unpack_from(f"<{rows}i", data, at)
            at += 4 * rows
            for offset in offsets:
                if offset < 0:
                    values.append(None)
                    continue
                head = 4 if kind in (18, 19) else 2
                n = int.from_bytes(data[at + offset:at + offset + head], "little")
                values.append(decode_value(kind, data[at + offset + head:at + offset + head + n], info))
        at += size
        out.append(values)
    return {"rows": rows, "types": [(kind, info.hex()) for kind, info in infos], "columns": out,
            "trailing": data[at:].hex()}
