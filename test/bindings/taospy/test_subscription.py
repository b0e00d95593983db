"""taospy's taos.tmq.Consumer over the library, against the sandbox."""
import time
import unittest

from taos.error import TmqError
from taos.tmq import Consumer, TopicPartition

from connection import HOST, PORT, fresh


def consumer(group, **more):
    config = {
        "group.id": group,
        "td.connect.ip": HOST,
        "td.connect.port": str(PORT),
        "td.connect.user": "root",
        "td.connect.pass": "taosdata",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": "false",
    }
    config.update({key.replace("_", "."): value for key, value in more.items()})
    return Consumer(config)


def drain(c, wanted, seconds=20.0):
    """Rows of the messages until there are as many as wanted, as tuples."""
    rows = []
    end = time.monotonic() + seconds
    while len(rows) < wanted and time.monotonic() < end:
        message = c.poll(0.5)
        if message is None:
            continue
        if message.error() is not None:
            raise message.error()
        for block in message.value():
            rows += block.fetchall()
    return rows


def committed(c, place):
    """The group's offset; taospy raises when there is none."""
    try:
        return c.committed([place])[0].offset
    except TmqError as error:
        if error.errno & 0xffff == 0x4011:  # no committed info
            return None
        raise


class Subscriptions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.conn = fresh("py_tmq", "vgroups 1")
        cls.conn.execute("create table s (ts timestamp, v int, x double, n nchar(8), b varchar(8)) tags (g int)")
        cls.conn.execute("create topic py_rows as select ts, v, x, n, b from s")
        cls.conn.execute("create topic py_db as database py_tmq")
        cls.conn.execute("insert into t1 using s tags(1) values (1, 1, 1.5, '漢字', 'one') (2, null, null, null, null)")
        cls.conn.execute("insert into t2 using s tags(2) values (3, -3, -0.25, '', '')")

    @classmethod
    def tearDownClass(cls):
        cls.conn.execute("drop topic py_rows")
        cls.conn.execute("drop topic py_db")
        cls.conn.execute("drop database py_tmq")
        cls.conn.close()

    def test_rows_and_where_they_come_from(self):
        c = consumer("g_rows")
        c.subscribe(["py_rows"])
        self.assertEqual(c.list_topics(), ["py_rows"])
        message = None
        end = time.monotonic() + 20
        while message is None and time.monotonic() < end:
            message = c.poll(0.5)
        self.assertEqual(message.topic(), "py_rows")
        self.assertEqual(message.database(), "py_tmq")
        rows = []
        for block in message.value():
            rows += block.fetchall()
        self.assertEqual([row[1:] for row in rows],
                         [(1, 1.5, "漢字", "one"), (None, None, None, None), (-3, -0.25, "", "")])
        self.assertEqual([int(row[0].timestamp() * 1000) for row in rows], [1, 2, 3])
        self.assertIsNone(c.poll(0.1))
        c.unsubscribe()
        c.close()

    def test_table_names_of_a_database(self):
        c = consumer("g_names")
        c.subscribe(["py_db"])
        tables = []
        end = time.monotonic() + 20
        while len(tables) < 2 and time.monotonic() < end:
            message = c.poll(0.5)
            tables += [(block.table(), block.nrows()) for block in message] if message else []
        self.assertEqual(tables, [("t1", 2), ("t2", 1)])
        c.close()

    def test_commit_seek_position(self):
        c = consumer("g_commit")
        c.subscribe(["py_rows"])
        self.assertEqual(len(drain(c, 3)), 3)
        mine = c.assignment()
        self.assertEqual([(p.topic, p.begin) for p in mine], [("py_rows", 0)])
        vgroup = mine[0].partition
        here = TopicPartition("py_rows", vgroup, 0)
        place = c.position([here])[0].offset
        self.assertEqual(place, mine[0].end)
        self.assertIsNone(committed(c, here))
        c.commit()
        self.assertEqual(committed(c, here), place)
        c.seek(TopicPartition("py_rows", vgroup, 0))
        self.assertEqual(len(drain(c, 3)), 3)
        c.commit(offsets=[TopicPartition("py_rows", vgroup, 2)])
        self.assertEqual(committed(c, here), 2)
        with self.assertRaises(TmqError):
            c.seek(TopicPartition("py_rows", vgroup, 10 ** 6))
        c.close()
        # Another member of the group goes on where that was committed.
        c = consumer("g_commit")
        c.subscribe(["py_rows"])
        self.assertEqual(len(drain(c, 3)), 3)
        message_commit = consumer("g_message")
        message_commit.subscribe(["py_rows"])
        message = None
        end = time.monotonic() + 20
        while message is None and time.monotonic() < end:
            message = message_commit.poll(0.5)
        message_commit.commit(message)
        self.assertGreaterEqual(committed(message_commit, here), place)
        message_commit.close()
        c.close()

    def test_auto_commit(self):
        c = consumer("g_auto", enable_auto_commit="true", auto_commit_interval_ms="100")
        c.subscribe(["py_rows"])
        self.assertEqual(len(drain(c, 3)), 3)
        vgroup = c.assignment()[0].partition
        here = TopicPartition("py_rows", vgroup, 0)
        place = c.position([here])[0].offset
        end = time.monotonic() + 20
        while committed(c, here) != place and time.monotonic() < end:
            c.poll(0.2)
        self.assertEqual(committed(c, here), place)
        c.close()

    def test_committed_at_close(self):
        c = consumer("g_close", enable_auto_commit="true", auto_commit_interval_ms="600000")
        c.subscribe(["py_rows"])
        self.assertEqual(len(drain(c, 3)), 3)
        c.close()
        c = consumer("g_close")
        c.subscribe(["py_rows"])
        self.assertIsNone(c.poll(0.3))
        c.close()

    def test_what_goes_wrong(self):
        c = consumer("g_wrong")
        with self.assertRaises(TmqError) as caught:
            c.subscribe(["py_no_such_topic"])
        self.assertIn("Topic not exist", str(caught.exception))
        c.close()
        with self.assertRaises(Exception):
            Consumer({"group.id": "g", "no.such.key": "1"})
        with self.assertRaises(Exception):
            Consumer({"td.connect.ip": HOST})


if __name__ == "__main__":
    unittest.main()
