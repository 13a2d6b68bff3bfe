//! What can stand on the trail.

/// Makes [`Event`], each event with its code and its words.
macro_rules! events {
    ($($(#[$doc:meta])+ $event:ident => ($code:literal, $words:literal),)+) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])+ $event,)+
        }

        impl Event {
            /// Every event that there is, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$event,)+];

            /// The event as the trail writes it: `key.replaced`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$event => $code,)+
                }
            }

            /// The event as people say it: `Key replaced`.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$event => $words,)+
                }
            }
        }
    };
}

events! {
    /// An organization and its first owner were created.
    OrganizationCreated => ("organization.created", "Organization created"),
    /// A person was created.
    UserCreated => ("user.created", "Person created"),
    /// A person signed in.
    SignedIn => ("session.started", "Signed in"),
    /// A person signed out.
    SignedOut => ("session.ended", "Signed out"),
    /// A person ended other sessions of theirs.
    SessionsEnded => ("session.others_ended", "Other sessions ended"),
    /// A person changed their password.
    PasswordChanged => ("user.password_changed", "Password changed"),
    /// A person chose a new password by a link that was mailed to them.
    PasswordReset => ("user.password_reset", "Password reset"),
    /// A person is asked for a code from now on when they sign in.
    SecondFactorEnabled => ("user.second_factor_enabled", "Second factor switched on"),
    /// A person is asked for no code any more.
    SecondFactorDisabled => ("user.second_factor_disabled", "Second factor switched off"),
    /// A person got new recovery codes.
    RecoveryCodesRenewed => ("user.recovery_codes_renewed", "Recovery codes renewed"),
    /// A person used a recovery code up.
    RecoveryCodeUsed => ("user.recovery_code_used", "Recovery code used"),
    /// A project was created.
    ProjectCreated => ("project.created", "Project created"),
    /// A project was renamed.
    ProjectRenamed => ("project.renamed", "Project renamed"),
    /// It was changed how calls through the gateway are answered in a project.
    ProjectGatewayChanged => ("project.gateway_changed", "Gateway settings changed"),
    /// The operator changed what an organization is allowed and charged.
    OrganizationChanged => ("organization.changed", "Terms changed"),
    /// An organization changed its name or its default project.
    OrganizationProfileChanged => ("organization.profile_changed", "Organization profile changed"),
    /// A provider key was added.
    KeyAdded => ("key.added", "Key added"),
    /// A provider key's secret was replaced.
    KeyReplaced => ("key.replaced", "Key replaced"),
    /// A provider key was probed on demand.
    KeyTested => ("key.tested", "Key tested"),
    /// A provider key was switched on.
    KeyEnabled => ("key.enabled", "Key enabled"),
    /// A provider key was switched off.
    KeyDisabled => ("key.disabled", "Key disabled"),
    /// A provider key was deleted, recoverably.
    KeyDeleted => ("key.deleted", "Key deleted"),
    /// A deleted provider key was brought back.
    KeyRestored => ("key.restored", "Key restored"),
    /// A sealed secret did not open.
    KeyOpenFailed => ("key.open_failed", "Key could not be opened"),
    /// It was decided whose key serves when a provider key does not.
    KeyFallbackChanged => ("key.fallback_changed", "Key fallback changed"),
    /// A provider key was found not to work, by live traffic or by a probe that nobody asked for.
    KeyBecameUnhealthy => ("key.became_unhealthy", "Key became unhealthy"),
    /// A provider key works again.
    KeyRecovered => ("key.recovered", "Key recovered"),
    /// Another one of a provider's keys became the default.
    KeyDefaultChanged => ("key.default_changed", "Default key changed"),
    /// A provider key was renamed.
    KeyRenamed => ("key.renamed", "Key renamed"),
    /// A provider's keys were put into another order.
    KeysReordered => ("key.reordered", "Keys reordered"),
    /// A provider key took over from another.
    KeyRotated => ("key.rotated", "Key rotated"),
    /// The key before took over again, because the provider refused the new one.
    KeyRotationUndone => ("key.rotation_undone", "Key rotation undone"),
    /// A provider key that was rotated out went out of use.
    KeyRetired => ("key.retired", "Key retired"),
    /// A deleted provider key's secret was erased.
    KeyPurged => ("key.purged", "Key erased"),
    /// Calls were locked.
    CallsLocked => ("calls.locked", "Calls locked"),
    /// Calls were unlocked.
    CallsUnlocked => ("calls.unlocked", "Calls unlocked"),
    /// A token was created.
    TokenCreated => ("token.created", "Token created"),
    /// A token was revoked.
    TokenRevoked => ("token.revoked", "Token revoked"),
    /// A token took over from another.
    TokenRotated => ("token.rotated", "Token rotated"),
    /// Somebody was invited.
    InvitationCreated => ("invitation.created", "Invitation created"),
    /// An invitation was revoked before it was accepted.
    InvitationRevoked => ("invitation.revoked", "Invitation revoked"),
    /// Somebody accepted an invitation, or was added at the command line.
    MemberJoined => ("member.joined", "Member joined"),
    /// A person's role was changed.
    MemberRoleChanged => ("member.role_changed", "Member role changed"),
    /// A person was removed from the organization.
    MemberRemoved => ("member.removed", "Member removed"),
    /// A person left the organization.
    MemberLeft => ("member.left", "Member left"),
    /// A person's session turned to this organization.
    OrganizationEntered => ("organization.entered", "Organization entered"),
    /// The platform key began to serve a project's calls in place of a key that does not work.
    CallsFellBack => ("calls.fell_back", "Platform key took over"),
    /// A token ends soon.
    TokenExpiresSoon => ("token.expires_soon", "Token ends soon"),
    /// No call used a key for long, or no probe reached its provider.
    KeyNeglected => ("key.neglected", "Key neglected"),
    /// A webhook was added.
    WebhookCreated => ("webhook.created", "Webhook added"),
    /// A webhook's address, description or kinds were changed.
    WebhookChanged => ("webhook.changed", "Webhook changed"),
    /// A webhook was switched on.
    WebhookEnabled => ("webhook.enabled", "Webhook switched on"),
    /// A webhook was switched off.
    WebhookDisabled => ("webhook.disabled", "Webhook switched off"),
    /// A webhook got another secret.
    WebhookSecretRotated => ("webhook.secret_rotated", "Webhook secret rotated"),
    /// A webhook was deleted.
    WebhookDeleted => ("webhook.deleted", "Webhook deleted"),
    /// A message to a webhook was given up.
    WebhookGivenUp => ("webhook.given_up", "Webhook message given up"),
    /// It was chosen what the organization's people are told of.
    NotificationsChosen => ("notifications.chosen", "Notifications chosen"),
    /// A signed-in caller was refused, perhaps several times within the minute.
    AccessRefused => ("access.refused", "Access refused"),
}

impl Event {
    /// The event that the trail writes so; `None` for those of other versions.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_has_a_code_and_words_of_its_own() {
        let codes: BTreeSet<_> = Event::ALL.iter().map(|event| event.as_str()).collect();
        let words: BTreeSet<_> = Event::ALL.iter().map(|event| event.words()).collect();
        assert_eq!((codes.len(), words.len()), (Event::ALL.len(), Event::ALL.len()));
        for event in Event::ALL {
            assert_eq!(Event::find(event.as_str()), Some(*event));
        }
        assert_eq!(Event::find("key.of_a_later_version"), None);
    }
}
