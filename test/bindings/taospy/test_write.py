"""taospy, unmodified: everything that writes, read back and compared."""
import ctypes
import datetime
import json
import struct
import threading
import unittest

import taos
from connection import fresh
from taos import SmlPrecision, SmlProtocol, TaosStmt2Option, new_bind_params, new_multi_binds
from taos.cinterface import (async_fetch_rows_callback_type, taos_affected_rows, taos_errno, taos_fetch_rows_a,
                             taos_free_result)
from taos.statement2 import BindTable

WAIT = 60
POINT = b"\x01\x01\x00\x00\x00" + struct.pack("<dd", 1.0, 2.0)
COLUMNS = (
    "ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, u1 tinyint unsigned, u2 smallint unsigned, "
    "u4 int unsigned, u8 bigint unsigned, f float, d double, s varchar(20), n nchar(20), vb varbinary(16), g geometry(64)"
)
T0 = 1704067200000
# What goes into every column behind the time: two rows of values around one of NULLs.
VALUES = [
    [True, None, False], [-128, None, 127], [-32768, None, 32767], [-2**31, None, 2**31 - 1], [-2**63 + 1, None, 2**63 - 1],
    [0, None, 254], [0, None, 65534], [0, None, 2**32 - 2], [0, None, 2**64 - 2], [1.5, None, -0.25], [2.25, None, -1e300],
    ["text", None, ""], ["\u6f22\u5b57 \U0001f600", None, "n"], [b"\x00\xff\x10", None, b"\x01"], [POINT, None, POINT],
]


def rows_of(conn, sql):
    return [tuple(bytes(v) if isinstance(v, (bytes, bytearray, memoryview)) else v for v in row)
            for row in conn.query(sql).fetch_all()]


def expected_rows():
    return [tuple(column[i] for column in VALUES) for i in range(3)]


class WithDatabase(unittest.TestCase):
    def setUp(self):
        self.conn = fresh("py_write")

    def tearDown(self):
        self.conn.close()

    def assertCode(self, code, caught):
        self.assertEqual(caught.exception.errno & 0xFFFF, code, str(caught.exception))


class FirstGeneration(WithDatabase):
    def test_every_type_in_one_batch(self):
        self.conn.execute("create table t (%s)" % COLUMNS)
        stmt = self.conn.statement("insert into t values (%s)" % ",".join("?" * 16))
        binds = new_multi_binds(16)
        binds[0].timestamp([T0, T0 + 1, T0 + 2])
        setters = ("bool", "tinyint", "smallint", "int", "bigint", "tinyint_unsigned", "smallint_unsigned", "int_unsigned",
                   "bigint_unsigned", "float", "double", "varchar", "nchar", "varbinary", "geometry")
        for bind, setter, values in zip(list(binds)[1:], setters, VALUES):
            getattr(bind, setter)(values)
        stmt.bind_param_batch(binds)
        stmt.execute()
        self.assertEqual(stmt.affected_rows, 3)
        stmt.close()
        columns = COLUMNS.replace("ts timestamp, ", "")
        names = ",".join(c.split()[0] for c in columns.split(", "))
        self.assertEqual(rows_of(self.conn, "select %s from t order by ts" % names), expected_rows())

    def test_rows_and_tags_of_several_tables(self):
        self.conn.execute("create table s (ts timestamp, v int, n nchar(8)) tags (g int, place nchar(8))")
        stmt = self.conn.statement("insert into ? using s tags (?, ?) values (?, ?, ?)")
        for k in range(3):
            tags = new_bind_params(2)
            tags[0].int(k)
            tags[1].nchar("\u6d9b%d" % k)
            stmt.set_tbname_tags("d%d" % k, tags)
            for i in range(2):
                row = new_bind_params(3)
                row[0].timestamp(datetime.datetime.fromtimestamp(T0 // 1000 + i))
                row[1].int(10 * k + i)
                row[2].nchar("n%d" % i if i else None)
                stmt.bind_param(row)
        stmt.execute()
        self.assertEqual(stmt.affected_rows, 6)
        stmt.set_tbname("d1")
        row = new_bind_params(3)
        row[0].timestamp(T0 + 5000)
        row[1].int(None)
        row[2].nchar("late")
        stmt.bind_param(row)
        stmt.execute()
        stmt.close()
        self.assertEqual(
            rows_of(self.conn, "select tbname, cast(ts as bigint), v, n, g, place from s order by tbname, ts"),
            [("d0", T0, 0, None, 0, "\u6d9b0"), ("d0", T0 + 1000, 1, "n1", 0, "\u6d9b0"),
             ("d1", T0, 10, None, 1, "\u6d9b1"), ("d1", T0 + 1000, 11, "n1", 1, "\u6d9b1"),
             ("d1", T0 + 5000, None, "late", 1, "\u6d9b1"),
             ("d2", T0, 20, None, 2, "\u6d9b2"), ("d2", T0 + 1000, 21, "n1", 2, "\u6d9b2")])

    def test_query(self):
        self.conn.execute("create table t (ts timestamp, v int, s varchar(8))")
        self.conn.execute("insert into t values (1000, 1, 'a')(2000, 2, 'b')(3000, 3, 'c')")
        stmt = self.conn.statement("select v, s from t where v >= ? and s <> ? order by v")
        binds = new_bind_params(2)
        binds[0].int(2)
        binds[1].binary("c")
        stmt.bind_param(binds)
        stmt.execute()
        result = stmt.use_result()
        self.assertEqual(result.fetch_all(), [(2, "b")])
        result.close()
        stmt.close()

    def test_a_large_batch(self):
        self.conn.execute("create table t (ts timestamp, v int, s varchar(16))")
        n = 20000
        stmt = self.conn.statement("insert into t values (?, ?, ?)")
        binds = new_multi_binds(3)
        binds[0].timestamp([T0 + i for i in range(n)])
        binds[1].int([i for i in range(n)])
        binds[2].varchar(["row %d" % i for i in range(n)])
        stmt.bind_param_batch(binds)
        stmt.execute()
        self.assertEqual(stmt.affected_rows, n)
        stmt.close()
        self.assertEqual(rows_of(self.conn, "select count(*), sum(v), max(v) from t"), [(n, n * (n - 1) // 2, n - 1)])
        self.assertEqual(rows_of(self.conn, "select s from t where v = 19999"), [("row 19999",)])

    def test_mistakes(self):
        self.conn.execute("create table t (ts timestamp, v int, s varchar(4))")
        with self.assertRaises(taos.error.StatementError) as caught:
            stmt = self.conn.statement("insert into ? values (?, ?, ?)")
            stmt.set_tbname("nosuch")
        self.assertCode(0x2603, caught)
        stmt = self.conn.statement("insert into t values (?, ?, ?)")
        row = new_bind_params(3)
        row[0].timestamp(T0)
        row[1].int(1)
        row[2].varchar("too long")
        with self.assertRaises(taos.error.StatementError) as caught:
            stmt.bind_param(row)
        self.assertCode(0x2653, caught)
        stmt.close()
        self.assertEqual(rows_of(self.conn, "select count(*) from t"), [(0,)])


class SecondGeneration(WithDatabase):
    def names(self):
        return ",".join(c.split()[0] for c in COLUMNS.split(", ")[1:])

    def test_every_type_of_several_tables(self):
        self.conn.execute("create table s (%s) tags (k int, place nchar(10))" % COLUMNS)
        stmt = self.conn.statement2("insert into ? using s tags (?, ?) values (%s)" % ",".join("?" * 16))
        names = ["d%d" % k for k in range(4)]
        tags = [[k, "\u6d9b%d" % k] for k in range(3)] + [[None, None]]
        datas = [[[T0 + 10 * k, T0 + 10 * k + 1, T0 + 10 * k + 2]] + [list(v) for v in VALUES] for k in range(4)]
        stmt.bind_param(names, tags, datas)
        self.assertEqual(stmt.execute(), 12)
        stmt.close()
        for k in range(4):
            self.assertEqual(rows_of(self.conn, "select %s from d%d order by ts" % (self.names(), k)), expected_rows())
        self.assertEqual(rows_of(self.conn, "select tbname, k, place, count(*) from s group by tbname, k, place order by tbname"),
                         [("d%d" % k, *tags[k], 3) for k in range(4)])

    def test_tables_as_objects_and_again(self):
        self.conn.execute("create table s (ts timestamp, v int) tags (k int)")
        option = TaosStmt2Option(reqid=7, single_stb_insert=True)
        stmt = self.conn.statement2("insert into ? using s tags (?) values (?, ?)", option)
        for turn in range(3):
            tables = []
            for k in range(5):
                table = BindTable("t%d" % k, [k])
                table.add_col_data([T0 + 10 * turn, T0 + 10 * turn + 1])
                table.add_col_data([100 * turn + k, None])
                tables.append(table)
            stmt.bind_param_with_tables(tables)
            self.assertEqual(stmt.execute(), 10)
        stmt.close()
        self.assertEqual(rows_of(self.conn, "select k, count(*), count(v), sum(v) from s group by k order by k"),
                         [(k, 6, 3, 300 + 3 * k) for k in range(5)])

    def test_rows_that_name_their_table(self):
        self.conn.execute("create table s (ts timestamp, v int) tags (k int)")
        stmt = self.conn.statement2("insert into s (tbname, ts, v, k) values (?, ?, ?, ?)")
        stmt.bind_param(None, None, [["a", T0, 1, 10], ["b", T0, 2, 20], ["a", T0 + 1, 3, 10]])
        self.assertEqual(stmt.execute(), 3)
        stmt.close()
        self.assertEqual(rows_of(self.conn, "select tbname, v, k from s order by v"), [("a", 1, 10), ("b", 2, 20), ("a", 3, 10)])

    def test_json_tags_and_blobs(self):
        self.conn.execute("create table s (ts timestamp, b blob) tags (j json)")
        stmt = self.conn.statement2("insert into ? using s tags (?) values (?, ?)")
        stmt.bind_param(["a"], [['{"k":"v"}']], [[[T0, T0 + 1], [b"\x00\x01\xff" * 1000, None]]])
        stmt.execute()
        stmt.close()
        rows = rows_of(self.conn, "select b, j->'k' from s order by ts")
        self.assertEqual(rows, [(b"\x00\x01\xff" * 1000, '"v"'), (None, '"v"')])

    def test_query(self):
        self.conn.execute("create table t (ts timestamp, v int, s varchar(8))")
        self.conn.execute("insert into t values (1000, 1, 'a')(2000, 2, 'b')(3000, 3, 'c')")
        stmt = self.conn.statement2("select v, s from t where v >= ? and s <> ? order by v")
        for low, other, want in ((1, "a", [(2, "b"), (3, "c")]), (3, "x", [(3, "c")])):
            stmt.bind_param(None, None, [[low, other]])
            stmt.execute()
            result = stmt.result()
            self.assertEqual(result.fetch_all(), want)
        stmt.close()

    def test_many_tables(self):
        self.conn.execute("create table s (ts timestamp, v int) tags (k int)")
        stmt = self.conn.statement2("insert into ? using s tags (?) values (?, ?)")
        n = 1000
        stmt.bind_param(["t%d" % k for k in range(n)], [[k] for k in range(n)],
                        [[[T0, T0 + 1], [k, -k]] for k in range(n)])
        self.assertEqual(stmt.execute(), 2 * n)
        stmt.close()
        self.assertEqual(rows_of(self.conn, "select count(*), sum(v), max(k) from s"), [(2 * n, 0, n - 1)])

    def test_mistakes(self):
        self.conn.execute("create table t (ts timestamp, v int, s varchar(4))")
        with self.assertRaises(Exception) as caught:
            self.conn.statement2("insert into nosuch values (?, ?)")
        self.assertIn("obtain schema failed", str(caught.exception))
        stmt = self.conn.statement2("insert into t values (?, ?, ?)")
        with self.assertRaises(taos.error.StatementError) as caught:
            stmt.bind_param(None, None, [[[T0], [1], ["too long"]]])
            stmt.execute()
        self.assertCode(0x2653, caught)
        stmt.prepare("insert into t (ts, v) values (?, ?)")  # usable again
        stmt.bind_param(None, None, [[[T0], [5]]])
        self.assertEqual(stmt.execute(), 1)
        stmt.close()
        self.assertEqual(rows_of(self.conn, "select v, s from t"), [(5, None)])


class Schemaless(WithDatabase):
    LINES = ['st,t1=3i64,t2=4f64,t3="t3" c1=3i64,c3=L"pass\u6d9b",c2=false,c4=4f64 %d' % (T0 * 1000000),
             'st,t1=4i64,t3="t4" c1=1i64,c4=0.5 %d' % ((T0 + 1) * 1000000)]
    READ = "select c1, c3, c2, c4, t1, t2, t3 from st order by _ts"
    ROWS = [(3, "pass\u6d9b", False, 4.0, "3i64", "4f64", '"t3"'), (1, None, None, 0.5, "4i64", None, '"t4"')]

    def test_lines(self):
        insert = self.conn.schemaless_insert
        self.assertEqual(insert(self.LINES, SmlProtocol.LINE_PROTOCOL, SmlPrecision.NANO_SECONDS), 2)
        self.assertEqual(rows_of(self.conn, self.READ), self.ROWS)
        for more in ({"req_id": 11}, {"ttl": 30}, {"req_id": 12, "ttl": 30}):
            self.assertEqual(insert(self.LINES, SmlProtocol.LINE_PROTOCOL, SmlPrecision.NANO_SECONDS, **more), 2)
        self.assertEqual(rows_of(self.conn, self.READ), self.ROWS)

    def test_raw_lines(self):
        # taospy gives the number of characters where the library wants bytes: ASCII only.
        lines = "\n".join(self.LINES).replace("\u6d9b", "")
        insert = self.conn.schemaless_insert_raw
        for more in ({}, {"req_id": 21}, {"ttl": 30}, {"req_id": 22, "ttl": 30}):
            self.assertEqual(insert(lines, SmlProtocol.LINE_PROTOCOL, SmlPrecision.NOT_CONFIGURED, **more), 2)
        self.assertEqual(rows_of(self.conn, self.READ), [(3, "pass", *self.ROWS[0][2:]), self.ROWS[1]])

    def test_precisions(self):
        for precision, time in ((SmlPrecision.HOURS, T0 // 3600000), (SmlPrecision.MINUTES, T0 // 60000),
                                (SmlPrecision.SECONDS, T0 // 1000), (SmlPrecision.MILLI_SECONDS, T0),
                                (SmlPrecision.MICRO_SECONDS, T0 * 1000), (SmlPrecision.NANO_SECONDS, T0 * 1000000)):
            self.conn.schemaless_insert(["p,k=%d v=1 %d" % (precision, time)], SmlProtocol.LINE_PROTOCOL, precision)
        self.assertEqual(rows_of(self.conn, "select distinct cast(_ts as bigint) from p"), [(T0,)])
        self.assertEqual(rows_of(self.conn, "select count(*) from p"), [(6,)])

    def test_telnet(self):
        lines = ["meters.current %d 11.5 location=a groupid=2" % T0, "meters.current %d 12.5 location=b groupid=3" % (T0 + 1)]
        self.assertEqual(self.conn.schemaless_insert(lines, SmlProtocol.TELNET_PROTOCOL, SmlPrecision.NOT_CONFIGURED), 2)
        self.assertEqual(self.conn.schemaless_insert_raw("\n".join(lines), SmlProtocol.TELNET_PROTOCOL, SmlPrecision.NOT_CONFIGURED), 2)
        self.assertEqual(rows_of(self.conn, "select _value, location, groupid from meters_current order by _ts"),
                         [(11.5, "a", "2"), (12.5, "b", "3")])

    def test_json(self):
        points = [{"metric": "j", "timestamp": T0 + i, "value": i + 0.5, "tags": {"place": "p%d" % i, "on": i == 0}} for i in range(2)]
        self.assertEqual(self.conn.schemaless_insert([json.dumps(points)], SmlProtocol.JSON_PROTOCOL, SmlPrecision.NOT_CONFIGURED), 2)
        self.assertEqual(rows_of(self.conn, "select _value, place, `on` from j order by _ts"), [(0.5, "p0", True), (1.5, "p1", False)])

    def test_mistakes(self):
        for line, code in (("m,t=1 v", 0x021F), ("m,t=1 v=300i8", 0x0203), ('m,t=1 v="x', 0x3002), ("m,t=1 v=1 soon", 0x0127)):
            with self.assertRaises(taos.error.SchemalessError) as caught:
                self.conn.schemaless_insert([line], SmlProtocol.LINE_PROTOCOL, SmlPrecision.NOT_CONFIGURED)
            self.assertCode(code, caught)
        self.assertEqual(rows_of(self.conn, "show stables"), [])


class Asynchronous(WithDatabase):
    """query_a and fetch_rows_a, as programs chain them: each callback asks for more."""

    def test_inserts(self):
        self.conn.execute("create table t (ts timestamp, v int)")
        n = 200
        codes, threads, done = [], set(), threading.Semaphore(0)

        def inserted(param, result, code):
            codes.append((code, taos_affected_rows(ctypes.c_void_p(result))))
            threads.add(threading.get_ident())
            taos_free_result(ctypes.c_void_p(result))
            done.release()

        for i in range(n):
            more = {"req_id": 1000 + i} if i % 2 else {}
            self.conn.query_a("insert into t values (%d, %d)" % (T0 + i, i), inserted, None, **more)
        for _ in range(n):
            self.assertTrue(done.acquire(timeout=WAIT))
        self.assertEqual(codes, [(0, 1)] * n)
        self.assertNotIn(threading.get_ident(), threads)
        self.assertEqual(rows_of(self.conn, "select count(*), sum(v) from t"), [(n, n * (n - 1) // 2)])

    def test_query_and_fetch(self):
        self.conn.execute("create table t (ts timestamp, v int)")
        n = 9000  # several blocks
        for start in range(0, n, 3000):
            self.conn.execute("insert into t values " + " ".join("(%d, %d)" % (T0 + i, i) for i in range(start, start + 3000)))
        values, problems, done = [], [], threading.Event()

        def fetched(param, result, rows):
            try:
                if rows > 0:
                    values.extend(row[0] for row in self.rows(result, rows))
                    taos_fetch_rows_a(ctypes.c_void_p(result), fetched_c, None)
                    return
                if rows < 0:
                    problems.append(rows)
            except Exception as error:  # an exception in a callback would be lost
                problems.append(error)
            taos_free_result(ctypes.c_void_p(result))
            done.set()

        def queried(param, result, code):
            if code == 0:
                taos_fetch_rows_a(ctypes.c_void_p(result), fetched_c, None)
            else:
                problems.append(code)
                done.set()

        fetched_c = async_fetch_rows_callback_type(fetched)
        self.conn.query_a("select v from t order by ts", queried, None)
        self.assertTrue(done.wait(WAIT))
        self.assertEqual(problems, [])
        self.assertEqual(values, list(range(n)))

    @staticmethod
    def rows(result, count):
        """The rows of the block that a callback got, through taospy's own row class."""
        holder = taos.TaosResult(ctypes.c_void_p(result))
        try:
            return [holder.next() for _ in range(count)]
        finally:
            holder._result = None  # the callback's result is not this object's to free

    def test_errors(self):
        seen, done = [], threading.Event()

        def failed(param, result, code):
            seen.append((code & 0xFFFF, taos_errno(ctypes.c_void_p(result)) & 0xFFFF))
            taos_free_result(ctypes.c_void_p(result))
            done.set()

        self.conn.query_a("select * from nosuch", failed, None)
        self.assertTrue(done.wait(WAIT))
        self.assertEqual(seen, [(0x2603, 0x2603)])


if __name__ == "__main__":
    unittest.main()
