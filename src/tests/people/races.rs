//! What happens at the same moment: one wins, and what must stay does.

use super::{Browser, PASSWORD, actor, invited, joined, roles, user_id};
use crate::harness::TestApp;
use latchkey::domain::{Role, UserId};
use latchkey::service::ServiceError;
use sqlx::PgPool;

const ROUNDS: usize = 50;

/// Two owners, and the way back to two owners when one is gone.
async fn two_owners(app: &TestApp) -> [UserId; 2] {
    joined(app, "otto@acme.example", Role::Owner).await;
    let first = user_id(app, "owner@acme.example").await.parse().unwrap();
    [first, user_id(app, "otto@acme.example").await.parse().unwrap()]
}

async fn both_are_owners_again(app: &TestApp, owners: [UserId; 2]) {
    for owner in owners {
        sqlx::query(
            "insert into memberships (org_id, user_id, role, created_at) values ($1, $2, 'owner', now())
             on conflict (org_id, user_id) do update set role = 'owner'",
        )
        .bind(app.own.owner.org.as_uuid())
        .bind(owner.as_uuid())
        .execute(&app.database)
        .await
        .unwrap();
    }
}

async fn owners(app: &TestApp) -> usize {
    roles(app).await.iter().filter(|line| line.ends_with(" owner")).count()
}

#[sqlx::test(migrations = false)]
async fn of_two_owners_who_go_at_once_one_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let both = two_owners(&app).await;
    let other = app.second_instance().await;
    let first = actor(&app, "owner@acme.example", Role::Owner).await;
    let second = actor(&app, "otto@acme.example", Role::Owner).await;
    for round in 0..ROUNDS {
        both_are_owners_again(&app, both).await;
        let (here, there) = (&app.services.members, &other.services.members);
        let outcomes = match round % 3 {
            0 => tokio::join!(here.leave(&first), there.leave(&second)),
            1 => tokio::join!(async { here.remove(&first, both[1]).await.map(drop) }, async {
                there.remove(&second, both[0]).await.map(drop)
            }),
            _ => tokio::join!(
                async { here.set_role(&first, both[0], Role::Viewer).await.map(drop) },
                there.leave(&second)
            ),
        };
        let won = [&outcomes.0, &outcomes.1]
            .into_iter()
            .filter(|outcome| outcome.is_ok())
            .count();
        assert_eq!((won, owners(&app).await), (1, 1), "round {round}: {outcomes:?}");
        for outcome in [outcomes.0, outcomes.1] {
            assert!(
                matches!(
                    outcome,
                    Ok(()) | Err(ServiceError::Conflict(_) | ServiceError::Missing(_))
                ),
                "{outcome:?}"
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn the_database_alone_keeps_one_of_two(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let both = two_owners(&app).await;
    for round in 0..ROUNDS {
        both_are_owners_again(&app, both).await;
        let goes = async |user: UserId| {
            let mut transaction = app.database.begin().await.unwrap();
            let gone = sqlx::query("delete from memberships where org_id = $1 and user_id = $2")
                .bind(app.own.owner.org.as_uuid())
                .bind(user.as_uuid())
                .execute(&mut *transaction)
                .await;
            // Long enough for the other to have come to the same place.
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            match gone {
                Ok(_) => transaction.commit().await.is_ok(),
                Err(_) => false,
            }
        };
        let gone = tokio::join!(goes(both[0]), goes(both[1]));
        assert_eq!(owners(&app).await, 1, "round {round}: {gone:?}");
        assert!(gone.0 != gone.1, "round {round}: {gone:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn of_two_who_accept_at_once_one_joins(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let link = invited(&app, "new@acme.example", Role::Member).await;
    let accept = async || {
        let form = [("link", &*link), ("password", PASSWORD)];
        let mut browser = Browser::new(&app);
        let answer = browser.call("accept_invitation", &form).await;
        (answer.status.as_u16(), browser.status("session", &[]).await)
    };
    let (first, second) = tokio::join!(accept(), accept());
    let joined = [first, second]
        .into_iter()
        .filter(|(_, session)| *session == 200)
        .count();
    assert_eq!(joined, 1, "{first:?} {second:?}");
    assert!(
        [first, second].iter().all(|(status, _)| *status < 500),
        "{first:?} {second:?}"
    );
    assert_eq!(
        roles(&app).await,
        ["new@acme.example member", "owner@acme.example owner"]
    );
}

#[sqlx::test(migrations = false)]
async fn two_invitations_of_one_address_at_once_leave_one_link(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let invite = || invited(&app, "new@acme.example", Role::Member);
    let links = tokio::join!(invite(), invite(), invite());
    let mut working = 0;
    for link in [links.0, links.1, links.2] {
        let shown = Browser::new(&app)
            .call("invitation", &[("link", &link)])
            .await
            .expect(200);
        working += usize::from(!shown["invitation"].is_null());
    }
    assert_eq!(working, 1);
}
