package binding

import (
	"fmt"
	"strings"
	"testing"
	"time"

	taos "github.com/taosdata/driver-go/v3/af"
	"github.com/taosdata/driver-go/v3/af/tmq"
	common "github.com/taosdata/driver-go/v3/common/tmq"
)

// topicOn makes a database with a topic of the same name on its table t.
func topicOn(t *testing.T, name string) *taos.Connector {
	t.Helper()
	exec(t, connect(t, ""), "drop topic if exists "+name)
	c := fresh(t, name, "vgroups 1")
	exec(t, c, "create table t (ts timestamp, v int, s nchar(8))")
	exec(t, c, fmt.Sprintf("create topic %s as select ts, v, s from t", name))
	return c
}

func insertRows(t *testing.T, c *taos.Connector, from, to int) {
	t.Helper()
	var values strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&values, " (%d, %d, 's%d')", 1000+i, i, i)
	}
	exec(t, c, "insert into t values"+values.String())
}

func consumerOf(t *testing.T, group, topic string) *tmq.Consumer {
	t.Helper()
	c, err := tmq.NewConsumer(&common.ConfigMap{
		"group.id": group, "client.id": "go", "td.connect.ip": host, "td.connect.port": fmt.Sprint(port()),
		"td.connect.user": "root", "td.connect.pass": "taosdata", "auto.offset.reset": "earliest",
		"enable.auto.commit": "false", "msg.with.table.name": "true",
	})
	check(t, err)
	check(t, c.Subscribe(topic, nil))
	return c
}

// receive gives the column v of messages until there are n values. The driver takes them out of tmq_get_raw's memory itself.
func receive(t *testing.T, c *tmq.Consumer, topic string, n int) []int32 {
	t.Helper()
	var got []int32
	for end := time.Now().Add(time.Minute); len(got) < n; {
		if time.Now().After(end) {
			t.Fatalf("only %v arrived", got)
		}
		switch message := c.Poll(500).(type) {
		case nil:
		case *common.DataMessage:
			same(t, "topic", []string{topic, topic}, []string{message.Topic(), message.DBName()})
			for _, block := range message.Value().([]*common.Data) {
				for _, row := range block.Data {
					v := row[1].(int32)
					same(t, "ts", int64(1000+v), row[0].(time.Time).UnixMilli())
					same(t, "s", fmt.Sprintf("s%d", v), row[2])
					got = append(got, v)
				}
			}
		default:
			t.Fatalf("unexpected message %v", message)
		}
	}
	return got
}

func numbers(from, to int32) (all []int32) {
	for ; from < to; from++ {
		all = append(all, from)
	}
	return all
}

func TestConsumer(t *testing.T) {
	const topic = "go_tmq"
	c := topicOn(t, topic)
	insertRows(t, c, 0, 10)
	consumer := consumerOf(t, "g", topic)
	same(t, "first", numbers(0, 10), receive(t, consumer, topic, 10))
	committed, err := consumer.Commit()
	check(t, err)
	assigned, err := consumer.Assignment()
	check(t, err)
	same(t, "vgroups", 1, len(assigned))
	position, err := consumer.Position(assigned)
	check(t, err)
	same(t, "committed", committed[0].Offset, position[0].Offset)
	insertRows(t, c, 10, 15)
	same(t, "more", numbers(10, 15), receive(t, consumer, topic, 5))
	check(t, consumer.Seek(committed[0], 0))
	same(t, "again", numbers(10, 15), receive(t, consumer, topic, 5))
	check(t, consumer.Unsubscribe())
	check(t, consumer.Close())

	consumer = consumerOf(t, "g", topic)
	same(t, "what was not committed", numbers(10, 15), receive(t, consumer, topic, 5))
	check(t, consumer.Unsubscribe())
	check(t, consumer.Close())
}

func TestUnknownTopic(t *testing.T) {
	c, err := tmq.NewConsumer(&common.ConfigMap{
		"group.id": "g", "td.connect.ip": host, "td.connect.port": fmt.Sprint(port()), "td.connect.user": "root", "td.connect.pass": "taosdata",
	})
	check(t, err)
	failed(t, c.Subscribe("no_such_topic", nil), 0x03E1, "")
	check(t, c.Close())
}
