"""Faults: each kind does what it says, and only to the requests it names."""
import json
import struct
import time

from st_tools import (CLOSE, PING, Http, Sandbox, Wire, check, decode_block, decode_block_frame, equal, eventually,
                      parse_head, test)

SELECT = struct.pack("<HI", 1, 8) + b"select 1"
FETCH = struct.pack("<H", 1)


class Faulty:
    """A server with faults and a session on it."""

    def __init__(self, spec, *options, **session_options):
        self.box = Sandbox("--fault", spec, "--control", *options)
        self.session_options = session_options

    def __enter__(self):
        self.box.__enter__()
        return self.box, self.box.session(**self.session_options)

    def __exit__(self, *args):
        self.box.__exit__(*args)


def send_query(ws, req_id, sql="select 1"):
    data = sql.encode()
    ws.send_binary(struct.pack("<QQQHI", req_id, 0, 6, 1, len(data)) + data)


def expect_end(ws, what=""):
    """The TCP connection ends without another frame."""
    equal(ws.rest(), b"", what)


def expect_reset(wire):
    try:
        wire.socket.recv(1)
    except ConnectionResetError:
        return
    raise AssertionError("no reset")


@test
def fault_late():
    with Faulty("late=query:400@1") as (_, ws):
        started = time.monotonic()
        send_query(ws, 1)
        send_query(ws, 2)
        equal([ws.receive_json()["req_id"] for _ in range(2)], [2, 1], "other answers go out meanwhile")
        check(0.35 < time.monotonic() - started < 1.5, "how late")
        started = time.monotonic()
        equal(ws.query("select 1")["code"], 0)
        check(time.monotonic() - started < 0.3, "only the first one is late")


@test
def fault_never():
    with Faulty("never=fetch@2") as (box, ws):
        result = ws.query("select 1")["id"]
        check(not ws.fetch(result)["finished"], "the first one is answered")
        ws.send_binary(struct.pack("<QQQH", 50, result, 7, 1))
        check(ws.nothing(), "an answer")
        eventually(lambda: box.stats()["results"], 0, "the work is done")
        equal(ws.query("select 1")["code"], 0)


@test
def fault_cut():
    with Faulty("cut=query:3") as (box, ws):
        equal(ws.query("create database st")["code"], 0)
        equal(ws.query("create table st.t (ts timestamp, v int)")["code"], 0)
        send_query(ws, 9, "insert into st.t values (1700000000000, 1)")
        expect_end(ws)
        with box.session() as again:
            equal(again.rows("select v from st.t"), [(1,)], "the work was done")
    with Faulty("cut-before=query:3") as (box, ws):
        equal(ws.query("create database st")["code"], 0)
        equal(ws.query("create table st.t (ts timestamp, v int)")["code"], 0)
        send_query(ws, 9, "insert into st.t values (1700000000000, 1)")
        expect_end(ws)
        with box.session() as again:
            equal(again.rows("select v from st.t"), [], "the work was not done")


@test
def fault_reset():
    with Faulty("reset=query:2,reset=rest:2") as (box, ws):
        equal(ws.query("select 1")["code"], 0)
        send_query(ws, 9)
        expect_reset(ws)
        equal(box.sql("select 1"), [[1]])
        with Http(box.port) as http:
            http.request("POST", "/rest/sql", "select 1")
            expect_reset(http)


@test
def fault_cut_after():
    for n in (0, 1, 100, 1000):
        with Sandbox("--fault", f"cut-after={n}@2") as box:
            with box.session() as first:
                equal(first.query("select 1")["code"], 0)
            with box.ws() as ws:
                for _ in range(20):
                    ws.send_text('{"action":"version"}')
                equal(len(ws.rest()), n)
            with box.session() as third:
                equal(third.query("select 1")["code"], 0)


@test
def fault_truncate():
    for n in (0, 1, 2, 3, 40, 104):
        with Faulty(f"truncate=fetch_raw_block:{n}") as (_, ws):
            result = ws.query("select 1")["id"]
            ws.send_binary(struct.pack("<QQQH", 1, result, 7, 1))
            data = ws.rest()
            equal(len(data), n)
            equal(data, bytes([0x82, 102])[:n] + data[2:])


@test
def fault_garble_and_flip():
    with Faulty("garble=fetch:block+8:ffffff7f@1,garble=fetch:34:05000000@2") as (_, ws):
        result = ws.query("select 1")["id"]
        block = decode_block_frame(ws.ask_binary(7, result, FETCH)[1])["block"]
        equal(struct.unpack_from("<i", block, 8)[0], 0x7FFFFFFF)
        equal(decode_block_frame(ws.ask_binary(7, result, FETCH)[1])["code"], 5)
    seen = set()
    for seed in (1, 1, 2):
        with Faulty(f"flip=fetch:{seed}") as (_, ws):
            ws.send_binary(struct.pack("<QQQH", 1, ws.query("select 1")["id"], 7, 1))
            payload = bytearray(ws.receive()[1])
            equal(len(payload), 102)
            seen.add(bytes(payload[:18]) + bytes(payload[26:]))
    check(len(seen) >= 2, "seeds make no difference")


@test
def fault_replace_and_pad():
    with Faulty('replace=query:"fields_count"%3A1:"fields_count"%3A77@1,pad=query:5000@2') as (_, ws):
        equal(ws.query("select 1")["fields_count"], 77)
        send_query(ws, 5)
        opcode, payload = ws.receive()
        check(len(payload) > 5000 and payload.endswith(b"}" + b" " * 5000), "padding")
    with Faulty("pad=query:3000000", deflate=True) as (_, ws):
        before = ws.frames
        send_query(ws, 5)
        check(len(ws.receive()[1]) > 3000000, "padding")
        equal(ws.frames, before + 1)


@test
def fault_error():
    with Faulty("error=query:0x0388:Database%2C not there@1,error=fetch:11@1,error=rest:855:No@2+") as (box, ws):
        answer = ws.query("create database st")
        equal((answer["code"], answer["message"], answer["action"]), (0x388, "Database, not there", "binary_query"))
        equal(ws.query("use st")["code"], 0x388, "nothing was done")
        result = ws.query("select 1")["id"]
        frame = ws.fetch(result)
        equal((frame["code"], frame["finished"]), (11, 1))
        equal(ws.fetch(result)["code"], 0)
        equal(box.sql("select 1"), [[1]])
        status, _, body = box.http("POST", "/rest/sql", "select 1")
        equal((status, json.loads(body)["code"], json.loads(body)["desc"]), (200, 855, "No"))


@test
def fault_close_frame():
    for spec, want in (("close-frame=query", b""), ("close-frame=query:1011", struct.pack(">H", 1011))):
        with Faulty(spec) as (_, ws):
            send_query(ws, 1)
            equal(ws.receive(), (CLOSE, want))
            expect_end(ws)


@test
def fault_duplicate_and_unasked():
    with Faulty("duplicate=query,unasked=fetch") as (_, ws):
        send_query(ws, 5)
        first, second = ws.receive_json(), ws.receive_json()
        equal(first, second)
        result = first["id"]
        ws.send_binary(struct.pack("<QQQH", 6, result, 7, 1))
        stray = ws.receive_json()
        check(stray["req_id"] not in (5, 6), "an id nobody used")
        frame = decode_block_frame(ws.receive()[1])
        check(frame["req_id"] != 6 and frame["id"] != result, "an id nobody used")
        equal(decode_block_frame(ws.receive()[1])["req_id"], 6)


@test
def fault_reorder():
    with Faulty("reorder=query") as (_, ws):
        for i in range(1, 7):
            send_query(ws, i)
        equal([ws.receive_json()["req_id"] for _ in range(6)], [2, 1, 4, 3, 6, 5])
        started = time.monotonic()
        send_query(ws, 7)
        equal(ws.receive_json()["req_id"], 7, "a single one is not kept for ever")
        check(0.05 < time.monotonic() - started < 1, "how long a single one is kept")


@test
def fault_fragment():
    for n in (1, 7, 50):
        with Faulty(f"fragment={n}") as (_, ws):
            before = ws.frames
            opcode, payload = ws.ask_binary(6, 0, SELECT)
            equal(ws.frames - before, -(-len(payload) // n))
            frame = ws.fetch(json.loads(payload)["id"])
            equal(decode_block(frame["block"])["columns"], [[1]])
    with Faulty("fragment=fetch:5", deflate=True) as (_, ws):
        before = ws.frames
        result = ws.query("select 1")["id"]
        equal(ws.frames, before + 1)
        equal(decode_block(ws.fetch(result)["block"])["columns"], [[1]])
        check(ws.frames > before + 2, "fragments of a compressed message")


@test
def fault_ping_storm():
    with Faulty("ping-storm=query:20,fragment=query:100") as (box, ws):
        send_query(ws, 5)
        pings = 0
        whole = b""
        while True:
            fin, _, opcode, payload = ws.read_frame()
            if opcode == PING:
                pings += 1
                continue
            whole += payload
            if fin:
                break
        equal(json.loads(whole)["req_id"], 5)
        fragments = -(-len(whole) // 100)
        equal(pings, 20 + fragments - 1)


@test
def fault_slow_drip():
    with Faulty("slow-drip=fetch:2") as (_, ws):
        result = ws.query("select 1")["id"]
        started = time.monotonic()
        equal(decode_block(ws.fetch(result)["block"])["columns"], [[1]])
        check(time.monotonic() - started > 0.2, "104 bytes with 2 ms between them")


@test
def fault_bad_frame():
    kinds = {
        "rsv": lambda b: b[0] & 0x20, "opcode": lambda b: b[0] & 15 == 3, "masked": lambda b: b[1] & 0x80,
        "huge": lambda b: b[1] == 127 and b[2] == 0x40, "overlong": lambda b: b[1] == 127 and b[2:8] == bytes(6),
        "long-ping": lambda b: b[0] == 0x89 and b[1] == 126, "continuation": lambda b: b[0] == 0x80,
        "nested": lambda b: b[0] == 0x01, "compressed": lambda b: b[0] & 0x40,
        "short-close": lambda b: b[0:2] == bytes([0x88, 1]),
    }
    for kind, looks_right in kinds.items():
        with Faulty("bad-frame=query:" + kind) as (_, ws):
            send_query(ws, 1)
            data = ws.exactly(3 if kind == "short-close" else 12)
            check(looks_right(data), f"{kind}: {data.hex()}")


@test
def fault_upgrades():
    for status in (301, 307, 400, 401, 404, 500, 503):
        with Sandbox("--fault", f"refuse-upgrade={status}@1") as box:
            with Wire(box.port) as wire:
                wire.send(b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                got, headers = parse_head(wire.until(b"\r\n\r\n"))
                equal(got, status)
                equal("location" in headers, status in (301, 307))
            with box.session() as ws:
                equal(ws.query("select 1")["code"], 0, "the second try gets through")
    for kind in ("accept", "missing", "endless", "silent", "garbage", "cut"):
        with Sandbox("--fault", f"bad-upgrade={kind}@1") as box:
            with Wire(box.port) as wire:
                wire.send(b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                if kind == "silent":
                    try:
                        wire.more(0.4)
                        raise AssertionError("not silent")
                    except TimeoutError:
                        pass
                elif kind == "endless":
                    check(len(wire.exactly(1 << 20)) == 1 << 20 and b"\r\n\r\n" not in wire.buffer, "endless headers")
                else:
                    data = wire.rest()
                    check({"accept": b"Accept: " in data and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" not in data,
                           "missing": b" 101 " in data and b"Accept" not in data,
                           "garbage": not data.startswith(b"HTTP"), "cut": data == b""}[kind], f"{kind}: {data}")
            with box.session() as ws:
                equal(ws.query("select 1")["code"], 0)


@test
def fault_rest():
    with Sandbox("--fault", "late=rest:300@1,truncate=rest:30@2,cut=rest@3,slow-drip=rest:1@4,never=rest@5,"
                            "replace=rest:200 OK:502 Bad Gateway@6") as box:
        started = time.monotonic()
        equal(box.sql("select 1"), [[1]])
        check(0.25 < time.monotonic() - started < 2, "late")
        for want in (30, 0):
            with Http(box.port) as http:
                http.request("POST", "/rest/sql", "select 1")
                equal(len(http.rest()), want)
        equal(box.sql("select 1"), [[1]])
        with Http(box.port) as http:
            http.request("POST", "/rest/sql", "select 1")
            try:
                http.more(0.4)
                raise AssertionError("an answer")
            except TimeoutError:
                pass
        equal(box.http("POST", "/rest/sql", "select 1")[0], 502)
        equal(box.sql("select 1"), [[1]])


@test
def fault_ranges_and_control():
    with Sandbox("--fault", "none", "--control") as box, box.session() as ws:
        for spec, want in [("error=query:9@2-3", [0, 9, 9, 0]), ("error=query:9@3+", [0, 0, 9, 9]),
                           ("error=query:9@1", [9, 0, 0, 0]), ("error=query:9", [9, 9, 9, 9]), ("", [0, 0, 0, 0]),
                           ("error=any:9@1,error=conn:8", [9, 0, 0, 0]), ("none", [0, 0, 0, 0]),
                           ("error=binary_query:7@4", [0, 0, 0, 7])]:
            box.faults(spec)
            equal([ws.query("select 1")["code"] for _ in want], want, spec)
        status, _, body = box.http("POST", "/-/fault", "late=qurey:5")
        equal(status, 400)
        check("qurey" in body, body)
        requests = box.stats()["requests"]
        check(requests["binary_query"] >= 20 and requests["conn"] == 1, str(requests))
        eventually(lambda: box.stats()["open"], 2)
