//! A person's own account, for the dashboard.

use super::backend::Bound;
use super::error::from_service;
use super::moment::moment;
use super::qr::qr;
use crate::domain::{Actor, SessionId};
use crate::service::ServiceError;
use crate::service::accounts::SignedIn;
use crate::service::profile::OwnSession;
use crate::service::totp::{Enrolment, RecoveryCode, SecondFactorState};
use crate::web::session::id_bytes;
use app::contract::{
    EnrolmentView, ErrorCode, OwnSessionView, ProfileView, QrView, RecoveryCodes, SecondFactorView, UiError,
};
use app::ports::{Password, ProfilePort};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

#[async_trait]
impl ProfilePort for Bound {
    async fn page(&self) -> Result<ProfileView, UiError> {
        let known = self.known()?;
        let services = &self.app.services;
        let now = self.app.clock.now();
        let sessions = services.profile.sessions(&known.actor, &self.session_id()).await;
        let sessions = sessions.map_err(|error| from_service(&error))?;
        let factor = services.second_factors.state(&known.actor).await;
        let second_factor = match factor.map_err(|error| from_service(&error))? {
            SecondFactorState::On { since, codes_left } => Some((moment(since, now), codes_left)),
            SecondFactorState::Off | SecondFactorState::Begun(_) => None,
        };
        Ok(ProfileView {
            email: known.name.clone(),
            second_factor,
            sessions: sessions
                .into_iter()
                .map(|(session, is_own)| session_view(session, is_own, now))
                .collect(),
        })
    }

    async fn change_password(&self, current: Password, new: Password) -> Result<(), UiError> {
        let (current, new) = (SecretString::from(current.0), SecretString::from(new.0));
        let profile = &self.app.services.profile;
        let changed = profile.change_password(self.actor()?, &current, &new).await;
        self.begin(changed).await
    }

    async fn end_session(&self, session: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let gone = |_| UiError::new(ErrorCode::NotFound, "There is no such session.");
        let session: SessionId = session.parse().map_err(gone)?;
        let ended = self.app.services.profile.end_session(actor, session).await;
        ended.map_err(|error| from_service(&error))
    }

    async fn end_other_sessions(&self) -> Result<u32, UiError> {
        let profile = &self.app.services.profile;
        let ended = profile.end_other_sessions(self.actor()?, &self.session_id()).await;
        ended.map_err(|error| from_service(&error))
    }

    async fn second_factor(&self) -> Result<SecondFactorView, UiError> {
        let state = self.app.services.second_factors.state(self.actor()?).await;
        match state.map_err(|error| from_service(&error))? {
            SecondFactorState::Off => Ok(SecondFactorView::Off),
            SecondFactorState::Begun(enrolment) => Ok(SecondFactorView::Begun(enrolment_view(&enrolment))),
            SecondFactorState::On { since, codes_left } => Ok(SecondFactorView::On {
                since: moment(since, self.app.clock.now()),
                codes_left,
            }),
        }
    }

    async fn begin_second_factor(&self) -> Result<(), UiError> {
        let begun = self.app.services.second_factors.begin(self.actor()?).await;
        begun.map_err(|error| from_service(&error))
    }

    async fn confirm_second_factor(&self, code: Password) -> Result<RecoveryCodes, UiError> {
        let actor = self.actor()?;
        let code = SecretString::from(code.0);
        let renewed = self.app.services.second_factors.confirm(actor, &code).await;
        let renewed = renewed.map_err(|error| from_service(&error))?;
        self.begin_anew(actor, renewed.credentials_version).await?;
        Ok(codes_view(&renewed.codes))
    }

    async fn disable_second_factor(&self) -> Result<(), UiError> {
        let actor = self.actor()?;
        let version = self.app.services.second_factors.disable(actor).await;
        let version = version.map_err(|error| from_service(&error))?;
        self.begin_anew(actor, version).await
    }

    async fn renew_recovery_codes(&self) -> Result<RecoveryCodes, UiError> {
        let codes = self.app.services.second_factors.renew_codes(self.actor()?).await;
        let codes = codes.map_err(|error| from_service(&error))?;
        Ok(codes_view(&codes))
    }
}

impl Bound {
    /// The id of the session that asks; empty for who has none.
    fn session_id(&self) -> Vec<u8> {
        self.session.id().map(|id| id_bytes(&id).to_vec()).unwrap_or_default()
    }

    /// Begins the caller's session anew, all of theirs having ended.
    async fn begin_anew(&self, actor: &Actor, version: i64) -> Result<(), UiError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly);
        self.begin(user.map(|user| SignedIn {
            user,
            org: actor.org,
            verified_at: actor.verified_at,
            credentials_version: Some(version),
        }))
        .await
    }
}

fn session_view(session: OwnSession, is_own: bool, now: OffsetDateTime) -> OwnSessionView {
    OwnSessionView {
        id: session.id.to_string(),
        device: if session.device.is_empty() {
            "Unknown device".to_owned()
        } else {
            session.device
        },
        address: session.client_address.unwrap_or_default(),
        created_at: moment(session.created_at, now),
        last_used_at: moment(session.last_used_at, now),
        is_own,
    }
}

fn enrolment_view(enrolment: &Enrolment) -> EnrolmentView {
    let address = enrolment.address.expose_secret();
    let secret: Vec<char> = enrolment.secret.expose_secret().chars().collect();
    let groups: Vec<String> = secret.chunks(4).map(|group| group.iter().collect()).collect();
    EnrolmentView {
        secret: groups.join(" "),
        address: address.to_owned(),
        // An address is shorter than what a code holds.
        qr: qr(address).unwrap_or(QrView {
            side: 1,
            path: String::new(),
        }),
    }
}

fn codes_view(codes: &[RecoveryCode]) -> RecoveryCodes {
    RecoveryCodes {
        codes: codes
            .iter()
            .map(|code| code.text().expose_secret().to_owned())
            .collect(),
    }
}
