package binding

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/taosdata/driver-go/v3/taosSql"
)

const columns = "ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, u1 tinyint unsigned, " +
	"u2 smallint unsigned, u4 int unsigned, u8 bigint unsigned, f float, d double, s varchar(20), n nchar(20), " +
	"vb varbinary(16), g geometry(64)"

// A point (1, 2) as the server keeps it.
var point = []byte{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40}

func TestEveryTypeAndPrecision(t *testing.T) {
	for precision, unit := range map[string]int64{"ms": 1e6, "us": 1e3, "ns": 1} {
		c := fresh(t, "go_types_"+precision, "precision '"+precision+"'")
		exec(t, c, "create table t ("+columns+")")
		at := time.Unix(1704067200, 123*1e6)
		stamp := at.UnixNano() / unit
		same(t, "inserted", int64(2), exec(t, c, fmt.Sprintf("insert into t values (%d, true, -128, -32768, -2147483648, "+
			"-9223372036854775808, 255, 65535, 4294967295, 18446744073709551615, 1.5, 2.25, 'te\u00e9xt', '漢字\U0001f600', "+
			"'\\x00ff10', 'POINT(1 2)') (%d, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)",
			stamp, stamp+1)))
		got := query(t, c, "select * from t order by ts")
		same(t, "rows", 2, len(got))
		same(t, "time", at.UnixNano(), got[0][0].(time.Time).UnixNano())
		same(t, "values", []driver.Value{true, int8(-128), int16(-32768), int32(-2147483648), int64(-9223372036854775808),
			uint8(255), uint16(65535), uint32(4294967295), uint64(18446744073709551615), float32(1.5), 2.25, "te\u00e9xt",
			"漢字\U0001f600", []byte{0, 255, 16}, point}, got[0][1:])
		same(t, "nulls", make([]driver.Value, 15), got[1][1:])
	}
}

func TestJSONTags(t *testing.T) {
	c := fresh(t, "go_json", "")
	exec(t, c, "create stable s (ts timestamp, v int) tags (j json)")
	exec(t, c, `insert into a using s tags ('{"k":1}') values (1000, 1) b using s tags (null) values (1000, 2)`)
	got := query(t, c, "select v, j from s order by v")
	same(t, "json", `{"k":1}`, string(got[0][1].([]byte)))
	same(t, "null", []driver.Value{int32(2), nil}, got[1])
}

func TestThroughDatabaseSQL(t *testing.T) {
	fresh(t, "go_sql", "")
	db, err := sql.Open("taosSql", fmt.Sprintf("root:taosdata@tcp(%s:%d)/go_sql", host, port()))
	check(t, err)
	defer db.Close()
	_, err = db.Exec("create stable meters (ts timestamp, v double) tags (place nchar(10))")
	check(t, err)
	result, err := db.Exec("insert into d1 using meters tags ('涛') values (?, ?)", int64(1000), 1.5)
	check(t, err)
	n, err := result.RowsAffected()
	check(t, err)
	same(t, "inserted", int64(1), n)
	rows, err := db.Query("select tbname, v, place from meters where v > ?", 1.0)
	check(t, err)
	var name, place string
	var v float64
	same(t, "row", true, rows.Next())
	check(t, rows.Scan(&name, &v, &place))
	same(t, "row", []any{"d1", 1.5, "涛"}, []any{name, v, place})
	types, err := rows.ColumnTypes()
	check(t, err)
	same(t, "type", "NCHAR", types[2].DatabaseTypeName())
	same(t, "end", false, rows.Next())
	check(t, rows.Err())
	_, err = db.Query("select * from no_such_table")
	failed(t, err, 0x2603, "Table does not exist")
}

func TestManyRows(t *testing.T) {
	c := fresh(t, "go_many", "")
	exec(t, c, "create table t (ts timestamp, v int, s nchar(8))")
	for start := 0; start < 12000; start += 3000 {
		var values strings.Builder
		for i := start; i < start+3000; i++ {
			fmt.Fprintf(&values, " (%d, %d, 's%d')", 1000+i, i, i%10)
		}
		same(t, "inserted", int64(3000), exec(t, c, "insert into t values"+values.String()))
	}
	got := query(t, c, "select v, s from t order by ts")
	same(t, "rows", 12000, len(got))
	for i, row := range got {
		same(t, "row", []driver.Value{int32(i), fmt.Sprintf("s%d", i%10)}, row)
	}
}

// Many goroutines on one connection: the driver hands every query to the library's asynchronous functions.
func TestGoroutinesShareAConnection(t *testing.T) {
	c := fresh(t, "go_shared", "")
	exec(t, c, "create table t (ts timestamp, v int)")
	for i := 0; i < 16; i++ {
		exec(t, c, fmt.Sprintf("insert into t values (%d, %d)", 1000+i, i))
	}
	var wg sync.WaitGroup
	for g := 0; g < 16; g++ {
		wg.Add(1)
		go func(v int) {
			defer wg.Done()
			for i := 0; i < 25; i++ {
				rows, err := c.Query(fmt.Sprintf("select v from t where v = %d", v))
				if err != nil {
					t.Error(err)
					return
				}
				row := make([]driver.Value, 1)
				if err := rows.Next(row); err != nil || row[0] != int32(v) {
					t.Errorf("expected %d, got %v, %v", v, row[0], err)
				}
				_ = rows.Close()
				if _, err := c.Query("selec 1"); err == nil {
					t.Error("a wrong statement was accepted")
				}
			}
		}(g)
	}
	wg.Wait()
}

func TestErrors(t *testing.T) {
	c := fresh(t, "go_errors", "")
	_, err := c.Exec("selec 1")
	failed(t, err, 0x2600, "syntax error")
	_, err = c.Query("select * from no_such_table")
	failed(t, err, 0x2603, "Table does not exist")
	failed(t, c.SelectDB("no_such_database"), 0x0388, "") // natively its text is not left behind
	check(t, c.SelectDB("go_errors"))
	same(t, "usable", 0, len(query(t, c, "show tables")))
}
