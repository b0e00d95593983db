package binding

import (
	"database/sql/driver"
	"testing"
)

func TestInfluxLines(t *testing.T) {
	c := fresh(t, "go_sml_lines", "")
	lines := "cpu,name=h1,dc=west load=0.5,used=1i,ok=t 1577837300000\ncpu,name=h2,dc=west load=1.5,used=2i,ok=f 1577837300001"
	check(t, c.InfluxDBInsertLinesWithReqID(lines, "ms", 0x4721, 0, ""))
	check(t, c.InfluxDBInsertLinesWithReqID(lines, "ms", 0x4722, 1000, "name"))
	// The tag that names the table is not kept as a tag.
	same(t, "row", [][]driver.Value{{1.5, int64(2), false, nil}}, query(t, c, "select load, used, ok, name from cpu where tbname = 'h2'"))
	same(t, "rows", [][]driver.Value{{int64(4)}}, query(t, c, "select count(*) from cpu"))
	if err := c.InfluxDBInsertLinesWithReqID("cpu,name=h1 load=", "ms", 0x4723, 0, ""); err == nil {
		t.Fatal("half a line was accepted")
	}
}

func TestTelnetLines(t *testing.T) {
	c := fresh(t, "go_sml_telnet", "")
	check(t, c.OpenTSDBInsertTelnetLinesWithReqID("cur 1648432611249 10.5 place=sf id=2\ncur 1648432611250 12.5 place=la id=3", 0x4724, 0, ""))
	same(t, "rows", [][]driver.Value{{10.5, "sf"}, {12.5, "la"}}, query(t, c, "select _value, place from cur order by _ts"))
}

func TestJSONPayload(t *testing.T) {
	c := fresh(t, "go_sml_json", "")
	check(t, c.OpenTSDBInsertJsonPayloadWithReqID(`[{"metric":"cur","timestamp":1681345954000,"value":10.5,"tags":{"place":"sf"}}]`, 0x4725, 0, ""))
	same(t, "rows", [][]driver.Value{{10.5, "sf"}}, query(t, c, "select _value, place from cur"))
}
