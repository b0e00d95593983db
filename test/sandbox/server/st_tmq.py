"""Subscriptions: recordings of a real adapter played against the sandbox, and what they do not show."""
import json
import os
import struct
import tempfile
import time

from st_golden import load_events
from st_tools import BINARY, TEXT, WAIT, Closed, Sandbox, WebSocket, check, equal, eventually, test


class Reader:
    """Reads the server's own encodings."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        check(self.at + n <= len(self.data), "raw data ends too early")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def uvar(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def zvar(self):
        value = self.uvar()
        return (value >> 1) ^ -(value & 1)

    def binary(self):
        return self.take(self.uvar())

    def name(self):
        text = self.binary()
        equal(text[-1:], b"\0")
        return text[:-1].decode()

    def left(self):
        return len(self.data) - self.at


def schema(reader, flags=True):
    """Flags of columns are only for information, and differ between kinds of messages on a server, too."""
    count, version = reader.zvar(), reader.zvar()
    columns = []
    for _ in range(count):
        kind, flag = reader.number("B"), reader.number("B")
        columns.append((kind, reader.zvar(), reader.zvar(), reader.name()))
    return columns, version


def encodings(reader):
    count = reader.zvar()
    reader.zvar()
    return [(reader.zvar(), reader.take(4).hex()) for _ in range(count)]


def decimals(reader, columns):
    return [reader.zvar() for _ in columns] if reader.number("B") else []


def super_table(reader):
    """A super table as CREATE and ALTER have it, without uid and schema version."""
    name = reader.name()
    reader.take(8)
    equal(reader.number("B"), 0, "roll-up")
    columns, tags = schema(reader)[0], schema(reader)[0]
    size = reader.number("I")
    alter = Reader(reader.binary() if size else b"")
    equal(size, alter.left())
    equal(reader.take(2), b"\0\1")
    table = [name, columns, tags, encodings(reader)]
    equal(reader.take(8), b"\xff" * 8)
    table.append(decimals(reader, columns))
    equal((reader.take(1), reader.left()), (b"\0", 0))
    if alter.left():
        equal(alter.number("I"), alter.left())
        alter.name()  # with the database's name in it
        table.append((alter.number("B"), alter.number("I"), alter.number("B"), alter.number("I"), alter.name()))
        equal(alter.take(16), bytes(16))
        equal(alter.number("I"), len(alter.data) - alter.at - 6)
        table += [alter.binary(), alter.take(5)]
        equal(alter.left(), 0)
    return table


def creation(data):
    """One table of a CREATE, without uids and time."""
    reader = Reader(data)
    table = [reader.zvar(), reader.name()]
    reader.take(16)
    kind = reader.take(9)
    table.append(kind)
    if kind[4] == 2:
        table += [reader.name(), reader.number("B")]
        reader.take(8)
        table += [reader.binary(), [reader.name() for _ in range(reader.number("I"))], reader.take(5)]
    else:
        columns = schema(reader)[0]
        table += [columns, reader.take(4), encodings(reader), decimals(reader, columns)]
    equal(reader.left(), 0, table[1])
    return table


def change(kind, data):
    """What a change of tables says, without vgroup, uids and times."""
    reader = Reader(data)
    equal(reader.number("I"), len(data))
    reader.take(4)
    if kind == 579:
        reader.take(8)
        reader.take(8 * reader.zvar())
        rows = [reader.number("q"), reader.number("q"), reader.zvar(), reader.name(), reader.name()]
        equal(reader.left(), 9)
        return rows
    equal(reader.number("I"), reader.left())
    if kind in (531, 533):
        return super_table(reader)
    tables = []
    for _ in range(reader.zvar()):
        one = reader.take(reader.number("I"))
        tables.append(creation(one) if kind == 515 else Reader(one).name())
    equal(reader.left(), 1 if kind == 515 else 0)
    return tables


def data_message(reader, with_tables):
    message = [reader.take(reader.number("I") + 0) if reader.number("B") == 100 else None]
    count = reader.number("I")
    if count:
        named, with_schema = reader.number("B"), reader.number("B")
        equal(with_schema, 1)
        for _ in range(count):
            message.append((reader.binary().hex(), schema(reader), reader.name() if named else None))
    if with_tables:
        message.append([creation(Reader(reader.binary()).data[4:]) for _ in range(reader.number("I"))])
    else:
        equal(reader.take(8), bytes(8))
    equal(reader.left(), 0)
    return message


def raw(kind, data):
    reader = Reader(data)
    if kind in (2, 4):
        return data_message(reader, kind == 4)
    if kind != 5:
        return change(kind, data)
    changes = []
    for _ in range(reader.number("I")):
        entry = Reader(reader.binary())
        equal(entry.take(34), bytes(33) + b"\x10")
        number = entry.number("H")
        changes.append((number, change(number, entry.binary())))
        equal(entry.left(), 0)
    equal(reader.left(), 0)
    return changes


def decode(opcode, payload):
    """An answer without what differs from run to run."""
    if opcode == TEXT:
        answer = json.loads(payload)
        for member in ("timing", "version"):
            if member in answer:
                answer[member] = type(answer[member]).__name__
        return answer
    reader = Reader(payload)
    if reader.number("Q") != 2 ** 64 - 1:
        number, message = reader.number("Q"), reader.number("Q")
        if len(payload) > 38 and payload[24:32] == b"\3" + bytes(7):
            reader.take(12)
            return "fetch_raw", number, message, raw(reader.number("H"), payload[38:])
        return "fetch_block", number, message, payload[24:].hex()
    action, version = reader.number("Q"), reader.number("H")
    reader.take(8)
    if action != 8:
        return action, version, payload[26:].hex()
    number, code = reader.number("Q"), reader.number("I")
    text = reader.take(reader.number("I"))
    answer = [number, code, text, reader.number("Q")]
    if code == 0:
        kind = reader.number("H")
        answer += [kind, raw(kind, reader.take(reader.number("I")))]
    equal(reader.left(), 0)
    return answer


class Player:
    """Plays all connections of a recording at once, in the order in which things happened."""

    def __init__(self, box, ignore):
        self.box, self.ignore = box, ignore
        self.sockets, self.vgroups, self.said = {}, {}, []

    def translate(self, value, back):
        """Vgroups have other numbers here. The first poll or assignment says which."""
        if isinstance(value, list):
            return [self.translate(item, back) for item in value]
        if not isinstance(value, dict):
            return value
        out = {key: self.translate(item, back) for key, item in value.items()}
        if "vgroup_id" in out and not back:
            out["vgroup_id"] = self.vgroups.get(out["vgroup_id"], out["vgroup_id"])
        return out

    def learn(self, real, mine):
        if isinstance(real, dict) and isinstance(mine, dict):
            if "vgroup_id" in real and real["vgroup_id"] and mine.get("vgroup_id"):
                self.vgroups.setdefault(real["vgroup_id"], mine["vgroup_id"])
            for key in real:
                self.learn(real[key], mine.get(key))
        elif isinstance(real, list) and isinstance(mine, list):
            for one, other in zip(real, mine):
                self.learn(one, other)

    def play(self, events):
        for event in events:
            connection = event["conn"]
            if "http" in event:
                if event["dir"] == "c" and "Upgrade: websocket" in event["http"]:
                    self.sockets[connection] = WebSocket(self.box.port, event["http"].split(" ")[1])
                continue
            opcode = event["op"]
            socket = self.sockets[connection]
            if opcode == 8:
                socket.__exit__()
            if opcode not in (TEXT, BINARY):
                continue
            payload = event["text"].encode() if opcode == TEXT else bytes.fromhex(event["hex"])
            if event["dir"] == "c":
                if opcode == TEXT:
                    payload = json.dumps(self.translate(json.loads(payload), False)).encode()
                self.said.append(payload)
                socket.send_message(opcode, payload)
                continue
            code, got = socket.receive(WAIT)
            real, mine = decode(opcode, payload), decode(code, got)
            self.learn(real, mine)
            real = self.translate(real, False)
            if real != mine and not any(self.ignore(real, mine) for _ in "x"):
                asked = "\n  ".join(repr(text)[:300] for text in self.said[-8:])
                raise AssertionError(f"\n  got  {mine}\n  want {real}\nafter\n  {asked}")


def play(name, ignore=lambda real, mine: False):
    with Sandbox() as box:
        Player(box, ignore).play(load_events(name))


@test
def golden_tmq_query_topic():
    play("wire_tmq_query_topic")


@test
def golden_tmq_database_meta():
    play("wire_tmq_database_meta")


@test
def golden_tmq_raw_copy():
    play("wire_tmq_raw_copy")


@test
def golden_tmq_errors():
    play("wire_tmq_errors")


# ---- what recordings do not show


def consumer(box, group, topics, **more):
    ws = box.ws("/rest/tmq")
    args = dict(user="root", password="taosdata", group_id=group, offset_rest="earliest", topics=topics)
    args.update(more)
    equal(ws.ask("subscribe", **args)["code"], 0)
    return ws


def poll(ws, blocking=0, **more):
    answer = ws.ask("poll", blocking_time=blocking, **more)
    equal(answer["code"], 0, str(answer))
    return answer


def prepare(box, vgroups=1):
    box.sql(f"create database d vgroups {vgroups} keep 36500")
    box.sql("create table d.s (ts timestamp, v int) tags (g int)")
    box.sql("create topic t as select ts, v from d.s")


def owned(ws):
    return [a["vgroup_id"] for a in ws.ask("assignment", topic="t")["assignment"] or []]


@test
def tmq_members_share_and_inherit():
    with Sandbox() as box:
        prepare(box, 4)
        one = consumer(box, "g", ["t"])
        everything = owned(one)
        equal(len(everything), 4)
        two = consumer(box, "g", ["t"])
        other = consumer(box, "h", ["t"])
        equal(sorted(owned(one) + owned(two)), everything)
        equal(len(owned(one)), 2)
        equal(owned(other), everything)
        rows = box.sql("select consumer_group, vgroup_id, consumer_id from information_schema.ins_subscriptions")
        equal(sorted(row[1] for row in rows if row[0] == "g"), everything)
        check(all(row[2] for row in rows), "a vgroup nobody reads")
        equal(len(box.sql("show consumers")), 3)
        # A member whose connection has ended leaves its vgroups to the others.
        one.__exit__()
        eventually(lambda: owned(two), everything)
        two.ask("unsubscribe")
        two.__exit__()
        other.__exit__()
        eventually(lambda: len(box.sql("show consumers")), 0)
        box.sql("drop consumer group g on t")
        box.sql("drop topic t")


@test
def tmq_late_member_is_given_up():
    with Sandbox() as box:
        prepare(box, 2)
        idle = consumer(box, "g", ["t"], max_poll_interval_ms="1000")
        busy = consumer(box, "g", ["t"])
        equal(len(owned(idle)), 1)
        eventually(lambda: (poll(busy), len(owned(busy)))[1], 2)
        equal(idle.ask("poll", blocking_time=0)["code"], 0x3E6)


@test
def tmq_polls_wait_and_are_woken():
    with Sandbox() as box:
        prepare(box)
        early = box.ws("/rest/tmq")
        early.send_text(json.dumps({"action": "poll", "args": {"req_id": 1, "blocking_time": 20000}}))
        early.send_text(json.dumps({"action": "subscribe", "args": {
            "req_id": 2, "user": "root", "password": "taosdata", "group_id": "g", "offset_rest": "earliest",
            "topics": ["t"]}}))
        equal(json.loads(early.receive(WAIT)[1])["req_id"], 2)
        # Behind a poll that waits everything waits, but for what needs no consumer; the last poll takes the place of others.
        for number, action in enumerate(("commit", "poll", "list_topics", "poll"), 3):
            early.send_text(json.dumps({"action": action, "args": {"req_id": number, "blocking_time": 0}}))
        equal(json.loads(early.receive(WAIT)[1])["req_id"], 5)
        box.sql("insert into d.c using d.s tags(1) values (1, 1)")
        answers = [json.loads(early.receive(WAIT)[1]) for _ in range(3)]
        equal([a["req_id"] for a in answers], [1, 3, 6])
        equal([a.get("have_message") for a in answers], [True, None, False])
        # An answer that got lost comes again to who says so.
        equal(poll(early, message_id=0)["message_id"], 1)
        equal(poll(early, message_id=1)["have_message"], False)
        equal(early.ask("committed", topic_vgroup_ids=[{"topic": "t", "vgroup_id": 2}])["committed"],
              early.ask("position", topic_vgroup_ids=[{"topic": "t", "vgroup_id": 2}])["position"])


@test
def tmq_offsets_survive_a_kill():
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "data")
        with Sandbox("--data", file) as box:
            prepare(box)
            for i in range(3):
                box.sql(f"insert into d.c using d.s tags(1) values ({i}, {i})")
            ws = consumer(box, "g", ["t"], config={"min.poll.rows": "1"})
            first, second = poll(ws)["offset"], poll(ws)["offset"]
            check(first < second, "offsets grow")
            equal(ws.ask("commit")["code"], 0)
            box.process.kill()
            box.process.wait()
            box.process.communicate = lambda timeout=None: ("", "")
            box.process.returncode = 0
        with Sandbox("--data", file) as box:
            equal(box.sql("show topics"), [["t"]])
            ws = consumer(box, "g", ["t"])
            answer = poll(ws)
            check(answer["have_message"] and answer["offset"] > second, str(answer))
            equal(ws.ask("fetch", message_id=answer["message_id"])["rows"], 1)
            equal(poll(ws)["have_message"], False)


@test
def tmq_refusals():
    with Sandbox() as box:
        prepare(box)
        ws = consumer(box, "g", ["t"])
        place = dict(topic="t", vgroup_id=2)
        equal(ws.ask("subscribe", topics=["t"])["message"], "tmq should have unsubscribed first")
        equal(ws.ask("position", topic_vgroup_ids=[place])["code"], 0x4010)
        poll(ws)
        for offset in (-1, 10 ** 6):
            equal(ws.ask("seek", offset=offset, **place)["code"], 0x4007)
            equal(ws.ask("commit_offset", offset=offset, **place)["code"], 0x4007)
        equal(ws.ask("committed", topic_vgroup_ids=[place, dict(topic="t", vgroup_id=77)])["code"], 0x4008)
        equal(ws.ask("committed", topic_vgroup_ids=[dict(topic="x", vgroup_id=2)])["code"], 0x4009)
        status, _, body = box.http("POST", "/rest/sql", "drop topic t")
        equal(json.loads(body)["code"], 0x3EB)
        for key, value, code in (("config", {"session.timeout.ms": "1"}, 0x118), ("group_id", "a:b", 0x118),
                                 ("auto_commit_interval_ms", "x", 0xFFFF), ("msg_consume_rawdata", "1", 0x100)):
            args = dict(user="root", password="taosdata", group_id="g", topics=["t"])
            args[key] = value
            equal(box.ws("/rest/tmq").ask("subscribe", **args)["code"], code, key)
        # Raw data that is none.
        ws = box.session("d")
        for kind, data, code in ((2, b"", 0x4018), (2, b"\x64" + b"\xff" * 40, 0x4018), (4, bytes(18), 0x4018),
                                 (5, b"\xff" * 8, 0x4018), (531, bytes(40), 0x118), (515, b"\1" * 60, 0x118), (99, b"x", 0x118)):
            ws.send_message(BINARY, struct.pack("<QQQIH", 5, 0, 3, len(data), kind) + data)
            equal(json.loads(ws.receive(WAIT)[1])["code"], code, f"{kind} {data!r}")
        ws.send_message(BINARY, struct.pack("<QQQIH", 5, 0, 3, 1000, 2))
        equal(json.loads(ws.receive(WAIT)[1])["message"], "message length is too short")


@test
def tmq_faults():
    with Sandbox("--control", "--fault", "error=fetch_raw_data:17:no@1,late=poll:300@2,cut=commit@1") as box:
        prepare(box)
        box.sql("insert into d.c using d.s tags(1) values (1, 1)")
        ws = consumer(box, "g", ["t"])
        equal(poll(ws)["message_id"], 1)
        ws.send_text(json.dumps({"action": "fetch_raw_data", "args": {"req_id": 9, "message_id": 1}}))
        equal(decode(*ws.receive(WAIT)), [9, 17, b"no", 1])
        started = time.monotonic()
        poll(ws)
        check(time.monotonic() - started >= 0.29, "the poll was not late")
        try:
            ws.ask("commit")
            raise AssertionError("the connection was not cut")
        except Closed:
            pass
        # It was done all the same.
        ws = consumer(box, "g", ["t"])
        check(ws.ask("committed", topic_vgroup_ids=[dict(topic="t", vgroup_id=2)])["committed"][0] > 0, "not committed")
        box.faults("never=poll@1")
        ws.send_text(json.dumps({"action": "poll", "args": {"req_id": 9, "blocking_time": 0}}))
        equal(ws.ask("list_topics")["topics"], ["t"])


@test
def a_consumer_that_was_cut_says_goodbye_on_its_own_descriptors():
    # Its wake descriptor was closed but still watched during the goodbye, which ended it at once, or, when the number
    # was a new connection's by then, swallowed eight bytes of that one's request.
    def still_read(box):
        box.faults("cut=list_topics@1")
        ws = box.ws("/rest/tmq")
        try:
            ws.ask("list_topics")
            raise AssertionError("the connection was not cut")
        except Closed:
            pass
        try:
            for _ in range(3):  # what arrives for a closed socket is answered with a reset
                ws.send(b"x")
                time.sleep(0.02)
        except (BrokenPipeError, ConnectionResetError):
            return False
        finally:
            ws.socket.close()
        return True

    with Sandbox("--control") as box:
        prepare(box)
        # A goodbye lasts half a second: a machine that is busy for longer may miss some, not all.
        check(any(still_read(box) for _ in range(20)), "no goodbye")
