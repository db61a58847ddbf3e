//! What came of it: a table for people, and the same for programs.

use std::path::Path;
use std::{array, fs};

use serde::Serialize;
use wasmtime::Result;
use wasmtime::error::Context;

/// All that was measured.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Times.
    pub(crate) rows: Vec<Row>,
    /// What is counted in bytes: modules, messages, memory.
    pub(crate) sizes: Vec<Size>,
}

/// What one contender took for one workload.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) workload: String,
    pub(crate) contender: String,
    /// The median of all rounds, in nanoseconds.
    pub(crate) median_ns: f64,
    /// How far apart the first and the third quartile are, in medians.
    pub(crate) spread: f64,
    /// The median divided by that of the floor, if there is a floor.
    pub(crate) ratio: Option<f64>,
}

/// How large something of one contender is.
#[derive(Debug, Serialize)]
pub(crate) struct Size {
    pub(crate) workload: String,
    pub(crate) contender: String,
    pub(crate) bytes: u64,
    /// Divided by the floor's, if there is a floor.
    pub(crate) ratio: Option<f64>,
}

impl Report {
    /// Adds sizes, of which the first is the floor.
    pub(crate) fn sizes(&mut self, workload: &str, sizes: &[(&str, u64)]) {
        let floor = sizes
            .first()
            .map(|(_, bytes)| *bytes)
            .filter(|bytes| *bytes > 0);
        self.sizes
            .extend(sizes.iter().map(|(contender, bytes)| Size {
                workload: workload.to_owned(),
                contender: (*contender).to_owned(),
                bytes: *bytes,
                ratio: floor.map(|floor| *bytes as f64 / floor as f64),
            }));
    }

    /// Whether nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.sizes.is_empty()
    }

    /// Prints the tables.
    pub(crate) fn print(&self) {
        let times = self.rows.iter().map(|row| {
            let spread = format!("{:.0} %", row.spread * 100.0);
            let (median, ratio) = (time(row.median_ns), factor(row.ratio));
            [&row.workload, &row.contender, &median, &spread, &ratio].map(String::clone)
        });
        table(
            ["workload", "contender", "median", "spread", "ratio"],
            times.collect(),
        );
        let sizes = self.sizes.iter().map(|size| {
            let (bytes, ratio) = (size.bytes.to_string(), factor(size.ratio));
            [&size.workload, &size.contender, &bytes, &ratio].map(String::clone)
        });
        table(["workload", "contender", "bytes", "ratio"], sizes.collect());
    }

    /// Writes all of it as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        }
        let text = serde_json::to_string_pretty(self)?;
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }
}

fn factor(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}x"))
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e4 => format!("{ns:.1} ns"),
        ns if ns < 1e7 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e10 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.1} s", ns / 1e9),
    }
}

/// A table as Markdown has them, of two columns of text and others of numbers; the name of a workload stands in its first
/// row only.
fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) {
    if rows.is_empty() {
        return;
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.fold(head[column].chars().count(), usize::max)
    };
    let widths: [usize; N] = array::from_fn(width);
    let line = |cells: [&str; N]| {
        let cells: [String; N] = array::from_fn(|column| match column {
            0 | 1 => format!("{:<1$}", cells[column], widths[column]),
            _ => format!("{:>1$}", cells[column], widths[column]),
        });
        println!("| {} |", cells.join(" | "));
    };
    println!();
    line(head);
    let rules: [String; N] = array::from_fn(|column| match column {
        0 | 1 => "-".repeat(widths[column]),
        _ => "-".repeat(widths[column] - 1) + ":",
    });
    line(rules.each_ref().map(String::as_str));
    let mut last = "";
    for row in &rows {
        let mut cells = row.each_ref().map(String::as_str);
        if cells[0] == last {
            cells[0] = "";
        } else {
            last = cells[0];
        }
        line(cells);
    }
}
