//! Times contenders beside each other.
//!
//! All contenders of a workload take turns, in short batches, for many rounds. What else the machine does then meets all of
//! them alike, and the median of the rounds is not moved by what meets a few. Criterion measures one function after the
//! other, so that a ratio would compare two different moments of the machine.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::error::Context;
use wasmtime::{Result, ensure};

use crate::report::{Report, Row};

/// How long a batch should take. On a machine that does something else, too, a thread is put aside for milliseconds: most
/// batches have to end before that happens.
const BATCH: Duration = Duration::from_micros(250);

/// How long a workload is measured, over all contenders; or longer, for [`LEAST_ROUNDS`].
const TIME: Duration = Duration::from_secs(3);

const LEAST_ROUNDS: usize = 11;

const MOST_ROUNDS: usize = 1001;

/// Of what takes seconds or minutes.
const SLOW_ROUNDS: usize = 3;

/// The name of the contender that all others are compared with. It is the first.
pub(crate) const FLOOR: &str = "floor";

/// What is to be done, and what came of it.
pub(crate) struct Bench {
    is_quick: bool,
    wanted: Vec<String>,
    contenders: Vec<String>,
    pub(crate) report: Report,
}

/// One question, and all who answer it.
pub(crate) struct Workload<'a> {
    contenders: Vec<Contender<'a>>,
    /// How many of what is counted one call does.
    units: u32,
}

struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut(Task) -> Result<Duration> + 'a>,
}

#[derive(Clone, Copy)]
enum Task {
    /// One call, whose answer is looked at.
    Check,
    /// So many calls.
    Batch(u32),
}

impl Bench {
    /// `wanted` are parts of names of workloads; none stands for all of them. So are `contenders` of theirs, beside the floor.
    pub(crate) fn new(is_quick: bool, wanted: Vec<String>, contenders: Vec<String>) -> Self {
        Self {
            is_quick,
            wanted,
            contenders,
            report: Report::default(),
        }
    }

    /// Of the sizes that something grows through, those that are measured: to see that it runs, up to `quick`.
    pub(crate) fn sizes<const N: usize>(
        &self,
        all: [usize; N],
        quick: usize,
    ) -> impl Iterator<Item = usize> + use<N> {
        let most = if self.is_quick { quick } else { usize::MAX };
        all.into_iter().filter(move |size| *size <= most)
    }

    pub(crate) fn wants(&self, workload: &str) -> bool {
        is_wanted(&self.wanted, workload)
    }

    /// Measures what takes so long that it is done but a few times, and not at all to see that it runs. `run` is told which
    /// contender it is.
    pub(crate) fn slow(
        &mut self,
        name: &str,
        contenders: &[(&str, &str)],
        mut run: impl FnMut(&str) -> Result<Duration>,
    ) -> Result<()> {
        if self.is_quick || !self.wants(name) {
            return Ok(());
        }
        eprintln!("{name}");
        let wanted = |name: &str| name == FLOOR || is_wanted(&self.contenders, name);
        let contenders: Vec<_> = contenders.iter().filter(|(name, _)| wanted(name)).collect();
        let mut times = vec![Vec::new(); contenders.len()];
        for _ in 0..SLOW_ROUNDS {
            for ((contender, which), times) in contenders.iter().zip(&mut times) {
                let time = run(which).with_context(|| format!("{contender}, in `{name}`"))?;
                times.push(time.as_secs_f64() * 1e9);
            }
        }
        let names = contenders.iter().map(|(name, _)| (*name).to_owned());
        self.report.rows.extend(rows(name, names.zip(times)));
        Ok(())
    }

    /// Measures a workload, if it is wanted.
    pub(crate) fn workload<'a>(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut Workload<'a>) -> Result<()>,
    ) -> Result<()> {
        if !self.wants(name) {
            return Ok(());
        }
        eprintln!("{name}");
        let mut workload = Workload {
            contenders: Vec::new(),
            units: 1,
        };
        fill(&mut workload).with_context(|| format!("setting up `{name}`"))?;
        let wanted = |name: &str| name == FLOOR || is_wanted(&self.contenders, name);
        workload
            .contenders
            .retain(|contender| wanted(&contender.name));
        let rows = workload
            .measure(name, self.is_quick)
            .with_context(|| format!("measuring `{name}`"))?;
        self.report.rows.extend(rows);
        Ok(())
    }
}

/// Whether it has one of these words in its name, or is one of these names if there is a `=` before. No words are all words.
fn is_wanted(words: &[String], name: &str) -> bool {
    let fits = |word: &String| match word.strip_prefix('=') {
        Some(whole) => name == whole,
        None => name.contains(word.as_str()),
    };
    words.is_empty() || words.iter().any(fits)
}

impl<'a> Workload<'a> {
    /// Says that one call does something so many times, which is what is reported.
    pub(crate) fn per(&mut self, units: u32) {
        self.units = units;
    }

    /// Adds a contender. Its answer is checked before it is timed; dropping the answer is part of the time.
    pub(crate) fn contender<T>(
        &mut self,
        name: impl Into<String>,
        is_right: impl Fn(&T) -> bool + 'a,
        mut call: impl FnMut() -> Result<T> + 'a,
    ) {
        self.add(name, move |task| match task {
            Task::Check => check(&is_right, &call()?),
            Task::Batch(calls) => {
                let start = Instant::now();
                for _ in 0..calls {
                    black_box(call()?);
                }
                Ok(start.elapsed())
            }
        });
    }

    /// Adds a contender that waits. One executor runs a whole batch.
    pub(crate) fn waiting<T>(
        &mut self,
        name: impl Into<String>,
        is_right: impl Fn(&T) -> bool + 'a,
        mut call: impl AsyncFnMut() -> Result<T> + 'a,
    ) {
        self.add(name, move |task| {
            pollster::block_on(async {
                match task {
                    Task::Check => check(&is_right, &call().await?),
                    Task::Batch(calls) => {
                        let start = Instant::now();
                        for _ in 0..calls {
                            black_box(call().await?);
                        }
                        Ok(start.elapsed())
                    }
                }
            })
        });
    }

    /// Adds a contender that calls from a thread for each of `calls` at the same time. What counts is the slowest.
    pub(crate) fn threads<T>(
        &mut self,
        name: impl Into<String>,
        is_right: impl Fn(&T) -> bool + 'a,
        mut calls: Vec<impl FnMut() -> Result<T> + Send + 'a>,
    ) {
        self.add(name, move |task| {
            let count = match task {
                Task::Check => {
                    for call in &mut calls {
                        check(&is_right, &call()?)?;
                    }
                    return Ok(Duration::ZERO);
                }
                Task::Batch(count) => count,
            };
            let start = Barrier::new(calls.len());
            thread::scope(|scope| {
                let threads: Vec<_> = calls
                    .iter_mut()
                    .map(|call| {
                        scope.spawn(|| {
                            start.wait();
                            let start = Instant::now();
                            for _ in 0..count {
                                black_box(call()?);
                            }
                            Ok(start.elapsed())
                        })
                    })
                    .collect();
                let mut slowest = Duration::ZERO;
                for thread in threads {
                    let time: Result<Duration> = thread.join().expect("no call panics");
                    slowest = slowest.max(time?);
                }
                Ok(slowest)
            })
        });
    }

    fn add(&mut self, name: impl Into<String>, run: impl FnMut(Task) -> Result<Duration> + 'a) {
        self.contenders.push(Contender {
            name: name.into(),
            run: Box::new(run),
        });
    }

    fn measure(mut self, name: &str, is_quick: bool) -> Result<Vec<Row>> {
        for contender in &mut self.contenders {
            contender.run(Task::Check)?;
        }
        let mut batches = Vec::with_capacity(self.contenders.len());
        for contender in &mut self.contenders {
            batches.push(if is_quick { 1 } else { contender.batch()? });
        }
        // Of each contender, nanoseconds for one unit in each round.
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); self.contenders.len()];
        let begin = Instant::now();
        let rounds = if is_quick { 1 } else { MOST_ROUNDS };
        for round in 0..rounds {
            if round >= LEAST_ROUNDS && begin.elapsed() > TIME {
                break;
            }
            // Nobody always comes after the same one.
            for at in 0..self.contenders.len() {
                let at = (at + round) % self.contenders.len();
                // Nobody pays for what the one before has left in the caches.
                if !is_quick {
                    self.contenders[at].run(Task::Batch(1))?;
                }
                let time = self.contenders[at].run(Task::Batch(batches[at]))?;
                let units = f64::from(batches[at]) * f64::from(self.units);
                times[at].push(time.as_secs_f64() * 1e9 / units);
            }
        }
        let names = self.contenders.into_iter().map(|contender| contender.name);
        Ok(rows(name, names.zip(times)))
    }
}

/// What came of the contenders' times, which are in nanoseconds.
fn rows(workload: &str, times: impl Iterator<Item = (String, Vec<f64>)>) -> Vec<Row> {
    let summaries: Vec<(String, Summary)> = times
        .map(|(contender, times)| (contender, Summary::of(times)))
        .collect();
    let floor = summaries
        .iter()
        .find(|(contender, _)| contender == FLOOR)
        .map(|(_, floor)| floor.median);
    let row = |(contender, Summary { median, spread }): (String, Summary)| Row {
        workload: workload.to_owned(),
        contender,
        median_ns: median,
        spread,
        ratio: floor.map(|floor| median / floor),
    };
    summaries.into_iter().map(row).collect()
}

impl Contender<'_> {
    fn run(&mut self, task: Task) -> Result<Duration> {
        (self.run)(task).with_context(|| self.name.clone())
    }

    /// How many calls make a batch. Finding it out also warms everything up.
    fn batch(&mut self) -> Result<u32> {
        let mut calls = 1;
        loop {
            let time = self.run(Task::Batch(calls))?;
            if time >= BATCH / 4 {
                let fitting = f64::from(calls) * BATCH.as_secs_f64() / time.as_secs_f64();
                return Ok((fitting as u32).max(1));
            }
            calls *= 4;
        }
    }
}

fn check<T>(is_right: &impl Fn(&T) -> bool, answer: &T) -> Result<Duration> {
    ensure!(is_right(answer), "the answer is wrong");
    Ok(Duration::ZERO)
}

struct Summary {
    median: f64,
    /// The middle half of the rounds is so wide, in medians.
    spread: f64,
}

impl Summary {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
        let median = at(0.5);
        Self {
            median,
            spread: (at(0.75) - at(0.25)) / median,
        }
    }
}
