// The JDBC driver's native connection (jdbc:TAOS://), unmodified, over the library just built.
//
// Each check is a method whose name begins with "check"; the first wrong value ends the program.

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

public class NativeDriver {
  static final String URL =
      "jdbc:TAOS://" + System.getenv("TAOS_HOST") + ":" + System.getenv("TAOS_PORT") + "/";

  static Connection connect(String db, boolean blocks) throws SQLException {
    Properties p = new Properties();
    p.setProperty("user", "root");
    p.setProperty("password", "taosdata");
    p.setProperty("charset", "UTF-8");
    p.setProperty("locale", "C.UTF-8");
    p.setProperty("timezone", "UTC");
    p.setProperty("batchfetch", String.valueOf(blocks));
    return DriverManager.getConnection(URL + db, p);
  }

  static void same(String what, Object expected, Object got) {
    boolean same = expected instanceof byte[] && got instanceof byte[]
        ? Arrays.equals((byte[]) expected, (byte[]) got) : Objects.equals(expected, got);
    if (!same) throw new AssertionError(what + ": expected " + expected + ", got " + got);
  }

  static void run(Connection c, String... statements) throws SQLException {
    try (Statement s = c.createStatement()) {
      for (String sql : statements) s.execute(sql);
    }
  }

  static final String TEXT = "a\u00e9\u6f22\ud83d\ude00";

  static void makeTypes() throws SQLException {
    try (Connection c = connect("", true)) {
      run(c, "drop database if exists jdbc_types", "create database jdbc_types keep 36500", "use jdbc_types",
          "create table t (ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, u1 tinyint unsigned, "
              + "u2 smallint unsigned, u4 int unsigned, f float, d double, s varchar(40), n nchar(20))");
      try (Statement s = c.createStatement()) {
        same("rows inserted", 3, s.executeUpdate("insert into t values "
            + "(1700000000123, true, -128, -32768, -2147483648, -9223372036854775808, 200, 60000, 4000000000, "
            + "-1.5, 0.1, '" + TEXT + "', '" + TEXT + "') "
            + "(1700000000124, null, null, null, null, null, null, null, null, null, null, null, null) "
            + "(1700000000125, false, 127, 32767, 2147483647, 9223372036854775807, 0, 0, 0, 1e10, -1e-5, '', '')"));
      }
    }
  }

  static void readTypes(boolean blocks) throws SQLException {
    try (Connection c = connect("jdbc_types", blocks); Statement s = c.createStatement();
         ResultSet r = s.executeQuery("select * from t order by ts")) {
      ResultSetMetaData m = r.getMetaData();
      same("columns", 13, m.getColumnCount());
      same("name", "i8", m.getColumnName(6));
      same("type", "BIGINT", m.getColumnTypeName(6));
      same("first", true, r.next());
      same("ts", 1700000000123L, r.getTimestamp(1).getTime());
      same("b", true, r.getBoolean("b"));
      same("i1", (byte) -128, r.getByte(3));
      same("i2", (short) -32768, r.getShort(4));
      same("i4", -2147483648, r.getInt("i4"));
      same("i8", Long.MIN_VALUE, r.getLong(6));
      same("u1", (short) 200, r.getShort(7));
      same("u2", 60000, r.getInt(8));
      same("u4", 4000000000L, r.getLong(9));
      same("f", -1.5f, r.getFloat(10));
      same("d", 0.1, r.getDouble(11));
      same("s", TEXT, r.getString(12));
      same("n", TEXT, r.getString("n"));
      same("second", true, r.next());
      same("second ts", 1700000000124L, r.getTimestamp(1).getTime());
      for (int i = 2; i <= 13; i++) same("null " + i, null, r.getObject(i));
      same("null as a number", 0, r.getInt(5));
      same("was null", true, r.wasNull());
      same("third", true, r.next());
      same("third i8", Long.MAX_VALUE, r.getLong(6));
      same("third f", 1e10f, r.getFloat(10));
      same("empty", "", r.getString(12));
      same("empty n", "", r.getString(13));
      same("end", false, r.next());
    }
  }

  static void checkTypesByBlock() throws SQLException {
    makeTypes();
    readTypes(true);
  }

  static void checkTypesByRow() throws SQLException {
    makeTypes();
    readTypes(false);
  }

  static void checkManyRows() throws SQLException {
    try (Connection c = connect("", true)) {
      run(c, "drop database if exists jdbc_many", "create database jdbc_many keep 36500",
          "create table jdbc_many.t (ts timestamp, v int)");
      long sum = 0;
      try (Statement s = c.createStatement()) {
        for (int b = 0; b < 10; b++) {
          StringBuilder sql = new StringBuilder("insert into jdbc_many.t values");
          for (int i = 0; i < 1000; i++) {
            int v = b * 1000 + i;
            sum += v;
            sql.append(" (").append(1700000000000L + v).append(", ").append(v).append(")");
          }
          same("inserted", 1000, s.executeUpdate(sql.toString()));
        }
        long got = 0;
        int rows = 0;
        try (ResultSet r = s.executeQuery("select v from jdbc_many.t")) {
          while (r.next()) {
            got += r.getInt(1);
            rows++;
          }
        }
        same("rows", 10000, rows);
        same("sum", sum, got);
      }
    }
  }

  static void checkErrors() throws SQLException {
    try (Connection c = connect("", true); Statement s = c.createStatement()) {
      try {
        s.executeQuery("selec 1");
        throw new AssertionError("a wrong statement was accepted");
      } catch (SQLException e) {
        same("code", 0x80002600, e.getErrorCode());
        same("text", true, e.getMessage().contains("syntax error"));
      }
      // The connection still works.
      try (ResultSet r = s.executeQuery("select 7")) {
        same("row", true, r.next());
        same("seven", 7, r.getInt(1));
      }
    }
    try {
      DriverManager.getConnection(URL + "?user=root&password=wrong").close();
      throw new AssertionError("a wrong password was accepted");
    } catch (SQLException e) {
      same("text of a failed login", true, e.getMessage().contains("Authentication failure"));
    }
  }

  static void checkPreparedText() throws SQLException {
    try (Connection c = connect("", true)) {
      run(c, "drop database if exists jdbc_prepared", "create database jdbc_prepared keep 36500",
          "create table jdbc_prepared.t (ts timestamp, v int, s nchar(20))");
      try (PreparedStatement p = c.prepareStatement("insert into jdbc_prepared.t values (?, ?, ?)")) {
        for (int i = 0; i < 3; i++) {
          p.setTimestamp(1, new Timestamp(1700000000000L + i));
          p.setInt(2, i);
          p.setNString(3, "n" + i);
          same("inserted", 1, p.executeUpdate());
        }
      }
      try (PreparedStatement p = c.prepareStatement("select s from jdbc_prepared.t where v = ?")) {
        p.setInt(1, 2);
        try (ResultSet r = p.executeQuery()) {
          same("row", true, r.next());
          same("text", "n2", r.getString(1));
          same("end", false, r.next());
        }
      }
    }
  }

  static void checkTwoConnections() throws SQLException {
    Connection a = connect("", true);
    Connection b = connect("", true);
    run(a, "drop database if exists jdbc_two", "create database jdbc_two keep 36500");
    run(b, "use jdbc_two", "create table only_b (ts timestamp, v int)");
    try (Statement s = a.createStatement()) {
      s.executeQuery("select * from only_b");
      throw new AssertionError("the database of one connection became that of another");
    } catch (SQLException e) {
      same("no database", 0x80002616, e.getErrorCode());
    }
    a.close();
    a.close();
    same("closed", true, a.isClosed());
    try (Statement s = b.createStatement(); ResultSet r = s.executeQuery("select count(*) from only_b")) {
      same("row", true, r.next());
      same("count", 0L, r.getLong(1));
    }
    b.close();
  }

  static void checkMetadata() throws SQLException {
    makeTypes();
    try (Connection c = connect("jdbc_types", true)) {
      DatabaseMetaData m = c.getMetaData();
      same("product", true, m.getDatabaseProductName().contains("TDengine"));
      boolean found = false;
      try (ResultSet r = m.getTables("jdbc_types", null, "t", new String[] {"TABLE"})) {
        while (r.next()) found |= "t".equals(r.getString("TABLE_NAME"));
      }
      same("table found", true, found);
      int columns = 0;
      try (ResultSet r = m.getColumns("jdbc_types", null, "t", null)) {
        while (r.next()) columns++;
      }
      same("columns", 13, columns);
    }
  }

  public static void main(String[] args) throws Exception {
    Class.forName("com.taosdata.jdbc.TSDBDriver");
    List<Method> all = new ArrayList<>();
    for (Class<?> checks : new Class<?>[] {NativeDriver.class, NativeWriting.class, NativeConsumer.class}) all.addAll(Arrays.asList(checks.getDeclaredMethods()));
    all.sort(Comparator.comparing(Method::getName));
    int n = 0;
    for (Method m : all) {
      if (!m.getName().startsWith("check")) continue;
      try {
        m.invoke(null);
      } catch (java.lang.reflect.InvocationTargetException e) {
        System.out.println("FAIL " + m.getName() + ": " + e.getCause());
        e.getCause().printStackTrace(System.out);
        System.exit(1);
      }
      System.out.println("ok   " + m.getName());
      n++;
    }
    System.out.println(n + " checks passed");
    if (n == 0 || TEXT.getBytes(StandardCharsets.UTF_8).length != 10) System.exit(1);
  }
}
