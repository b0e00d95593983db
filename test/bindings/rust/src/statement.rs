//! Prepared statements.
use super::*;
use taos::taos_query::common::Timestamp;
use taos::Stmt;

fn every_type(first: i64) -> [ColumnView; 16] {
    let wkb: Vec<u8> = [1u8, 1, 0, 0, 0].into_iter().chain(1f64.to_le_bytes()).chain(2f64.to_le_bytes()).collect();
    [
        ColumnView::from_millis_timestamp(vec![first, first + 1, first + 2]),
        ColumnView::from_bools(vec![Some(true), None, Some(false)]),
        ColumnView::from_tiny_ints(vec![Some(-128), None, Some(127)]),
        ColumnView::from_small_ints(vec![Some(-32768), None, Some(32767)]),
        ColumnView::from_ints(vec![Some(i32::MIN), None, Some(i32::MAX)]),
        ColumnView::from_big_ints(vec![Some(i64::MIN), None, Some(i64::MAX)]),
        ColumnView::from_unsigned_tiny_ints(vec![Some(255), None, Some(0)]),
        ColumnView::from_unsigned_small_ints(vec![Some(65535), None, Some(0)]),
        ColumnView::from_unsigned_ints(vec![Some(u32::MAX), None, Some(0)]),
        ColumnView::from_unsigned_big_ints(vec![Some(u64::MAX), None, Some(0)]),
        ColumnView::from_floats(vec![Some(1.5), None, Some(-1e10)]),
        ColumnView::from_doubles(vec![Some(2.25), None, Some(-1e-5)]),
        ColumnView::from_varchar::<&str, _, _, _>(vec![Some("te\u{e9}xt"), None, Some("")]),
        ColumnView::from_nchar::<&str, _, _, _>(vec![Some("漢字\u{1f600}"), None, Some("x")]),
        ColumnView::from_bytes::<Vec<u8>, _, _, _>(vec![Some(vec![0, 255, 16]), None, Some(vec![7])]),
        ColumnView::from_geobytes::<Vec<u8>, _, _, _>(vec![Some(wkb.clone()), None, Some(wkb)]),
    ]
}

const COLUMNS: &str = "ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, u1 tinyint unsigned, \
     u2 smallint unsigned, u4 int unsigned, u8 bigint unsigned, f float, d double, s varchar(20), n nchar(20), \
     vb varbinary(16), g geometry(64)";

#[test]
fn every_type_and_null() {
    let taos = fresh("rust_stmt_types");
    taos.exec(format!("create table t ({COLUMNS})")).unwrap();
    let mut stmt = Stmt::init(&taos).unwrap();
    stmt.prepare(format!("insert into t values ({})", ["?"; 16].join(","))).unwrap();
    let columns = every_type(1_704_067_200_000);
    stmt.bind(&columns).unwrap();
    stmt.add_batch().unwrap();
    assert_eq!(stmt.execute().unwrap(), 3);

    let got = rows(&taos, "select * from t order by ts");
    for (r, row) in got.iter().enumerate() {
        let bound: Vec<_> = columns.iter().map(|c| c.get(r).unwrap().to_value()).collect();
        assert_eq!(*row, bound);
    }
    assert_eq!(got.len(), 3);
}

#[test]
fn tables_tags_and_batches() {
    let taos = fresh("rust_stmt_tags");
    taos.exec("create stable s (ts timestamp, v int) tags (b bool, i int, f double, place nchar(20), name varchar(20), t timestamp)")
        .unwrap();
    let mut stmt = Stmt::init_with_req_id(&taos, 77).unwrap();
    stmt.prepare("insert into ? using s tags (?, ?, ?, ?, ?, ?) values (?, ?)").unwrap();
    for i in 0..3i32 {
        let tags = [
            Value::Bool(i == 1),
            Value::Int(i),
            Value::Double(f64::from(i) / 2.0),
            nchar(&format!("ort{i}")),
            if i == 2 { Value::Null(Ty::VarChar) } else { text(&format!("name{i}")) },
            Value::Timestamp(Timestamp::Milliseconds(1_704_067_200_000 + i64::from(i))),
        ];
        stmt.set_tbname_tags(format!("t{i}"), &tags).unwrap();
        for part in 0..2 {
            let ts: Vec<_> = (0..10).map(|n| i64::from(part * 10 + n + 1)).collect();
            let values: Vec<_> = (0..10).map(|n| i * 100 + part * 10 + n).collect();
            stmt.bind(&[ColumnView::from_millis_timestamp(ts), ColumnView::from_ints(values)]).unwrap();
            stmt.add_batch().unwrap();
        }
    }
    assert_eq!(stmt.execute().unwrap(), 60);
    assert_eq!(stmt.affected_rows(), 60);

    // Again with the same statement: only what is new is counted by execute.
    stmt.set_tbname("t0").unwrap();
    stmt.bind(&[ColumnView::from_millis_timestamp(vec![1000]), ColumnView::from_ints(vec![1000])]).unwrap();
    stmt.add_batch().unwrap();
    assert_eq!(stmt.execute().unwrap(), 1);
    assert_eq!(stmt.affected_rows(), 61);

    assert_eq!(
        rows(&taos, "select tbname, count(*), sum(v) from s group by tbname order by tbname"),
        [
            [text("t0"), Value::BigInt(21), Value::BigInt(1190)],
            [text("t1"), Value::BigInt(20), Value::BigInt(2190)],
            [text("t2"), Value::BigInt(20), Value::BigInt(4190)],
        ]
    );
    assert_eq!(
        rows(&taos, "select distinct b, i, f, place, name, t from s order by i")[1..],
        [
            [
                Value::Bool(true),
                Value::Int(1),
                Value::Double(0.5),
                nchar("ort1"),
                text("name1"),
                millis(1_704_067_200_001)
            ],
            [
                Value::Bool(false),
                Value::Int(2),
                Value::Double(1.0),
                nchar("ort2"),
                Value::Null(Ty::VarChar),
                millis(1_704_067_200_002)
            ],
        ]
    );
}

#[test]
fn a_query_with_parameters() {
    let taos = fresh("rust_stmt_query");
    taos.exec("create table t (ts timestamp, v int, s nchar(8))").unwrap();
    taos.exec("insert into t values (1, 1, 'a') (2, 2, 'b') (3, 3, 'c')").unwrap();
    let mut stmt = Stmt::init(&taos).unwrap();
    stmt.prepare("select s from t where v > ? order by ts").unwrap();
    for (bound, expected) in [(1, vec!["b", "c"]), (2, vec!["c"]), (3, vec![])] {
        stmt.bind(&[ColumnView::from_ints(vec![bound])]).unwrap();
        stmt.add_batch().unwrap();
        stmt.execute().unwrap();
        let got = stmt.result_set().unwrap().to_rows_vec().unwrap();
        assert_eq!(got, expected.iter().map(|s| vec![nchar(s)]).collect::<Vec<_>>());
    }
}

#[test]
fn errors() {
    let taos = fresh("rust_stmt_errors");
    taos.exec("create table t (ts timestamp, v int)").unwrap();
    let one = [ColumnView::from_millis_timestamp(vec![1]), ColumnView::from_ints(vec![1])];
    // Before it is prepared; natively the statement stays in error then.
    let mut stmt = Stmt::init(&taos).unwrap();
    let e = stmt.bind(&one).map(|_| ()).unwrap_err();
    assert_eq!(e.code(), Code::from(0x022A), "{e}");
    assert!(stmt.prepare("insert into t values (?, ?)").is_err());
    // A table that isn't there: natively the first bind tells.
    let mut stmt = Stmt::init(&taos).unwrap();
    stmt.prepare("insert into no_such_table values (?, ?)").unwrap();
    let e = stmt.bind(&one).map(|_| ()).unwrap_err();
    assert_eq!(e.code(), Code::from(0x2603), "{e}");
    assert!(e.to_string().contains("Table does not exist"), "{e}");
    // A value of another type than the column's.
    let mut stmt = Stmt::init(&taos).unwrap();
    stmt.prepare("insert into t values (?, ?)").unwrap();
    let wrong = [ColumnView::from_millis_timestamp(vec![1]), ColumnView::from_doubles(vec![1.0])];
    assert!(stmt.bind(&wrong).is_err());
    assert_eq!(count(&taos, "t"), 0);
}

#[test]
fn many_rows() {
    let taos = fresh("rust_stmt_many");
    taos.exec("create table t (ts timestamp, v int, s varchar(10))").unwrap();
    let mut stmt = Stmt::init(&taos).unwrap();
    stmt.prepare("insert into t values (?, ?, ?)").unwrap();
    for part in 0..5i32 {
        let numbers: Vec<_> = (0..2000).map(|i| part * 2000 + i).collect();
        stmt.bind(&[
            ColumnView::from_millis_timestamp(numbers.iter().map(|n| i64::from(*n) + 1).collect::<Vec<_>>()),
            ColumnView::from_ints(numbers.clone()),
            ColumnView::from_varchar::<String, _, _, _>(
                numbers.iter().map(|n| Some(format!("s{n}"))).collect::<Vec<_>>(),
            ),
        ])
        .unwrap();
        stmt.add_batch().unwrap();
        assert_eq!(stmt.execute().unwrap(), 2000);
    }
    assert_eq!(rows(&taos, "select count(*), sum(v) from t"), [[Value::BigInt(10_000), Value::BigInt(49_995_000)]]);
    assert_eq!(rows(&taos, "select s from t where v = 7777"), [[text("s7777")]]);
}

mod asynchronous {
    use super::super::{dsn, fresh, runtime};
    use taos::*;

    #[test]
    fn tables_and_tags() {
        drop(fresh("rust_stmt_async"));
        runtime().block_on(async {
            let taos = TaosBuilder::from_dsn(dsn("rust_stmt_async")).unwrap().build().await.unwrap();
            taos.exec("create stable s (ts timestamp, v int) tags (i int)").await.unwrap();
            let mut stmt = Stmt::init(&taos).await.unwrap();
            stmt.prepare("insert into ? using s tags (?) values (?, ?)").await.unwrap();
            stmt.set_tbname_tags("a", &[Value::Int(5)]).await.unwrap();
            stmt.bind(&[ColumnView::from_millis_timestamp(vec![1, 2]), ColumnView::from_ints(vec![1, 2])])
                .await
                .unwrap();
            stmt.add_batch().await.unwrap();
            assert_eq!(stmt.execute().await.unwrap(), 2);
            let got: Option<(i64, i32)> = taos.query_one("select sum(v), max(i) from s").await.unwrap();
            assert_eq!(got, Some((3, 5)));
        });
    }
}
