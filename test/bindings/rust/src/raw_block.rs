//! Blocks as they were read, written back.
use super::*;
use taos::taos_query::common::Precision;

#[test]
fn what_was_read_is_written() {
    let taos = fresh("rust_raw");
    for table in ["a", "b", "c"] {
        taos.exec(format!("create table {table} (ts timestamp, v int, d double, s varchar(20), n nchar(20))")).unwrap();
    }
    taos.exec("insert into a values (1, 1, 1.5, 'one', '一') (2, null, null, null, null) (3, 3, -3.5, '', 'x')")
        .unwrap();
    let blocks: Vec<_> = taos.query("select * from a order by ts").unwrap().blocks().map(Result::unwrap).collect();
    for mut block in blocks {
        taos.write_raw_block(block.with_table_name("b")).unwrap();
        taos.write_raw_block_with_req_id(block.with_table_name("c"), 4711).unwrap();
    }
    let expected = rows(&taos, "select * from a order by ts");
    assert_eq!(expected.len(), 3);
    assert_eq!(rows(&taos, "select * from b order by ts"), expected);
    assert_eq!(rows(&taos, "select * from c order by ts"), expected);
}

#[test]
fn some_columns_of_a_table() {
    let taos = fresh("rust_raw_columns");
    taos.exec("create table t (ts timestamp, v int, s varchar(20))").unwrap();
    let views = [
        ColumnView::from_millis_timestamp(vec![1, 2]),
        ColumnView::from_varchar::<&str, _, _, _>(vec![Some("x"), None]),
    ];
    let mut block = RawBlock::from_views(&views, Precision::Millisecond);
    block.with_table_name("t").with_field_names(["ts", "s"]);
    taos.write_raw_block(&block).unwrap();
    assert_eq!(
        rows(&taos, "select * from t order by ts"),
        [[millis(1), Value::Null(Ty::Int), text("x")], [millis(2), Value::Null(Ty::Int), Value::Null(Ty::VarChar)]]
    );
}

#[test]
fn errors() {
    let taos = fresh("rust_raw_errors");
    let mut block = RawBlock::from_views(
        &[ColumnView::from_millis_timestamp(vec![1]), ColumnView::from_ints(vec![1])],
        Precision::Millisecond,
    );
    block.with_table_name("no_such_table").with_field_names(["ts", "v"]);
    let e = taos.write_raw_block(&block).unwrap_err();
    assert_eq!(e.code(), Code::from(0x2603), "{e}");
}
