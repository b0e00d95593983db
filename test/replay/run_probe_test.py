#!/usr/bin/env python3
"""The judge of the replays must be able to say no."""
import struct
import unittest

import run_probe


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


if __name__ == "__main__":
    unittest.main()
