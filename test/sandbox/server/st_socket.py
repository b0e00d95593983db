"""The WebSocket layer: upgrade, frames, compression, pings, the end of a connection."""
import json
import os
import struct
import time
import zlib

from st_tools import BINARY, CLOSE, PING, PONG, ROOT, TEXT, Closed, Sandbox, Wire, check, equal, parse_head, test

VERSION = json.dumps({"action": "version", "args": {"req_id": 7}}).encode()


def upgrade(box, lines):
    with Wire(box.port) as wire:
        wire.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        status, headers = parse_head(wire.until(b"\r\n\r\n"))
        return status, headers


@test
def upgrades_that_are_none():
    good = ["GET /ws HTTP/1.1", "Host: x", "Upgrade: WebSocket", "Connection: keep-alive, Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    with Sandbox() as box:
        status, headers = upgrade(box, good)
        equal(status, 101)
        equal(headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")  # the example of RFC 6455
        check("sec-websocket-extensions" not in headers, "an extension nobody offered")
        for change in [None, "Upgrade: h2c", "Connection: close", "Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: short",
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ!!"]:
            lines = good[:1] if change is None else [
                change if change.split(":")[0] == line.split(":")[0] else line for line in good]
            equal(upgrade(box, lines)[0], 400, str(change))
        equal(upgrade(box, ["GET /nope HTTP/1.1"] + good[1:])[0], 404)
        status, headers = upgrade(box, ["GET /ws/ HTTP/1.1"] + good[1:])
        equal((status, headers["location"]), (301, "/ws"))
        equal(upgrade(box, ["POST /ws HTTP/1.1"] + good[1:])[0], 404)


@test
def lengths_and_fragments():
    with Sandbox() as box, box.ws() as ws:
        for n in (0, 1, 125, 126, 127, 65535, 65536, 300000):
            ws.send_text(json.dumps({"action": "version", "args": {"req_id": n, "filler": "x" * n}}))
            equal(ws.receive_json()["req_id"], n)
        for cut in (1, 2, 10, len(VERSION) - 1):
            ws.send(ws.frame(TEXT, VERSION[:cut], fin=False))
            ws.send(ws.frame(PING, b"inside"))
            equal(ws.receive(keep_pings=True), (PONG, b"inside"))
            ws.send(ws.frame(0, b"", fin=False) + ws.frame(0, VERSION[cut:]))
            equal(ws.receive_json()["req_id"], 7)
        data = ws.frame(TEXT, VERSION) + ws.frame(TEXT, VERSION)
        for i in range(0, len(data), 3):
            ws.send(data[i:i + 3])
        equal([ws.receive_json()["req_id"] for _ in range(2)], [7, 7])


@test
def broken_frames_end_the_connection():
    cases = {
        "unmasked": lambda ws: ws.frame(TEXT, VERSION, mask=False),
        "reserved bit": lambda ws: ws.frame(TEXT, VERSION, rsv=0x20),
        "compressed without agreement": lambda ws: ws.frame(TEXT, VERSION, rsv=0x40),
        "opcode 3": lambda ws: ws.frame(3, VERSION),
        "opcode 11": lambda ws: ws.frame(11, b""),
        "long ping": lambda ws: ws.frame(PING, b"x" * 126),
        "fragmented ping": lambda ws: ws.frame(PING, b"x", fin=False),
        "continuation of nothing": lambda ws: ws.frame(0, VERSION),
        "message inside a message": lambda ws: ws.frame(TEXT, b"{", fin=False) + ws.frame(TEXT, VERSION),
    }
    with Sandbox() as box:
        for name, make in cases.items():
            with box.ws() as ws:
                ws.send(make(ws))
                equal(ws.receive(), (CLOSE, struct.pack(">H", 1002)), name)
                equal(ws.rest(), b"", name)
        with box.ws() as ws:
            ws.send(bytes([0x82, 0xFF]) + struct.pack(">Q", 1 << 62) + b"abcd")
            equal(ws.receive(), (CLOSE, struct.pack(">H", 1009)), "2^62 bytes")


@test
def close_is_answered_by_the_end_of_tcp():
    with Sandbox() as box, box.ws() as ws:
        ws.send(ws.frame(CLOSE, struct.pack(">H", 1000)))
        equal(ws.rest(), b"", "bytes behind a close frame")


@test
def permessage_deflate():
    with Sandbox() as box:
        with box.session(deflate=True) as ws:
            equal(ws.extensions, "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
            equal(ws.rows("select 1"), [(1,)])
            check(ws.seen_compressed >= 4, "every answer is compressed")
            ws.compress = False  # a client may leave single messages as they are
            ws.send_text(VERSION.decode())
            ws.compress = True
            equal(ws.receive_json()["req_id"], 7)
            packer = zlib.compressobj(wbits=-15)
            data = packer.compress(VERSION) + packer.flush(zlib.Z_SYNC_FLUSH)
            ws.send(ws.frame(TEXT, data[:5], fin=False, rsv=0x40) + ws.frame(0, data[5:-4]))
            equal(ws.receive_json()["req_id"], 7)
            packer = zlib.compressobj(wbits=-15)
            ws.send(ws.frame(TEXT, packer.compress(VERSION) + packer.flush(zlib.Z_FINISH), rsv=0x40))
            equal(ws.receive_json()["req_id"], 7, "a block that is marked as the last one")
            ws.send(ws.frame(TEXT, b"\xff\xff\xff\xff garbage", rsv=0x40))
            equal(ws.receive(), (CLOSE, struct.pack(">H", 1007)))
        with box.ws(deflate=True) as ws:
            with open(os.path.join(ROOT, "vectors", "164_deflate_version_reply.json")) as file:
                vector = json.load(file)
            packed = bytes.fromhex(vector["hex"]) + b"\0\0\xff\xff"
            real = json.loads(zlib.decompressobj(wbits=-15).decompress(packed))
            equal(list(ws.ask("version")), list(real), "members of a compressed answer")


@test
def pings_and_the_silent_peer():
    with Sandbox("--ping-seconds", "0.2", "--pong-seconds", "0.4") as box:
        with box.ws() as ws:
            started = time.monotonic()
            equal(ws.receive(keep_pings=True), (PING, b""))
            check(0.1 < time.monotonic() - started < 0.5, "time of the first ping")
            pings = 1
            while True:  # pings of its own do not help a peer that never answers
                ws.send(ws.frame(PING, b"TAOS"))
                try:
                    while True:
                        opcode, payload = ws.receive(timeout=0.1, keep_pings=True)
                        check(opcode in (PING, PONG), "no close frame")
                        pings += opcode == PING
                except TimeoutError:
                    check(time.monotonic() - started < 5, "never cut off")
                except Closed:
                    break
            check(0.4 < time.monotonic() - started < 1.2, "time of the cut")
            check(pings in (2, 3), f"{pings} pings")
        with box.ws() as ws:
            started = time.monotonic()
            while time.monotonic() - started < 1.5:
                opcode, payload = ws.receive(keep_pings=True)
                equal(opcode, PING)
                ws.send(ws.frame(PONG, payload))
            equal(ws.ask("version")["code"], 0, "a peer that answers stays")
        with box.ws() as ws:
            started = time.monotonic()
            while time.monotonic() - started < 1.5:
                ws.send_text(VERSION.decode())
                while ws.receive(keep_pings=True)[0] != TEXT:
                    pass
                time.sleep(0.1)
    with Sandbox("--ping-seconds", "0") as box, box.ws() as ws:
        check(ws.nothing(0.5), "pings although switched off")


@test
def many_connections_at_once():
    import threading
    failures = []
    with Sandbox() as box:
        def work(number):
            try:
                with box.session() as ws:
                    for _ in range(30):
                        equal(ws.rows(f"select {number}"), [(number,)])
            except Exception as e:
                failures.append(e)
        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    equal(failures, [])


@test
def pipelined_requests():
    with Sandbox() as box, box.session() as ws:
        messages = b""
        for i in range(1, 101):
            sql = b"select %d" % i
            messages += ws.frame(BINARY, struct.pack("<QQQHI", i, 0, 6, 1, len(sql)) + sql)
        ws.send(messages)
        answers = [ws.receive_json() for _ in range(100)]
        equal(sorted(a["req_id"] for a in answers), list(range(1, 101)))
        equal(sorted(a["id"] for a in answers), list(range(1, 101)))
