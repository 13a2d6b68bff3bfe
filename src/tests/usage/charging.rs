//! What the operator allows organizations and charges them, and what projects decide within it.

use crate::harness::TestApp;
use latchkey::domain::{Actor, Fallback, FallbackChoice, Fee, MicroDollars, Principal, Scopes};
use latchkey::service::ServiceError;
use latchkey::service::organizations::TermsChange;
use latchkey::service::projects::{GatewaySettingsChange, ProjectRef};
use serde_json::json;
use sqlx::PgPool;

fn operator(app: &TestApp) -> Actor {
    Actor {
        principal: Principal::CommandLine,
        ..app.own.owner.clone()
    }
}

#[sqlx::test(migrations = false)]
async fn terms_are_the_operators_to_change(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let organizations = &app.services.organizations;
    let change = TermsChange {
        allows_platform_keys: Some(true),
        fee_per_call: Some(MicroDollars(100)),
        fee_basis_points: None,
    };
    let refused = organizations.change(&app.own.owner, change).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "not even the owner");
    let terms = organizations.change(&operator(&app), change).await.unwrap();
    let fee = Fee {
        per_call: MicroDollars(100),
        basis_points: 0,
    };
    assert_eq!((terms.allows_platform_keys, terms.fee), (true, fee));
    let more = TermsChange {
        fee_basis_points: Some(250),
        ..TermsChange::default()
    };
    let terms = organizations.change(&operator(&app), more).await.unwrap();
    assert_eq!(
        (terms.allows_platform_keys, terms.fee.basis_points, terms.fee.per_call),
        (true, 250, MicroDollars(100))
    );
    let too_much = TermsChange {
        fee_basis_points: Some(100_001),
        ..TermsChange::default()
    };
    assert!(matches!(
        organizations.change(&operator(&app), too_much).await,
        Err(ServiceError::Invalid { .. })
    ));
    let foreign = Actor {
        org: app.foreign.owner.org,
        ..operator(&app)
    };
    assert!(!organizations.terms(&foreign).await.unwrap().allows_platform_keys);
    let told = app.services.audit.list(&app.own.owner, 0, 1_000).await.unwrap();
    let told: Vec<_> = told.iter().filter(|one| one.event == "organization.changed").collect();
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1].details,
        json!({ "allows_platform_keys": true, "fee_per_call_micros": 100, "fee_basis_points": 250 })
    );
}

#[sqlx::test(migrations = false)]
async fn a_projects_choice_takes_its_scope_and_is_told(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (projects, project) = (&app.services.projects, ProjectRef::Id(app.own.project.id));
    let change = GatewaySettingsChange {
        choice: FallbackChoice {
            on_missing: Some(Fallback::Fail),
            on_failure: None,
        },
        opens_all_paths: true,
        adds_stream_usage: false,
    };
    let reader = Actor {
        scopes: Scopes::parse(["read:byok", "write:byok"]).unwrap(),
        ..app.own.owner.clone()
    };
    let refused = projects.set_gateway_settings(&reader, &project, change).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))));
    let foreign = projects
        .set_gateway_settings(&app.foreign.owner, &project, change)
        .await;
    assert!(matches!(foreign, Err(ServiceError::Missing(_))));
    projects
        .set_gateway_settings(&app.own.owner, &project, change)
        .await
        .unwrap();
    let settings = projects.gateway_settings(&reader, &project).await.unwrap();
    assert_eq!(
        (settings.choice, settings.opens_all_paths, settings.adds_stream_usage),
        (change.choice, true, false)
    );
    assert!(!settings.operator_allows);
    let told = app.services.audit.list(&app.own.owner, 0, 1_000).await.unwrap();
    assert!(told.iter().any(|one| one.event == "project.gateway_changed"));
}
