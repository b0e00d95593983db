//! Every data type, as text in and as values out.
use super::*;
use taos::taos_query::common::Timestamp;

const COLUMNS: &str = "ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, u1 tinyint unsigned, \
     u2 smallint unsigned, u4 int unsigned, u8 bigint unsigned, f float, d double, s varchar(20), n nchar(20), \
     vb varbinary(16), g geometry(64), t timestamp";

const TYPES: [Ty; 17] = [
    Ty::Timestamp,
    Ty::Bool,
    Ty::TinyInt,
    Ty::SmallInt,
    Ty::Int,
    Ty::BigInt,
    Ty::UTinyInt,
    Ty::USmallInt,
    Ty::UInt,
    Ty::UBigInt,
    Ty::Float,
    Ty::Double,
    Ty::VarChar,
    Ty::NChar,
    Ty::VarBinary,
    Ty::Geometry,
    Ty::Timestamp,
];

/// A point (1, 2) as the server keeps it.
fn point() -> Vec<u8> {
    let mut wkb = vec![1, 1, 0, 0, 0];
    wkb.extend_from_slice(&1f64.to_le_bytes());
    wkb.extend_from_slice(&2f64.to_le_bytes());
    wkb
}

fn check(precision: &str, ts: i64, stamp: fn(i64) -> Timestamp) {
    let taos = fresh_with(&format!("rust_types_{precision}"), &format!("precision '{precision}'"));
    taos.exec(format!("create table t ({COLUMNS})")).unwrap();
    let inserted = taos
        .exec(format!(
            "insert into t values ({ts}, true, -128, -32768, -2147483648, -9223372036854775808, 255, 65535, 4294967295, \
             18446744073709551615, 1.5, 2.25, 'te\u{e9}xt', '漢字\u{1f600}', '\\x00ff10', 'POINT(1 2)', {ts}) \
             ({}, false, 127, 32767, 2147483647, 9223372036854775807, 0, 0, 0, 0, -1e10, -1e-5, '', '', '', 'POINT(1 2)', 0)",
            ts + 1
        ))
        .unwrap();
    assert_eq!(inserted, 2);
    taos.exec(format!("insert into t (ts) values ({})", ts + 2)).unwrap();

    let mut result = taos.query("select * from t order by ts").unwrap();
    assert_eq!(result.fields().iter().map(|f| f.ty()).collect::<Vec<_>>(), TYPES);
    let got = result.to_rows_vec().unwrap();
    let first = [
        Value::Timestamp(stamp(ts)),
        Value::Bool(true),
        Value::TinyInt(-128),
        Value::SmallInt(-32768),
        Value::Int(i32::MIN),
        Value::BigInt(i64::MIN),
        Value::UTinyInt(255),
        Value::USmallInt(65535),
        Value::UInt(u32::MAX),
        Value::UBigInt(u64::MAX),
        Value::Float(1.5),
        Value::Double(2.25),
        text("te\u{e9}xt"),
        nchar("漢字\u{1f600}"),
        Value::VarBinary(vec![0, 255, 16].into()),
        Value::Geometry(point().into()),
        Value::Timestamp(stamp(ts)),
    ];
    let second = [
        Value::Timestamp(stamp(ts + 1)),
        Value::Bool(false),
        Value::TinyInt(127),
        Value::SmallInt(32767),
        Value::Int(i32::MAX),
        Value::BigInt(i64::MAX),
        Value::UTinyInt(0),
        Value::USmallInt(0),
        Value::UInt(0),
        Value::UBigInt(0),
        Value::Float(-1e10),
        Value::Double(-1e-5),
        text(""),
        nchar(""),
        Value::VarBinary(Vec::new().into()),
        Value::Geometry(point().into()),
        Value::Timestamp(stamp(0)),
    ];
    assert_eq!(got.len(), 3);
    assert_eq!(got[0], first);
    assert_eq!(got[1], second);
    assert_eq!(got[2][0], Value::Timestamp(stamp(ts + 2)));
    for (value, ty) in got[2].iter().zip(TYPES).skip(1) {
        assert_eq!(*value, Value::Null(ty));
    }
}

#[test]
fn milliseconds() {
    check("ms", 1_704_067_200_123, Timestamp::Milliseconds);
}

#[test]
fn microseconds() {
    check("us", 1_704_067_200_123_456, Timestamp::Microseconds);
}

#[test]
fn nanoseconds() {
    check("ns", 1_704_067_200_123_456_789, Timestamp::Nanoseconds);
}

#[test]
fn json_tags() {
    let taos = fresh("rust_json");
    taos.exec("create stable s (ts timestamp, v int) tags (j json)").unwrap();
    taos.exec(
        "insert into a using s tags ('{\"k\":1,\"t\":\"x\"}') values (1000, 1) b using s tags (null) values (1000, 2)",
    )
    .unwrap();
    let got = rows(&taos, "select v, j from s order by v");
    assert_eq!(got[0][0], Value::Int(1));
    let Value::Json(json) = &got[0][1] else { panic!("{:?}", got[0][1]) };
    assert_eq!((json["k"].as_f64(), json["t"].as_str()), (Some(1.0), Some("x")));
    assert_eq!(got[1], [Value::Int(2), Value::Null(Ty::Json)]);
}
