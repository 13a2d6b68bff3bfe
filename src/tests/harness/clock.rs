//! The machine's clock, moved forward.

use latchkey::domain::{Clock, SystemClock};
use std::sync::Mutex;
use std::time::Duration;
use time::OffsetDateTime;

#[derive(Default)]
pub(super) struct TestClock(Mutex<Duration>);

impl TestClock {
    pub(super) fn pass(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}
