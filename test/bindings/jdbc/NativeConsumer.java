// The JDBC driver's consumer over the natives: polling, committing, positions.

import com.taosdata.jdbc.tmq.ConsumerRecord;
import com.taosdata.jdbc.tmq.ConsumerRecords;
import com.taosdata.jdbc.tmq.OffsetAndMetadata;
import com.taosdata.jdbc.tmq.TaosConsumer;
import com.taosdata.jdbc.tmq.TopicPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;

public class NativeConsumer {
  static final String TOPIC = "jdbc_tmq";

  static TaosConsumer<Map<String, Object>> consumer(String group) throws SQLException {
    Properties p = new Properties();
    p.setProperty("bootstrap.servers", System.getenv("TAOS_HOST") + ":" + System.getenv("TAOS_PORT"));
    p.setProperty("td.connect.type", "jni");
    p.setProperty("td.connect.user", "root");
    p.setProperty("td.connect.pass", "taosdata");
    p.setProperty("group.id", group);
    p.setProperty("client.id", "jdbc");
    p.setProperty("auto.offset.reset", "earliest");
    p.setProperty("enable.auto.commit", "false");
    p.setProperty("msg.with.table.name", "true");
    p.setProperty("value.deserializer", "com.taosdata.jdbc.tmq.MapDeserializer");
    return new TaosConsumer<>(p);
  }

  static void insert(Connection c, int from, int to) throws SQLException {
    StringBuilder sql = new StringBuilder("insert into t values");
    for (int i = from; i < to; i++) sql.append(" (").append(1000 + i).append(", ").append(i).append(", 's").append(i).append("')");
    NativeDriver.run(c, sql.toString());
  }

  /** The column v of the records that arrive until there are n. */
  static List<Integer> receive(TaosConsumer<Map<String, Object>> consumer, int n) throws SQLException {
    List<Integer> got = new ArrayList<>();
    for (int polls = 0; got.size() < n && polls < 100; polls++) {
      ConsumerRecords<Map<String, Object>> records = consumer.poll(Duration.ofMillis(500));
      for (ConsumerRecord<Map<String, Object>> record : records) {
        Map<String, Object> value = record.value();
        int v = (Integer) value.get("v");
        NativeDriver.same("topic", TOPIC, record.getTopic());
        NativeDriver.same("database", TOPIC, record.getDbName());
        NativeDriver.same("ts", Instant.ofEpochMilli(1000 + v), value.get("ts"));
        NativeDriver.same("s", "s" + v, value.get("s"));
        got.add(v);
      }
    }
    return got;
  }

  static List<Integer> numbers(int from, int to) {
    List<Integer> all = new ArrayList<>();
    for (int i = from; i < to; i++) all.add(i);
    return all;
  }

  static void checkConsumer() throws SQLException {
    try (Connection c = NativeDriver.connect("", true)) {
      NativeDriver.run(c, "drop topic if exists " + TOPIC, "drop database if exists " + TOPIC,
          "create database " + TOPIC + " keep 36500 vgroups 1", "use " + TOPIC,
          "create table t (ts timestamp, v int, s nchar(8))", "create topic " + TOPIC + " as select ts, v, s from t");
      insert(c, 0, 10);
      try (TaosConsumer<Map<String, Object>> consumer = consumer("g")) {
        consumer.subscribe(Collections.singletonList(TOPIC));
        NativeDriver.same("subscription", Collections.singleton(TOPIC), consumer.subscription());
        NativeDriver.same("first", numbers(0, 10), receive(consumer, 10));
        consumer.commitSync();
        NativeDriver.same("vgroups", 1, consumer.assignment().size());
        TopicPartition partition = consumer.assignment().iterator().next();
        long position = consumer.position(partition);
        OffsetAndMetadata committed = consumer.committed(partition);
        NativeDriver.same("committed", position, committed.offset());
        insert(c, 10, 15);
        NativeDriver.same("more", numbers(10, 15), receive(consumer, 5));
        consumer.seek(partition, position);
        NativeDriver.same("again", numbers(10, 15), receive(consumer, 5));
        consumer.unsubscribe();
      }
      try (TaosConsumer<Map<String, Object>> consumer = consumer("g")) {
        consumer.subscribe(Collections.singletonList(TOPIC));
        NativeDriver.same("what was not committed", numbers(10, 15), receive(consumer, 5));
        consumer.unsubscribe();
      }
    }
  }

  static void checkUnknownTopic() throws SQLException {
    try (TaosConsumer<Map<String, Object>> consumer = consumer("g")) {
      consumer.subscribe(Arrays.asList("no_such_topic"));
      throw new AssertionError("a topic that does not exist was accepted");
    } catch (SQLException e) {
      NativeDriver.same("code of " + e.getMessage(), 0x03E1, e.getErrorCode() & 0xFFFF);
    }
  }
}
