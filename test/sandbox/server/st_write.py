"""Schemaless writes and raw blocks."""
import hashlib
import json
import struct

from st_stmt import block, good, text
from st_tools import Closed, Sandbox, check, equal, test

LINE, TELNET, JSON = 1, 2, 3


def insert(ws, protocol, data, precision="", **more):
    return ws.ask("insert", protocol=protocol, precision=precision, data=data, **more)


def database(box, options=""):
    ws = box.session()
    good(ws.query("create database d keep 36500 " + options))
    good(ws.query("use d"))
    return ws


def described(ws, table):
    return [(name, kind, length) for name, kind, length, *_ in ws.rows(f"describe `{table}`")]


def generated(text):
    return "t_" + hashlib.md5(text.encode()).hexdigest()


@test
def schemaless_lines():
    with Sandbox() as box, database(box) as ws:
        answer = good(insert(ws, LINE, "\n".join((
            'm,z=1,a=涛 i=1i,u=2u,f=1.5f32,d=-2e3,b=T,s="a b,c=d\\"",n=L"漢字",x=B"\\x00ff",g=G"POINT(1 2)" 1700000000000000000',
            "# nothing",
            "m,a=涛,z=1 i=-3i64 1700000000001000000",
            "m.dot,a=b v=1i8"))))
        equal((answer["affected_rows"], answer["total_rows"]), (3, 3))
        equal(described(ws, "m"),
              [("_ts", "TIMESTAMP", 8), ("i", "BIGINT", 8), ("u", "BIGINT UNSIGNED", 8), ("f", "FLOAT", 4),
               ("d", "DOUBLE", 8), ("b", "BOOL", 1), ("s", "VARCHAR", 16), ("n", "NCHAR", 8), ("x", "VARBINARY", 4),
               ("g", "GEOMETRY", 32), ("z", "NCHAR", 2), ("a", "NCHAR", 4)])
        point = "0101000000000000000000f03f0000000000000040"
        equal(ws.rows("select tbname, * from m order by _ts"),
              [(generated("m,a=涛,z=1"), 1700000000000, 1, 2, 1.5, -2000.0, True, 'a b,c=d"', "漢字", "00ff", point, "1",
                "涛"),
               (generated("m,a=涛,z=1"), 1700000000001, -3) + (None,) * 8 + ("1", "涛")])
        equal(ws.rows("select count(*) from m_dot where _ts > now - 1h"), [(1,)])

        # Columns and tags are added, narrow ones widened; the time of a point that is there takes new values.
        good(insert(ws, LINE, 'm,z=1,a=涛,new=tag s="sixteen characters and more",c=1i8 1700000000000', "ms"))
        equal(described(ws, "m")[6:7] + described(ws, "m")[-4:],
              [("s", "VARCHAR", 32), ("c", "TINYINT", 1), ("z", "NCHAR", 2), ("a", "NCHAR", 4), ("new", "NCHAR", 4)])
        good(insert(ws, LINE, 'm,z=1,a=涛 c=5i8 1700000000000', "ms"))
        equal(ws.rows("select i, c, new from m where tbname = '%s' and _ts = 1700000000000" % generated("m,a=涛,z=1")),
              [(1, 5, None)])
        good(insert(ws, LINE, "plain v=1 1700000000000000000"))
        equal(described(ws, "plain")[2], ("_tag_null", "NCHAR", 1))
        for precision, time in (("h", 464445), ("m", 27866700), ("s", 1672002000), ("ms", 1672002000000),
                                ("u", 1672002000000000), ("ns", 1672002000000000000), ("", 1672002000000000000)):
            good(insert(ws, LINE, f"p,a={precision or 'none'} v=1 {time}", precision))
        equal(set(ws.rows("select _ts from p")), {(1672002000000,)})
        good(insert(ws, LINE, "late v=1 1672006833123456789", "ms"))  # too many digits: as late as it gets
        equal(ws.rows("select _ts from late"), [(9223372036854,)])
    with Sandbox() as box, database(box, "precision 'ns'") as ws:
        good(insert(ws, LINE, "m,a=1 v=1 1626006833639123456"))
        good(insert(ws, LINE, "m,a=2 v=1 1626006833", "s"))
        equal(ws.rows("select _ts from m order by _ts"), [(1626006833000000000,), (1626006833639123456,)])
        equal(insert(ws, LINE, "m,a=2 v=1 9223372036854775807", "s")["code"], 0x060B)


@test
def schemaless_table_names():
    with Sandbox() as box, database(box) as ws:
        good(insert(ws, LINE, "k,tn=Tab_a,x=1 v=1 1\nk,tn=tab_b,x=2 v=2 1", table_name_key="tn", ttl=3))
        good(insert(ws, LINE, "k,tn=Tab_a,x=1 v=3 2", table_name_key="other"))
        equal(ws.rows("select tbname, v, x, tn from k order by _ts, v"),
              [("Tab_a", 1.0, "1", None), ("tab_b", 2.0, "2", None),
               (generated("k,tn=Tab_a,x=1"), 3.0, "1", "Tab_a")])
        equal(ws.rows("select table_name from information_schema.ins_tables where db_name = 'd' and `ttl` = 3 "
                      "order by table_name"), [("Tab_a",), ("tab_b",)])
    with Sandbox("--version-string", "3.3.2.0") as box, database(box) as ws:
        good(insert(ws, LINE, "k,tn=a v=1 1", table_name_key="tn"))
        equal(ws.rows("select tbname from k"), [(generated("k,tn=a"),)], "an old release does not know the key")


@test
def schemaless_telnet_and_json():
    with Sandbox() as box, database(box) as ws:
        good(insert(ws, TELNET, "sys.cpu 1648432611249 11.3 h=a cpu=0\nsys.cpu 1648432611 12 h=b"))
        equal(ws.rows("select _ts, _value, h, cpu from sys_cpu order by _ts"),
              [(1648432611000, 12.0, "b", None), (1648432611249, 11.3, "a", "0")])
        points = [{"metric": "j.k", "timestamp": 1648432611249, "value": 10.5, "tags": {"loc": "SF", "n": 2, "b": True}},
                  {"metric": "j.k", "timestamp": {"value": 1648432611, "type": "s"},
                   "value": {"value": 1, "type": "double"},
                   "tags": {"loc": {"value": "涛", "type": "varchar"}, "i": {"value": -7, "type": "i32"}}}]
        equal(good(insert(ws, JSON, json.dumps(points)))["total_rows"], 2)
        equal(described(ws, "j_k"),
              [("_ts", "TIMESTAMP", 8), ("_value", "DOUBLE", 8), ("loc", "VARCHAR", 4), ("n", "DOUBLE", 8),
               ("b", "BOOL", 1), ("i", "INT", 4)])
        equal(ws.rows("select * from j_k order by _ts"),
              [(1648432611000, 1.0, "涛", None, None, -7), (1648432611249, 10.5, "SF", 2.0, True, None)])
        good(insert(ws, JSON, '{"metric":"s","timestamp":0,"value":"text","tags":{"a":1}}'))
        equal(ws.rows("select _value from s where _ts > now - 1h"), [("text",)])


@test
def schemaless_mistakes():
    """Codes and texts of a real server; one bad line leaves nothing behind."""
    with Sandbox() as box, database(box) as ws:
        time = " 1626006833639000000"
        for data, code, message in (
                ("", 0x3002, "line num is invalid"),
                ("# comment", 0x3002, "line num is invalid"),
                ("m", 0x3002, "SML line cols is empty"),
                ("m,t=1 ", 0x3002, "SML line cols is empty"),
                ("m,t=1 v", 0x021F, "SML line invalid key or key is too long than 64:v"),
                ("m,t=1 v=", 0x3002, "SML line invalid value:"),
                ("m,t=1 v=1 notatime", 0x0127, "SML line invalid timestamp:notatime"),
                ("m,t=1 v=1u8 -5", 0x0127, "Invalid timestamp format"),
                ("m,t= v=1" + time, 0x3002, "invalid value: v=1" + time),
                (",t=1 v=1" + time, 0x3002, "Invalid data format"),
                ("m,t=1,t=2 v=1" + time, 0x263C, "Duplicated column names"),
                ("m,t=1 v=1,v=2" + time, 0x263C, "Duplicated column names"),
                ('m,t=1 v="open' + time, 0x3002, 'SML line unbalanced quotes:"open' + time),
                ("m,t=1 v=1i9" + time, 0x0203, "invalid data:1i9" + time),
                ("m,t=1 v=300i8" + time, 0x0203, "tiny int out of range[-128,127]:300i8" + time),
                ("m,t=1 v=-1u64" + time, 0x0203, "unsigned big int out of range[0,18446744073709551615]:-1u64" + time),
                ("m,t=1 v=abc" + time, 0x0203, "invalid data:abc" + time),
                ("m,t=1 v=1" + time + "\n\nm,t=2 v=1", 0x020A, "SML line measure is empty or too large than 192"),
                ("m" * 193 + " v=1", 0x020A, "SML line measure is empty or too large than 192"),
                ("m,t=1 v=1i8\nm,t=1 v=1i16", 0x3004, "the type is not the same like before:v")):
            answer = insert(ws, LINE, data)
            equal((answer["code"], answer["message"]), (code, message), data)
        for data, code, message in (
                ("m", 0x020A, "SML telnet invalid measure:"),
                ("m 1648432611249", 0x3002, "SML telnet invalid timestamp:"),
                ("m 1648432611249 1", 0x0203, "SML telnet invalid value:"),
                ("m 12 1 a=b", 0x0127, "SML telnet parse timestamp failed: 1 a=b"),
                ("m 1648432611249 x a=b", 0x0203, "invalid data:x a=b"),
                ("m 1648432611249 1 a", 0x021F, "invalid key or key is too long than 64:a"),
                ("m 1648432611249 1 a=b a=c", 0x263C, "Duplicated column names")):
            answer = insert(ws, TELNET, data)
            equal((answer["code"], answer["message"]), (code, message), data)
        for data, code, message in (
                ("", 0x0221, "Invalid JSON format"), ("{", 0x0221, "Invalid JSON format"),
                ("[]", 0x070F, "invalid input"), ('{"metric":"m"}', 0x0221, "Invalid JSON format"),
                ('{"metric":"m","timestamp":"x","value":1,"tags":{"a":1}}', 0x0127, "invalidate json"),
                ('{"metric":"m","timestamp":1648432611249,"value":null,"tags":{"a":1}}', 0x0221, "Invalid JSON format"),
                ('[{"metric":"m","timestamp":1648432611249,"value":1,"tags":{"a":1}},'
                 '{"metric":"m","timestamp":1648432611249,"value":"s","tags":{"a":1}}]', 0x3004,
                 "the type is not the same like before:_value")):
            answer = insert(ws, JSON, data)
            equal((answer["code"], answer["message"]), (code, message), data)
        equal(insert(ws, 0, "x")["message"], "schemaless write protocol is null")
        equal(insert(ws, 4, "x")["code"], 0x3000)
        equal(ws.rows("show stables"), [])
        good(insert(ws, LINE, "m,t=1 v=1i8" + time))
        answer = insert(ws, LINE, 'm,t=1 w=1,v="str"' + time)
        equal(answer["code"], 0x3002)
        check("point type and db type mismatch, db type:TINYINT, point type:VARCHAR" in answer["message"], answer)
        equal(len(described(ws, "m")), 3, "no column was added")
        good(ws.query("create table plain (ts timestamp, v int)"))
        equal(insert(ws, LINE, "plain,t=1 v=1" + time)["code"], 0x3002)
        with box.session() as other:
            equal(insert(other, LINE, "m v=1")["code"], 0x2616)
        ws.send_text('{"action":"insert","args":{"req_id":3,"protocol":"1"}}')
        equal(ws.receive_json()["message"], "unmarshal schemaless insert request error")


def raw_block(table, data, fields=(), rows=0):
    name = table.encode()
    out = struct.pack("<iH", rows, len(name)) + name + data
    for field, kind, width in fields:
        out += field.encode().ljust(65, b"\0") + struct.pack("<bHi", kind, 0, width)
    return out


@test
def raw_blocks():
    def write(ws, table, data, fields=()):
        return text(ws.ask_binary(5 if fields else 4, 0, raw_block(table, data, fields)))

    with Sandbox() as box, database(box) as ws:
        good(ws.query("create table s (ts timestamp, v int, n nchar(4)) tags (g int)"))
        good(ws.query("create table c using s tags (7)"))
        good(ws.query("create table t (ts timestamp, v int, n nchar(4))"))
        columns = [(9, [1, 2]), (4, [10, None]), (10, ["涛思", ""])]
        answer = good(write(ws, "c", block(columns)))
        equal(answer["action"], "write_raw_block")
        good(write(ws, "c", block(columns[:1] + [(4, [11, 12])])))
        equal(ws.rows("select * from s"), [(1, 11, "涛思", 7), (2, 12, "", 7)])
        good(write(ws, "t", block([columns[2], columns[0]]), [("n", 10, 4), ("ts", 9, 8)]))
        good(write(ws, "t", block([columns[0], columns[1]]), [("ts", 9, 8), ("nosuch", 4, 4)]))
        equal(ws.rows("select * from t"), [(1, None, "涛思"), (2, None, "")])

        # A block as it was fetched can be sent back.
        whole = ws.fetch(ws.query("select ts, v, n from s")["id"])["block"]
        good(write(ws, "t", whole))
        equal(ws.rows("select * from t"), [(1, 11, "涛思"), (2, 12, "")])

        for table, data, fields, code in (
                ("nosuch", block(columns), (), 0x2603), ("d.c", block(columns), (), 0x2603),
                ("s", block(columns), (), 0x2507),
                ("t", block([(9, [1]), (5, [1])]), (), 0x0118), ("t", block([(4, [1])]), (), 0x0118),
                ("t", block(columns + [(4, [1, 1])]), (), 0x0118),
                ("t", block([(4, [1])]), [("v", 4, 4)], 0x0118),
                ("t", block([(9, [1]), (4, [1]), (10, ["12345"])]), (), 0x2653)):
            equal(write(ws, table, data, fields)["code"], code, f"{table} {fields}")
        with box.session() as other:
            equal(write(other, "t", block(columns))["code"], 0x2616)
        equal(ws.rows("select count(*) from t"), [(2,)])
        message = raw_block("t", block(columns), [("ts", 9, 8), ("v", 4, 4), ("n", 10, 4)])
        for end in range(len(message)):
            equal(text(ws.ask_binary(5, 0, message[:end]))["code"], 0xFFFF, str(end))
        for at in range(8, 90):  # whatever comes, it is answered
            for value in (0x00, 0x7F, 0xFF):
                text(ws.ask_binary(4, 0, message[:at] + bytes([value]) + message[at + 1:]))
        no_columns = struct.pack("<iiiiIQ", 1, 28, 2**31 - 1, 0, 0, 0)
        equal(write(ws, "t", no_columns)["code"], 0x0118)
        good(ws.query("create table b (ts timestamp, x blob)"))
        answer = write(ws, "b", block([(9, [1]), (18, [b"\0\0"])]))
        equal((answer["code"], answer["message"]), (0x0118, "taos-sandbox does not support BLOB in raw blocks"))


@test
def faults_of_writes():
    with Sandbox("--control") as box, database(box) as ws:
        good(ws.query("create table t (ts timestamp, v int)"))
        box.faults("error=insert:770:made up@1,duplicate=write_raw_block@1")
        equal(insert(ws, LINE, "m v=1 1")["message"], "made up")
        good(insert(ws, LINE, "m v=1 1"))
        first = text(ws.ask_binary(4, 0, raw_block("t", block([(9, [1])]))))
        equal(ws.receive_json(), first)
        box.faults("cut-before=write_raw_block_with_fields")
        try:
            ws.ask_binary(5, 0, raw_block("t", block([(9, [2])]), [("ts", 9, 8)]))
            check(False, "the connection should have been cut")
        except Closed:
            pass
        box.faults("")
        with box.session("d") as again:
            equal(again.rows("select ts from t"), [(1,)], "nothing was done before the cut")
