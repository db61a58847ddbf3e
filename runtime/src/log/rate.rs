//! How often something may happen.

use std::time::{Duration, Instant};

/// So many events at once, and after that so many in a second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    per_second: u32,
    burst: u32,
}

impl Rate {
    /// Both at least 1.
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: per_second.max(1),
            burst: burst.max(1),
        }
    }
}

/// What is left of a rate.
#[derive(Debug)]
pub(super) struct Bucket {
    /// When as much is left as there can be.
    full_at: Instant,
    /// How many events were refused since the last that was not.
    refused: u64,
}

impl Bucket {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            full_at: now,
            refused: 0,
        }
    }

    /// Whether it is as a new one would be.
    pub(super) fn is_new(&self, now: Instant) -> bool {
        self.refused == 0 && self.full_at <= now
    }

    /// Lets an event pass: says how many were refused before it. Or refuses it.
    pub(super) fn pass(&mut self, rate: Rate, now: Instant) -> Option<u64> {
        let interval = Duration::from_secs(1) / rate.per_second;
        let begin = self.full_at.max(now);
        if begin.duration_since(now) > interval.saturating_mul(rate.burst - 1) {
            self.refused = self.refused.saturating_add(1);
            return None;
        }
        self.full_at = begin + interval;
        Some(std::mem::take(&mut self.refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let rate = Rate::new(10, 3);
        let mut bucket = Bucket::new(start);
        // Time in milliseconds, and how many were refused before, or that this one is.
        let cases = [
            (0, Some(0)),
            (0, Some(0)),
            (0, Some(0)),
            (0, None),
            (99, None),
            (100, Some(2)),
            (100, None),
            (150, None),
            (300, Some(2)),
            (300, Some(0)),
            (300, None),
            // However long it was quiet, no more than a burst is saved up.
            (60_000, Some(1)),
            (60_000, Some(0)),
            (60_000, Some(0)),
            (60_000, None),
        ];
        for (number, (millis, outcome)) in cases.into_iter().enumerate() {
            assert_eq!(bucket.pass(rate, at(millis)), outcome, "case {number}");
        }
        assert!(!bucket.is_new(at(60_000)));
        // What has refused something has that to tell.
        assert!(!bucket.is_new(at(120_000)));
        assert_eq!(bucket.pass(rate, at(120_000)), Some(1));
        assert!(!bucket.is_new(at(120_050)));
        assert!(bucket.is_new(at(120_100)));
    }

    #[test]
    fn time_that_goes_back_and_rates_of_nothing_do_no_harm() {
        let start = Instant::now() + Duration::from_secs(10);
        let mut bucket = Bucket::new(start);
        let rate = Rate::new(0, 0);
        assert_eq!(bucket.pass(rate, start), Some(0));
        assert_eq!(bucket.pass(rate, start - Duration::from_secs(5)), None);
        assert_eq!(bucket.pass(rate, start + Duration::from_secs(1)), Some(1));
        let (mut bucket, rate) = (Bucket::new(start), Rate::new(u32::MAX, u32::MAX));
        for _ in 0..1000 {
            assert_eq!(bucket.pass(rate, start), Some(0));
        }
    }
}
