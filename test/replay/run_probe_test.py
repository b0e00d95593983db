#!/usr/bin/env python3
"""The judge of the replays must be able to say no."""
import json
import struct
import types
import unittest

import run_probe
import statements


def judge(seen, unrecorded, text):
    return run_probe.judge(seen, unrecorded, run_probe.Accepted(text, is_open=lambda host, port: False))


class Judge(unittest.TestCase):
    def test_nothing_differs(self):
        self.assertEqual(judge([], set(), ""), [])

    def test_a_listed_difference(self):
        self.assertEqual(judge(["-a", "+b"], {"q"}, "-a\n+b\n! q\n"), [])

    def test_an_unlisted_difference(self):
        self.assertTrue(judge(["-a", "+b"], set(), ""))

    def test_a_listed_difference_that_is_gone(self):
        self.assertTrue(judge([], set(), "-a\n+b\n"))

    def test_another_text(self):
        self.assertTrue(judge(["-a", "+c"], set(), "-a\n+b\n"))

    def test_another_order(self):
        self.assertTrue(judge(["-b", "-a"], set(), "-a\n-b\n"))

    def test_requests(self):
        self.assertTrue(judge([], {"q"}, ""))
        self.assertTrue(judge([], set(), "! q\n"))
        self.assertEqual(judge([], {"close 7"}, "@may-ask close [0-9]+\n"), [])
        self.assertEqual(judge([], set(), "@may-ask close [0-9]+\n"), [])
        self.assertTrue(judge([], {"close 7x"}, "@may-ask close [0-9]+\n"))

    def test_a_case_that_is_not_compared(self):
        self.assertEqual(judge(["-[c] 1", "+[c] 2"], set(), "@any-case c\n"), [])
        self.assertTrue(judge(["-[cc] 1"], set(), "@any-case c\n"))


class Lists(unittest.TestCase):
    TEXT = "# why\n-[a] 1\n+[a] 2\n\n! {\"action\":\"x\"}\n@if-nobody-listens localhost:1\n-[b] 1\n@end\n-[c] 1\n"

    def test_read(self):
        accepted = run_probe.Accepted(self.TEXT, is_open=lambda host, port: False)
        self.assertEqual(accepted.lines, ["-[a] 1", "+[a] 2", "-[b] 1", "-[c] 1"])
        self.assertEqual(accepted.asked, {'{"action":"x"}'})

    def test_condition(self):
        accepted = run_probe.Accepted(self.TEXT, is_open=lambda host, port: True)
        self.assertEqual(accepted.lines, ["-[a] 1", "+[a] 2", "-[c] 1"])

    def test_server_version(self):
        self.assertIsNone(run_probe.Accepted(self.TEXT).server_version)
        self.assertEqual(run_probe.Accepted("@server-version 3.3.5.8\n").server_version, "3.3.5.8")
        self.assertEqual(run_probe.with_version(b'{"action":"conn","version":"3.3.7"}', "1"), b'{"action":"conn","version":"1"}')
        self.assertEqual(run_probe.with_version(b'{"action":"conn"}', "1"), b'{"action":"conn"}')

    def test_nonsense(self):
        with self.assertRaises(ValueError):
            run_probe.Accepted("what is this")

    def test_differences_of_a_diff(self):
        diff = "--- expected\n+++ actual\n@@ -1,3 +1,3 @@\n [a] 0\n-[a] 1\n+[a] 2\n"
        self.assertEqual(run_probe.differences(diff), ["-[a] 1", "+[a] 2"])


class Requests(unittest.TestCase):
    def test_text(self):
        r = run_probe.Request(1, b'{"action":"conn","args":{"req_id":7,"user":"root","db":""}}')
        self.assertEqual(run_probe.describe(r), '{"action":"conn","args":{"db":"","user":"root"}}')

    def test_statement(self):
        sql = b"select 1"
        r = run_probe.Request(2, struct.pack("<QQQHI", 5, 0, 6, 1, len(sql)) + sql)
        self.assertEqual(run_probe.describe(r), "binary action 6: select 1")

    def test_end_of_a_result(self):
        op, data = run_probe.End(9).answers[0]
        self.assertEqual((op, len(data)), (2, 51))
        self.assertEqual(struct.unpack_from("<Q", data, 42)[0], 9)

    def test_about_a_statement(self):
        r = run_probe.Request(1, b'{"action":"stmt2_exec","args":{"req_id":7,"stmt_id":3}}')
        self.assertEqual(run_probe.describe(r, "insert"), '{"action":"stmt2_exec","args":{}} for insert')


class Writes(unittest.TestCase):
    def server(self, answers):
        server = types.SimpleNamespace(writes={"insert into t values (#)": [
            types.SimpleNamespace(answers=[(1, json.dumps({"req_id": i, "affected_rows": n}).replace(" ", "").encode())])
            for i, n in enumerate(answers)]})
        server.find = lambda sql: run_probe.Server.find_write(server, types.SimpleNamespace(action=6, sql=sql))
        return server

    def test_other_numbers(self):
        self.assertIsNotNone(self.server([1, 1]).find("insert into t values (77)"))

    def test_answers_that_differ(self):
        self.assertIsNone(self.server([1, 0]).find("insert into t values (77)"))

    def test_another_form(self):
        self.assertIsNone(self.server([1, 1]).find("insert into t values ('77')"))
        self.assertIsNone(self.server([1, 1]).find("select 77"))


def entry(kind, values, lengths=None):
    """A column of a bind of the second generation; None is a null."""
    marks = bytes(int(v is None) for v in values)
    data = b"".join(v or bytes(0 if lengths else 4) for v in values)
    sizes = b"" if lengths is None else struct.pack(f"<{len(values)}i", *lengths)
    body = struct.pack("<ii", kind, len(values)) + marks + bytes([lengths is not None]) + sizes
    body += struct.pack("<i", len(data)) + data
    return struct.pack("<I", len(body) + 4) + body


def bind2(stmt, tables):
    """A bind message; a table is a list of entries."""
    columns = [b"".join(t) for t in tables]
    at = 28
    body = struct.pack("<IIIIIII", 0, len(tables), 0, len(tables[0]), 0, 0, at)
    body += b"".join(struct.pack("<I", len(c)) for c in columns) + b"".join(columns)
    return struct.pack("<QQQHi", 1, stmt, 9, 1, -1) + body


def ints(*values):
    return entry(4, [None if v is None else struct.pack("<i", v) for v in values])


class Statements(unittest.TestCase):
    SQL = "insert into t values (?)"

    def request(self, what, stmt=1, **args):
        data = what if isinstance(what, bytes) else json.dumps({"action": what, "args": {"stmt_id": stmt, **args}}).encode()
        return types.SimpleNamespace(op=2 if isinstance(what, bytes) else 1, data=data, answers=[], used=0)

    def recording(self, *asked):
        """One connection; each element is (request, answer)."""
        requests = []
        for request, answer in asked:
            request.answers = [(1, json.dumps(answer).encode())]
            requests.append(request)
        return types.SimpleNamespace(requests=requests)

    def recorded(self, *more, init="stmt2_init", prepare="stmt2_prepare"):
        return self.recording(
            (self.request(init), {"stmt_id": 1}), (self.request(prepare, sql=self.SQL), {"stmt_id": 1, "is_insert": True}), *more)

    def play(self, recording, bound, *requests):
        live = types.SimpleNamespace(bound=bound)
        known = statements.Statements(recording)
        out = []
        for r in requests:
            answer = known.find(live, r)
            out.append(None if answer is None else json.loads(answer.answers[0][1]))
        return out

    def test_numbers_are_the_live_clients(self):
        r = self.recorded()
        got = self.play([r], r, self.request("stmt2_init"), self.request("stmt2_init"),
                        self.request("stmt2_prepare", 2, sql=self.SQL))
        self.assertEqual([a["stmt_id"] for a in got], [1, 2, 2])
        self.assertTrue(got[2]["is_insert"])

    def test_other_sql(self):
        r = self.recorded()
        got = self.play([r], r, self.request("stmt2_init"), self.request("stmt2_prepare", sql="insert into t values (1)"))
        self.assertIsNone(got[1])

    def test_execution_after_other_values(self):
        r = self.recorded((self.request(bind2(1, [[ints(1)]])), {"stmt_id": 1}), (self.request("stmt2_exec"), {"affected": 1}))
        begin = self.request("stmt2_init"), self.request("stmt2_prepare", sql=self.SQL)
        got = self.play([r], r, *begin, self.request(bind2(1, [[ints(1)]])), self.request("stmt2_exec"))
        self.assertEqual(got[3]["affected"], 1)
        got = self.play([r], r, *begin, self.request(bind2(1, [[ints(2)]])), self.request("stmt2_exec"))
        self.assertEqual(got[2:], [None, None])
        got = self.play([r], r, *begin, self.request("stmt2_exec"))
        self.assertIsNone(got[2])

    def test_rows_of_a_table_in_parts(self):
        self.assertEqual(statements.bind_values(bind2(1, [[ints(1)], [ints(2, None)]])[24:]),
                         statements.bind_values(bind2(1, [[ints(1, 2, None)]])[24:]))
        self.assertNotEqual(statements.bind_values(bind2(1, [[ints(1, 2, 0)]])[24:]),
                            statements.bind_values(bind2(1, [[ints(1, 2, None)]])[24:]))

    def test_length_of_a_null(self):
        with_it, without = entry(8, [b"a", None], [1, 5]), entry(8, [b"a", None], [1, 0])
        self.assertEqual(statements.bind_values(bind2(1, [[with_it]])[24:]), statements.bind_values(bind2(1, [[without]])[24:]))

    def test_json_and_block(self):
        block = struct.pack("<iiiiiq", 1, 0, 2, 2, 0, 0) + b"\4\0\0\0\0" + b"\x0a\0\0\0\0" + struct.pack("<ii", 8, 6)
        block += b"\x40" + struct.pack("<ii", 7, 0) + struct.pack("<ii", 0, -1) + struct.pack("<H", 4) + "漢".encode("utf-32-le")
        r = self.recorded((self.request("bind", columns=[[7, None], ["漢", None]]), {"stmt_id": 1}), init="init", prepare="prepare")
        got = self.play([r], r, self.request("init"), self.request("prepare", sql=self.SQL),
                        self.request(struct.pack("<QQQ", 1, 1, 2) + block))
        self.assertIsNotNone(got[2])

    def test_result_of_another_connection(self):
        r = self.recorded((self.request("stmt2_result"), {"id": 4}))
        begin = self.request("stmt2_init"), self.request("stmt2_prepare", sql=self.SQL), self.request("stmt2_result")
        self.assertIsNotNone(self.play([r], r, *begin)[2])
        self.assertIsNone(self.play([r], None, *begin)[2])

    def test_not_about_statements(self):
        self.assertIsNone(statements.action_of(1, b'{"action":"close","args":{"id":7}}'))
        self.assertIsNone(statements.action_of(1, b'{"action":"poll","args":{}}'))
        self.assertIsNone(statements.action_of(2, struct.pack("<QQQ", 1, 1, 7)))


if __name__ == "__main__":
    unittest.main()
