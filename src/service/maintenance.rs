//! What is done now and then, whoever calls or not: jobs do it, and the command line.

use super::{Foundation, ServiceError};
use crate::store::{expiry, queue, usage, usage_hours};
use std::sync::Arc;
use time::{Duration, OffsetDateTime, Time};

/// Partitions are there so many months ahead, so that nothing is lost while nobody makes new ones.
const MONTHS_AHEAD: i32 = 3;
/// Calls last an hour at most, unless the operator lets them, and are recorded when they end.
const STILL_CHANGING: Duration = Duration::hours(2);
/// What was recorded late, after the database had been away, is found once a day within this time.
const RECORDED_LATE: Duration = Duration::days(2);

/// Keeps the database in order.
pub struct Maintenance {
    foundation: Arc<Foundation>,
}

impl Maintenance {
    pub(crate) const fn new(foundation: Arc<Foundation>) -> Self {
        Self { foundation }
    }

    /// Makes the partitions that usage events of the coming months go into.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn create_usage_partitions(&self) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        usage::create_partitions(&mut tx, MONTHS_AHEAD).await?;
        Ok(tx.commit().await?)
    }

    /// Computes the hours anew in which calls may still be recorded.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn roll_up_usage(&self) -> Result<(), ServiceError> {
        self.roll_up_since(STILL_CHANGING).await
    }

    /// Computes the hours of the last days anew, for what was recorded late.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn roll_up_late_usage(&self) -> Result<(), ServiceError> {
        self.roll_up_since(RECORDED_LATE).await
    }

    async fn roll_up_since(&self, age: Duration) -> Result<(), ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.system().await?;
        usage_hours::roll_up(&mut tx, now - age, now + Duration::HOUR).await?;
        Ok(tx.commit().await?)
    }

    /// Computes all hours from the beginning of the day `since` on from nothing, a day at a time, each in a
    /// transaction of its own. `told` hears of each day that is done.
    ///
    /// # Errors
    /// Whatever the store says; the days before are done then.
    pub async fn rebuild_usage_hours(
        &self,
        since: time::Date,
        mut told: impl FnMut(time::Date) + Send,
    ) -> Result<(), ServiceError> {
        let end = self.foundation.clock.now() + Duration::HOUR;
        let mut begin = OffsetDateTime::new_utc(since, Time::MIDNIGHT);
        while begin < end {
            let next = begin + Duration::DAY;
            let mut tx = self.foundation.store.system().await?;
            usage_hours::rebuild(&mut tx, begin, next.min(end)).await?;
            tx.commit().await?;
            told(begin.date());
            begin = next;
        }
        Ok(())
    }

    /// Forgets remembered replies, sessions, links, and webhooks' old secrets that have run out.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn forget_expired(&self) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        expiry::forget(&mut tx, self.foundation.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Removes jobs from the queue that only servers of earlier releases could do.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn remove_abandoned_jobs(&self) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let jobs = queue::remove_abandoned(&mut tx).await?;
        tx.commit().await?;
        if jobs > 0 {
            tracing::warn!(
                jobs,
                "jobs of an earlier release were removed; no server of this one does them"
            );
        }
        Ok(())
    }
}
