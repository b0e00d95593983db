"""Prepared statements of both generations."""
import json
import os
import struct

from st_tools import ROOT, TEXT, Closed, Sandbox, check, decode_block, equal, eventually, test

VARIABLE = (8, 10, 15, 16, 18, 19, 20)
PACK = {1: "?", 2: "b", 3: "h", 4: "i", 5: "q", 6: "f", 7: "d", 9: "q", 11: "B", 12: "H", 13: "I", 14: "Q"}
NONE = object()  # leave the column as it is


def entry(kind, values):
    """One bind entry of the second generation."""
    flags = bytes(2 if v is NONE else v is None for v in values)
    plain = [None if v is NONE else v for v in values]
    if kind in VARIABLE:
        data = [b"" if v is None else v if isinstance(v, bytes) else v.encode() for v in plain]
        tail = b"\x01" + b"".join(struct.pack("<i", len(d)) for d in data)
        buffer = b"".join(data)
    else:
        tail = b"\0"
        buffer = b"".join(struct.pack("<" + PACK[kind], 0 if v is None else v) for v in plain)
        if all(v is None for v in plain):
            buffer = b""
    body = struct.pack("<ii", kind, len(values)) + flags + tail + struct.pack("<i", len(buffer)) + buffer
    return struct.pack("<I", len(body) + 4) + body


def blob(tables):
    """`tables` are (name or None, tag entries, column entries)."""
    names = b""
    if any(name is not None for name, _, _ in tables):
        encoded = [(name or "").encode() + b"\0" for name, _, _ in tables]
        names = b"".join(struct.pack("<H", len(n)) for n in encoded) + b"".join(encoded)

    def area(column):
        parts = [b"".join(table[column]) for table in tables]
        return b"".join(struct.pack("<I", len(p)) for p in parts) + b"".join(parts) if any(parts) else b""

    tags, columns = area(1), area(2)
    at, offsets = 28, []
    for part in (names, tags, columns):
        offsets.append(at if part else 0)
        at += len(part)
    return struct.pack("<7I", at, len(tables), len(tables[0][1]), len(tables[0][2]), *offsets) + names + tags + columns


def text(reply):
    opcode, payload = reply
    equal(opcode, TEXT, str(payload))
    return json.loads(payload)


def bind2(ws, stmt, data, column=-1):
    return text(ws.ask_binary(9, stmt, struct.pack("<Hi", 1, column) + data))


def good(answer):
    equal((answer["code"], answer["message"]), (0, ""), str(answer))
    return answer


def prepare2(ws, sql, get_fields=True):
    stmt = good(ws.ask("stmt2_init"))["stmt_id"]
    return stmt, good(ws.ask("stmt2_prepare", stmt_id=stmt, sql=sql, get_fields=get_fields))


def vector(name):
    with open(os.path.join(ROOT, "vectors", name + ".json")) as file:
        return bytes.fromhex(json.load(file)["hex"])


def play_vector(ws, name, stmt):
    data = vector(name)
    ws.send_binary(data[:8] + struct.pack("<Q", stmt) + data[16:])
    return text(ws.receive())


def tables(box):
    ws = box.session()
    for sql in ("create database d keep 36500", "use d",
                "create table s (ts timestamp, v int, n nchar(20)) tags (g int, tn nchar(10))",
                "create table t (ts timestamp, v int, n varchar(10))"):
        good(ws.query(sql))
    return ws


INTO_S = "insert into ? using s tags (?, ?) values (?, ?, ?)"
ROWS = [entry(9, [1, 2]), entry(4, [10, None]), entry(10, ["ab", "涛"])]


@test
def stmt2_tables_and_rows():
    with Sandbox() as box, tables(box) as ws:
        stmt, prepared = prepare2(ws, INTO_S)
        equal([(f["name"], f["field_type"], f["bytes"], f["bind_type"]) for f in prepared["fields"]],
              [("tbname", 8, 271, 4), ("g", 4, 4, 2), ("tn", 10, 42, 2), ("ts", 9, 8, 1), ("v", 4, 4, 1),
               ("n", 10, 82, 1)])
        tags = [entry(4, [7]), entry(10, ["seven"])]
        good(bind2(ws, stmt, blob([("A", tags, ROWS), ("d.b", [entry(4, [None]), entry(10, [None])],
                                                       [entry(9, [3]), entry(4, [30]), entry(10, [""])])])))
        equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], 3)
        # The table is there: it keeps its tags, and what is bound later goes behind.
        good(bind2(ws, stmt, blob([("A", [entry(4, [8]), entry(10, ["x"])],
                                    [entry(9, [4, 1]), entry(4, [40, 11]), entry(10, ["", NONE])])])))
        good(bind2(ws, stmt, blob([("`A`", tags, [entry(9, [5]), entry(4, [NONE]), entry(10, [None])])])))
        equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], 3)
        equal(ws.rows("select tbname, ts, v, n, g, tn from s order by ts"),
              [("A", 1, 11, "ab", 7, "seven"), ("A", 2, None, "涛", 7, "seven"), ("b", 3, 30, "", None, None),
               ("A", 4, 40, "", 7, "seven"), ("A", 5, None, None, 7, "seven")])
        good(ws.ask("stmt2_close", stmt_id=stmt))
        good(ws.ask("stmt2_close", stmt_id=stmt))


@test
def stmt2_forms_of_insert():
    with Sandbox() as box, tables(box) as ws:
        stmt, prepared = prepare2(ws, "insert into s (g, tbname, n, ts) values (?, ?, 'lit', ?)")
        equal([(f["name"], f["bind_type"]) for f in prepared["fields"]], [("g", 2), ("tbname", 4), ("ts", 1)])
        good(bind2(ws, stmt, blob([("x", [entry(4, [1])], [entry(9, [1, 2])])])))
        equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], 2)

        stmt, prepared = prepare2(ws, "insert into lit using s (tn) tags (?) (ts, v) values (?, -5)")
        equal([(f["name"], f["bind_type"]) for f in prepared["fields"]], [("tn", 2), ("ts", 1)])
        good(bind2(ws, stmt, blob([(None, [entry(10, ["t"])], [entry(9, [3])])])))
        good(ws.ask("stmt2_exec", stmt_id=stmt))

        stmt, _ = prepare2(ws, "insert into ? values (?, ?, ?)", get_fields=False)
        good(bind2(ws, stmt, blob([("x", [], ROWS)])))
        equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], 2)
        equal(ws.rows("select tbname, ts, v, n, g, tn from s order by tbname, ts"),
              [("lit", 3, -5, None, None, "t"), ("x", 1, 10, "ab", 1, None), ("x", 2, None, "涛", 1, None)])

        stmt, _ = prepare2(ws, "insert into t values (?, ?, ?)")
        for column, values in ((2, entry(8, ["c", "d"])), (0, entry(9, [7, 8])), (1, entry(4, [1, 2]))):
            good(bind2(ws, stmt, blob([(None, [], [values])]), column))
        good(ws.ask("stmt2_exec", stmt_id=stmt))
        equal(ws.rows("select * from t"), [(7, 1, "c"), (8, 2, "d")])


@test
def stmt2_recorded_binds():
    """What was seen on the wire with a real server, values read back."""
    with Sandbox() as box, box.session() as ws:
        for sql in ("create database d keep 36500", "use d",
                    "create table s2 (ts timestamp, v int, n nchar(20)) tags (g int)",
                    "create table a (ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, "
                    "u1 tinyint unsigned, u2 smallint unsigned, u4 int unsigned, u8 bigint unsigned, f float, d double,"
                    " s varchar(20), n nchar(20), vb varbinary(20), ge geometry(64), bl blob) tags (j json)",
                    "create table k (ts timestamp, v int, s varchar(8))",
                    "create table de (ts timestamp, d1 decimal(10,2), d2 decimal(38,10))",
                    "insert into k values (1700000000000, 1, 'keep')"):
            good(ws.query(sql))
        two = "insert into ? using s2 tags(?) values(?,?,?)"
        for name, sql, rows in (("098_stmt2_bind", two, 2), ("100_stmt2_bind_two_tables", two, 3),
                                ("107_stmt2_bind_all_types",
                                 "insert into ? using a tags(?) values(" + ",".join("?" * 17) + ")", 2),
                                ("109_stmt2_bind_none_flag", "insert into k values(?,?,?)", 1),
                                ("110_stmt2_bind_decimal_fixed", "insert into de values(?,?,?)", 3)):
            stmt, _ = prepare2(ws, sql)
            good(play_vector(ws, name, stmt))
            equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], rows, name)
        equal(ws.rows("select ts, v, n, g from s2 order by ts"),
              [(1700000000000, 10, "ab", 7), (1700000001000, None, "涛", 7), (1700000002000, None, None, 7),
               (1700000003000, 1, "", None), (1700000004000, 2, None, None)])
        equal(ws.rows("select * from a"),
              [(1700000000000, True, -1, -2, -3, -4, 255, 65535, 2**32 - 1, 2**64 - 1, 1.5, -2.25, "abc", "涛思a", "01ff00",
                "0101000000000000000000f03f0000000000000040", "0001ff", '{"a":1}'),
               (1700000001000,) + (None,) * 16 + ('{"a":1}',)])
        equal(ws.rows("select * from k"), [(1700000000000, 9, "keep")])
        equal(ws.rows("select d1, d2 from de"), [("123.45", None), (None, "-12345678901234567890.0123456789"),
                                                 ("123.45", "-12345678901234567890.0123456789")])
        stmt, _ = prepare2(ws, "insert into de (ts, d1) values (?, ?)")
        body = struct.pack("<ii", 21, 1) + b"\0\x01" + struct.pack("<i", 5) + struct.pack("<i", 5) + b"-0.07"
        decimal_text = struct.pack("<I", len(body) + 4) + body
        good(bind2(ws, stmt, blob([(None, [], [entry(9, [1]), decimal_text])])))
        good(ws.ask("stmt2_exec", stmt_id=stmt))
        equal(ws.rows("select d1 from de where ts = 1"), [("-0.07",)])


@test
def stmt2_queries():
    with Sandbox("--control") as box, tables(box) as ws:
        good(ws.query("insert into t values (1, 5, 'a')(2, 6, 'b')(3, 7, 'c')"))
        stmt, prepared = prepare2(ws, "select ts, n from t where v > ? and n <> ? order by ts")
        equal((prepared["is_insert"], prepared["fields"], prepared["fields_count"]), (False, None, 2))
        equal(ws.ask("stmt2_result", stmt_id=stmt)["message"], "result is nil")
        good(bind2(ws, stmt, blob([(None, [], [entry(4, [5]), entry(8, ["c"])])])))
        equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], 0)
        result = good(ws.ask("stmt2_result", stmt_id=stmt))
        equal((result["fields_names"], result["fields_types"], result["fields_lengths"]), (["ts", "n"], [9, 8], [8, 12]))
        equal(decode_block(ws.fetch(result["id"])["block"])["columns"], [[2], ["b"]])
        again = good(ws.ask("stmt2_result", stmt_id=stmt))
        check(again["id"] != result["id"], "the same id again")
        equal(ws.fetch(again["id"])["finished"], 1, "the rows are read already")
        good(bind2(ws, stmt, blob([(None, [], [entry(9, [6]), entry(10, ["z"])])])))
        good(ws.ask("stmt2_exec", stmt_id=stmt))
        equal(ws.fetch(result["id"])["message"], "result is nil")
        third = good(ws.ask("stmt2_result", stmt_id=stmt))
        equal(decode_block(ws.fetch(third["id"])["block"])["columns"], [[3], ["c"]])
        good(ws.ask("stmt2_close", stmt_id=stmt))
        equal(ws.fetch(third["id"])["message"], "result is nil")
        equal(box.stats()["results"], 0)
        stmt, _ = prepare2(ws, "select * from nosuch where v = ?")
        good(bind2(ws, stmt, blob([(None, [], [entry(4, [5])])])))
        equal(ws.ask("stmt2_exec", stmt_id=stmt)["code"], 0x2603)


@test
def stmt2_what_goes_wrong():
    with Sandbox() as box, tables(box) as ws:
        stmt = good(ws.ask("stmt2_init"))["stmt_id"]
        equal(ws.ask("stmt2_exec", stmt_id=stmt)["code"], 0x022A)
        for sql, code, message in (
                ("", 0x2600, "stmt only support 'SELECT' or 'INSERT'"),
                ("select 1", 0x2600, "stmt only support 'SELECT' or 'INSERT'"),
                ("insert into", 0x2600, "stmt only support 'SELECT' or 'INSERT'"),
                ("insert into t select * from t where v = ?", 0x2600, "stmt only support 'SELECT' or 'INSERT'"),
                ("drop table t", 0x2600, "stmt only support 'SELECT' or 'INSERT'"),
                ("insert into nosuch values (?)", 0x022B, "Table does not exist"),
                ("insert into ? values (?, ?)", 0x022B, "Table does not exist"),
                ("insert into ? using nosuch tags (?) values (?, ?)", 0x022B, "Table does not exist"),
                ("insert into t values (?)", 0x0216, "syntax error near ')' (, expected)"),
                ("insert into t values (?, ?, ?, ?)", 0x263F, "Illegal number of columns"),
                ("insert into t (ts, nosuch) values (?, ?)", 0x2602, "Invalid column name: nosuch"),
                ("insert into t (v) values (?)", 0x0200, "Primary timestamp column should not be null"),
                ("insert into ? using s tags (?) values (?, ?, ?)", 0x260D, "Tags number not matched"),
                ("insert into t values (?, ?, ?) t values (?, ?, ?)", 0x2600,
                 "taos-sandbox does not support several tables or rows of placeholders in one INSERT")):
            answer = ws.ask("stmt2_prepare", stmt_id=stmt, sql=sql, get_fields=True)
            equal((answer["code"], answer["message"], answer["stmt_id"]), (code, message, stmt), sql)

        def refused(sql, data, code, message):
            good(ws.ask("stmt2_prepare", stmt_id=stmt, sql=sql, get_fields=True))
            for answer in (bind2(ws, stmt, data), bind2(ws, stmt, data), ws.ask("stmt2_exec", stmt_id=stmt)):
                equal((answer["code"], answer["message"]), (code, message), sql)

        into_t = "insert into t values (?, ?, ?)"
        row = [entry(9, [1]), entry(4, [1]), entry(8, ["x"])]
        rows_differ = "row number in each bind param should be the same"
        refused(into_t, blob([(None, [], [row[0], entry(5, [1]), row[2]])]), 0x0200,
                "column type mis-match with buffer type")
        refused(into_t, blob([(None, [], [row[0], entry(4, [1, 2]), row[2]])]), 0x0200, rows_differ)
        refused(into_t, blob([(None, [], row[:2])]), 0x0200, rows_differ)
        refused(into_t, blob([(None, [], row[:2] + [entry(8, ["12345678901"])])]), 0x2653,
                "Value too long for column/tag")
        refused(into_t, blob([(None, [], [entry(9, [None])] + row[1:])]), 0x267B,
                "Primary key column should not be null")
        refused(INTO_S, blob([(None, [entry(4, [1]), entry(10, ["x"])], ROWS)]), 0x022B, "table name not set")
        refused(INTO_S, blob([("y", [entry(4, [1]), entry(10, ["12345678901"])], ROWS)]), 0x2653,
                "Value too long for column/tag")
        refused("select * from t where v = ?", blob([(None, [], row)]), 0x0236,
                "bind number out of range or not match")
        good(ws.ask("stmt2_prepare", stmt_id=stmt, sql=into_t, get_fields=True))
        good(bind2(ws, stmt, blob([(None, [], row)])))
        good(ws.ask("stmt2_exec", stmt_id=stmt))
        equal(ws.ask("stmt2_exec", stmt_id=stmt)["code"], 0x022A, "nothing new is bound")
        equal(ws.ask("stmt2_result", stmt_id=stmt)["message"], "stmt is insert, no result set")
        equal(ws.rows("show tables"), [("t",)], "nothing was made on the way")

        # Several tables are one statement: all or nothing.
        good(ws.ask("stmt2_prepare", stmt_id=stmt, sql=INTO_S, get_fields=True))
        tags = [entry(4, [1]), entry(10, ["x"])]
        too_old = [entry(9, [-10**15]), entry(4, [1]), entry(10, ["x"])]
        good(bind2(ws, stmt, blob([("c1", tags, ROWS), ("c2", tags, too_old)])))
        equal(ws.ask("stmt2_exec", stmt_id=stmt)["code"], 0x060B)
        equal(ws.rows("select count(*) from s"), [(0,)])
        equal(ws.rows("show tables"), [("t",)])

        first = good(ws.ask("init"))["stmt_id"]
        equal(ws.ask("stmt2_close", stmt_id=first)["message"], f"stmtID:{first}, isStmt2:true not match")
        equal(ws.ask("stmt2_exec", stmt_id=first)["message"], "stmt2 is nil")
        equal(ws.ask("exec", stmt_id=stmt)["message"], "stmt is nil")


@test
def stmt2_broken_frames():
    with Sandbox() as box, tables(box) as ws:
        stmt, _ = prepare2(ws, INTO_S)
        whole = blob([("x", [entry(4, [1]), entry(10, ["x"])], ROWS)])

        def patched(at, value, size=4):
            return whole[:at] + value.to_bytes(size, "little") + whole[at + size:]

        tags_at, columns_at = struct.unpack_from("<II", whole, 20)
        for data, message in (
                (b"", "data length is less than 28"),
                (whole[:27], "data length is less than 28"),
                (whole[:-1], f"total length not match, expect {len(whole) - 1}, but get {len(whole)}"),
                (patched(8, 0), "tag count is 0, but tags offset is not 0"),
                (patched(12, 0), "col count is 0, but cols offset is not 0"),
                (patched(28, 0, 2), "table name length is 0, tableIndex: 0"),
                (patched(28, 60000, 2), "table name out of range, tableIndex: 0"),
                (patched(tags_at, 0), "tag length is 0, tableIndex: 0"),
                (patched(columns_at, 0), "col length is 0, tableIndex: 0"),
                (patched(columns_at, 2**32 - 1), "col out of range, tableIndex: 0"),
                (patched(columns_at + 4, 3), "bind data length error, tableIndex: 0, fieldIndex: 0"),
                (patched(columns_at + 12, 2**31), "bind data length error, tableIndex: 0, fieldIndex: 0"),
                (patched(4, 2**32 - 1), "table count out of range")):
            answer = bind2(ws, stmt, data)
            equal((answer["code"], answer["message"], answer["stmt_id"]), (0xFFFF, message, stmt))
        for at in range(len(whole)):  # whatever comes, it is answered
            for value in (0x00, 0x7F, 0xFF):
                bind2(ws, stmt, patched(at, value, 1))
                good(ws.ask("stmt2_prepare", stmt_id=stmt, sql=INTO_S, get_fields=True))
        equal(text(ws.ask_binary(9, stmt, b"\1\0"))["message"], "message length is too short")
        equal(text(ws.ask_binary(9, stmt, struct.pack("<Hi", 2, -1) + whole))["message"], "unknown stmt2 bind version")
        good(bind2(ws, stmt, whole))
        equal(good(ws.ask("stmt2_exec", stmt_id=stmt))["affected"], 2)


def rows_blob(rows, table_count, fields):
    data = b"".join(fields)
    return struct.pack("<5I", 20 + len(data), rows, table_count, len(fields), 20) + data


@test
def stmt2_bind_and_execute():
    def ask(ws, stmt, data, version=1):
        return text(ws.ask_binary(11, stmt, struct.pack("<H", version) + data))

    fields = [entry(8, ["c1", "c1", "c2"]), entry(4, [1, 1, 2]), entry(10, ["a", "a", "b"]),
              entry(9, [1, 2, 1]), entry(4, [10, None, 30]), entry(10, ["x", NONE, "z"])]
    with Sandbox("--version-string", "3.4.1.13") as box, tables(box) as ws:
        stmt, _ = prepare2(ws, INTO_S)
        answer = good(ask(ws, stmt, rows_blob(3, 2, fields)))
        equal((answer["action"], answer["affected"]), ("stmt2_bind_exec", 3))
        equal(ws.rows("select tbname, ts, v, n, g from s order by tbname, ts"),
              [("c1", 1, 10, "x", 1), ("c1", 2, None, None, 1), ("c2", 1, 30, "z", 2)])
        for data, message in ((rows_blob(0, 2, fields), "row count is 0"),
                              (rows_blob(3, 2, []), "field count is 0"),
                              (rows_blob(2, 2, fields), "column 0 row count not match, got: 3, expect: 2"),
                              (rows_blob(3, 2, fields[:5]), "field count not match"),
                              (rows_blob(3, 3, fields), "table count not match, got: 3, expect: 2"),
                              (b"", "data length is less than 20")):
            equal(ask(ws, stmt, data)["message"], message)
        equal(ask(ws, stmt, rows_blob(3, 2, fields), 2)["message"], "unknown stmt2 bind exec version")
        good(ask(ws, stmt, rows_blob(3, 2, fields)))
        stmt, _ = prepare2(ws, "select v from s where ts = ? order by v")
        equal(ask(ws, stmt, rows_blob(2, 1, [entry(9, [1, 2])]))["message"], "query only supports one row")
        good(ask(ws, stmt, rows_blob(1, 1, [entry(9, [1])])))
        result = good(ws.ask("stmt2_result", stmt_id=stmt))
        equal(decode_block(ws.fetch(result["id"])["block"])["columns"], [[10, 30]])
    with Sandbox() as box, tables(box) as ws:  # the recorded server has an adapter that is newer than its database
        stmt, _ = prepare2(ws, INTO_S)
        answer = play_vector(ws, "111_stmt2_bind_exec", stmt)
        equal((answer["code"], answer["message"]), (0x0100, "Operation not supported"))
        equal(play_vector(ws, "112_stmt2_bind_exec_bad", stmt)["message"], "row count is 0")
    with Sandbox("--version-string", "3.3.6.0") as box, tables(box) as ws:
        equal(ask(ws, 1, b"")["message"], "unknown binary action 11")
    with Sandbox("--version-string", "3.3.4.0") as box, tables(box) as ws:
        equal(ws.ask("stmt2_init")["message"], "unknown action stmt2_init")


def block(columns):
    """A raw block as clients build it; `columns` are (type, values)."""
    rows = len(columns[0][1])
    infos = lengths = body = b""
    for kind, values in columns:
        if kind in VARIABLE:
            offsets = data = b""
            for v in values:
                offsets += struct.pack("<i", -1 if v is None else len(data))
                if v is not None:
                    raw = v.encode("utf-32-le") if kind == 10 else v if isinstance(v, bytes) else v.encode()
                    data += struct.pack("<H", len(raw)) + raw
            infos += struct.pack("<Bi", kind, 0)
            body += offsets + data
        else:
            bitmap = bytearray((rows + 7) // 8)
            for row, v in enumerate(values):
                if v is None:
                    bitmap[row // 8] |= 0x80 >> row % 8
            data = b"".join(struct.pack("<" + PACK[kind], 0 if v is None else v) for v in values)
            infos += struct.pack("<Bi", kind, struct.calcsize(PACK[kind]))
            body += bytes(bitmap) + data
        lengths += struct.pack("<i", len(data))
    head = struct.pack("<iiiiIQ", 1, 28 + len(infos + lengths + body), rows, len(columns), 0, 0)
    return head + infos + lengths + body


def prepare1(ws, sql):
    stmt = good(ws.ask("init"))["stmt_id"]
    return stmt, good(ws.ask("prepare", stmt_id=stmt, sql=sql))


@test
def stmt1_tables_and_rows():
    with Sandbox() as box, tables(box) as ws:
        stmt, prepared = prepare1(ws, INTO_S)
        equal(prepared["is_insert"], True)
        equal(ws.ask("stmt_num_params", stmt_id=stmt)["code"], 0x022B)
        for name, tags, columns in (("C1", [7, "涛x"], [[1, "1970-01-01T00:00:00.002Z"], [1, None], ["x", "涛"]]),
                                    ("c2", [None, None], [[3], [-2**31], [None]])):
            good(ws.ask("set_table_name", stmt_id=stmt, name=name))
            good(ws.ask("set_tags", stmt_id=stmt, tags=tags))
            good(ws.ask("bind", stmt_id=stmt, columns=columns))
            good(ws.ask("add_batch", stmt_id=stmt))
        equal(good(ws.ask("exec", stmt_id=stmt))["affected"], 3)
        good(ws.ask("set_table_name", stmt_id=stmt, name="c2"))
        good(text(ws.ask_binary(2, stmt, block([(9, [4, 5]), (4, [4, None]), (10, ["漢", None])]))))
        good(ws.ask("add_batch", stmt_id=stmt))
        good(text(ws.ask_binary(2, stmt, block([(9, [6]), (4, [6]), (10, ["six"])]))))
        good(ws.ask("add_batch", stmt_id=stmt))
        equal(good(ws.ask("exec", stmt_id=stmt))["affected"], 3)
        equal(good(ws.ask("stmt_num_params", stmt_id=stmt))["num_params"], 3)
        answer = good(ws.ask("stmt_get_param", stmt_id=stmt, index=2))
        equal((answer["data_type"], answer["length"]), (10, 82))
        ws.send_text(json.dumps({"action": "close", "args": {"req_id": 5, "stmt_id": stmt}}))
        equal(ws.ask("exec", stmt_id=stmt)["message"], "stmt is nil", "close is not answered")
        equal(ws.rows("select tbname, ts, v, n, g, tn from s order by ts"),
              [("C1", 1, 1, "x", 7, "涛x"), ("C1", 2, None, "涛", 7, "涛x"), ("c2", 3, -2**31, None, None, None),
               ("c2", 4, 4, "漢", None, None), ("c2", 5, None, None, None, None), ("c2", 6, 6, "six", None, None)])


@test
def stmt1_recorded_binds():
    with Sandbox() as box, box.session() as ws:
        for sql in ("create database d keep 36500", "use d",
                    "create table s1 (ts timestamp, v int, n nchar(20)) tags (g int, tn nchar(10))",
                    "create table a (ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, "
                    "u1 tinyint unsigned, u2 smallint unsigned, u4 int unsigned, u8 bigint unsigned, f float, d double,"
                    " s varchar(20), n nchar(20), vb varbinary(20), ge geometry(64))"):
            good(ws.query(sql))
        stmt, _ = prepare1(ws, "insert into ? using s1 tags(?,?) values(?,?,?)")
        good(ws.ask("set_table_name", stmt_id=stmt, name="x"))
        good(play_vector(ws, "083_stmt_set_tags_bin", stmt))
        good(play_vector(ws, "084_stmt_bind_bin", stmt))
        good(ws.ask("add_batch", stmt_id=stmt))
        equal(good(ws.ask("exec", stmt_id=stmt))["affected"], 2)
        equal(ws.rows("select * from s1"), [(1700000000000, 10, "ab", 7, "涛x"), (1700000001000, None, None, 7, "涛x")])
        stmt, _ = prepare1(ws, "select ts,v,n from s1 where v>?")
        good(play_vector(ws, "091_stmt_select_bind", stmt))
        good(ws.ask("exec", stmt_id=stmt))
        result = good(ws.ask("use_result", stmt_id=stmt))
        equal((result["fields_names"], result["fields_lengths"]), (["ts", "v", "n"], [8, 4, 82]))
        equal(decode_block(ws.fetch(result["result_id"])["block"])["columns"], [[1700000000000], [10], ["ab"]])
        stmt, _ = prepare1(ws, "insert into a values (" + ",".join("?" * 16) + ")")
        good(play_vector(ws, "094_stmt_bind_all_types", stmt))
        good(ws.ask("add_batch", stmt_id=stmt))
        good(ws.ask("exec", stmt_id=stmt))
        equal(ws.rows("select * from a"),
              [(1700000000000, True, -1, -2, -3, -4, 255, 65535, 2**32 - 1, 2**64 - 1, 1.5, -2.25, "abc", "涛思a", "01ff00",
                "0101000000000000000000f03f0000000000000040"), (1700000001000,) + (None,) * 15])


@test
def stmt1_order_of_calls():
    """Calls out of order are refused, and so is everything behind them until the next prepare."""
    with Sandbox() as box, tables(box) as ws:
        into_t = "insert into t values (?, ?, ?)"
        row = {"columns": [[1], [1], ["x"]]}
        for calls in (["exec"], ["add_batch"], ["bind", "exec"], ["bind", "set_table_name"],
                      ["bind", "add_batch", "exec", "add_batch"], ["bind", "add_batch", "exec", "exec"]):
            stmt, _ = prepare1(ws, into_t)
            for call in calls:
                last = ws.ask(call, stmt_id=stmt, **(row if call == "bind" else {"name": "t"}))
                if call is not calls[-1]:
                    good(last)
            equal((last["code"], last["message"]), (0x022A, "Stmt API usage error"), str(calls))
            equal(ws.ask("bind", stmt_id=stmt, **row)["code"], 0x022A, str(calls))
            good(ws.ask("prepare", stmt_id=stmt, sql=into_t))
            good(ws.ask("bind", stmt_id=stmt, **row))
        stmt = good(ws.ask("init"))["stmt_id"]
        equal(ws.ask("bind", stmt_id=stmt, **row)["code"], 0x022A)

        for sql, code in (("", 0x022A), ("selec ?", 0x022A), ("insert into nosuch values (?)", 0x2603),
                          ("insert into t values (?, ?)", 0x0216), ("insert into t (ts, x) values (?, ?)", 0x2602),
                          ("insert into s (tbname, ts) values (?, ?)", 0x0200)):
            stmt, prepared = prepare1(ws, sql)
            equal(prepared["is_insert"], sql.startswith("insert"))
            equal(ws.ask("get_col_fields", stmt_id=stmt)["code"], code, sql)
        for sql, code in (("", 0x2601), ("insert into", 0x2601), ("selec ?", 0x2600), ("drop table t", 0x0117)):
            stmt, _ = prepare1(ws, sql)
            equal(ws.ask("stmt_num_params", stmt_id=stmt)["code"], code, sql)
        stmt, _ = prepare1(ws, "insert into ? values (?, ?, ?)")
        equal(ws.ask("set_table_name", stmt_id=stmt, name="nosuch")["code"], 0x2603)

        stmt, _ = prepare1(ws, into_t)
        equal(ws.ask("get_tag_fields", stmt_id=stmt)["code"], 0x022A)
        good(ws.ask("get_col_fields", stmt_id=stmt))
        for columns, message in (([[1], ["x"], ["x"]], "stmt parse column json:the value of v does not fit its type"),
                                 ([[1, 2], [1], ["x"]], "stmt parse column json:columns of different lengths"),
                                 ([1], "stmt parse column json:a column is no array"),
                                 ([["soon"], [1], ["x"]], "stmt parse column json:the value of ts does not fit its type")):
            answer = ws.ask("bind", stmt_id=stmt, columns=columns)
            equal((answer["code"], answer["message"]), (0xFFFF, message))
        answer = text(ws.ask_binary(2, stmt, block([(9, [1]), (4, [1])])))
        equal(answer["message"], "stmt column count not match")
        equal(text(ws.ask_binary(2, stmt, b"\0" * 27))["code"], 0xFFFF)
        whole = block([(9, [1, 2]), (4, [1, None]), (8, ["a", None])])
        for at in range(len(whole)):
            for value in (0x00, 0x7F, 0xFF):
                text(ws.ask_binary(2, stmt, whole[:at] + bytes([value]) + whole[at + 1:]))
                good(ws.ask("prepare", stmt_id=stmt, sql=into_t))
        equal(ws.ask("bind", stmt_id=stmt, columns=[[1], [1], ["far too long"]])["code"], 0x2653)
        for call in ("add_batch", "exec"):
            equal(ws.ask(call, stmt_id=stmt)["code"], 0x2653)
        good(ws.ask("prepare", stmt_id=stmt, sql="insert into t values (1, 2, 'x')"))
        good(ws.ask("bind", stmt_id=stmt, columns=[]))


@test
def statements_end_with_the_connection():
    with Sandbox("--control") as box:
        with tables(box) as ws:
            good(ws.query("insert into t values (1, 5, 'a')"))
            stmt, _ = prepare2(ws, "select * from t where v = ?")
            good(bind2(ws, stmt, blob([(None, [], [entry(4, [5])])])))
            good(ws.ask("stmt2_exec", stmt_id=stmt))
            good(ws.ask("stmt2_result", stmt_id=stmt))
            equal(box.stats()["results"], 1)
            with box.session() as other:
                equal(other.ask("stmt2_exec", stmt_id=stmt)["message"], "stmt2 is nil")
        eventually(lambda: box.stats()["results"], 0)


@test
def faults_of_statements():
    with Sandbox("--control") as box, tables(box) as ws:
        stmt, _ = prepare2(ws, "insert into t values (?, ?, ?)")
        data = blob([(None, [], [entry(9, [1]), entry(4, [1]), entry(8, ["x"])])])
        box.faults("error=stmt2_bind:554:made up@1,late=stmt2_exec:30,pad=stmt2_prepare:5000")
        equal(bind2(ws, stmt, data)["message"], "made up")
        good(bind2(ws, stmt, data))
        good(ws.ask("stmt2_exec", stmt_id=stmt))
        good(ws.ask("stmt2_prepare", stmt_id=stmt, sql="select * from t where v = ?", get_fields=True))
        for action in ("init", "prepare", "set_table_name", "set_tags", "bind", "add_batch", "exec", "close",
                       "get_tag_fields", "get_col_fields", "use_result", "stmt_num_params", "stmt_get_param",
                       "stmt2_init", "stmt2_result", "stmt2_close", "stmt2_bind_exec"):
            box.faults(f"error={action}:1")
        box.faults("cut=stmt2_exec")
        good(ws.ask("stmt2_prepare", stmt_id=stmt, sql="insert into t values (?, ?, ?)", get_fields=True))
        good(bind2(ws, stmt, blob([(None, [], [entry(9, [2]), entry(4, [2]), entry(8, ["y"])])])))
        try:
            ws.ask("stmt2_exec", stmt_id=stmt)
            check(False, "the connection should have been cut")
        except Closed:
            pass
        box.faults("")
        with box.session("d") as again:
            equal(again.rows("select ts from t"), [(1,), (2,)], "the work was done before the cut")
