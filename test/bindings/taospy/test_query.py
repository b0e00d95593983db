"""taospy, unmodified: connecting, statements, rows, blocks, every type, errors."""
import datetime
import threading
import unittest

import taos
from connection import HOST, PORT, connect, fresh


class Connecting(unittest.TestCase):
    def test_client_and_server_say_what_they_are(self):
        conn = connect()
        self.assertTrue(conn.client_info.startswith("3."), conn.client_info)
        self.assertIn("3.", conn.server_info)
        conn.close()

    def test_wrong_password(self):
        with self.assertRaises(taos.error.ConnectionError) as caught:
            taos.connect(host=HOST, port=PORT, user="root", password="wrong")
        self.assertIn("Authentication failure", str(caught.exception))

    def test_unknown_database(self):
        with self.assertRaises(taos.error.ConnectionError) as caught:
            connect(database="no_such_database")
        self.assertIn("Database not exist", str(caught.exception))

    def test_nobody_listens(self):
        with self.assertRaises(taos.error.ConnectionError):
            taos.connect(host="127.0.0.1", port=1, user="root", password="taosdata")


class Statements(unittest.TestCase):
    def setUp(self):
        self.conn = fresh("py_statements")

    def tearDown(self):
        self.conn.close()

    def test_execute_tells_affected_rows(self):
        self.assertEqual(self.conn.execute("create table t (ts timestamp, v int)"), 0)
        self.assertEqual(self.conn.execute("insert into t values (1000, 1) (2000, 2) (3000, 3)"), 3)

    def test_query_to_rows_and_dicts(self):
        self.conn.execute("create table t (ts timestamp, v int, s binary(20))")
        self.conn.execute("insert into t values (1704067200000, 7, 'seven') (1704067201000, null, null)")
        result = self.conn.query("select ts, v, s from t order by ts")
        self.assertEqual([f.name for f in result.fields], ["ts", "v", "s"])
        rows = result.fetch_all()
        self.assertEqual([r[1:] for r in rows], [(7, "seven"), (None, None)])
        self.assertIsInstance(rows[0][0], datetime.datetime)
        dicts = self.conn.query("select v, s from t order by ts").fetch_all_into_dict()
        self.assertEqual(dicts[0], {"v": 7, "s": "seven"})

    def test_cursor(self):
        cursor = self.conn.cursor()
        cursor.execute("create stable meters (ts timestamp, v double) tags (place nchar(10))")
        cursor.execute("insert into d1 using meters tags ('\u6d9b') values (1000, 1.5) d2 using meters tags ('b') values (1000, 2.5)")
        self.assertEqual(cursor.rowcount, 2)
        cursor.execute("select tbname, v, place from meters order by tbname")
        self.assertEqual([d[0] for d in cursor.description], ["tbname", "v", "place"])
        self.assertEqual(cursor.fetchall(), [("d1", 1.5, "\u6d9b"), ("d2", 2.5, "b")])
        cursor.close()

    def test_errors_carry_code_and_text(self):
        with self.assertRaises(taos.error.ProgrammingError) as caught:
            self.conn.query("select * from no_such_table")
        self.assertEqual(caught.exception.errno & 0xFFFF, 0x2603)
        self.assertIn("Table does not exist", str(caught.exception))
        # the connection stays usable
        self.assertEqual(self.conn.query("select 1").fetch_all(), [(1,)])

    def test_blocks(self):
        self.conn.execute("create table t (ts timestamp, v int, s nchar(8))")
        n = 10000
        for start in range(0, n, 1000):
            values = " ".join("(%d, %d, 's%d')" % (1000 + i, i, i % 10) for i in range(start, start + 1000))
            self.conn.execute("insert into t values " + values)
        total = seen = 0
        for rows, count in self.conn.query("select v, s from t order by ts").blocks_iter():
            self.assertEqual(len(rows), count)
            for v, s in rows:
                self.assertEqual(s, "s%d" % (v % 10))
                total += v
            seen += count
        self.assertEqual((seen, total), (n, n * (n - 1) // 2))

    def test_threads_with_connections_of_their_own(self):
        self.conn.execute("create table t (ts timestamp, v int)")
        self.conn.execute("insert into t values (1000, 42)")
        wrong = []

        def work():
            conn = connect(database="py_statements")
            for _ in range(20):
                if conn.query("select v from t").fetch_all() != [(42,)]:
                    wrong.append(1)
            conn.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])


class Types(unittest.TestCase):
    COLUMNS = (
        "ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, u1 tinyint unsigned, u2 smallint unsigned, "
        "u4 int unsigned, u8 bigint unsigned, f float, d double, s varchar(20), n nchar(20), vb varbinary(16), g geometry(64)"
    )

    def values(self, precision, ts):
        conn = fresh("py_types", "precision '%s'" % precision)
        conn.execute("create table t (%s)" % self.COLUMNS)
        conn.execute(
            "insert into t values (%d, true, -128, -32768, -2147483648, -9223372036854775808, 255, 65535, 4294967295, "
            "18446744073709551615, 1.5, 2.25, 'text', '\u6f22\u5b57', '\\x00ff10', 'POINT(1 2)')" % ts
        )
        conn.execute("insert into t (ts) values (%d)" % (ts + 1))
        rows = conn.query("select * from t order by ts").fetch_all()
        conn.close()
        return rows

    def test_every_type_and_null(self):
        first, second = self.values("ms", 1704067200123)
        self.assertEqual(first[1:10], (True, -128, -32768, -2147483648, -9223372036854775808, 255, 65535, 4294967295, 18446744073709551615))
        self.assertEqual(first[10:14], (1.5, 2.25, "text", "\u6f22\u5b57"))
        self.assertEqual(bytes(first[14]), b"\x00\xff\x10")
        self.assertEqual(len(first[15]), 21)
        self.assertEqual(second[1:], (None,) * 15)

    def test_precisions(self):
        ms = self.values("ms", 1704067200123)[0][0]
        us = self.values("us", 1704067200123456)[0][0]
        self.assertEqual(ms.microsecond, 123000)
        self.assertEqual(us.microsecond, 123456)
        ns = self.values("ns", 1704067200123456789)[0][0]  # Python's datetime has no nanoseconds: taospy gives the number
        self.assertEqual(int(ns), 1704067200123456789)

    def test_decimals(self):
        conn = fresh("py_decimals")
        conn.execute("create table t (ts timestamp, a decimal(10,2), b decimal(38,10))")
        conn.execute("insert into t values (1000, 12345678.91, -1234567890123456789012345678.0123456789)")
        row = conn.query("select a, b from t").fetch_all()[0]
        self.assertEqual([str(v) for v in row], ["12345678.91", "-1234567890123456789012345678.0123456789"])
        conn.close()

    def test_json_tags(self):
        conn = fresh("py_json")
        conn.execute("create stable s (ts timestamp, v int) tags (j json)")
        conn.execute("insert into a using s tags ('{\"k\":1}') values (1000, 1)")
        row = conn.query("select v, j from s").fetch_all()[0]
        self.assertEqual(row[0], 1)
        self.assertIn("k", str(row[1]))
        conn.close()


if __name__ == "__main__":
    unittest.main()
