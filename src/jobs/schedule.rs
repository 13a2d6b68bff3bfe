//! What comes by the clock. Of all instances one adds each job; a job that still waits is not added again, and one
//! at work is waited for.

use super::tasks::{
    CreateUsagePartitions, ForgetExpired, ForgetOldNotifications, LookForDueProbes, PurgeKeys, RetireKeys,
    RollUpLateUsage, RollUpUsage, TellOfExpiringTokens, TellOfNeglectedKeys, TidyQueue,
};
use graphile_worker::{Cron, CronBuilder, CronJobKeyMode, Crontab, CrontabFill, CrontabTimer, TaskHandler};

/// What comes again in a minute need not be tried often.
const MINUTELY_TRIES: u16 = 2;

/// Everything that comes by the clock, in UTC.
pub(super) fn crontabs() -> Vec<Crontab> {
    let daily = [
        daily::<CreateUsagePartitions>(10),
        daily::<RollUpLateUsage>(20),
        daily::<PurgeKeys>(30),
        daily::<ForgetExpired>(40),
        daily::<ForgetOldNotifications>(45),
        daily::<TidyQueue>(50),
        daily::<TellOfNeglectedKeys>(55),
    ];
    let minutely = [
        minutely::<LookForDueProbes>(),
        minutely::<RollUpUsage>(),
        minutely::<RetireKeys>(),
        minutely::<TellOfExpiringTokens>(),
    ];
    minutely.into_iter().chain(daily.into_iter().flatten()).collect()
}

fn minutely<T: TaskHandler>() -> Crontab {
    once_at_a_time(Cron::every_minute::<T>())
        .max_attempts(MINUTELY_TRIES)
        .build()
}

/// In the fourth hour; a day that was missed is made up for. `None` for a minute that no hour has.
fn daily<T: TaskHandler>(minute: u32) -> Option<Crontab> {
    let timer = CrontabTimer::daily_at(3, minute).ok()?;
    let cron = once_at_a_time(Cron::from_timer::<T>(timer));
    Some(cron.fill(CrontabFill::days(1)).build())
}

fn once_at_a_time<T: TaskHandler>(cron: CronBuilder<T>) -> CronBuilder<T> {
    cron.queue(T::IDENTIFIER)
        .job_key(T::IDENTIFIER)
        .job_key_mode(CronJobKeyMode::PreserveRunAt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_of_the_clock_is_one_at_a_time() {
        let crontabs = crontabs();
        assert_eq!(crontabs.len(), 11);
        for crontab in crontabs {
            assert_eq!(crontab.options.queue.as_deref(), Some(crontab.task_identifier.as_str()));
            assert_eq!(crontab.options.job_key, crontab.options.queue);
        }
    }

    #[test]
    fn a_job_of_the_clock_can_be_read_from_what_the_clock_gives() {
        fn reads<T: TaskHandler>(crontab: &Crontab) -> bool {
            let payload = crontab.payload.clone().unwrap_or_default();
            serde_json::from_value::<T>(payload).is_ok()
        }
        let crontabs = crontabs();
        assert!(reads::<LookForDueProbes>(&crontabs[0]));
        assert!(reads::<RollUpUsage>(&crontabs[1]));
        assert!(reads::<RetireKeys>(&crontabs[2]));
        assert!(reads::<TellOfExpiringTokens>(&crontabs[3]));
        assert!(reads::<CreateUsagePartitions>(&crontabs[4]));
        assert!(reads::<RollUpLateUsage>(&crontabs[5]));
        assert!(reads::<PurgeKeys>(&crontabs[6]));
        assert!(reads::<ForgetExpired>(&crontabs[7]));
        assert!(reads::<ForgetOldNotifications>(&crontabs[8]));
        assert!(reads::<TidyQueue>(&crontabs[9]));
        assert!(reads::<TellOfNeglectedKeys>(&crontabs[10]));
    }
}
