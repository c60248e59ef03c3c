//! Description of the machine and the versions of the measured crates.

use std::fs::read_to_string;
use std::process::Command;

/// Crates listed with their versions.
const CRATES: [&str; 15] = [
    "session",
    "tower-sessions",
    "tower-sessions-redis-store",
    "tower-sessions-cookie-store",
    "tower-sessions-sqlx-store",
    "axum-login",
    "axum_session",
    "ruts",
    "actix-identity",
    "actix-session",
    "axum",
    "actix-web",
    "redis",
    "sqlx",
    "tokio",
];

/// Returns CPU, kernel, compiler, tools and load average.
pub fn description() -> String {
    let cpuinfo = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    let redis = first_line("redis-server", &["--version"]);
    let redis = redis.split(" sha").next().unwrap_or("no Redis");
    let lines = [
        format!("{cores} × {model}"),
        first_line("uname", &["-sr"]),
        first_line("rustc", &["--version"]),
        redis.to_owned(),
        test_support::PostgresServer::version(),
        first_line("valgrind", &["--version"]),
        format!("load average at start: {load}"),
    ];
    lines.join("; ")
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().map_or_else(|| format!("no {program}"), str::to_owned)
}

/// Returns the measured crates with their versions.
pub fn versions() -> String {
    let lock = include_str!("../../Cargo.lock");
    let version = |name: &&str| {
        let versions = lock.split("[[package]]").filter_map(|package| {
            let rest = package.trim_start().strip_prefix(&format!("name = \"{name}\"\nversion = \""))?;
            rest.split('"').next()
        });
        format!("`{name}` {}", versions.collect::<Vec<_>>().join(" and "))
    };
    CRATES.iter().map(version).collect::<Vec<_>>().join(", ")
}
