//! What each job does: one call of a service.

use super::{Context, with_causes};
use crate::service::keys::{Reprobe, SecondOpinion};
use crate::service::notifications::{Announce, SendMail};
use crate::service::password_reset::SendResetLink;
use crate::service::webhooks::DeliverWebhook;
use crate::service::{ServiceError, Services};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerContextExt, WorkerOptions};
use serde::{Deserialize, Serialize};

/// Declares a job that is given nothing: the clock's jobs carry null.
macro_rules! plain_job {
    ($(#[$doc:meta])* $job:ident, $name:literal, |$services:ident| $work:expr) => {
        $(#[$doc])*
        #[derive(Serialize, Deserialize)]
        pub(super) struct $job;

        impl TaskHandler for $job {
            const IDENTIFIER: &'static str = $name;

            async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
                let $services = services(&context)?;
                told($work.await)
            }
        }
    };
}

plain_job! {
    /// Finds keys whose probe is due, and adds a job for each.
    LookForDueProbes, "look_for_due_probes", |services| services.keys.queue_due_probes()
}
plain_job! {
    /// Takes keys out of use that were rotated out and whose overlap is over.
    RetireKeys, "retire_due_keys", |services| services.keys.retire_due()
}
plain_job! {
    /// Erases the secrets of keys that were deleted long ago.
    PurgeKeys, "purge_deleted_keys", |services| services.keys.purge_due()
}
plain_job! {
    /// Computes the hours that are still changing.
    RollUpUsage, "roll_up_usage", |services| services.maintenance.roll_up_usage()
}
plain_job! {
    /// Computes the hours of the last days, for what was recorded late.
    RollUpLateUsage, "roll_up_late_usage", |services| services.maintenance.roll_up_late_usage()
}
plain_job! {
    /// Makes the partitions of the coming months.
    CreateUsagePartitions, "create_usage_partitions", |services| services.maintenance.create_usage_partitions()
}
plain_job! {
    /// Forgets replies, sessions and links that have run out.
    ForgetExpired, "forget_expired", |services| services.maintenance.forget_expired()
}

plain_job! {
    /// Has people told of tokens that end soon.
    TellOfExpiringTokens, "tell_of_expiring_tokens", |services| services.notifications.tell_of_expiring_tokens()
}
plain_job! {
    /// Has people told of keys that nobody uses, or that cannot be checked.
    TellOfNeglectedKeys, "tell_of_neglected_keys", |services| services.notifications.tell_of_neglected_keys()
}
plain_job! {
    /// Forgets notifications and deliveries of long ago.
    ForgetOldNotifications, "forget_old_notifications", |services| services.notifications.forget_old()
}

/// Clears the queue itself of what is done with.
#[derive(Serialize, Deserialize)]
pub(super) struct TidyQueue;

impl TaskHandler for TidyQueue {
    const IDENTIFIER: &'static str = "tidy_queue";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        use graphile_worker::worker_utils::types::CleanupTask;
        let tasks = [CleanupTask::DeletePermanentlyFailedJobs, CleanupTask::GcJobQueues];
        let tidied = context.utils().cleanup(&tasks).await;
        tidied.map_err(|error| with_causes(&error))?;
        told(services(&context)?.maintenance.remove_abandoned_jobs().await)
    }
}

impl TaskHandler for Reprobe {
    const IDENTIFIER: &'static str = Reprobe::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        told(services(&context)?.keys.reprobe(self).await)
    }
}

impl TaskHandler for SecondOpinion {
    const IDENTIFIER: &'static str = SecondOpinion::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        told(services(&context)?.keys.second_opinion(self).await)
    }
}

impl TaskHandler for Announce {
    const IDENTIFIER: &'static str = Announce::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        told(services(&context)?.notifications.announce(self).await)
    }
}

impl TaskHandler for SendMail {
    const IDENTIFIER: &'static str = SendMail::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        told(services(&context)?.notifications.send_mail(self).await)
    }
}

impl TaskHandler for DeliverWebhook {
    const IDENTIFIER: &'static str = DeliverWebhook::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        told(services(&context)?.webhooks.deliver(self).await)
    }
}

impl TaskHandler for SendResetLink {
    const IDENTIFIER: &'static str = SendResetLink::TASK;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        told(services(&context)?.password_resets.send(self).await)
    }
}

/// A worker that does all of these.
pub(super) fn define(options: WorkerOptions) -> WorkerOptions {
    options.define_jobs([
        LookForDueProbes::definition(),
        Reprobe::definition(),
        SecondOpinion::definition(),
        RetireKeys::definition(),
        PurgeKeys::definition(),
        SendResetLink::definition(),
        Announce::definition(),
        SendMail::definition(),
        DeliverWebhook::definition(),
        TellOfExpiringTokens::definition(),
        TellOfNeglectedKeys::definition(),
        ForgetOldNotifications::definition(),
        RollUpUsage::definition(),
        RollUpLateUsage::definition(),
        CreateUsagePartitions::definition(),
        ForgetExpired::definition(),
        TidyQueue::definition(),
    ])
}

fn services(context: &WorkerContext) -> Result<&Services, String> {
    let context = context.get_ext::<Context>();
    context
        .map(|Context(services)| services)
        .ok_or_else(|| "the worker was made without services".to_owned())
}

/// What the queue keeps of a failure; jobs hold no secrets, and neither do errors.
fn told<T>(result: Result<T, ServiceError>) -> Result<(), String> {
    result.map(drop).map_err(|error| with_causes(&error))
}
