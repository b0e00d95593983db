//! Parameters, clocks and the JSON line, as bench_meas.h has them.
use std::time::Instant;

/// `name:key=value,key=value`
pub struct Scenario<'a> {
    pub name: &'a str,
    params: &'a str,
}

impl<'a> Scenario<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (name, params) = text.split_once(':').unwrap_or((text, ""));
        Scenario { name, params }
    }

    pub fn param(&self, key: &str, default: usize) -> usize {
        let found = self.params.split(',').filter_map(|p| p.split_once('=')).find(|(k, _)| *k == key);
        found.map_or(default, |(_, v)| v.parse().unwrap_or_else(|_| panic!("{key}={v} is no number")))
    }
}

fn usage() -> libc::rusage {
    // SAFETY: a struct of plain numbers, which the call fills.
    unsafe {
        let mut r = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut r);
        r
    }
}

fn seconds(t: libc::timeval) -> f64 {
    t.tv_sec as f64 + t.tv_usec as f64 * 1e-6
}

/// A number of /proc/self/status.
pub fn status(key: &str) -> i64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(key));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(-1)
}

pub struct Meas<'a> {
    name: &'a str,
    label: &'a str,
    before: libc::rusage,
    start: Instant,
    /// Microseconds of single operations.
    pub latencies: Vec<f32>,
    pub extra: String,
}

impl<'a> Meas<'a> {
    pub fn start(name: &'a str, label: &'a str) -> Self {
        Meas { name, label, before: usage(), start: Instant::now(), latencies: Vec::new(), extra: String::new() }
    }

    pub fn end(mut self, n: usize, unit: &str) {
        let took = self.start.elapsed().as_secs_f64();
        let (b, r) = (self.before, usage());
        let (user, sys) = (seconds(r.ru_utime) - seconds(b.ru_utime), seconds(r.ru_stime) - seconds(b.ru_stime));
        let csw = (r.ru_nvcsw + r.ru_nivcsw) - (b.ru_nvcsw + b.ru_nivcsw);
        let mut percentiles = String::new();
        if !self.latencies.is_empty() {
            self.latencies.sort_by(f32::total_cmp);
            let at = |percent| self.latencies[self.latencies.len() * percent / 100];
            percentiles = format!(",\"p50_us\":{:.1},\"p99_us\":{:.1}", at(50), at(99));
        }
        println!(
            "{{\"name\":\"{}\",\"lib\":\"{}\",\"n\":{n},\"unit\":\"{unit}\",\"seconds\":{took:.6},\"rate\":{:.1}{percentiles},\
             \"cpu_s\":{:.6},\"user_s\":{user:.6},\"sys_s\":{sys:.6},\"csw\":{csw},\"rss_kb\":{},\"maxrss_kb\":{},\"threads\":{}{}}}",
            self.name,
            self.label,
            n as f64 / took,
            user + sys,
            status("VmRSS:"),
            r.ru_maxrss,
            status("Threads:"),
            self.extra
        );
    }
}

/// The checksum of bench_meas.h.
pub fn sum_bytes(mut h: u64, bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    for w in words {
        h = h.wrapping_mul(31).wrapping_add(u64::from_le_bytes(w.try_into().unwrap()));
    }
    for b in rest {
        h = h.wrapping_mul(31).wrapping_add(u64::from(*b));
    }
    h
}
