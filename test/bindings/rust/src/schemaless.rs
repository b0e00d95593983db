//! Schemaless writes in the three protocols.
use super::*;
use taos::taos_query::common::{SchemalessPrecision, SchemalessProtocol, SmlDataBuilder};

#[test]
fn lines_with_every_option() {
    let taos = fresh("rust_sml_lines");
    let data: Vec<_> =
        (0..4).map(|i| format!("cpu,name=h{i},dc=west load=0.5,used={i}i,ok=t 157783730000{i}")).collect();
    for n in 0..4 {
        let mut builder = SmlDataBuilder::default();
        builder.protocol(SchemalessProtocol::Line).precision(SchemalessPrecision::Millisecond).data(data.clone());
        if n & 1 != 0 {
            builder.ttl(1000);
        }
        if n & 2 != 0 {
            builder.req_id(100u64);
        }
        taos.put(&builder.build().unwrap()).unwrap(); // the same rows every time
    }
    assert_eq!(count(&taos, "cpu"), 4);
    assert_eq!(
        rows(&taos, "select load, used, ok, name, dc from cpu where name = 'h3'"),
        [[Value::Double(0.5), Value::BigInt(3), Value::Bool(true), nchar("h3"), nchar("west")]]
    );
}

#[test]
fn telnet() {
    let taos = fresh("rust_sml_telnet");
    let data = [
        "m.current 1648432611249 10.3 place=sf id=2",
        "m.current 1648432611250 12.6 place=sf id=2",
        "m.volt 1648432611249 219 place=la id=3",
    ];
    let sml = SmlDataBuilder::default()
        .protocol(SchemalessProtocol::Telnet)
        .precision(SchemalessPrecision::Millisecond)
        .data(data.map(String::from).to_vec())
        .build()
        .unwrap();
    taos.put(&sml).unwrap();
    // The server makes a _ of the dot.
    assert_eq!(count(&taos, "`m_current`"), 2);
    assert_eq!(rows(&taos, "select _value, place from `m_volt`"), [[Value::Double(219.0), nchar("la")]]);
}

#[test]
fn json() {
    let taos = fresh("rust_sml_json");
    let data = r#"[{"metric": "cur", "timestamp": 1681345954000, "value": 10.3, "tags": {"place": "sf", "id": 2}},
                   {"metric": "cur", "timestamp": 1681345954001, "value": 11.3, "tags": {"place": "la", "id": 1}}]"#;
    let sml = SmlDataBuilder::default()
        .protocol(SchemalessProtocol::Json)
        .precision(SchemalessPrecision::Millisecond)
        .data(vec![data.to_owned()])
        .req_id(301u64)
        .build()
        .unwrap();
    taos.put(&sml).unwrap();
    assert_eq!(
        rows(&taos, "select _value, place from cur order by _ts"),
        [[Value::Double(10.3), text("sf")], [Value::Double(11.3), text("la")]]
    );
}

#[test]
fn errors() {
    let taos = fresh("rust_sml_errors");
    let sml = |line: &str| {
        SmlDataBuilder::default().protocol(SchemalessProtocol::Line).data(vec![line.to_owned()]).build().unwrap()
    };
    let e = taos.put(&sml("cpu,name=h1 load=")).unwrap_err();
    assert_ne!(e.code(), Code::from(0), "{e}");
    taos.put(&sml("cpu,name=h1 load=1i 1577837300000")).unwrap();
    assert_eq!(count(&taos, "cpu"), 1);
}
