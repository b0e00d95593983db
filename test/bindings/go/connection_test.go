// Package binding tests driver-go, unmodified, over the library just built, against the sandbox that runs beside the tests
// (TAOS_HOST, TAOS_PORT). The driver is linked with it through cgo.
package binding

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/taosdata/driver-go/v3/af"
	taos "github.com/taosdata/driver-go/v3/errors"
)

var host = os.Getenv("TAOS_HOST")

func port() int {
	n, err := strconv.Atoi(os.Getenv("TAOS_PORT"))
	if err != nil {
		panic(err)
	}
	return n
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, expected, got any) {
	t.Helper()
	if !reflect.DeepEqual(expected, got) {
		t.Fatalf("%s: expected %v (%T), got %v (%T)", what, expected, expected, got, got)
	}
}

// failed checks that err is the server's or the library's error with this code.
func failed(t *testing.T, err error, code int32, text string) {
	t.Helper()
	var e *taos.TaosError
	if !errors.As(err, &e) {
		t.Fatalf("expected error 0x%04x, got %v", code, err)
	}
	if e.Code != code || !strings.Contains(e.ErrStr, text) {
		t.Fatalf("expected 0x%04x %q, got 0x%04x %q", code, text, e.Code, e.ErrStr)
	}
}

func connect(t *testing.T, db string) *af.Connector {
	t.Helper()
	c, err := af.Open(host, "root", "taosdata", db, port())
	check(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func exec(t *testing.T, c *af.Connector, sql string) int64 {
	t.Helper()
	result, err := c.Exec(sql)
	check(t, err)
	n, err := result.RowsAffected()
	check(t, err)
	return n
}

// fresh gives a connection with an empty database of this name selected.
func fresh(t *testing.T, db, options string) *af.Connector {
	t.Helper()
	c := connect(t, "")
	exec(t, c, "drop database if exists "+db)
	exec(t, c, fmt.Sprintf("create database %s keep 36500 %s", db, options)) // also rows of 1970
	exec(t, c, "use "+db)
	return c
}

func all(t *testing.T, rows driver.Rows) [][]driver.Value {
	t.Helper()
	var got [][]driver.Value
	for {
		row := make([]driver.Value, len(rows.Columns()))
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			check(t, rows.Close())
			return got
		}
		check(t, err)
		got = append(got, row)
	}
}

func query(t *testing.T, c *af.Connector, sql string) [][]driver.Value {
	t.Helper()
	rows, err := c.Query(sql)
	check(t, err)
	return all(t, rows)
}

// The loader must have found the library that the tests are for, and no other.
func TestLibraryIsTheOneJustBuilt(t *testing.T) {
	folder, err := filepath.EvalSymlinks(os.Getenv("TAOS_LIBRARY_FOLDER"))
	check(t, err)
	maps, err := os.ReadFile("/proc/self/maps")
	check(t, err)
	found := false
	for _, line := range strings.Split(string(maps), "\n") {
		if at := strings.Index(line, "/"); at >= 0 && strings.Contains(line, "/libtaos") {
			found = true
			if !strings.HasPrefix(line[at:], folder) {
				t.Fatalf("%s is not of %s", line[at:], folder)
			}
		}
	}
	same(t, "the library is loaded", true, found)
}

// refused opens a connection that cannot be had. The reason is kept for the thread that asked, as natively; the driver asks for it in a
// second call, before which Go may move a goroutine to another thread.
func refused(t *testing.T, host, password, db string, port int, code int32, text string) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, err := af.Open(host, "root", password, db, port)
	failed(t, err, code, text)
}

func TestWrongPassword(t *testing.T) {
	refused(t, host, "wrong", "", port(), 0x0357, "Authentication failure")
}

func TestUnknownDatabase(t *testing.T) {
	refused(t, host, "taosdata", "no_such_database", port(), 0x0388, "Database not exist")
}

func TestNobodyListens(t *testing.T) {
	refused(t, "127.0.0.1", "taosdata", "", 1, 0x000B, "")
}
