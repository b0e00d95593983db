"""Prepared statements of a recording, found by what is asked of them.

The number of a statement says nothing about another client, which may open its statements in another order, or ask for
a table's columns on one of their own. So a request is answered as the same request of a recorded statement: the same
SQL, the same table and values bound before it since the last execution. Values are compared as values: the recorded
client sent those of the first generation as JSON, others send blocks. On a connection of its own the recorded statement
does as well, but for results, whose rows are asked for by number.
"""
import collections
import json
import struct

FIRST = {"init", "prepare", "set_table_name", "set_tags", "bind", "add_batch", "exec", "get_tag_fields", "get_col_fields",
         "use_result", "stmt_num_params", "stmt_get_param", "close"}
SECOND = {"stmt2_init", "stmt2_prepare", "stmt2_exec", "stmt2_result", "stmt2_close"}
BINARY = {1: "set_tags", 2: "bind", 9: "stmt2_bind"}
QUESTIONS = {"get_tag_fields", "get_col_fields", "stmt_num_params", "stmt_get_param"}  # change nothing
BINDS = {"set_table_name", "set_tags", "bind", "add_batch", "stmt2_bind"}
NUMBERS = {1: "?", 2: "b", 3: "h", 4: "i", 5: "q", 6: "f", 7: "d", 9: "q", 11: "B", 12: "H", 13: "I", 14: "Q"}
NCHAR = 10


def action_of(op, data):
    """The name of a statement's action; None if the request is about something else."""
    if op != 1:
        return BINARY.get(struct.unpack_from("<Q", data, 16)[0])
    message = json.loads(data)
    action, args = message.get("action"), message.get("args") or {}
    known = action in FIRST | SECOND and (action.endswith("init") or "stmt_id" in args)
    return action if known else None


def number_of(op, data):
    """The statement that a request names."""
    return json.loads(data)["args"].get("stmt_id") if op == 1 else struct.unpack_from("<Q", data, 8)[0]


def block_values(block):
    """The columns of a raw block, each a tuple of values."""
    _, _, rows, columns = struct.unpack_from("<iiii", block)
    types = [block[28 + 5 * i] for i in range(columns)]
    at = 28 + 5 * columns
    lengths = struct.unpack_from(f"<{columns}i", block, at)
    at += 4 * columns
    out = []
    for kind, length in zip(types, lengths):
        values = []
        if kind in NUMBERS:
            nulls, at = block[at:at + (rows + 7) // 8], at + (rows + 7) // 8
            for i, (v,) in enumerate(struct.iter_unpack("<" + NUMBERS[kind], block[at:at + length])):
                values.append(None if nulls[i // 8] & (128 >> i % 8) else v)
        else:
            offsets, at = struct.unpack_from(f"<{rows}i", block, at), at + 4 * rows
            for offset in offsets:
                if offset < 0:
                    values.append(None)
                    continue
                size, = struct.unpack_from("<H", block, at + offset)
                text = block[at + offset + 2:at + offset + 2 + size]
                values.append(text.decode("utf-32-le" if kind == NCHAR else "utf-8", "backslashreplace"))
        at += length
        out.append(tuple(values))
    return tuple(out)


def entry_values(data, at):
    """One entry of a bind of the second generation: (where the next one begins, its values)."""
    total, kind, rows = struct.unpack_from("<Iii", data, at)
    marks = data[at + 12:at + 12 + rows]  # 0 a value, 1 NULL, 2 the column keeps what it has
    p = at + 12 + rows
    has_lengths, p = data[p], p + 1
    if has_lengths:
        lengths = struct.unpack_from(f"<{rows}i", data, p)
        p += 4 * rows
    size, = struct.unpack_from("<i", data, p)
    buffer, p = data[p + 4:p + 4 + size], 0
    if not has_lengths:
        lengths = (size // rows,) * rows
    elif sum(lengths) != size:
        lengths = tuple(0 if mark else length for length, mark in zip(lengths, marks))
    values = []
    for length, mark in zip(lengths, marks):
        values.append((mark,) if mark else buffer[p:p + length])
        p += 0 if size == 0 else length
    return at + total, (kind, tuple(values))


def bind_values(data):
    """What a bind of the second generation binds, from behind its ids: (column, tables), a table being its name, its tags
    and its columns. Rows of the same table that follow one another are one table."""
    column, _, tables, tags, columns, names_at, tags_at, columns_at = struct.unpack_from("<iIIIIIII", data, 2)
    data = data[2 + 4:]
    names = [None] * tables
    if names_at:
        p = names_at + 2 * tables
        for i, length in enumerate(struct.unpack_from(f"<{tables}H", data, names_at)):
            names[i] = data[p:p + length]
            p += length

    def entries(at, count):
        p = at + 4 * tables
        for _ in range(tables):
            row = []
            for _ in range(count if at else 0):
                p, values = entry_values(data, p)
                row.append(values)
            yield row

    out = []
    for name, tag, values in zip(names, entries(tags_at, tags), entries(columns_at, columns)):
        if out and out[-1][:2] == (name, tag):
            values = [(kind, before + more) for (kind, before), (_, more) in zip(out.pop()[2], values)]
        out.append((name, tag, values))
    return column, frozen(out)


def frozen(value):
    if isinstance(value, (list, tuple)):
        return tuple(frozen(v) for v in value)
    if isinstance(value, dict):
        return tuple((k, frozen(v)) for k, v in sorted(value.items()))
    return value


class Statement:
    """What a statement has been told so far."""

    def __init__(self):
        self.sql, self.table, self.bound, self.executed = "", None, (), None

    def key(self, op, data):
        """What is asked, in words that can be compared with another client's; the statement has been told then."""
        action = action_of(op, data)
        if op == 1:
            args = {k: v for k, v in json.loads(data)["args"].items() if k not in ("req_id", "stmt_id")}
            content = frozen(args)
            if action == "bind":
                content = frozen(args["columns"])
            elif action == "set_tags":
                content = frozen(args["tags"])
        elif action == "stmt2_bind":
            content = bind_values(data[24:])
        else:
            content = block_values(data[24:])
            if action == "set_tags":
                content = tuple(column[0] for column in content)
        if action in ("prepare", "stmt2_prepare"):
            self.__init__()
            self.sql = args["sql"]
        if action in ("init", "stmt2_init"):
            return action, content
        if action == "stmt2_close":
            return action,  # always answered alike
        if action in QUESTIONS:
            return self.sql, action, content, self.table
        if action in ("use_result", "stmt2_result"):
            return self.sql, action, self.executed
        key = self.sql, action, content, self.bound
        if action == "set_table_name":
            self.table = args["name"]
        if action in BINDS:
            self.bound += ((action, content),)
        elif action in ("exec", "stmt2_exec"):
            self.executed, self.bound = self.bound, ()
        return key


class Answer:
    """Recorded answers, with the number that the statement has here."""

    def __init__(self, recorded, number):
        self.used = 0
        self.answers = []
        for op, data in recorded:
            if op == 1:
                message = json.loads(data)
                if "stmt_id" in message:
                    message["stmt_id"] = number
                    data = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
            self.answers.append((op, data))


class Statements:
    """The statements of all connections of a recording."""

    def __init__(self, recorded):
        self.index = collections.defaultdict(list)  # what is asked -> (connection, request)
        for connection in recorded:
            told = {}
            for q in connection.requests:
                if not q.answers or not action_of(q.op, q.data):
                    continue
                if action_of(q.op, q.data) in ("init", "stmt2_init"):
                    told[json.loads(q.answers[0][1]).get("stmt_id")] = statement = Statement()
                else:
                    statement = told.get(number_of(q.op, q.data))
                if statement:
                    self.index[statement.key(q.op, q.data)].append((connection, q))

    def find(self, live, req):
        """The answer to a request about a statement, or None."""
        action = action_of(req.op, req.data)
        told = live.__dict__.setdefault("statements", {})
        if action in ("init", "stmt2_init"):
            number, statement = max(told, default=0) + 1, Statement()
            told[number] = statement
        else:
            number = number_of(req.op, req.data)
            statement = told.get(number)
        if not statement:
            return None
        if action == "close":
            return Answer([], number)
        key = statement.key(req.op, req.data)
        found = [(c, q) for c, q in self.index.get(key, []) if c is live.bound or not action.endswith("result")]
        if not found:
            return None
        _, best = min(found, key=lambda f: (f[0] is not live.bound, f[1].used))
        best.used += 1
        return Answer(best.answers, number)

    @staticmethod
    def sql_of(live, req):
        statement = live.__dict__.get("statements", {}).get(number_of(req.op, req.data))
        return statement.sql if statement else ""
