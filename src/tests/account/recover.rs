//! What the operator does for who cannot sign in any more.

use super::{EMAIL, NEW_PASSWORD, PASSWORD, enrol, function, is_in, signed_in, told, with_password};
use crate::harness::TestApp;
use latchkey::service::ServiceError;
use secrecy::SecretString;
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn the_operator_lets_somebody_in_again(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    enrol(&app, &mut browser).await;
    let (accounts, request) = (&app.services.accounts, app.own.owner.request);
    let weak = accounts
        .set_password(EMAIL, &SecretString::from("short"), request)
        .await;
    assert!(matches!(weak, Err(ServiceError::Invalid { .. })));
    let new = SecretString::from(NEW_PASSWORD);
    let unknown = accounts.set_password("nobody@acme.example", &new, request).await;
    assert!(matches!(unknown, Err(ServiceError::Missing(_))));
    accounts.set_password(EMAIL, &new, request).await.unwrap();
    assert!(!is_in(&app, &mut browser).await);
    let (mut half, _) = with_password(&app, NEW_PASSWORD).await;
    assert!(!is_in(&app, &mut half).await, "a code is asked for still");

    accounts.remove_second_factor(EMAIL, request).await.unwrap();
    let late = half.post(function(&app, "second_step"), &[("code", "123456")]).await;
    assert_eq!(late.status.as_u16(), 401);
    let (mut whole, _) = with_password(&app, NEW_PASSWORD).await;
    assert!(is_in(&app, &mut whole).await);
    let (_, old) = with_password(&app, PASSWORD).await;
    assert_eq!(old.status.as_u16(), 401);
    let again = accounts.remove_second_factor(EMAIL, request).await;
    assert!(matches!(again, Err(ServiceError::Conflict(_))));
    let told = told(&app).await;
    for event in ["user.password_changed", "user.second_factor_disabled"] {
        assert!(told.contains(&event.to_owned()), "{event}");
    }
}
