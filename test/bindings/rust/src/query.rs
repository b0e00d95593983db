//! Connecting, statements, rows, blocks, errors; blocking and asynchronous.
use super::*;
use taos::taos_query::common::Precision;

#[test]
fn versions() {
    let builder = TaosBuilder::from_dsn(dsn("")).unwrap();
    assert!(builder.server_version().unwrap().starts_with("3."));
    let mut taos = builder.build().unwrap();
    builder.ping(&mut taos).unwrap();
    assert!(!builder.is_enterprise_edition().unwrap());
}

#[test]
fn a_wrong_password() {
    let e = TaosBuilder::from_dsn(dsn_of("root:wrong", "")).unwrap().build().unwrap_err();
    assert_eq!(e.code(), Code::from(0x0357), "{e}");
    assert!(e.to_string().contains("Authentication failure"), "{e}");
}

#[test]
fn an_unknown_database() {
    let e = TaosBuilder::from_dsn(dsn("no_such_database")).unwrap().build().unwrap_err();
    assert_eq!(e.code(), Code::from(0x0388), "{e}");
    assert!(e.to_string().contains("Database not exist"), "{e}");
}

#[test]
fn nobody_listens() {
    let builder = TaosBuilder::from_dsn("taos://root:taosdata@127.0.0.1:1/?maxRetries=3").unwrap();
    let e = builder.build().unwrap_err();
    assert_eq!(e.code(), Code::from(0x000B), "{e}"); // native's code for it: the driver tries again on this one
}

#[test]
fn statements_and_rows() {
    let taos = fresh("rust_statements");
    assert_eq!(taos.exec("create table t (ts timestamp, v int, s binary(20))").unwrap(), 0);
    assert_eq!(taos.exec("insert into t values (1000, 7, 'seven') (2000, null, null)").unwrap(), 2);

    let mut result = taos.query("select ts, v, s from t order by ts").unwrap();
    let fields: Vec<_> = result.fields().iter().map(|f| (f.name().to_owned(), f.ty(), f.bytes())).collect();
    assert_eq!(fields, [("ts".into(), Ty::Timestamp, 8), ("v".into(), Ty::Int, 4), ("s".into(), Ty::VarChar, 20)]);
    assert_eq!(result.precision(), Precision::Millisecond);
    assert_eq!(result.num_of_fields(), 3);
    let got = result.to_rows_vec().unwrap();
    assert_eq!(
        got,
        [
            vec![millis(1000), Value::Int(7), text("seven")],
            vec![millis(2000), Value::Null(Ty::Int), Value::Null(Ty::VarChar)],
        ]
    );

    let typed: Vec<(i64, Option<i32>, Option<String>)> =
        taos.query("select ts, v, s from t order by ts").unwrap().deserialize().map(Result::unwrap).collect();
    assert_eq!(typed, [(1000, Some(7), Some("seven".into())), (2000, None, None)]);
    assert_eq!(taos.query_one::<_, i64>("select count(*) from t").unwrap(), Some(2));
    assert_eq!(taos.query_one::<_, i32>("select v from t where v = 8").unwrap(), None);
    assert_eq!(taos.query_with_req_id("select v from t", 4711).unwrap().to_rows_vec().unwrap().len(), 2);
    assert_eq!(taos.query("select v from t where v = 8").unwrap().rows().count(), 0);
}

#[test]
fn super_tables_and_their_description() {
    let taos = fresh("rust_super");
    taos.exec("create stable meters (ts timestamp, v double) tags (place nchar(10), id int)").unwrap();
    let inserted = taos
        .exec("insert into d1 using meters tags ('涛', 1) values (1000, 1.5) d2 using meters tags ('b', 2) values (1000, 2.5) (2000, 3.5)")
        .unwrap();
    assert_eq!(inserted, 3);
    assert_eq!(
        rows(&taos, "select tbname, v, place, id from meters order by tbname, ts"),
        [
            vec![text("d1"), Value::Double(1.5), nchar("涛"), Value::Int(1)],
            vec![text("d2"), Value::Double(2.5), nchar("b"), Value::Int(2)],
            vec![text("d2"), Value::Double(3.5), nchar("b"), Value::Int(2)],
        ]
    );
    let described = taos.describe("meters").unwrap();
    let names: Vec<_> = described.iter().map(|c| c.field().to_owned()).collect();
    assert_eq!(names, ["ts", "v", "place", "id"]);
    assert_eq!(described.iter().filter(|c| c.is_tag()).count(), 2);
    assert!(taos.databases().unwrap().iter().any(|d| d.name == "rust_super"));
    assert!(taos.database_exists("rust_super").unwrap());
    assert!(!taos.database_exists("no_such_database").unwrap());
}

#[test]
fn errors_carry_code_and_text() {
    let taos = fresh("rust_errors");
    let e = taos.query("select * from no_such_table").unwrap_err();
    assert_eq!(e.code(), Code::from(0x2603), "{e}");
    assert!(e.to_string().contains("Table does not exist"), "{e}");
    let e = taos.exec("selec 1").unwrap_err();
    assert_eq!(e.code(), Code::from(0x2600), "{e}");
    assert!(e.to_string().contains("syntax error"), "{e}");
    assert_eq!(taos.exec("").unwrap_err().code(), Code::from(0x2601));
    // the connection stays usable
    assert_eq!(taos.query_one::<_, i64>("select 1").unwrap(), Some(1));
}

const MANY: i64 = 12_000;

fn fill(taos: &taos::Taos) {
    taos.exec("create table t (ts timestamp, v int, s nchar(8))").unwrap();
    for start in (0..MANY).step_by(3000) {
        let values: Vec<_> = (start..start + 3000).map(|i| format!("({}, {i}, 's{}')", 1000 + i, i % 10)).collect();
        assert_eq!(taos.exec(format!("insert into t values {}", values.join(" "))).unwrap(), 3000);
    }
}

#[test]
fn many_rows_in_blocks() {
    let taos = fresh("rust_blocks");
    fill(&taos);
    let mut result = taos.query("select v, s from t order by ts").unwrap();
    let (mut seen, mut blocks) = (0, 0);
    for block in result.blocks() {
        let block = block.unwrap();
        blocks += 1;
        for row in block.to_values() {
            assert_eq!(row, [Value::Int(seen), nchar(&format!("s{}", seen % 10))]);
            seen += 1;
        }
    }
    assert_eq!(i64::from(seen), MANY);
    assert!(blocks > 1);
    assert_eq!(result.summary(), (blocks, MANY as usize));
}

#[test]
fn a_result_left_half_read() {
    let taos = fresh("rust_half");
    fill(&taos);
    for _ in 0..20 {
        let mut result = taos.query("select v from t order by ts").unwrap();
        assert_eq!(result.rows().next().unwrap().unwrap().into_values(), [Value::Int(0)]);
    }
    assert_eq!(count(&taos, "t"), MANY);
}

#[test]
fn threads_that_share_a_connection() {
    let taos = fresh("rust_shared");
    taos.exec("create table t (ts timestamp, v int)").unwrap();
    let values: Vec<_> = (0..100).map(|i| format!("({i}, {i})")).collect();
    taos.exec(format!("insert into t values {}", values.join(" "))).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for i in 0..50 {
                    assert_eq!(taos.query_one::<_, i32>(format!("select v from t where v = {i}")).unwrap(), Some(i));
                    assert_eq!(taos.query("select * from nowhere").unwrap_err().code(), Code::from(0x2603));
                }
            });
        }
    });
}

mod asynchronous {
    use super::super::{dsn, dsn_of, fresh, runtime};
    use super::{fill, MANY};
    use taos::*;

    async fn connect(db: &str) -> Taos {
        TaosBuilder::from_dsn(dsn(db)).unwrap().build().await.unwrap()
    }

    #[test]
    fn connecting() {
        runtime().block_on(async {
            let builder = TaosBuilder::from_dsn(dsn("")).unwrap();
            assert!(builder.server_version().await.unwrap().starts_with("3."));
            let mut taos = builder.build().await.unwrap();
            builder.ping(&mut taos).await.unwrap();
            let e = TaosBuilder::from_dsn(dsn_of("root:wrong", "")).unwrap().build().await.unwrap_err();
            assert_eq!(e.code(), Code::from(0x0357), "{e}");
        });
    }

    #[test]
    fn rows_of_many_blocks() {
        fill(&fresh("rust_async_blocks"));
        runtime().block_on(async {
            let taos = connect("rust_async_blocks").await;
            let mut result = taos.query("select v, s from t order by ts").await.unwrap();
            let mut seen = 0;
            let mut stream = result.rows();
            while let Some(row) = stream.try_next().await.unwrap() {
                assert_eq!(row.into_values(), [Value::Int(seen), Value::NChar(format!("s{}", seen % 10))]);
                seen += 1;
            }
            assert_eq!(i64::from(seen), MANY);

            let mut result = taos.query("select v from t").await.unwrap();
            let blocks = result.blocks().try_fold(0, |n, block| async move { Ok(n + block.nrows()) }).await.unwrap();
            assert_eq!(blocks as i64, MANY);
        });
    }

    #[test]
    fn queries_side_by_side_on_one_connection() {
        fill(&fresh("rust_async_many"));
        runtime().block_on(async {
            let taos = std::sync::Arc::new(connect("rust_async_many").await);
            let tasks: Vec<_> = (0..64)
                .map(|i| {
                    let taos = taos.clone();
                    tokio::spawn(async move {
                        let v: Option<i32> = taos.query_one(format!("select v from t where v = {i}")).await.unwrap();
                        assert_eq!(v, Some(i));
                        let e = taos.query("selec 1").await.unwrap_err();
                        assert_eq!(e.code(), Code::from(0x2600), "{e}");
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    #[test]
    fn errors() {
        let _ = fresh("rust_async_errors");
        runtime().block_on(async {
            let taos = connect("rust_async_errors").await;
            // The driver asks a second time before it reports this one.
            let e = taos.query("select * from no_such_table").await.unwrap_err();
            assert_eq!(e.code(), Code::from(0x2603), "{e}");
            assert!(e.to_string().contains("Table does not exist"), "{e}");
            assert_eq!(taos.exec("create table t (ts timestamp, v int)").await.unwrap(), 0);
            assert_eq!(taos.exec("insert into t values (1, 1) (2, 2)").await.unwrap(), 2);
        });
    }

    #[test]
    fn futures_and_streams_that_are_dropped() {
        fill(&fresh("rust_async_dropped"));
        runtime().block_on(async {
            let taos = connect("rust_async_dropped").await;
            for _ in 0..20 {
                let mut result = taos.query("select v from t order by ts").await.unwrap();
                assert!(result.blocks().try_next().await.unwrap().is_some());
                // The next block is asked for and nobody waits for it any more: the result goes first.
                let mut blocks = result.blocks();
                assert!(matches!(futures_poll(&mut blocks).await, None | Some(Ok(_))));
            }
            assert_eq!(taos.query_one::<_, i64>("select count(*) from t").await.unwrap(), Some(MANY));
        });
    }

    /// Polls once: what is there, or nothing.
    async fn futures_poll<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
        std::future::poll_fn(|cx| match stream.poll_next_unpin(cx) {
            std::task::Poll::Ready(item) => std::task::Poll::Ready(item),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
