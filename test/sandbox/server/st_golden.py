"""Plays the client's side of recordings of a real taosAdapter and compares every answer."""
import gzip
import json
import os
import struct

from st_tools import (BINARY, ROOT, TEXT, WAIT, Http, Sandbox, WebSocket, decode_block, decode_block_frame, equal,
                      parse_head, test)

GOLDEN = os.path.join(ROOT, "conformance", "golden")


def load_events(name):
    path = os.path.join(GOLDEN, name + ".jsonl")
    opened = open(path) if os.path.exists(path) else gzip.open(path + ".gz", "rt")
    with opened as file:
        return [json.loads(line) for line in file]


def load(name):
    """Recorded connections, each a list of events."""
    connections = {}
    for event in load_events(name):
        connections.setdefault(event["conn"], []).append(event)
    return list(connections.values())


def plain_text(text):
    """An answer without what differs from run to run."""
    answer = json.loads(text)
    if isinstance(answer, dict):
        for member in ("timing", "version", "info"):
            if member in answer:
                answer[member] = type(answer[member]).__name__
        return json.dumps(answer, ensure_ascii=False)  # keeps the order of the members
    return text


def plain_binary(data):
    at = 18 if data[:8] == b"\xff" * 8 else 0
    return (data[:at] + bytes(8) + data[at + 8:]).hex()


def key(opcode, payload):
    if opcode == TEXT:
        return TEXT, json.loads(payload).get("req_id", 0), plain_text(payload)
    data = bytes.fromhex(payload) if isinstance(payload, str) else payload
    number = struct.unpack_from("<Q", data, 26)[0] if data[:8] == b"\xff" * 8 else struct.unpack_from("<Q", data, 8)[0]
    return BINARY, number, plain_binary(data)


def request_text(event):
    if event["op"] == TEXT:
        return event["text"]
    data = bytes.fromhex(event["hex"])
    return f"binary {data[16:24].hex()} {data[24:200]!r}"


def same_rows(mine, real):
    """Whether two block frames differ in nothing but the order of their rows."""
    decoded = []
    for text in (mine, real):
        frame = decode_block_frame(bytes.fromhex(text))
        if frame["finished"]:
            return False
        block = decode_block(frame.pop("block"))
        block["columns"] = sorted(zip(*block["columns"]), key=repr)
        decoded.append((frame, block))
    return decoded[0] == decoded[1]


def play_websocket(box, events, differences, any_order):
    path = events[0]["http"].split(" ")[1]
    requests, wanted, got = [], [], []
    with WebSocket(box.port, path) as ws:
        for event in events[2:]:
            opcode = event.get("op")
            if opcode not in (TEXT, BINARY):
                continue
            if event["dir"] == "s":
                wanted.append(key(opcode, event["text"] if opcode == TEXT else event["hex"]))
                while len(got) < len(wanted):
                    code, payload = ws.receive(WAIT)
                    got.append(key(code, payload.decode() if code == TEXT else payload))
                continue
            requests.append(request_text(event))
            ws.send_message(opcode, event["text"].encode() if opcode == TEXT else bytes.fromhex(event["hex"]))
    for mine, real in zip(sorted(got), sorted(wanted)):
        if any_order and mine != real and mine[:2] == real[:2] and real[0] == BINARY and same_rows(mine[2], real[2]):
            continue
        if mine != real and not any(difference in real[2] for difference in differences):
            raise AssertionError(f"req_id {real[1]}\n  got  {mine[2]}\n  want {real[2]}\nrequests so far:\n  " +
                                 "\n  ".join(text[:300] for text in requests))


def play_http(box, events, differences):
    with Http(box.port) as http:
        for request, answer in zip(events[::2], events[1::2]):
            equal((request["dir"], answer["dir"]), ("c", "s"))
            http.send(request["http"].encode())
            status, headers, body = http.answer()
            head, _, real_body = answer["http"].partition("\r\n\r\n")
            real_status, real_headers = parse_head(head.encode())
            for known in (headers, real_headers):
                known.pop("date", None)
                known.pop("content-length", None)
            what = request["http"]
            if any(difference in what for difference in differences):
                continue
            if body != real_body:
                body, real_body = plain_text(body), plain_text(real_body)
            equal((status, headers, body), (real_status, real_headers, real_body), what)


def play(name, differences=(), any_order=False):
    """`any_order`: queries without ORDER BY, or with rows of one time, may give their rows in another order."""
    with Sandbox() as box:
        for events in load(name):
            if "http" not in events[0]:
                continue  # the recorder's own look at the port
            websocket = "Upgrade: websocket" in events[0]["http"]
            if websocket:
                play_websocket(box, events, differences, any_order)
            else:
                play_http(box, events, differences)


@test
def golden_session_errors():
    play("wire_session_errors")


@test
def golden_session_info():
    play("wire_session_info")


@test
def golden_options_connection():
    play("wire_options_connection")


@test
def golden_query_json_actions():
    play("wire_query_json_actions")


@test
def golden_query_binary():
    play("wire_query_binary")


@test
def golden_query_blob_json():
    play("wire_query_blob_json")


@test
def golden_query_multi_block():
    play("wire_query_multi_block")


@test
def golden_query_interleaved():
    play("wire_query_interleaved")


@test
def golden_validate_sql():
    play("wire_validate_sql")


@test
def golden_rest_sql():
    play("wire_rest_sql")


@test
def golden_rest_other():
    # The writers of other protocols are beyond the sandbox.
    play("wire_rest_other", ["/influxdb/", "/opentsdb/"])


@test
def golden_stmt1():
    play("wire_stmt1", any_order=True)


@test
def golden_stmt2():
    play("wire_stmt2", any_order=True)


@test
def golden_schemaless():
    play("wire_schemaless", any_order=True)


@test
def golden_write_raw_block():
    play("wire_write_raw_block")
