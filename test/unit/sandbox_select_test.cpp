// Queries: conditions, order, groups, windows, joins, subqueries.
#include "sandbox_support.h"

using namespace sandbox_test;

namespace {

// Three subtables of ten rows, a minute apart: the data of test/conformance/probes/types.c.
struct Sensors : Box {
  Sensors() {
    use("d");
    ok("create table s (ts timestamp, i int, f float, d double, u bigint unsigned, s varchar(10), b bool) tags (g "
       "int)");
    for (int k = 0; k < 3; k++)
      for (int i = 0; i < 10; i++)
        ok(printf_text("insert into c%d using s tags(%d) values (%d, %d, %d.5, %d.25, %d, 's%d', %d)", k, k,
                       60000 * (i + 1) + k, i * (k + 1), i, i, i * 7, i % 3, i % 2));
  }
};

struct Small : Box {
  Small() {
    use("d");
    ok("create table t (ts timestamp, v int, f float, s varchar(20), n nchar(10), b bool)");
    ok("insert into t values (1000, 1, 1.5, 'a', '漢', true) (2000, 2, 2.5, 'B', 'x', false) (3000, 3, null, null, "
       "null, null)");
  }
};

}  // namespace

TEST_CASE("sandbox select: conditions") {
  Small box;
  const std::pair<const char *, const char *> cases[] = {
      {"v = 2", "2"},
      {"v <> 2", "1|3"},
      {"v != 2", "1|3"},
      {"v >= 2 and f > 1", "2"},
      {"v < 2 or v > 2", "1|3"},
      {"not v = 1", "2|3"},
      {"v in (1, 3, 5)", "1|3"},
      {"v not in (1, 3, 5)", "2"},
      {"v not in (1, null)", ""},
      {"s in ('a', 'B')", "1|2"},
      {"v between 2 and 3", "2|3"},
      {"v not between 2 and 3", "1"},
      {"f is null", "3"},
      {"f is not null", "1|2"},
      {"f = null", ""},
      {"f > 1 or v = 3", "1|2|3"},
      {"s like 'A'", "1"},
      {"s like '%'", "1|2"},
      {"s like '_'", "1|2"},
      {"s not like 'b%'", "1"},
      {"n like '_'", "1|2"},
      {"s match '^[ab]$'", "1"},
      {"s nmatch '^[ab]$'", "2"},
      {"v + 1 = 3", "2"},
      {"v % 2 = 1", "1|3"},
      {"(v = 1 or v = 2) and not (v = 1)", "2"},
      {"b", "1"},
      {"b = true", "1"},
      {"not b", "2"},
      {"ts > '1970-01-01 00:00:01'", "2|3"},
      {"ts between 1000 and 2000", "1|2"},
      {"'1970-01-01 00:00:02' <= ts and 3000 > ts", "2"},
      {"ts > now - 1h", ""},
      {"ts < now - 1y", "1|2|3"},
      {"1 = 2", ""},
      {"tbname = 't'", "1|2|3"},
      {"tbname like 'x%'", ""},
      {"case v when 1 then true else false end", "1"},
  };
  for (auto &[where, answer] : cases) {
    INFO(where);
    CHECK(box.rows("select v from t where " + std::string(where)) == answer);
  }
  for (const char *where : {"ts = 'yesterday'", "v like '1'", "nosuch = 1", "count(*) > 1", "s match '['"}) {
    INFO(where);
    CHECK(box.run("select v from t where " + std::string(where)).code != 0);
  }
}

TEST_CASE("sandbox select: order, limit, distinct") {
  Sensors box;
  CHECK(box.rows("select i from c0 order by i desc limit 3") == "9|8|7");
  CHECK(box.rows("select i from c0 order by ts limit 2 offset 3") == "3|4");
  CHECK(box.rows("select i from c0 limit 3, 2") == "3|4");
  CHECK(box.rows("select i from c0 limit 0") == "");
  CHECK(box.rows("select i from c0 limit 5 offset 100") == "");
  CHECK(box.rows("select s, i from c0 order by s desc, i limit 4") == "s2,2|s2,5|s2,8|s1,1");
  CHECK(box.rows("select i x from c0 order by x desc limit 1") == "9");
  CHECK(box.rows("select i, s from c0 order by 2 desc, 1 desc limit 1") == "8,s2");
  CHECK(box.rows("select s from c0 order by i % 4, i limit 4") == "s0|s1|s2|s1");
  CHECK(box.rows("select distinct s from s order by s") == "s0|s1|s2");
  CHECK(box.rows("select distinct g, tbname from s") == "0,c0|1,c1|2,c2");
  CHECK(box.error("select distinct s from s order by i") == "0x260b Not SELECTed expression");
  box.ok("insert into c0 (ts) values (1)");
  CHECK(box.rows("select i from c0 order by i limit 1") == "NULL");
  CHECK(box.rows("select i from c0 order by i nulls last limit 1") == "0");
  CHECK(box.rows("select i from c0 order by i desc limit 1") == "9");
  CHECK(box.rows("select i from c0 order by i desc nulls first limit 1") == "NULL");
}

TEST_CASE("sandbox select: stars and names") {
  Small box;
  CHECK(box.fields("select * from t") == "ts:9:8,v:4:4,f:6:4,s:8:20,n:10:10,b:1:1");
  CHECK(box.fields("select t.v, v as `Of V`, v one, v + 1 from t") == "v:4:4,Of V:4:4,one:4:4,v + 1:7:8");
  CHECK(box.fields("SELECT COUNT(*), Last(V), 'Text' FROM T") == "count(*):5:8,last(v):4:4,'Text':8:4");
  CHECK(box.fields("select t.*, _rowts, _c0, tbname from t") ==
        "ts:9:8,v:4:4,f:6:4,s:8:20,n:10:10,b:1:1,_rowts:9:8,_c0:9:8,tbname:8:270");
  std::string name(70, 'x');
  CHECK(box.fields("select 1 as " + name) == name.substr(0, 64) + ":5:8");
  CHECK(box.error("select nosuch.* from t") == "0x2603 Table does not exist: nosuch");
  CHECK(box.error("select *") == "0x2602 Invalid column name: *");
  CHECK(box.error("select _wstart from t").rfind("0x2602", 0) == 0);
}

TEST_CASE("sandbox select: super tables") {
  Sensors box;
  CHECK(box.fields("select * from s limit 0") == "ts:9:8,i:4:4,f:6:4,d:7:8,u:14:8,s:8:10,b:1:1,g:4:4");
  CHECK(box.fields("select * from c0 limit 0") == "ts:9:8,i:4:4,f:6:4,d:7:8,u:14:8,s:8:10,b:1:1");
  CHECK(box.rows("select tbname, g, i from s where i = 6 order by g") == "c0,0,6|c1,1,6|c2,2,6");
  CHECK(box.rows("select g, tbname from c1 limit 1") == "1,c1");
  CHECK(box.rows("select count(*) from s where tbname in ('c0', 'c2') and g > 0") == "10");
  CHECK(box.rows("select tags g, tbname from s where g > 0") == "1,c1|2,c2");
  box.ok("create table c3 using s tags (3)");
  CHECK(box.rows("select distinct tbname from s") == "c0|c1|c2|c3");
  CHECK(box.rows("select tags tbname from s where g = 3") == "c3");
  CHECK(box.run("select tags i from s").code == 0x260e);
  box.session.bi = true;
  CHECK(box.fields("select * from s limit 0") == "ts:9:8,i:4:4,f:6:4,d:7:8,u:14:8,s:8:10,b:1:1,g:4:4,tbname:8:270");
}

TEST_CASE("sandbox select: aggregates") {
  Sensors box;
  CHECK(box.rows(
            "select count(*), sum(i), avg(i), min(i), max(i), stddev(i), spread(d), first(ts), last(ts), last_row(s) "
            "from s") == "30,270,9,0,27,7.21110255093,9,60000,600002,s0");
  CHECK(
      box.fields(
          "select count(*), sum(i), avg(i), min(i), max(i), stddev(i), spread(d), first(ts), last(ts), last_row(s) "
          "from s") ==
      "count(*):5:8,sum(i):5:8,avg(i):7:8,min(i):4:4,max(i):4:4,stddev(i):7:8,spread(d):7:8,first(ts):9:8,last(ts):9:8,"
      "last_row(s):8:10");
  CHECK(box.rows("select sum(f), sum(u), avg(d), count(b), apercentile(i, 50) from s") == "150,945u,4.75,30,7");
  CHECK(box.fields("select sum(f), sum(u), avg(d), count(b) from s") ==
        "sum(f):7:8,sum(u):14:8,avg(d):7:8,count(b):5:8");
  CHECK(box.rows("select sum(i) / count(*) + 1, max(i) - min(i) from s") == "10,27");
  CHECK(box.rows("select ts, i, max(d) from c1") == "600001,18,9.25");
  CHECK(box.rows("select first(i), last(i) from c2") == "0,27");
  CHECK(box.rows("select mode(s), elapsed(ts), elapsed(ts, 1s), percentile(i, 50), variance(d) from c0") ==
        "s0,540000,540,4.5,8.25");
  CHECK(box.rows("select stddev_samp(i), var_samp(i) from c0 where i < 3") == "1,1");
  CHECK(box.rows("select count(*), sum(i), min(s) from s where i > 1000") == "0,NULL,NULL");
  CHECK(box.rows("select sum(i) from s where i > 1000") == "");
  CHECK(box.rows("select count(*) from s having count(*) > 100") == "");
  box.ok("insert into c0 (ts, i) values (700000, null)");
  CHECK(box.rows("select count(*), count(i), last(i), last_row(i), last(ts) from c0") == "11,10,9,NULL,700000");
  CHECK(box.rows("select last(*) from c0") == "700000,9,9.5,9.25,63u,s0,true");
  CHECK(box.fields("select last(*) from c0").rfind("last(ts):9:8,last(i):4:4", 0) == 0);
  CHECK(box.rows("select last_row(ts, i) from c0") == "700000,NULL");
  for (const char *sql :
       {"select count(*), i from s", "select sum(i), max(i), i from s", "select sum(s) from s",
        "select sum(count(*)) from s", "select avg(b) from s", "select sum() from s", "select sum(i, 1) from s",
        "select i, count(*) from s group by g", "select i from s having i > 1", "select spread(s) from s"}) {
    INFO(sql);
    CHECK(box.run(sql).code != 0);
  }
}

TEST_CASE("sandbox select: groups and partitions") {
  Sensors box;
  CHECK(box.rows("select s, count(*) from s group by s order by s") == "s0,12|s1,9|s2,9");
  CHECK(box.rows("select tbname, g, last(i) from s partition by tbname order by tbname") == "c0,0,9|c1,1,18|c2,2,27");
  CHECK(box.rows("select g, sum(i) from s group by g having sum(i) > 50 order by g desc") == "2,135|1,90");
  CHECK(box.rows("select g, s, count(*) from s group by g, s order by g, s limit 4") == "0,s0,4|0,s1,3|0,s2,3|1,s0,4");
  CHECK(box.rows("select i % 2 as odd, count(*) from s group by i % 2 order by odd") == "0,20|1,10");
  CHECK(box.rows("select i % 2 as odd, count(*) from c0 group by odd order by odd") == "0,5|1,5");
  CHECK(box.rows("select tbname, count(*) from s group by tbname order by tbname") == "c0,10|c1,10|c2,10");
  CHECK(box.rows("select g, count(*) from s partition by g slimit 2") == "0,10|1,10");
  CHECK(box.rows("select g, count(*) from s partition by g slimit 1 soffset 1") == "1,10");
  CHECK(box.rows("select tbname, i from s partition by tbname limit 1") == "c0,0|c1,0|c2,0");
  CHECK(box.rows("select tbname, i from s partition by tbname order by i desc limit 1") == "c2,27");
  CHECK(box.rows("select max(i), ts from s group by tbname") == "9,600000|18,600001|27,600002");
  CHECK(box.rows("select tbname, _wstart, count(*) from s partition by tbname interval(5m) order by tbname, _wstart "
                 "limit 4") == "c0,0,4|c0,300000,5|c0,600000,1|c1,0,4");
}

TEST_CASE("sandbox select: windows") {
  Sensors box;
  CHECK(box.rows("select _wstart, _wend, _wduration, count(*), sum(i) from s interval(3m)") ==
        "0,180000,180000,6,6|180000,360000,180000,9,54|360000,540000,180000,9,108|540000,720000,180000,6,102");
  CHECK(box.fields("select _wstart, _wend, _wduration, count(*) from s interval(3m)") ==
        "_wstart:9:8,_wend:9:8,_wduration:5:8,count(*):5:8");
  CHECK(box.rows("select _wstart, count(*) from c0 interval(3m, 1m)") == "60000,3|240000,3|420000,3|600000,1");
  CHECK(box.rows("select _wstart, count(*) from c0 where ts <= 180000 interval(2m) sliding(1m)") ==
        "0,1|60000,2|120000,2|180000,1");
  CHECK(box.rows("select _wstart, count(*) from s interval(1d)") == "0,30");
  CHECK(box.rows("select _wstart, _wend, count(*) from c0 session(ts, 1m)") == "60000,600000,10");
  CHECK(box.rows("select _wstart, count(*) from c0 session(ts, 59s) limit 2") == "60000,1|120000,1");
  CHECK(box.rows("select _wstart, _wend, b, count(*) from c0 state_window(b) limit 2") ==
        "60000,60000,false,1|120000,120000,true,1");
  CHECK(box.rows("select _wstart, _wend, count(*) from c0 event_window start with i = 2 end with i = 4") ==
        "180000,300000,3");
  CHECK(box.rows("select _wstart, _wend, count(*) from c0 count_window(4)") ==
        "60000,240000,4|300000,480000,4|540000,600000,2");
  CHECK(box.rows("select _wstart, count(*) from c0 interval(3m) having count(*) > 2") == "180000,3|360000,3");
  for (const char *sql :
       {"select * from s interval(1s)", "select count(*) from s interval(0s)", "select _wstart from s",
        "select count(*) from s interval(1s) group by g", "select count(*) from s count_window(1)",
        "select count(*) from (select i from s) interval(1s)", "select count(*) from s interval(1s) fill(null)"}) {
    INFO(sql);
    CHECK(box.run(sql).code != 0);
  }
}

TEST_CASE("sandbox select: months and fill") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, v int)");
  box.ok("insert into t values ('2024-01-15', 1) ('2024-02-29', 2) ('2024-02-01', 3) ('2024-05-01', 8)");
  CHECK(box.rows("select to_char(_wstart, 'yyyy-mm-dd'), to_char(_wend, 'yyyy-mm-dd'), sum(v) from t interval(1n)") ==
        "2024-01-01,2024-02-01,1|2024-02-01,2024-03-01,5|2024-05-01,2024-06-01,8");
  CHECK(box.rows("select to_char(_wstart, 'yyyy-mm-dd'), sum(v) from t interval(1y)") == "2024-01-01,14");
  std::string range = " from t where ts >= '2024-01-01' and ts < '2024-06-01' interval(1n) ";
  CHECK(box.rows("select sum(v)" + range + "fill(none)") == "1|5|8");
  CHECK(box.rows("select sum(v)" + range + "fill(null)") == "1|5|NULL|NULL|8");
  CHECK(box.rows("select sum(v), count(*)" + range + "fill(value, 7, 0)") == "1,1|5,2|7,0|7,0|8,1");
  CHECK(box.rows("select sum(v)" + range + "fill(prev)") == "1|5|5|5|8");
  CHECK(box.rows("select sum(v)" + range + "fill(next)") == "1|5|8|8|8");
  CHECK(box.rows("select avg(v)" + range + "fill(linear)") == "1|2.5|4.33333333333|6.16666666667|8");
  CHECK(box.rows("select count(*) from t where ts >= '2030-01-01' and ts < '2030-01-03' interval(1d) fill(null)") ==
        "");
  CHECK(box.rows("select sum(v) from t where ts >= '2030-01-01' and ts < '2030-01-03' interval(1d) fill(value_f, 9)") ==
        "9|9");
  CHECK(box.run("select sum(v) from t where ts >= '1900-01-01' and ts < '2030-01-03' interval(1a) fill(null_f)").code !=
        0);
}

TEST_CASE("sandbox select: joins") {
  Small box;
  box.ok("create table r (ts timestamp, w int)");
  box.ok("insert into r values (2000, 20) (3000, 30) (4000, 40)");
  CHECK(box.rows("select t.v, r.w from t join r on t.ts = r.ts") == "2,20|3,30");
  CHECK(box.rows("select a.v, b.w from t a inner join r as b on a.ts = b.ts and b.w > 20") == "3,30");
  CHECK(box.rows("select a.v, b.w from t a, r b where a.ts = b.ts") == "2,20|3,30");
  CHECK(box.rows("select a.v, b.w from t a left join r b on a.ts = b.ts") == "1,NULL|2,20|3,30");
  CHECK(box.fields("select a.ts, a.v, b.v from t a join t b on a.ts = b.ts") == "ts:9:8,v:4:4,v:4:4");
  CHECK(box.rows("select a.v, b.v, c.v from t a join t b on a.ts = b.ts join t c on b.ts = c.ts where c.v > 1") ==
        "2,2,2|3,3,3");
  CHECK(box.rows("select count(*) from t a join r b on a.v < b.w") == "9");
  CHECK(box.error("select v from t a join t b on a.ts = b.ts") == "0x2604 Column ambiguously defined: v");
  CHECK(box.error("select 1 from t a right join t b on a.ts = b.ts").rfind("0x2600 taos-sandbox does not support", 0) ==
        0);
}

TEST_CASE("sandbox select: subqueries and unions") {
  Sensors box;
  CHECK(box.rows("select max(n) from (select tbname, count(*) as n from s group by tbname)") == "10");
  CHECK(box.rows("select * from (select i * 2 as x, ts from c0 where i > 7) where x > 16") == "18,600000");
  CHECK(box.rows("select q.x from (select i x from c0 limit 2) q order by q.x desc") == "1|0");
  CHECK(box.rows("select _wstart, sum(x) from (select ts, i as x from c0) interval(5m)") == "0,6|300000,30|600000,9");
  CHECK(box.rows("select 'x' as c from c0 limit 1") == "x");
  CHECK(box.rows("select 'x' as c from c0 union all select 'longer' as c order by c limit 3") == "longer|x|x");
  CHECK(box.fields("select 'x' as c from c0 union all select 'longer' as c order by c limit 12") == "c:8:6");
  CHECK(box.rows("select 1 union select 1 union select 2") == "1|2");
  CHECK(box.rows("select 1 union all select 1.9") == "1|1");
  CHECK(box.rows("select 1 as a, 2 as b union all select 3, 4 order by a desc") == "3,4|1,2");
  CHECK(box.run("select 1 union select 1, 2").code != 0);
  CHECK(box.run("select 1 as a union select 2 order by nosuch").code != 0);
  CHECK(box.error("select x from (select i from c0)") == "0x2602 Invalid column name: x");
}

TEST_CASE("sandbox select: time zones") {
  Box box;
  box.use("d");
  box.ok("create table t (ts timestamp, v int)");
  box.session.tz = "Asia/Shanghai";
  box.ok("insert into t values ('2024-07-01 12:30:00', 1)");
  CHECK(box.rows("select ts, to_char(ts, 'yyyy-mm-dd hh24:mi:ss'), to_iso8601(ts) from t") ==
        "1719808200000,2024-07-01 04:30:00,2024-07-01T12:30:00.000+0800");
  CHECK(box.rows("select count(*) from t where ts = '2024-07-01 12:30:00'") == "1");
  CHECK(box.rows("select _wstart, count(*) from t interval(1d)") == "1719792000000,1");
  CHECK(box.rows("select timetruncate('2024-07-01 12:30:00', 1d)") == "1719763200000");
  CHECK(box.rows("select to_iso8601(0), cast('1970-01-02 00:00:00' as timestamp)") ==
        "1970-01-01T08:00:00.000+0800,57600000");
  // The server leaves daylight saving time out when it prints, not when it reads.
  box.session.tz = "America/New_York";
  CHECK(box.rows("select to_iso8601(0)") == "1969-12-31T19:00:00.000-0500");
  CHECK(box.rows("select cast('2024-07-01 12:30:00' as timestamp)") == "1719851400000");
  CHECK(box.rows("select to_iso8601(cast('2024-07-01 12:30:00' as timestamp))") == "2024-07-01T11:30:00.000-0500");
  CHECK(box.rows("select timetruncate('2024-07-01 12:30:00', 1d)") == "1719810000000");
  box.session.tz = "UTC-8";
  CHECK(box.rows("select to_iso8601(0)") == "1970-01-01T08:00:00.000+0800");
  box.session.tz = "Not/AZone";
  CHECK(box.rows("select to_iso8601(0), timezone()") == "1970-01-01T00:00:00.000+0000,Not/AZone");
}
