//! What the trail tells of.

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An organization and its first owner were created.
    OrganizationCreated,
    /// A person was created.
    UserCreated,
    /// A person signed in.
    SignedIn,
    /// A person signed out.
    SignedOut,
    /// A person ended other sessions of theirs.
    SessionsEnded,
    /// A person changed their password.
    PasswordChanged,
    /// A person chose a new password by a link that was mailed to them.
    PasswordReset,
    /// A person is asked for a code from now on when they sign in.
    SecondFactorEnabled,
    /// A person is asked for no code any more.
    SecondFactorDisabled,
    /// A person got new recovery codes.
    RecoveryCodesRenewed,
    /// A person used a recovery code up.
    RecoveryCodeUsed,
    /// A project was created.
    ProjectCreated,
    /// A project was renamed.
    ProjectRenamed,
    /// It was changed how calls through the gateway are answered in a project.
    ProjectGatewayChanged,
    /// The operator changed what an organization is allowed and charged.
    OrganizationChanged,
    /// An organization changed its name or its default project.
    OrganizationProfileChanged,
    /// A provider key was added.
    KeyAdded,
    /// A provider key's secret was replaced.
    KeyReplaced,
    /// A provider key was probed on demand.
    KeyTested,
    /// A provider key was switched on.
    KeyEnabled,
    /// A provider key was switched off.
    KeyDisabled,
    /// A provider key was deleted, recoverably.
    KeyDeleted,
    /// A deleted provider key was brought back.
    KeyRestored,
    /// A sealed secret did not open.
    KeyOpenFailed,
    /// It was decided whose key serves when a provider key does not.
    KeyFallbackChanged,
    /// A provider key was found not to work, by live traffic or by a probe that nobody asked for.
    KeyBecameUnhealthy,
    /// A provider key works again.
    KeyRecovered,
    /// Another one of a provider's keys became the default.
    KeyDefaultChanged,
    /// A provider key was renamed.
    KeyRenamed,
    /// A provider's keys were put into another order.
    KeysReordered,
    /// A provider key took over from another.
    KeyRotated,
    /// The key before took over again, because the provider refused the new one.
    KeyRotationUndone,
    /// A provider key that was rotated out went out of use.
    KeyRetired,
    /// A deleted provider key's secret was erased.
    KeyPurged,
    /// Calls were locked.
    CallsLocked,
    /// Calls were unlocked.
    CallsUnlocked,
    /// A token was created.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A token took over from another.
    TokenRotated,
    /// Somebody was invited.
    InvitationCreated,
    /// An invitation was revoked before it was accepted.
    InvitationRevoked,
    /// Somebody accepted an invitation, or was added at the command line.
    MemberJoined,
    /// A person's role was changed.
    MemberRoleChanged,
    /// A person was removed from the organization.
    MemberRemoved,
    /// A person left the organization.
    MemberLeft,
    /// A person's session turned to this organization.
    OrganizationEntered,
    /// The platform key began to serve a project's calls in place of a key that does not work.
    CallsFellBack,
    /// A token ends soon.
    TokenExpiresSoon,
    /// No call used a key for long, or no probe reached its provider.
    KeyNeglected,
    /// A webhook was added.
    WebhookCreated,
    /// A webhook's address, description or kinds were changed.
    WebhookChanged,
    /// A webhook was switched on.
    WebhookEnabled,
    /// A webhook was switched off.
    WebhookDisabled,
    /// A webhook got another secret.
    WebhookSecretRotated,
    /// A webhook was deleted.
    WebhookDeleted,
    /// A message to a webhook was given up.
    WebhookGivenUp,
    /// It was chosen what the organization's people are told of.
    NotificationsChosen,
    /// A signed-in caller was refused, perhaps several times within the minute.
    AccessRefused,
}

impl Event {
    /// The event as the trail writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Event::OrganizationCreated => "organization.created",
            Event::UserCreated => "user.created",
            Event::SignedIn => "session.started",
            Event::SignedOut => "session.ended",
            Event::SessionsEnded => "session.others_ended",
            Event::PasswordChanged => "user.password_changed",
            Event::PasswordReset => "user.password_reset",
            Event::SecondFactorEnabled => "user.second_factor_enabled",
            Event::SecondFactorDisabled => "user.second_factor_disabled",
            Event::RecoveryCodesRenewed => "user.recovery_codes_renewed",
            Event::RecoveryCodeUsed => "user.recovery_code_used",
            Event::ProjectCreated => "project.created",
            Event::ProjectRenamed => "project.renamed",
            Event::ProjectGatewayChanged => "project.gateway_changed",
            Event::OrganizationChanged => "organization.changed",
            Event::OrganizationProfileChanged => "organization.profile_changed",
            Event::KeyAdded => "key.added",
            Event::KeyReplaced => "key.replaced",
            Event::KeyTested => "key.tested",
            Event::KeyEnabled => "key.enabled",
            Event::KeyDisabled => "key.disabled",
            Event::KeyDeleted => "key.deleted",
            Event::KeyRestored => "key.restored",
            Event::KeyOpenFailed => "key.open_failed",
            Event::KeyFallbackChanged => "key.fallback_changed",
            Event::KeyBecameUnhealthy => "key.became_unhealthy",
            Event::KeyRecovered => "key.recovered",
            Event::KeyDefaultChanged => "key.default_changed",
            Event::KeyRenamed => "key.renamed",
            Event::KeysReordered => "key.reordered",
            Event::KeyRotated => "key.rotated",
            Event::KeyRotationUndone => "key.rotation_undone",
            Event::KeyRetired => "key.retired",
            Event::KeyPurged => "key.purged",
            Event::CallsLocked => "calls.locked",
            Event::CallsUnlocked => "calls.unlocked",
            Event::TokenCreated => "token.created",
            Event::TokenRevoked => "token.revoked",
            Event::TokenRotated => "token.rotated",
            Event::InvitationCreated => "invitation.created",
            Event::InvitationRevoked => "invitation.revoked",
            Event::MemberJoined => "member.joined",
            Event::MemberRoleChanged => "member.role_changed",
            Event::MemberRemoved => "member.removed",
            Event::MemberLeft => "member.left",
            Event::OrganizationEntered => "organization.entered",
            Event::CallsFellBack => "calls.fell_back",
            Event::TokenExpiresSoon => "token.expires_soon",
            Event::KeyNeglected => "key.neglected",
            Event::WebhookCreated => "webhook.created",
            Event::WebhookChanged => "webhook.changed",
            Event::WebhookEnabled => "webhook.enabled",
            Event::WebhookDisabled => "webhook.disabled",
            Event::WebhookSecretRotated => "webhook.secret_rotated",
            Event::WebhookDeleted => "webhook.deleted",
            Event::WebhookGivenUp => "webhook.given_up",
            Event::NotificationsChosen => "notifications.chosen",
            Event::AccessRefused => "access.refused",
        }
    }
}
