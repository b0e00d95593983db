//! Subscriptions: polling, positions, commits, streams, copies of messages.
use super::*;
use taos::TmqBuilder;

/// A database with a topic of the same name on its table `t`, and `n` rows in it.
fn topic(name: &str, n: i64) -> taos::Taos {
    let taos = connect("");
    taos.exec(format!("drop topic if exists {name}")).unwrap();
    let taos = {
        drop(taos);
        fresh_with(name, "vgroups 1")
    };
    taos.exec("create table t (ts timestamp, v int, s nchar(8))").unwrap();
    taos.exec(format!("create topic {name} as select ts, v, s from t")).unwrap();
    insert(&taos, 0, n);
    taos
}

fn insert(taos: &taos::Taos, from: i64, to: i64) {
    let values: Vec<_> = (from..to).map(|i| format!("({}, {i}, 's{i}')", 1000 + i)).collect();
    assert_eq!(taos.exec(format!("insert into t values {}", values.join(" "))).unwrap() as i64, to - from);
}

fn builder(group: &str) -> TmqBuilder {
    TmqBuilder::from_dsn(dsn(&format!("?group.id={group}&client.id=rust&auto.offset.reset=earliest&timeout=10s")))
        .unwrap()
}

fn subscribed(group: &str, topic: &str) -> taos::Consumer {
    let mut consumer = builder(group).build().unwrap();
    consumer.subscribe([topic]).unwrap();
    consumer
}

/// The column v of the messages that arrive until there are `n` values, each message committed.
fn receive(consumer: &taos::Consumer, topic: &str, n: usize, commit: bool) -> Vec<i32> {
    let mut got = Vec::new();
    while got.len() < n {
        let Some((offset, message)) = consumer.recv_timeout(Timeout::from_secs(30)).unwrap() else {
            panic!("only {got:?} arrived");
        };
        assert_eq!((offset.topic(), offset.database()), (topic, topic));
        assert!(offset.vgroup_id() > 0);
        for block in message.into_data().unwrap() {
            let block = block.unwrap();
            assert_eq!(block.field_names(), ["ts", "v", "s"]);
            for row in block.to_values() {
                let [Value::Timestamp(ts), Value::Int(v), Value::NChar(s)] = &row[..] else { panic!("{row:?}") };
                assert_eq!((ts.as_raw_i64(), s), (1000 + i64::from(*v), &format!("s{v}")));
                got.push(*v);
            }
        }
        if commit {
            consumer.commit(offset).unwrap();
        }
    }
    got
}

#[test]
fn a_group_goes_on_where_it_committed() {
    let taos = topic("rust_tmq_group", 10);
    let consumer = subscribed("g", "rust_tmq_group");
    assert_eq!(consumer.list_topics().unwrap(), ["rust_tmq_group"]);
    assert_eq!(receive(&consumer, "rust_tmq_group", 10, true), (0..10).collect::<Vec<_>>());
    assert!(consumer.recv_timeout(Timeout::from_millis(300)).unwrap().is_none());
    insert(&taos, 10, 15);
    assert_eq!(receive(&consumer, "rust_tmq_group", 5, true), (10..15).collect::<Vec<_>>());
    consumer.unsubscribe();

    insert(&taos, 15, 20);
    let consumer = subscribed("g", "rust_tmq_group");
    assert_eq!(receive(&consumer, "rust_tmq_group", 5, false), (15..20).collect::<Vec<_>>());
    consumer.unsubscribe(); // without a commit: the same again
    let consumer = subscribed("g", "rust_tmq_group");
    assert_eq!(receive(&consumer, "rust_tmq_group", 5, true), (15..20).collect::<Vec<_>>());
    let other = subscribed("another", "rust_tmq_group");
    assert_eq!(receive(&other, "rust_tmq_group", 20, true).len(), 20);
}

#[test]
fn positions() {
    let _taos = topic("rust_tmq_seek", 10);
    let mut consumer = subscribed("g", "rust_tmq_seek");
    assert_eq!(receive(&consumer, "rust_tmq_seek", 10, true).len(), 10);
    let assignments = consumer.assignments().unwrap();
    assert_eq!(assignments.len(), 1);
    assert_eq!(assignments[0].0, "rust_tmq_seek");
    let [it] = assignments[0].1[..] else { panic!("{assignments:?}") };
    assert!(it.vgroup_id() > 0);
    assert!(it.begin() <= it.current_offset() && it.current_offset() <= it.end(), "{it:?}");
    let position = consumer.position("rust_tmq_seek", it.vgroup_id()).unwrap();
    assert_eq!(consumer.committed("rust_tmq_seek", it.vgroup_id()).unwrap(), position);

    consumer.offset_seek("rust_tmq_seek", it.vgroup_id(), it.begin()).unwrap();
    assert_eq!(receive(&consumer, "rust_tmq_seek", 10, false).len(), 10);
    let e = consumer.offset_seek("rust_tmq_seek", it.vgroup_id(), it.end() + 1000).unwrap_err();
    assert_eq!(e.code(), Code::from(0x4007), "{e}");
    assert!(consumer.offset_seek("no_such_topic", it.vgroup_id(), 0).is_err());

    consumer.commit_offset("rust_tmq_seek", it.vgroup_id(), position).unwrap();
    assert_eq!(consumer.committed("rust_tmq_seek", it.vgroup_id()).unwrap(), position);
}

#[test]
fn errors() {
    let e = TmqBuilder::from_dsn(dsn("?client.id=rust")).unwrap().build().unwrap_err();
    assert!(!e.to_string().is_empty());
    let e = TmqBuilder::from_dsn(dsn("?group.id=g&no.such.key=1")).unwrap_err();
    assert!(e.to_string().contains("no.such.key"), "{e}");
    let mut consumer = builder("g").build().unwrap();
    let e = consumer.subscribe(["no_such_topic"]).unwrap_err();
    assert_eq!(e.code(), Code::from(0x03E1), "{e}");
}

mod asynchronous {
    use super::super::{dsn, runtime};
    use super::topic;
    use taos::*;

    #[test]
    fn a_stream_of_messages() {
        let taos = topic("rust_tmq_stream", 50);
        runtime().block_on(async {
            let builder = TmqBuilder::from_dsn(dsn("?group.id=g&auto.offset.reset=earliest")).unwrap();
            let mut consumer = builder.build().await.unwrap();
            consumer.subscribe(["rust_tmq_stream"]).await.unwrap();
            let mut got = Vec::new();
            {
                let mut stream = consumer.stream_with_timeout(Timeout::from_secs(30));
                while got.len() < 50 {
                    let (offset, message) = stream.try_next().await.unwrap().expect("a message");
                    let data = message.into_data().unwrap();
                    while let Some(block) = data.fetch_raw_block().await.unwrap() {
                        got.extend(block.to_values().into_iter().map(|row| row[1].clone()));
                    }
                    consumer.commit(offset).await.unwrap();
                }
            }
            assert_eq!(got, (0..50).map(Value::Int).collect::<Vec<_>>());
            let vgroup = consumer.topic_assignment("rust_tmq_stream").await[0].vgroup_id();
            let position = consumer.position("rust_tmq_stream", vgroup).await.unwrap();
            assert_eq!(consumer.committed("rust_tmq_stream", vgroup).await.unwrap(), position);
            consumer.unsubscribe().await;
        });
        drop(taos);
    }
}

/// A program that copies a database: what creates tables and what fills them, message by message.
#[test]
fn a_database_is_copied() {
    let taos = connect("");
    taos.exec("drop topic if exists rust_tmq_copied").unwrap();
    let source = fresh_with("rust_tmq_copied", "vgroups 1");
    let copy = fresh("rust_tmq_copy");
    source.exec("create topic rust_tmq_copied with meta as database rust_tmq_copied").unwrap();
    source.exec("create stable s (ts timestamp, v int, n nchar(10)) tags (id int, place nchar(20))").unwrap();
    source.exec("create table a using s tags (1, 'ort一')").unwrap();
    source.exec("insert into a values (1000, 1, 'x') (2000, null, null)").unwrap();
    source.exec("insert into b using s tags (2, null) values (1000, 7, '漢')").unwrap();
    source.exec("create table t (ts timestamp, d double)").unwrap();
    source.exec("insert into t values (1000, 0.5)").unwrap();

    let consumer = subscribed("g", "rust_tmq_copied");
    let mut created = Vec::new();
    let mut copied = 0;
    while copied < 4 {
        let (offset, mut message) = consumer.recv_timeout(Timeout::from_secs(30)).unwrap().expect("a message");
        if let Some(meta) = message.meta() {
            created.push(meta.to_json());
            copy.write_raw_meta(&meta.as_raw_meta().unwrap()).unwrap();
        }
        if let Some(data) = message.data() {
            for block in data {
                let block = block.unwrap();
                assert!(["a", "b", "t"].contains(&block.table_name().unwrap()));
                copy.write_raw_block(&block).unwrap();
                copied += block.nrows();
            }
        }
        consumer.commit(offset).unwrap();
    }
    assert_eq!(copied, 4);
    assert!(created.iter().any(|m| m["type"] == "create" && m["tableName"] == "s"), "{created:?}");
    for sql in ["select * from s order by id, ts", "select * from t"] {
        let expected = rows(&source, sql);
        assert!(!expected.is_empty());
        assert_eq!(rows(&copy, sql), expected);
    }
}
