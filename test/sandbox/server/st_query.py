"""Sessions, statements and results on /ws and /rest/ws."""
import json
import os
import struct

from st_tools import BINARY, ROOT, TEXT, Sandbox, check, decode_block, decode_block_frame, equal, eventually, test

COMMON = ["code", "message", "action", "req_id", "timing"]


@test
def request_ids_are_exact():
    with Sandbox() as box, box.ws() as ws:
        for text in ("0", "1", "9007199254740993", "9223372036854775809", "18446744073709551615"):
            ws.send_text('{"args":{"req_id":%s},"action":"version"}' % text)
            opcode, payload = ws.receive()
            check(b'"req_id":%s,' % text.encode() in payload, f"{text}: {payload}")
        for text in ("-1", "1.0", "1e3", '"5"', "true", "18446744073709551616", "[]"):
            ws.send_text('{"action":"get_current_db","args":{"req_id":%s}}' % text)
            equal(ws.receive_json()["message"], "server not connected")
        equal(ws.ask("conn", user="root", password="taosdata")["code"], 0)
        for text in ("-1", "1.0", "1e3", '"5"', "true", "18446744073709551616", "[]"):
            ws.send_text('{"action":"get_current_db","args":{"req_id":%s}}' % text)
            answer = ws.receive_json()
            equal((answer["message"], answer["req_id"]), ("unmarshal get current db request error", 0), text)
        sql = b"select 1"
        ws.send_binary(struct.pack("<QQQHI", 2**64 - 1, 0, 6, 1, len(sql)) + sql)
        equal(ws.receive_json()["req_id"], 2**64 - 1)


@test
def malformed_requests():
    with Sandbox() as box, box.session() as ws:
        def answer(text):
            ws.send_text(text)
            reply = ws.receive_json()
            equal(list(reply), COMMON, text)
            return reply["code"], reply["message"], reply["action"], reply["req_id"]

        for text in ("", "hello", "{", "[]", "5", '{"action":5}', '{"action":"version"} x', "\ufeff}", "null"):
            equal(answer(text), (65535, "unmarshal request error", "", 0), text)
        equal(answer('{"args":{"req_id":5}}'), (65535, "request no action", "", 5))
        equal(answer('{"action":null,"args":{"req_id":5}}'), (65535, "request no action", "", 5))
        for action, words, bad in [
            ("query", "query", '"sql":5'), ("fetch", "fetch", '"id":"x"'), ("fetch_block", "fetch block", '"id":-1'),
            ("free_result", "free result", '"id":1.5'), ("num_fields", "num fields", '"result_id":{}'),
            ("options_connection", "options connection", '"options":5'),
            ("options_connection", "options connection", '"options":[{"option":"x"}]'),
            ("check_server_status", "check server status", '"port":"x"'),
            ("get_connection_info", "get connection info", '"info":"x"'), ("conn", "connect", '"user":5'),
            ("conn", "connect", '"mode":"x"'),
        ]:
            equal(answer('{"action":"%s","args":{"req_id":78,%s}}' % (action, bad)),
                  (65535, f"unmarshal {words} request error", action, 78))
            equal(answer('{"action":"%s"}' % action), (65535, f"unmarshal {words} request error", action, 0))
        equal(answer('{"action":"query","args":null}')[:2], (0x2601, "Incomplete SQL statement"))
        ws.send_text('{"action":"version"}')
        equal(ws.receive_json()["code"], 0)
        equal(answer('{"action":"nonsense","args":{"req_id":10}}'), (65535, "unknown action nonsense", "nonsense", 10))
        for later in ("poll", "subscribe"):
            equal(answer('{"action":"%s","args":{"req_id":10}}' % later)[1], "unknown action " + later)


@test
def malformed_binary_requests():
    with Sandbox() as box, box.session() as ws:
        def answer(data):
            ws.send_binary(data)
            reply = ws.receive_json()
            return reply["message"], reply["action"], reply["req_id"]

        head = struct.pack("<QQ", 9, 0)
        too_short = "message length is too short"
        equal(answer(b""), ("unknown binary action 0", "unknown", 0))
        equal(answer(b"short"), ("unknown binary action 0", "unknown", int.from_bytes(b"short", "little")))
        equal(answer(head + struct.pack("<Q", 99)), ("unknown binary action 99", "unknown", 9))
        equal(answer(head + struct.pack("<Q", 2**64 - 1)), (f"unknown binary action {2**64 - 1}", "unknown", 9))
        for action, name in ((6, "binary_query"), (10, "validate_sql")):
            full = head + struct.pack("<QHI", action, 1, 8) + b"select 1"
            for n in range(24, 31):
                equal(answer(full[:n]), (too_short, name, 9), f"{n} bytes")
            equal(answer(head + struct.pack("<QHI", action, 2, 8) + b"select 1"),
                  ("unknown binary query version:2", name, 9))
            equal(answer(head + struct.pack("<QHI", action, 1, 50) + b"select 1"),
                  ("uncompleted message, sql length:50, remainMessageLength:8", name, 9))
            equal(answer(head + struct.pack("<QHI", action, 1, 2**32 - 1) + b"select 1"),
                  (f"uncompleted message, sql length:{2**32 - 1}, remainMessageLength:8", name, 9))
            ws.send_binary(full + b" and more")
            equal(ws.receive_json()["code"], 0, "bytes behind the SQL are ignored")
        for n in (24, 25):
            ws.send_binary((head + struct.pack("<QH", 7, 1))[:n])
            frame = decode_block_frame(ws.receive()[1])
            equal((frame["code"], frame["message"], frame["finished"]), (65535, too_short, 1))
        equal(ws.rows("select 1"), [(1,)])


@test
def nothing_works_before_conn():
    with Sandbox() as box, box.ws() as ws:
        for action in ("query", "fetch", "get_current_db", "options_connection", "nonsense", "stmt2_init"):
            equal(ws.ask(action)["message"], "server not connected", action)
        for number, name in ((6, "binary_query"), (7, "fetch_raw_block"), (10, "validate_sql"), (99, "unknown")):
            opcode, payload = ws.ask_binary(number, 1, struct.pack("<H", 1))
            answer = json.loads(payload)
            equal((opcode, answer["message"], answer["action"]), (TEXT, "server not connected", name))
        equal(ws.ask("check_server_status", fqdn=None, port=0)["status"], 2)
        equal(ws.ask("check_server_status", fqdn="127.0.0.1", port=1)["status"], 0)
        equal(ws.ask("check_server_status", fqdn="db.example", port=6030)["status"], 0)
        equal(ws.ask("version")["code"], 0)


@test
def logging_in():
    with Sandbox() as box:
        box.sql("create database st")
        with box.ws() as ws:
            for args, code, message in [
                ({"user": "root", "password": "wrong"}, 0x357, "Authentication failure"),
                ({"user": "nobody", "password": "taosdata"}, 0x351, "Invalid user"),
                ({}, 0x207, "Invalid user name"),
                ({"user": "u" * 24, "password": "taosdata"}, 0x207, "Invalid user name"),
                ({"user": "u" * 23, "password": "taosdata"}, 0x351, "Invalid user"),
                ({"user": "root"}, 0x208, "Invalid password length"),
                ({"user": "root", "password": "p" * 256}, 0x208, "Invalid password length"),
                ({"user": "root", "password": "taosdata", "db": "d" * 65}, 0x209, "Database name too long"),
                ({"user": "root", "password": "taosdata", "db": "d" * 64}, 0x388, "Database not exist"),
                ({"user": "root", "password": "taosdata", "db": "no_such_db"}, 0x388, "Database not exist"),
                ({"user": "root", "password": "taosdata", "mode": 7}, 65535, "unexpected mode:7"),
                ({"user": "root", "password": "wrong", "mode": 7}, 0x357, "Authentication failure"),
                ({"bearer_token": "t", "user": "root", "password": "taosdata"}, 0x100, "Operation not supported"),
                ({"totp_code": "123456", "user": "root", "password": "taosdata"}, 0x100, "Operation not supported"),
            ]:
                answer = ws.ask("conn", **args)
                equal((list(answer), answer["code"]), (COMMON, code), str(args))
                equal(answer["message"], message)
                equal(ws.query("select 1")["message"], "server not connected", "still not connected")
            answer = ws.ask("conn", user="root", password="taosdata", db="st", mode=None, tz="Not/AZone", app="a" * 40,
                            ip="no ip", connector="c", unknown="u")
            equal((list(answer), answer["code"]), (COMMON + ["version"], 0))
            equal(ws.ask("conn", user="root", password="taosdata")["message"], "duplicate connections")
            equal(ws.ask("get_current_db")["db"], "st")
            equal(ws.ask("get_connection_info", info=0)["info"], "root")
            equal(ws.ask("get_connection_info", info=9)["code"], 0x118)
            info = ws.ask("get_server_info")["info"].split("\n")
            equal([line.split(":")[0] for line in info], ["ver", "build", "gitinfo"])
        with box.ws("/ws?token=x") as ws:  # then the token of `conn` does not count
            equal(ws.ask("conn", user="root", password="taosdata", bearer_token="t")["code"], 0)
        with box.session("st") as ws:
            equal(ws.query("use information_schema")["code"], 0)
            equal(ws.ask("get_current_db")["db"], "information_schema")


@test
def session_zone():
    with Sandbox() as box, box.ws() as ws:
        equal(ws.ask("conn", user="root", password="taosdata", tz="Asia/Shanghai")["code"], 0)
        equal(ws.rows("select to_iso8601(0)"), [("1970-01-01T08:00:00.000+0800",)])
        equal(ws.ask("options_connection", options=[{"option": 1, "value": "America/New_York"}])["code"], 0)
        equal(ws.rows("select to_iso8601(0)"), [("1969-12-31T19:00:00.000-0500",)])
        equal(ws.ask("options_connection", options=[{"option": 1, "value": None}])["code"], 0)
        equal(ws.rows("select to_iso8601(0)"), [("1970-01-01T00:00:00.000+0000",)])
        answer = ws.ask("options_connection", options=[{"option": 1, "value": "Asia/Shanghai"}, {"option": -5}])
        equal(answer["code"], 0x118)
        equal(ws.rows("select to_iso8601(0)"), [("1970-01-01T08:00:00.000+0800",)], "the ones before stay applied")
        equal(ws.ask("options_connection", options=[{"option": -1, "value": None}])["code"], 0)
        equal(ws.rows("select to_iso8601(0)"), [("1970-01-01T00:00:00.000+0000",)])


@test
def the_block_of_select_1():
    with Sandbox() as box, box.session() as ws:
        equal(ws.query("select 1")["id"], 1)
        opcode, payload = ws.ask_binary(7, 1, struct.pack("<H", 1), req_id=2)
        want = bytes.fromhex("ffffffffffffffff0700000000000000" "01000000000000000000" "0200000000000000"
                             "00000000" "00000000" "0100000000000000" "00" "2f000000"
                             "010000002f0000000100000001000000000000800000000000000000" "0508000000" "08000000"
                             "000100000000000000" "00")
        equal((opcode, (payload[:18] + bytes(8) + payload[26:]).hex()), (BINARY, want.hex()))
        opcode, payload = ws.ask_binary(7, 1, struct.pack("<H", 1), req_id=3)
        want = bytes.fromhex("ffffffffffffffff0700000000000000" "01000000000000000000" "0300000000000000"
                             "00000000" "00000000" "0100000000000000" "01")
        equal((payload[:18] + bytes(8) + payload[26:]).hex(), want.hex())
        opcode, payload = ws.ask_binary(7, 1, struct.pack("<H", 1), req_id=4)
        frame = decode_block_frame(payload)
        equal((frame["req_id"], frame["code"], frame["message"], frame["id"]), (4, 65535, "result is nil", 1))
    with Sandbox("--no-trailing-byte") as box, box.session() as ws:
        block = ws.fetch(ws.query("select 1")["id"])["block"]
        equal((len(block), decode_block(block)["trailing"]), (46, ""))


def fill(ws, rows):
    for sql in ("create database big", "use big", "create table t (ts timestamp, v int, s varchar(20), n nchar(10))"):
        equal(ws.query(sql)["code"], 0, sql)
    for first in range(0, rows, 1000):
        values = " ".join(f"({1700000000000 + i},{i},{'null' if i % 3 == 0 else repr('s%d' % i)},'涛{i}')"
                          for i in range(first, min(rows, first + 1000)))
        answer = ws.query("insert into t values " + values)
        equal((answer["code"], answer["affected_rows"]), (0, min(1000, rows - first)), str(answer))


@test
def results_of_several_blocks():
    want = [(1700000000000 + i, i, None if i % 3 == 0 else f"s{i}", f"涛{i}") for i in range(9000)]
    with Sandbox("--control") as box, box.session() as ws:
        fill(ws, 9000)
        answer = ws.query("select * from t")
        sizes, rows = [], []
        while True:
            frame = ws.fetch(answer["id"])
            if frame["finished"]:
                break
            block = decode_block(frame["block"])
            sizes.append(block["rows"])
            rows += zip(*block["columns"])
        equal(sizes, [4096, 4096, 808])
        check(rows == want, "rows of the binary form")

        answer = ws.ask("query", sql="select * from t")
        sizes, rows = [], []
        while True:
            fetch = ws.ask("fetch", id=answer["id"])
            if fetch["completed"]:
                equal((fetch["lengths"], fetch["rows"]), (None, 0))
                break
            equal(fetch["lengths"], [8, 4, 22, 42])
            if len(sizes) == 1:
                sizes.append(fetch["rows"])  # a block may be skipped
                rows += want[4096:8192]
                continue
            for _ in range(2):  # asking twice gives the same block
                ws.send_text(json.dumps({"action": "fetch_block", "args": {"req_id": 1, "id": answer["id"]}}))
                opcode, payload = ws.receive()
                equal((opcode, struct.unpack_from("<Q", payload, 8)[0]), (BINARY, answer["id"]))
            block = decode_block(payload[16:])
            equal(block["rows"], fetch["rows"])
            sizes.append(block["rows"])
            rows += zip(*block["columns"])
        equal(sizes, [4096, 4096, 808])
        check(rows == want, "rows of the JSON form")
        equal(box.stats()["results"], 0, "a result that was read is freed")


@test
def results_live_and_die():
    with Sandbox("--control") as box:
        with box.session() as ws:
            ids = [ws.query("select 1")["id"] for _ in range(3)]
            equal(ids, [1, 2, 3])
            equal(box.stats()["results"], 3)
            equal(ws.ask("num_fields", result_id=2)["num_fields"], 1)
            ws.send_text(json.dumps({"action": "free_result", "args": {"req_id": 1, "id": 2}}))
            ws.send_text(json.dumps({"action": "free_result", "args": {"req_id": 1, "id": 777}}))
            check(ws.nothing(), "free_result is never answered")
            equal(box.stats()["results"], 2)
            for action, args in (("fetch", {"id": 2}), ("fetch_block", {"id": 2}), ("num_fields", {"result_id": 2})):
                equal(ws.ask(action, **args)["message"], "result is nil", action)
            equal(ws.ask("fetch_block", id=1)["message"], "block is nil")
            answer = ws.query("create database life")
            equal((answer["id"], answer["is_update"]), (0, True))
            equal(ws.query("select 1")["id"], 4, "statements without a result use no id")
        with box.session() as ws:
            equal(ws.ask("fetch", id=1)["message"], "result is nil", "ids belong to their connection")
            eventually(lambda: box.stats()["results"], 0, "freed with the connection")


@test
def old_releases():
    binary_query = struct.pack("<HI", 1, 8) + b"select 1"
    for version, members, known, binary in [
        ("3.3.8.0", COMMON + ["version"], True, True), ("3.3.6.0", ["code", "message", "action", "version"], True, True),
        ("3.3.3.0", ["code", "message", "action", "version"], False, True),
        ("3.2.2.0", ["code", "message", "action", "version"], False, False),
    ]:
        with Sandbox("--version-string", version) as box:
            check(version in box.line, box.line)
            with box.ws() as ws:
                ws.send_text('{"action":"version","args":{"req_id":1}}')
                answer = ws.receive_json()
                equal((list(answer), answer["version"]), (members, version))
                answer = ws.ask("conn", user="root", password="taosdata", list_instances=True)
                equal("version" in answer, version >= "3.3.7.2", version)
                check("list_instances" not in answer, version)
                message = ws.ask("options_connection", options=[])["message"]
                equal(message, "" if known else "unknown action options_connection", version)
                opcode, payload = ws.ask_binary(6, 0, binary_query)
                equal(json.loads(payload)["message"], "" if binary else "unknown binary action 6", version)
                equal("fields_scales" in ws.ask("query", sql="select 1"), version >= "3.3.6", version)
    with Sandbox("--version-string", "3.4.1.13") as box, box.ws() as ws:
        equal(ws.ask("conn", user="root", password="taosdata", list_instances=True)["list_instances"], [])


@test
def legacy_endpoint():
    with Sandbox() as box, box.ws("/rest/ws") as ws:
        ws.send_text('{"action":"version","args":{"req_id":1}}')
        equal(list(ws.receive_json()), ["code", "message", "action", "version"])
        equal(list(ws.ask("conn", user="root", password="taosdata", mode=7)), COMMON)
        answer = ws.ask("query", sql="select 1")
        check("fields_scales" not in answer and answer["fields_count"] == 1, str(answer))
        equal(ws.ask("fetch", id=answer["id"])["rows"], 1)
        for text in ("hello", "{}", '{"action":"nonsense","args":{}}', '{"action":"get_current_db","args":{}}'):
            ws.send_text(text)
        ws.send_binary(struct.pack("<QQQHI", 1, 0, 6, 1, 8) + b"select 1")
        check(ws.nothing(), "unknown and malformed requests get no answer here")
        equal(ws.ask("query", sql=5)["message"], "unmarshal query request error")


TYPES = [  # vector, SQL type, two values around a NULL
    ("043_type_bool", "bool", "true", "false"), ("044_type_tinyint", "tinyint", "127", "-128"),
    ("045_type_smallint", "smallint", "32767", "-32768"), ("046_type_int", "int", "2147483647", "-2147483648"),
    ("047_type_bigint", "bigint", "9223372036854775807", "-9223372036854775808"),
    ("048_type_utinyint", "tinyint unsigned", "255", "0"), ("049_type_usmallint", "smallint unsigned", "65535", "0"),
    ("050_type_uint", "int unsigned", "4294967295", "0"),
    ("051_type_ubigint", "bigint unsigned", "18446744073709551615", "0"), ("052_type_float", "float", "1.5", "-0.1"),
    ("053_type_double", "double", "-2.25", "1e300"), ("054_type_timestamp", "timestamp", "1700000000123", "-1"),
    ("055_type_varchar", "varchar(20)", "'abc'", "''"), ("056_type_nchar", "nchar(20)", "'涛思a😀'", "''"),
    ("057_type_varbinary", "varbinary(20)", "'\\x01ff00'", "''"),
    ("058_type_geometry", "geometry(64)", "'POINT(1 2)'", "'LINESTRING(0 0, 1 1)'"),
    ("059_type_decimal64", "decimal(5,2)", "123.45", "-999.99"),
    ("060_type_decimal128", "decimal(38,10)", "-12345678901234567890.0123456789", "0.0000000001"),
    ("061_type_blob", "blob", "'\\x0001ff'", "'hello'"),
]


@test
def every_type_as_a_real_server_sends_it():
    with Sandbox() as box, box.session() as ws:
        equal(ws.query("create database vv")["code"], 0)
        equal(ws.query("use vv")["code"], 0)
        for name, kind, first, last in TYPES:
            with open(os.path.join(ROOT, "vectors", name + "_block.json")) as file:
                vector = json.load(file)
            table = name[4:]
            for sql in (f"create table {table} (ts timestamp, c {kind})",
                        f"insert into {table} values (1700000000000,{first})(1700000000001,null)(1700000000002,{last})"):
                answer = ws.query(sql)
                equal(answer["code"], 0, f"{sql}: {answer}")
            answer = ws.query(f"select c from {table}")
            want = json.loads(vector["query_reply"])
            for reply in (answer, want):
                for member in ("timing", "req_id", "id"):
                    del reply[member]
            equal(answer, want, name)
            frame = ws.fetch(ws.query(f"select c from {table}")["id"])
            real = decode_block_frame(bytes.fromhex(vector["hex"]))["block"]
            equal(decode_block(frame["block"]), decode_block(real), name)
            equal(frame["block"].hex(), real.hex(), name)
