//! The `taos` crate's native driver, unmodified, over the library that the loader finds, against the sandbox that runs beside the
//! tests (`TAOS_HOST`, `TAOS_PORT`).
#![cfg(test)]

mod consumer;
mod query;
mod raw_block;
mod schemaless;
mod statement;
mod types;

use taos::sync::*;
use taos::tokio::runtime::Runtime;

/// A DSN of the native driver; `rest` is a database, parameters, or both.
fn dsn(rest: &str) -> String {
    dsn_of("root:taosdata", rest)
}

fn dsn_of(login: &str, rest: &str) -> String {
    let (host, port) = (std::env::var("TAOS_HOST").unwrap(), std::env::var("TAOS_PORT").unwrap());
    format!("taos://{login}@{host}:{port}/{rest}")
}

fn connect(db: &str) -> taos::Taos {
    TaosBuilder::from_dsn(dsn(db)).unwrap().build().unwrap()
}

/// A connection with an empty database of this name selected.
fn fresh(db: &str) -> taos::Taos {
    fresh_with(db, "")
}

fn fresh_with(db: &str, options: &str) -> taos::Taos {
    let taos = connect("");
    taos.exec_many([
        format!("drop database if exists {db}"),
        format!("create database {db} keep 36500 {options}"), // also rows of 1970
        format!("use {db}"),
    ])
    .unwrap();
    taos
}

fn rows(taos: &taos::Taos, sql: &str) -> Vec<Vec<Value>> {
    taos.query(sql).unwrap().to_rows_vec().unwrap()
}

fn count(taos: &taos::Taos, table: &str) -> i64 {
    taos.query_one(format!("select count(*) from {table}")).unwrap().unwrap()
}

fn text(value: &str) -> Value {
    Value::VarChar(value.into())
}

fn nchar(value: &str) -> Value {
    Value::NChar(value.into())
}

fn millis(value: i64) -> Value {
    Value::Timestamp(taos::taos_query::common::Timestamp::Milliseconds(value))
}

/// What asynchronous tests run in: two threads, so that futures change the thread they run on.
fn runtime() -> Runtime {
    taos::tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The loader must have found the library that the tests are for, and no other.
#[test]
fn the_library_is_the_one_just_built() {
    connect("");
    let folder = std::fs::canonicalize(std::env::var("TAOS_LIBRARY_FOLDER").unwrap()).unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let loaded: Vec<_> =
        maps.lines().filter_map(|l| l.find('/').map(|at| &l[at..])).filter(|p| p.contains("/libtaos")).collect();
    assert!(!loaded.is_empty());
    for path in loaded {
        assert!(path.starts_with(folder.to_str().unwrap()), "{path} is not of {}", folder.display());
    }
}
