// The write interfaces of the JDBC driver's native connection: prepared statements with columns and tags, schemaless.

import com.taosdata.jdbc.SchemalessWriter;
import com.taosdata.jdbc.TSDBPreparedStatement;
import com.taosdata.jdbc.enums.SchemalessProtocolType;
import com.taosdata.jdbc.enums.SchemalessTimestampType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public class NativeWriting {
  static final byte[] POINT = ByteBuffer.allocate(21).order(ByteOrder.LITTLE_ENDIAN)
      .put((byte) 1).putInt(1).putDouble(1).putDouble(2).array();

  static <T> List<T> column(T first) {
    return new ArrayList<>(Arrays.asList(first, null));
  }

  static void checkStatementOfEveryType() throws SQLException {
    try (Connection c = NativeDriver.connect("", true)) {
      NativeDriver.run(c, "drop database if exists jdbc_stmt", "create database jdbc_stmt keep 36500", "use jdbc_stmt",
          "create table t (ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, f float, d double, "
              + "s varchar(40), n nchar(20), vb varbinary(16), g geometry(64))");
      try (TSDBPreparedStatement p = (TSDBPreparedStatement) c.prepareStatement(
               "insert into ? values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
        p.setTableName("t");
        p.setTimestamp(0, new ArrayList<>(Arrays.asList(1700000000123L, 1700000000124L)));
        p.setBoolean(1, column(true));
        p.setByte(2, column((byte) -128));
        p.setShort(3, column((short) -32768));
        p.setInt(4, column(Integer.MIN_VALUE));
        p.setLong(5, column(Long.MIN_VALUE));
        p.setFloat(6, column(-1.5f));
        p.setDouble(7, column(0.1));
        p.setString(8, column(NativeDriver.TEXT), 40);
        p.setNString(9, column(NativeDriver.TEXT), 20);
        p.setVarbinary(10, column(new byte[] {0, -1, 16}), 16);
        p.setGeometry(11, column(POINT), 64);
        p.columnDataAddBatch();
        p.columnDataExecuteBatch();
      }
      try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select * from t order by ts")) {
        NativeDriver.same("first", true, r.next());
        NativeDriver.same("ts", 1700000000123L, r.getTimestamp(1).getTime());
        NativeDriver.same("b", true, r.getBoolean(2));
        NativeDriver.same("i1", (byte) -128, r.getByte(3));
        NativeDriver.same("i2", (short) -32768, r.getShort(4));
        NativeDriver.same("i4", Integer.MIN_VALUE, r.getInt(5));
        NativeDriver.same("i8", Long.MIN_VALUE, r.getLong(6));
        NativeDriver.same("f", -1.5f, r.getFloat(7));
        NativeDriver.same("d", 0.1, r.getDouble(8));
        NativeDriver.same("s", NativeDriver.TEXT, r.getString(9));
        NativeDriver.same("n", NativeDriver.TEXT, r.getString(10));
        NativeDriver.same("vb", new byte[] {0, -1, 16}, r.getBytes(11));
        NativeDriver.same("g", POINT, r.getBytes(12));
        NativeDriver.same("second", true, r.next());
        NativeDriver.same("second ts", 1700000000124L, r.getTimestamp(1).getTime());
        for (int i = 2; i <= 12; i++) NativeDriver.same("null " + i, null, r.getObject(i));
        NativeDriver.same("end", false, r.next());
      }
    }
  }

  static void checkStatementWithTags() throws SQLException {
    try (Connection c = NativeDriver.connect("", true)) {
      NativeDriver.run(c, "drop database if exists jdbc_tags", "create database jdbc_tags keep 36500", "use jdbc_tags",
          "create stable s (ts timestamp, v int) tags (b bool, i int, d double, place nchar(20), name varchar(20), t timestamp)");
      try (TSDBPreparedStatement p = (TSDBPreparedStatement) c.prepareStatement(
               "insert into ? using s tags (?, ?, ?, ?, ?, ?) values (?, ?)")) {
        for (int table = 0; table < 3; table++) {
          p.setTableName("t" + table);
          p.setTagBoolean(0, table == 1);
          p.setTagInt(1, table);
          p.setTagDouble(2, table / 2.0);
          p.setTagNString(3, "ort" + table + "\u6f22");
          if (table == 2) p.setTagNull(4, com.taosdata.jdbc.TSDBConstants.TSDB_DATA_TYPE_VARCHAR);
          else p.setTagString(4, "name" + table);
          p.setTagTimestamp(5, 1700000000000L + table);
          List<Long> ts = new ArrayList<>();
          List<Integer> v = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            ts.add(1700000000000L + i);
            v.add(table * 1000 + i);
          }
          p.setTimestamp(0, ts);
          p.setInt(1, v);
          p.columnDataAddBatch();
        }
        p.columnDataExecuteBatch();
      }
      try (Statement s = c.createStatement();
           ResultSet r = s.executeQuery("select tbname, count(*), sum(v) from s group by tbname order by tbname")) {
        for (int table = 0; table < 3; table++) {
          NativeDriver.same("row", true, r.next());
          NativeDriver.same("table", "t" + table, r.getString(1));
          NativeDriver.same("rows", 100L, r.getLong(2));
          NativeDriver.same("sum", table * 100000L + 4950, r.getLong(3));
        }
        NativeDriver.same("end", false, r.next());
      }
      try (Statement s = c.createStatement();
           ResultSet r = s.executeQuery("select distinct b, i, d, place, name, t from s order by i")) {
        for (int table = 0; table < 3; table++) {
          NativeDriver.same("tags", true, r.next());
          NativeDriver.same("b", table == 1, r.getBoolean(1));
          NativeDriver.same("i", table, r.getInt(2));
          NativeDriver.same("d", table / 2.0, r.getDouble(3));
          NativeDriver.same("place", "ort" + table + "\u6f22", r.getString(4));
          NativeDriver.same("name", table == 2 ? null : "name" + table, r.getString(5));
          NativeDriver.same("t", 1700000000000L + table, r.getTimestamp(6).getTime());
        }
      }
    }
  }

  static void checkStatementErrors() throws SQLException {
    try (Connection c = NativeDriver.connect("", true)) {
      NativeDriver.run(c, "drop database if exists jdbc_stmt_errors", "create database jdbc_stmt_errors", "use jdbc_stmt_errors");
      try (TSDBPreparedStatement p = (TSDBPreparedStatement) c.prepareStatement("insert into ? values (?, ?)")) {
        p.setTableName("no_such_table");
        p.setTimestamp(0, new ArrayList<>(Arrays.asList(1L)));
        p.setInt(1, new ArrayList<>(Arrays.asList(1)));
        p.columnDataAddBatch();
        p.columnDataExecuteBatch();
        throw new AssertionError("a table that does not exist was accepted");
      } catch (SQLException e) {
        NativeDriver.same("text of " + e.getMessage(), true, e.getMessage().contains("Table does not exist"));
      }
    }
  }

  static void checkSchemaless() throws SQLException {
    try (Connection c = NativeDriver.connect("", true)) {
      NativeDriver.run(c, "drop database if exists jdbc_sml", "create database jdbc_sml keep 36500", "use jdbc_sml");
      SchemalessWriter w = new SchemalessWriter(c);  // closing it would close the connection
      w.write(new String[] {"cpu,name=h1 load=0.5 1577837300000", "cpu,name=h2 load=1.5 1577837300001"},
          SchemalessProtocolType.LINE, SchemalessTimestampType.MILLI_SECONDS);
      NativeDriver.same("raw rows", 2, w.writeRaw("cpu,name=h1 load=2.5 1577837300002\ncpu,name=h2 load=3.5 1577837300003",
          SchemalessProtocolType.LINE, SchemalessTimestampType.MILLI_SECONDS));
      w.write("cur 1648432611249 10.5 place=sf", SchemalessProtocolType.TELNET, SchemalessTimestampType.NOT_CONFIGURED);
      w.write("[{\"metric\":\"volt\",\"timestamp\":1681345954000,\"value\":219,\"tags\":{\"place\":\"" + NativeDriver.TEXT + "\"}}]",
          SchemalessProtocolType.JSON, SchemalessTimestampType.MILLI_SECONDS);
      try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select count(*), sum(load) from cpu")) {
        NativeDriver.same("row", true, r.next());
        NativeDriver.same("lines", 4L, r.getLong(1));
        NativeDriver.same("load", 8.0, r.getDouble(2));
      }
      try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("select _value, place from volt")) {
        NativeDriver.same("row", true, r.next());
        NativeDriver.same("value", 219.0, r.getDouble(1));
        NativeDriver.same("place", NativeDriver.TEXT, r.getString(2));
      }
      try {
        w.write("cpu,name=h1 load=", SchemalessProtocolType.LINE, SchemalessTimestampType.MILLI_SECONDS);
        throw new AssertionError("half a line was accepted");
      } catch (SQLException e) {
        NativeDriver.same("code of " + e.getMessage(), true, e.getErrorCode() != 0);
      }
    }
  }
}
