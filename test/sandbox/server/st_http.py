"""REST and plain HTTP."""
import base64
import gzip
import json

from st_tools import Http, Sandbox, Wire, check, equal, parse_head, test

LOGIN_TOKEN = "/KfeAzX/f9na8qdtNZmtONryp201ma04bEl8LcvLUd7a8qdtNZmtONryp201ma04"


@test
def ping_and_unknown_paths():
    with Sandbox() as box, Http(box.port) as http:
        equal(http.ask("GET", "/-/ping", auth=None)[::2], (200, ""))
        equal(http.ask("GET", "/-/ping?action=query", auth=None)[::2], (200, ""))
        for method, path in [("GET", "/rest/sql"), ("GET", "/no/such/path"), ("POST", "/rest/sqlt"), ("POST", "/"),
                             ("POST", "/rest/sql/a/b"), ("GET", "/rest/login/root"), ("DELETE", "/-/ping"),
                             ("GET", "/-/stats"), ("POST", "/-/fault")]:
            status, headers, body = http.ask(method, path, "select 1" if method == "POST" else None)
            equal((status, headers["content-type"], body), (404, "text/plain", "404 page not found"), path)


@test
def keep_alive_pipelining_and_close():
    with Sandbox() as box:
        with Http(box.port) as http:
            for _ in range(3):
                equal(http.ask("POST", "/rest/sql", "select 1")[0], 200)
            for i in range(5):
                http.request("POST", "/rest/sql", f"select {i}")
            equal([json.loads(http.answer()[2])["data"] for _ in range(5)], [[[i]] for i in range(5)])
            status, headers, _ = http.ask("POST", "/rest/sql", "select 1", headers={"Connection": "close"})
            equal((status, headers["connection"]), (200, "close"))
            equal(http.rest(), b"")
        with Wire(box.port) as wire:
            wire.send(b"GET /-/ping HTTP/1.0\r\n\r\n")
            check(wire.rest().startswith(b"HTTP/1.1 200 OK\r\n"), "HTTP/1.0 gets its answer and the end")


@test
def bodies():
    with Sandbox() as box, Http(box.port) as http:
        def ask(body, **headers):
            named = {"Content-Length": None} | {name.replace("_", "-"): value for name, value in headers.items()}
            return http.ask("POST", "/rest/sql", body, headers=named)

        chunked = b"3\r\nsel\r\n5;note=x\r\nect 4\r\n1\r\n2\r\n0\r\nTrailer: x\r\n\r\n"
        equal(json.loads(ask(chunked, Transfer_Encoding="chunked")[2])["data"], [[42]])
        packed = gzip.compress(b"select 43")
        equal(json.loads(ask(packed, Content_Encoding="gzip", Content_Length=str(len(packed)))[2])["data"], [[43]])
        cut = packed[:-9]
        status, headers, body = ask(cut, Content_Encoding="gzip", Content_Length=str(len(cut)))
        equal((status, body), (400, ""))
        http.send(b"POST /rest/sql HTTP/1.1\r\nAuthorization: Basic cm9vdDp0YW9zZGF0YQ==\r\nContent-Length: 9\r\n"
                  b"Expect: 100-continue\r\n\r\n")
        equal(parse_head(http.until(b"\r\n\r\n"))[0], 100)
        http.send(b"select 44")
        equal(json.loads(http.answer()[2])["data"], [[44]])
        status, headers, body = http.ask("POST", "/rest/sql", "select 1", headers={"Accept-Encoding": "gzip"})
        equal((headers["content-encoding"], headers["transfer-encoding"]), ("gzip", "chunked"))
        equal(json.loads(body)["data"], [[1]])
        for head, want in [(b"POST /rest/sql HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
                           (b"POST /rest/sql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
                           (b"POST /rest/sql HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
                           (b"GET /-/ping HTTP/3.0\r\n\r\n", 505), (b"hello\r\n\r\n", 400), (b"GET x HTTP/1.1\r\n\r\n", 400),
                           (b"GET /-/ping HTTP/1.1\r\nno colon\r\n\r\n", 400),
                           (b"GET /-/ping HTTP/1.1\r\nX: " + b"y" * 70000, 431),
                           (b"POST /rest/sql HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413)]:
            with Wire(box.port) as wire:
                wire.send(head)
                equal(parse_head(wire.until(b"\r\n\r\n"))[0], want, str(head[:60]))
                wire.rest()


@test
def authorization():
    with Sandbox() as box, Http(box.port) as http:
        def ask(header, path="/rest/sql"):
            headers = {} if header is None else {"Authorization": header}
            status, _, body = http.ask("POST", path, "select 1", auth=None, headers=headers)
            answer = json.loads(body)
            return status, answer["code"], answer.get("desc")

        def basic(text):
            return "Basic " + base64.b64encode(text.encode()).decode()

        invalid_basic = (401, 0x1124, "invalid basic Authorization")
        equal(ask(None), (401, 0x1105, "no auth info input"))
        equal(ask(None, "/rest/sql?token=x"), (401, 0x1105, "no auth info input"))
        equal(ask("Digest x")[:2], (401, 0x1122))
        equal(ask("Basic")[:2], (401, 0x1122))
        for text in ("Basic not-base-64", basic("root"), basic(":taosdata"), basic("root:"), "Basic ===="):
            equal(ask(text), invalid_basic, text)
        equal(ask("Taosd nonsense"), (401, 0x1125, "invalid taosd Authorization"))
        equal(ask("Taosd " + LOGIN_TOKEN)[:2], (200, 0))
        equal(ask("Bearer x")[1], 0x100)
        equal(ask("Bearer x", "/rest/sql?token=y")[:2], (401, 0x1122))
        equal(ask(basic("root:wrong")), (200, 0x357, "Authentication failure"))
        equal(ask(basic("nobody:x")), (200, 0x351, "Invalid user"))
        status, headers, body = http.ask("GET", "/rest/login/root/taosdata", auth=None)
        equal((status, json.loads(body)), (200, {"code": 0, "desc": LOGIN_TOKEN}))
        status, _, body = http.ask("GET", "/rest/login/root/wrong", auth=None)
        equal((status, json.loads(body)["code"], json.loads(body)["desc"]), (401, 3, "Authentication failure"))
        status, _, body = http.ask("GET", "/rest/login/" + "u" * 25 + "/x", auth=None)
        equal((status, json.loads(body)["code"], json.loads(body)["desc"]), (400, 0x110A, "generate taosd token error"))
    long_password = "Pass#" + "0123456789" * 3
    with Sandbox("--user", "alice:" + long_password) as box:
        token = json.loads(box.http("GET", "/rest/login/alice/" + long_password.replace("#", "%23"), auth=None)[2])["desc"]
        equal(len(base64.b64decode(token)), 24 + 40)
        equal(box.http("POST", "/rest/sql", "select 1", auth=None, headers={"Authorization": "Taosd " + token})[0], 200)


@test
def parameters_and_errors():
    with Sandbox() as box, Http(box.port) as http:
        def ask(query, body="select 1"):
            status, _, text = http.ask("POST", "/rest/sql" + query, body)
            return status, json.loads(text)

        for query, text in [
            ("?req_id=abc", 'illegal param, req_id must be numeric strconv.ParseInt: parsing "abc": invalid syntax'),
            ("?req_id=9223372036854775808",
             'illegal param, req_id must be numeric strconv.ParseInt: parsing "9223372036854775808": value out of range'),
            ("?row_with_meta=maybe",
             'illegal param, row_with_meta must be boolean strconv.ParseBool: parsing "maybe": invalid syntax'),
            ("?tz=Not/AZone", "unknown time zone Not/AZone"), ("?conn_tz=Not/AZone", "unknown time zone Not/AZone"),
        ]:
            status, answer = ask(query)
            equal((status, answer["code"], answer["desc"]), (400, 65535, text))
            equal(list(answer), ["code", "desc", "timing"])
        equal(ask("", "")[0], 400)
        equal(ask("", "")[1]["code"], 0x1106)
        equal(ask("", " \n ")[0], 400)
        equal(ask("", " \n ")[1]["code"], 0x1107)
        equal(list(ask("?timing=true&ip=x&app=y&req_id=5")[1]), ["code", "column_meta", "data", "rows", "timing"])
        equal(list(ask("?timing=1")[1]), ["code", "column_meta", "data", "rows"])
        equal(ask("?row_with_meta=true")[1]["data"], [{"1": 1}])
        equal(ask("?row_with_meta=T", "create database rest")[1]["data"], [{"affected_rows": 0}])
        status, answer = ask("/no_such_db", "select * from t")
        equal((status, answer["code"], answer["desc"]), (200, 0x2616, "Database not specified"))
        equal(ask("", "selec 1")[1]["code"], 0x2600)


@test
def values_and_zones():
    with Sandbox() as box, Http(box.port) as http:
        def data(sql, query=""):
            answer = http.ask("POST", "/rest/sql/rest" + query, sql)[2]
            check(json.loads(answer)["code"] == 0, f"{sql}: {answer}")
            return answer[answer.index('"data":'):answer.index(',"rows"')]

        box.sql("create database rest keep 36500")
        box.sql("create table rest.f (ts timestamp, f float, d double, s nchar(20))")
        box.sql("insert into rest.f values (1700000000000, 0.1, 1e-7, 'a\"b\\\\c<>&')(1700000000001, 1e21, 1e21, null)"
                "(1700000000002, 0.000001, 1e20, 'x')(-1, -2.5, 123456789.125, '')")
        equal(data("select f, d, s from f"),
              '"data":[[-2.5,123456789.125,""],[0.1,1e-07,"a\\"b\\\\c<>&"],[1e+21,1e+21,null],'
              '[0.000001,100000000000000000000,"x"]]')
        equal(data("select ts from f order by ts limit 2", "?tz=America/New_York"),
              '"data":[["1969-12-31T18:59:59.999-05:00"],["2023-11-14T17:13:20.000-05:00"]]')
        equal(data("select ts from f order by ts limit 1", "?conn_tz=Asia/Kolkata&tz=America/New_York"),
              '"data":[["1970-01-01T05:29:59.999+05:30"]]')
        for precision, value, text in [("us", 1700000000123456, "2023-11-14T22:13:20.123456Z"),
                                       ("ns", 1700000000123456789, "2023-11-14T22:13:20.123456789Z")]:
            box.sql(f"create database p{precision} precision '{precision}'")
            box.sql(f"create table p{precision}.t (ts timestamp, v int)")
            box.sql(f"insert into p{precision}.t values ({value}, 1)")
            equal(box.sql(f"select ts from p{precision}.t"), [[text]])
            summer = 1719792000 * {"us": 10**6, "ns": 10**9}[precision]
            box.sql(f"insert into p{precision}.t values ({summer}, 2)")
            answer = box.http("POST", f"/rest/sql/p{precision}?tz=Europe/Paris", "select ts from t where v = 2")[2]
            check("2024-07-01T02:00:00.000" in answer and "+02:00" in answer, answer)
