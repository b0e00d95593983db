package binding

import (
	"database/sql/driver"
	"fmt"
	"testing"
	"time"

	"github.com/taosdata/driver-go/v3/common"
	"github.com/taosdata/driver-go/v3/common/param"
	"github.com/taosdata/driver-go/v3/common/stmt"
)

var when = time.UnixMilli(1704067200123)

func at(i int) time.Time { return when.Add(time.Duration(i) * time.Millisecond) }

// everyRow is what the three kinds of statements write into a table of every type.
var everyRow = []driver.Value{true, int8(-128), int16(-32768), int32(-2147483648), int64(-9223372036854775808), uint8(255),
	uint16(65535), uint32(4294967295), uint64(18446744073709551615), float32(1.5), 2.25, "te\u00e9xt", "漢字\U0001f600",
	[]byte{0, 255, 16}, point}

func checkEveryRow(t *testing.T, got [][]driver.Value) {
	t.Helper()
	same(t, "rows", 2, len(got))
	same(t, "time", when.UnixNano(), got[0][0].(time.Time).UnixNano())
	same(t, "values", everyRow, got[0][1:])
	same(t, "nulls", make([]driver.Value, 15), got[1][1:])
}

const everyInsert = "insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

// Row by row, as a general statement binds.
func TestStatementRowByRow(t *testing.T) {
	c := fresh(t, "go_stmt_rows", "")
	exec(t, c, "create table t ("+columns+")")
	s := c.Stmt()
	defer s.Close()
	check(t, s.Prepare(everyInsert))
	n, err := s.NumParams()
	check(t, err)
	same(t, "parameters", 16, n)
	values := param.NewParam(16).AddTimestamp(when, common.PrecisionMilliSecond).AddBool(true).AddTinyint(-128).
		AddSmallint(-32768).AddInt(-2147483648).AddBigint(-9223372036854775808).AddUTinyint(255).AddUSmallint(65535).
		AddUInt(4294967295).AddUBigint(18446744073709551615).AddFloat(1.5).AddDouble(2.25).AddBinary([]byte("te\u00e9xt")).
		AddNchar("漢字\U0001f600").AddVarBinary([]byte{0, 255, 16}).AddGeometry(point)
	nulls := param.NewParam(16).AddTimestamp(at(1), common.PrecisionMilliSecond)
	for i := 0; i < 15; i++ {
		nulls.AddNull()
	}
	for _, row := range []*param.Param{values, nulls} {
		check(t, s.BindRow(row))
		check(t, s.AddBatch())
	}
	check(t, s.Execute())
	same(t, "affected", 2, s.GetAffectedRows())
	checkEveryRow(t, query(t, c, "select * from t order by ts"))
}

func TestStatementThatAsks(t *testing.T) {
	c := fresh(t, "go_stmt_query", "")
	exec(t, c, "create table t (ts timestamp, v int, s nchar(8))")
	exec(t, c, "insert into t values (1, 1, 'a') (2, 2, 'b') (3, 3, 'c')")
	s := c.Stmt()
	defer s.Close()
	check(t, s.Prepare("select s from t where v > ? order by ts"))
	for bound, expected := range map[int]int{0: 3, 2: 1, 3: 0} {
		check(t, s.BindRow(param.NewParam(1).AddInt(bound)))
		check(t, s.AddBatch())
		check(t, s.Execute())
		rows, err := s.UseResult()
		check(t, err)
		same(t, "rows", expected, len(all(t, rows)))
	}
}

// Whole columns into several tables of a super table.
func TestStatementWithTags(t *testing.T) {
	c := fresh(t, "go_stmt_tags", "")
	exec(t, c, "create stable s (ts timestamp, v int, n nchar(8)) tags (id int, place varchar(20))")
	s := c.InsertStmt()
	defer s.Close()
	check(t, s.Prepare("insert into ? using s tags (?, ?) values (?, ?, ?)"))
	types := param.NewColumnType(3).AddTimestamp().AddInt().AddNchar(8)
	for table := 0; table < 3; table++ {
		tags := param.NewParam(2).AddInt(table).AddBinary([]byte(fmt.Sprintf("place%d", table)))
		check(t, s.SetTableNameWithTags(fmt.Sprintf("t%d", table), tags))
		ts, v, n := param.NewParam(10), param.NewParam(10), param.NewParam(10)
		for i := 0; i < 10; i++ {
			ts.AddTimestamp(at(i), common.PrecisionMilliSecond)
			if i == 3 {
				v.AddNull()
				n.AddNull()
			} else {
				v.AddInt(table*10 + i)
				n.AddNchar(fmt.Sprintf("n%d", i))
			}
		}
		check(t, s.BindParam([]*param.Param{ts, v, n}, types))
		check(t, s.AddBatch())
	}
	check(t, s.Execute())
	same(t, "affected", 30, s.GetAffectedRows())
	same(t, "sums", [][]driver.Value{
		{"t0", "place0", int64(10), int64(9), int64(42)},
		{"t1", "place1", int64(10), int64(9), int64(132)},
		{"t2", "place2", int64(10), int64(9), int64(222)},
	}, query(t, c, "select tbname, place, count(*), count(v), sum(v) from s group by tbname, place order by tbname"))
}

func TestStatementErrors(t *testing.T) {
	c := fresh(t, "go_stmt_errors", "")
	s := c.InsertStmt()
	check(t, s.Prepare("insert into no_such_table values (?, ?)"))
	one := []*param.Param{param.NewParam(1).AddTimestamp(when, common.PrecisionMilliSecond), param.NewParam(1).AddInt(1)}
	failed(t, s.BindParam(one, param.NewColumnType(2).AddTimestamp().AddInt()), 0x2603, "Table does not exist")
	check(t, s.Close())
}

// The second generation; the driver executes it asynchronously and asks for the fields.
func TestStatement2(t *testing.T) {
	c := fresh(t, "go_stmt2", "")
	exec(t, c, "create table t ("+columns+")")
	for _, once := range []bool{false, true} {
		s := c.Stmt2(0x4711, once)
		check(t, s.Prepare(everyInsert))
		cols := make([][]driver.Value, 16)
		cols[0] = []driver.Value{when, at(1)}
		for i, value := range everyRow {
			if text, ok := value.(string); ok && i == 11 {
				value = []byte(text) // the driver takes VARCHAR as bytes
			}
			cols[i+1] = []driver.Value{value, nil}
		}
		check(t, s.Bind([]*stmt.TaosStmt2BindData{{Cols: cols}}))
		check(t, s.Execute())
		same(t, "affected", 2, s.GetAffectedRows())
		check(t, s.Close())
		checkEveryRow(t, query(t, c, "select * from t order by ts"))
	}
}

func TestStatement2WithTags(t *testing.T) {
	c := fresh(t, "go_stmt2_tags", "")
	exec(t, c, "create stable s (ts timestamp, v int) tags (id int, place nchar(20))")
	s := c.Stmt2(0x4712, false)
	check(t, s.Prepare("insert into ? using s tags (?, ?) values (?, ?)"))
	for round := 0; round < 3; round++ {
		var data []*stmt.TaosStmt2BindData
		for table := 0; table < 20; table++ {
			var ts, v []driver.Value
			for i := 0; i < 10; i++ {
				ts = append(ts, at(round*10+i))
				v = append(v, int32(table))
			}
			data = append(data, &stmt.TaosStmt2BindData{
				TableName: fmt.Sprintf("t%d", table),
				Tags:      []driver.Value{int32(table), fmt.Sprintf("ort%d", table)},
				Cols:      [][]driver.Value{ts, v},
			})
		}
		check(t, s.Bind(data))
		check(t, s.Execute())
		same(t, "affected", 200, s.GetAffectedRows())
	}
	check(t, s.Close())
	same(t, "all", [][]driver.Value{{int64(600), int64(5700)}}, query(t, c, "select count(*), sum(v) from s"))
	same(t, "tag", [][]driver.Value{{"ort7"}}, query(t, c, "select distinct place from s where id = 7"))

	s = c.Stmt2(0x4713, false)
	check(t, s.Prepare("select v, place from s where id = ? and ts = ?"))
	check(t, s.Bind([]*stmt.TaosStmt2BindData{{Cols: [][]driver.Value{{int32(9)}, {when}}}}))
	check(t, s.Execute())
	rows, err := s.UseResult()
	check(t, err)
	same(t, "row", [][]driver.Value{{int32(9), "ort9"}}, all(t, rows))
	check(t, s.Close())
}

func TestStatement2Errors(t *testing.T) {
	c := fresh(t, "go_stmt2_errors", "")
	s := c.Stmt2(0x4714, false)
	if err := s.Prepare("insert into no_such_table values (?, ?)"); err == nil {
		t.Fatal("a table that does not exist was accepted")
	}
	check(t, s.Close())
}
