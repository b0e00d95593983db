//! peer-bench [--host H] [--port P] [--label L] [--workers N] scenario[:key=value[,...]] ...
//!
//! Scenarios, parameters and output are those of capi_bench against the canned server; the client is the taos-ws crate.
mod meas;

use std::sync::Arc;
use std::time::Instant;

use meas::{status, sum_bytes, Meas, Scenario};
use taos_query::common::{BorrowedValue, ColumnView, SchemalessPrecision, SchemalessProtocol, SmlDataBuilder};
use taos_query::prelude::{AsyncTBuilder, RawBlock, RawResult, TryStreamExt};
use taos_query::{AsyncFetchable, AsyncQueryable};
use taos_ws::{Taos, TaosBuilder};

const TS0: i64 = 1_700_000_000_000;

struct Bench {
    address: String,
    label: String,
}

impl Bench {
    /// The crate connects when it is first used: asking for the version makes it.
    async fn connect(&self, db: &str) -> RawResult<Taos> {
        let dsn = format!("ws://root:taosdata@{}/{db}", self.address);
        let taos = <TaosBuilder as AsyncTBuilder>::from_dsn(dsn)?.build().await?;
        taos.version();
        Ok(taos)
    }

    fn measure<'a>(&'a self, s: &Scenario<'a>) -> Meas<'a> {
        Meas::start(s.name, &self.label)
    }

    async fn run(&self, s: &Scenario<'_>) -> RawResult<()> {
        match s.name {
            "connect" => self.connects(s).await,
            "many_conns" => self.many_connections(s).await,
            "rtt" => self.round_trips(s, 1, false).await,
            "rtt_mt" => self.round_trips(s, s.param("t", 8), false).await,
            "rtt_shared" => self.round_trips(s, s.param("t", 8), true).await,
            "query_async" => self.round_trips(s, s.param("d", 16), true).await,
            "fetch_row" => self.rows(s, "wide").await,
            "nchar_row" => self.rows(s, "nch").await,
            "fetch_block" => self.blocks(s, touch_block).await,
            "fetch_raw" => self.blocks(s, touch_raw).await,
            "insert_sql" => self.inserts(s).await,
            "sml_line" => self.lines(s).await,
            // Statements and subscriptions: the crate asks for them in a way that the canned server does not know.
            name => {
                println!("{{\"name\":\"{name}\",\"lib\":\"{}\",\"skipped\":\"not for this client\"}}", self.label);
                Ok(())
            }
        }
    }

    async fn connects(&self, s: &Scenario<'_>) -> RawResult<()> {
        let n = s.param("n", 200);
        drop(self.connect("").await?);
        let mut m = self.measure(s);
        for _ in 0..n {
            let t = Instant::now();
            drop(self.connect("").await?);
            m.latencies.push(micros(t));
        }
        m.end(n, "connect");
        Ok(())
    }

    async fn many_connections(&self, s: &Scenario<'_>) -> RawResult<()> {
        let n = s.param("n", 200);
        let mut all = vec![self.connect("").await?];
        one_row(&all[0]).await?;
        let (rss, threads) = (status("VmRSS:"), status("Threads:"));
        let mut m = self.measure(s);
        while all.len() < n {
            all.push(self.connect("").await?);
        }
        let connected = status("VmRSS:");
        for taos in &all {
            one_row(taos).await?;
        }
        let per = |now: i64| (now - rss) as f64 / (n - 1) as f64;
        m.extra = format!(
            ",\"rss_per_conn_kb\":{:.2},\"rss_per_used_conn_kb\":{:.2},\"threads_before\":{threads}",
            per(connected),
            per(status("VmRSS:"))
        );
        m.end(n, "conn");
        Ok(())
    }

    /// `tasks` tasks that ask for one row again and again, on one connection or on one each. For query_async `n` is the number
    /// of all queries, otherwise of those of each task.
    async fn round_trips(&self, s: &Scenario<'_>, tasks: usize, shared: bool) -> RawResult<()> {
        let n = if s.name == "query_async" { s.param("n", 10000) / tasks } else { s.param("n", 1500) };
        let mut connections = Vec::new();
        for i in 0..tasks {
            let taos = if shared && i > 0 { Arc::clone(&connections[0]) } else { Arc::new(self.connect("").await?) };
            for _ in 0..3 {
                one_row(&taos).await?;
            }
            connections.push(taos);
        }
        let mut m = self.measure(s);
        let running: Vec<_> = connections
            .iter()
            .map(|taos| {
                let taos = Arc::clone(taos);
                tokio::spawn(async move {
                    let mut latencies = Vec::with_capacity(n);
                    for _ in 0..n {
                        let t = Instant::now();
                        one_row(&taos).await.expect("one row");
                        latencies.push(micros(t));
                    }
                    latencies
                })
            })
            .collect();
        for task in running {
            m.latencies.extend(task.await.expect("a task that ends"));
        }
        m.extra = format!(",\"T\":{tasks}");
        m.end(n * tasks, "query");
        Ok(())
    }

    async fn rows(&self, s: &Scenario<'_>, table: &str) -> RawResult<()> {
        let (n, block) = (s.param("rows", 400_000), s.param("block", 4096));
        let taos = self.connect("").await?;
        let sql = |rows| format!("bench rows={rows} cols={table} block={block}");
        drain_rows(&taos, &sql(5000)).await?;
        let mut m = self.measure(s);
        let (got, sum) = drain_rows(&taos, &sql(n)).await?;
        assert_eq!(got, n, "rows");
        m.extra = format!(",\"sum\":\"{sum:016x}\"");
        m.end(n, "row");
        Ok(())
    }

    async fn blocks(&self, s: &Scenario<'_>, touch: fn(u64, &RawBlock) -> u64) -> RawResult<()> {
        let (n, block) = (s.param("rows", 1_000_000), s.param("block", 4096));
        let taos = self.connect("").await?;
        let sql = |rows| format!("bench rows={rows} cols=wide block={block}");
        drain_blocks(&taos, &sql(5000), touch).await?;
        let mut m = self.measure(s);
        let (got, sum) = drain_blocks(&taos, &sql(n), touch).await?;
        assert_eq!(got, n, "rows");
        m.extra = format!(",\"sum\":\"{sum:016x}\"");
        m.end(n, "row");
        Ok(())
    }

    async fn inserts(&self, s: &Scenario<'_>) -> RawResult<()> {
        let (n, rows) = (s.param("n", 300), s.param("rows", 500) as i64);
        let taos = self.connect("").await?;
        let mut sql = String::from("insert into capibench.ins values ");
        for i in 0..rows {
            let current = (i % 100) as f64 * 0.25;
            sql += &format!("({},{current:.2},{},'note-{:06}')", TS0 + i, 200 + i % 40, i % 1_000_000);
        }
        taos.exec(&sql).await?;
        let mut m = self.measure(s);
        for _ in 0..n {
            let t = Instant::now();
            taos.exec(&sql).await?;
            m.latencies.push(micros(t));
        }
        m.extra = format!(",\"bytes\":{}", sql.len() * n);
        m.end(n * rows as usize, "row");
        Ok(())
    }

    async fn lines(&self, s: &Scenario<'_>) -> RawResult<()> {
        let (n, rows) = (s.param("n", 100), s.param("rows", 2000) as i64);
        let taos = self.connect("capibench").await?;
        let line = |i: i64| {
            let (place, current) = (i % 20, (i % 100) as f64 * 0.25);
            format!(
                "sml_meters,location=loc{place},gid={place}i32 current={current:.2},voltage={}i32,note=\"n-{:04}\" {}",
                200 + i % 40,
                i % 10000,
                TS0 + i
            )
        };
        let data: Vec<_> = (0..rows).map(line).collect();
        let bytes: usize = data.iter().map(|l| l.len() + 1).sum();
        let sml = SmlDataBuilder::default()
            .protocol(SchemalessProtocol::Line)
            .precision(SchemalessPrecision::Millisecond)
            .data(data)
            .build()?;
        let mut m = self.measure(s);
        for k in 0..n + 2 {
            if k == 2 {
                m = self.measure(s);
            }
            let t = Instant::now();
            taos.put(&sml).await?;
            m.latencies.push(micros(t));
        }
        m.extra = format!(",\"bytes\":{}", bytes * n);
        m.end(n * rows as usize, "line");
        Ok(())
    }
}

fn micros(since: Instant) -> f32 {
    since.elapsed().as_secs_f32() * 1e6
}

async fn one_row(taos: &Taos) -> RawResult<()> {
    let (rows, _) = drain_rows(taos, "select 1").await?;
    assert_eq!(rows, 1, "rows");
    Ok(())
}

async fn drain_rows(taos: &Taos, sql: &str) -> RawResult<(usize, u64)> {
    let mut result = taos.query(sql).await?;
    let (mut n, mut sum) = (0, 0);
    let mut blocks = result.blocks();
    while let Some(block) = blocks.try_next().await? {
        for row in block.rows() {
            sum = row.fold(sum, |h, (_, value)| touch(h, &value));
            n += 1;
        }
    }
    Ok((n, sum))
}

async fn drain_blocks(taos: &Taos, sql: &str, touch: fn(u64, &RawBlock) -> u64) -> RawResult<(usize, u64)> {
    let mut result = taos.query(sql).await?;
    let (mut n, mut sum) = (0, 0);
    let mut blocks = result.blocks();
    while let Some(block) = blocks.try_next().await? {
        sum = touch(sum, &block);
        n += block.nrows();
    }
    Ok((n, sum))
}

const NULL: u64 = 7;

fn null(h: u64) -> u64 {
    h.wrapping_mul(31).wrapping_add(NULL)
}

/// Touches every byte of a value.
fn touch(h: u64, value: &BorrowedValue) -> u64 {
    match value {
        BorrowedValue::Null(_) => null(h),
        BorrowedValue::Bool(v) => sum_bytes(h, &[u8::from(*v)]),
        BorrowedValue::TinyInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::SmallInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::Int(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::BigInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::UTinyInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::USmallInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::UInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::UBigInt(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::Float(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::Double(v) => sum_bytes(h, &v.to_le_bytes()),
        BorrowedValue::Timestamp(v) => sum_bytes(h, &v.as_raw_i64().to_le_bytes()),
        BorrowedValue::VarChar(v) => sum_bytes(h, v.as_bytes()),
        BorrowedValue::NChar(v) => sum_bytes(h, v.as_bytes()),
        other => panic!("the canned server sends no {:?}", other.ty()),
    }
}

/// Touches every value of a block, column by column, in the shortest way that the crate offers for the column's type.
fn touch_block(mut h: u64, block: &RawBlock) -> u64 {
    h = h.wrapping_add(8); // capi_bench adds the length of the first column: a timestamp's
    macro_rules! fixed {
        ($view:expr) => {
            $view.iter().fold(h, |h, v| v.map_or_else(|| null(h), |v| sum_bytes(h, &v.to_le_bytes())))
        };
    }
    for column in block.columns() {
        h = match column {
            ColumnView::TinyInt(v) => fixed!(v),
            ColumnView::SmallInt(v) => fixed!(v),
            ColumnView::Int(v) => fixed!(v),
            ColumnView::BigInt(v) => fixed!(v),
            ColumnView::UTinyInt(v) => fixed!(v),
            ColumnView::USmallInt(v) => fixed!(v),
            ColumnView::UInt(v) => fixed!(v),
            ColumnView::UBigInt(v) => fixed!(v),
            ColumnView::Float(v) => fixed!(v),
            ColumnView::Double(v) => fixed!(v),
            other => other.iter().fold(h, |h, v| touch(h, &v)),
        };
    }
    h
}

/// One byte of every cache line of the block as it came.
fn touch_raw(h: u64, block: &RawBlock) -> u64 {
    block.as_raw_bytes().iter().step_by(64).fold(h, |h, b| h.wrapping_add(u64::from(*b)))
}

fn main() {
    let (mut host, mut port, mut label) = ("127.0.0.1".to_owned(), "16941".to_owned(), "taos-ws".to_owned());
    let mut workers = std::thread::available_parallelism().map_or(2, usize::from);
    let mut scenarios = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value");
        match arg.as_str() {
            "--host" => host = value(),
            "--port" => port = value(),
            "--label" => label = value(),
            "--workers" => workers = value().parse().expect("a number"),
            _ => scenarios.push(arg),
        }
    }
    let bench = Bench { address: format!("{host}:{port}"), label };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
    for text in &scenarios {
        let scenario = Scenario::parse(text);
        if let Err(e) = runtime.block_on(bench.run(&scenario)) {
            eprintln!("{}: {e}", scenario.name);
            std::process::exit(1);
        }
    }
}
