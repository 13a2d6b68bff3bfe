//! Whoever holds the database can alter the trail, and is found out.

use super::{EVENTS, Scene};
use latchkey::domain::{Random, SystemRandom};
use latchkey::service::audit::Flaw;
use sqlx::PgPool;

const MANIPULATIONS: usize = 200;

#[sqlx::test(migrations = false)]
async fn each_kind_of_manipulation_is_named(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.work(12).await;
    scene.app.services.audit.export_heads().await.unwrap();
    let whole = scene.verify().await;
    let (last, own) = (whole.last, scene.app.own.owner.org);
    assert_eq!((whole.finding, whole.newest_head.unwrap().sequence), (None, last));
    keep(&scene).await;

    scene
        .tamper("update audit_events set details = '{}' where org_id = $1 and sequence = 5 and $2 is not null")
        .await;
    assert_eq!(scene.flaw().await, Some(Flaw::Altered { sequence: 5 }));
    restore(&scene).await;
    scene
        .tamper("delete from audit_events where org_id = $1 and sequence = 5 and $2 is not null")
        .await;
    assert_eq!(scene.flaw().await, Some(Flaw::Missing { first: 5, found: 6 }));
    restore(&scene).await;
    scene
        .tamper("delete from audit_events where org_id = $1 and sequence < 3 and $2 is not null")
        .await;
    assert_eq!(scene.flaw().await, Some(Flaw::BeginningMissing { sequence: 3 }));
    restore(&scene).await;
    scene
        .tamper("delete from audit_events where org_id = $1 and sequence > 7 and $2 is not null")
        .await;
    assert!(matches!(scene.flaw().await, Some(Flaw::CutOff { last: 7, head }) if head.sequence == last));
    restore(&scene).await;
    scene
        .tamper("delete from audit_events where org_id = $1 and $2 is not null")
        .await;
    assert!(matches!(scene.flaw().await, Some(Flaw::CutOff { last: 0, head }) if head.organization == own));
    restore(&scene).await;
    assert_eq!(scene.flaw().await, None);
}

#[sqlx::test(migrations = false)]
async fn random_manipulations_in_the_database_are_found(pool: PgPool) {
    let seed = u64::from_be_bytes((&SystemRandom as &dyn Random).bytes());
    let scene = Scene::start(pool).await;
    scene.work(12).await;
    scene.app.services.audit.export_heads().await.unwrap();
    let events = u64::try_from(scene.events().await.len()).unwrap();
    keep(&scene).await;
    let mut state = seed;
    // A repeatable stream of numbers (splitmix64).
    let mut below = |end: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % end
    };
    let columns = [
        "id = gen_random_uuid()",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "event = event || 'x'",
        "actor_kind = case actor_kind when 'system' then 'token' else 'system' end",
        "actor_id = gen_random_uuid()",
        "client_address = coalesce(client_address, '') || '1'",
        "request_id = gen_random_uuid()",
        "target_kind = 'token'",
        "target_id = target_id || '0'",
        "details = details || '{\"name\": \"Innocent\"}'",
        "previous_mac = sha256(previous_mac)",
        "mac = sha256(mac)",
        "sequence = sequence + 1000",
    ];
    for number in 0..MANIPULATIONS {
        let at = 1 + below(events);
        let statement = match below(6) {
            0 | 1 => {
                let column = columns[usize::try_from(below(columns.len() as u64)).unwrap()];
                format!("update audit_events set {column} where org_id = $1 and sequence = {at}")
            }
            2 => format!("delete from audit_events where org_id = $1 and sequence = {at}"),
            3 => format!("delete from audit_events where org_id = $1 and sequence >= {at}"),
            4 => format!(
                "with taken as (delete from audit_events where org_id = $1 and sequence = {at})
                 insert into audit_events
                 select (jsonb_populate_record(e, jsonb_build_object('org_id', $1, 'sequence', {}))).*
                 from audit_events e where org_id = $2 and sequence = {}",
                events + 1,
                1 + below(events - 2)
            ),
            _ => format!(
                "update audit_events e set (id, event, target_id, details, mac, previous_mac) =
                     (select o.id, o.event, o.target_id, o.details, o.mac, o.previous_mac
                      from audit_events o where o.org_id = $2 and o.sequence = {})
                 where e.org_id = $1 and e.sequence = {at}",
                1 + below(events - 2)
            ),
        };
        let changed = scene.tamper(&format!("{statement} and $2::uuid is not null")).await;
        assert!(changed > 0, "seed {seed}, {number}: nothing changed by {statement}");
        assert!(
            scene.flaw().await.is_some(),
            "seed {seed}, {number}: unseen: {statement}"
        );
        restore(&scene).await;
    }
    assert_eq!(scene.flaw().await, None);
}

#[sqlx::test(migrations = false)]
async fn rest_says_whether_the_trail_is_intact(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let auditor = scene.app.token(&["read:audit"]).await;
    let verify = || {
        scene
            .app
            .call("POST", &format!("{EVENTS}/verify"))
            .bearer(&auditor)
            .send()
    };
    let intact = verify().await.expect(200);
    assert_eq!(intact["is_intact"], true);
    assert_eq!(intact["newest_head"], serde_json::Value::Null);
    assert_eq!(intact["events"], scene.events().await.len());
    scene.app.services.audit.export_heads().await.unwrap();
    scene
        .tamper("update audit_events set event = 'key.added' where org_id = $1 and sequence = 2 and $2 is not null")
        .await;
    let broken = verify().await.expect(200);
    assert_eq!((&broken["is_intact"], &broken["events"]), (&false.into(), &1.into()));
    assert_eq!(broken["finding"]["sequence"], 2);
    assert!(
        broken["finding"]["message"]
            .as_str()
            .unwrap()
            .contains("Event 2 is not as Latchkey wrote it")
    );
    assert_eq!(
        broken["newest_head"]["organization"],
        scene.app.own.owner.org.to_string()
    );
    // The other organization's chain is its own.
    let foreign = scene.app.foreign_token().await;
    let theirs = scene
        .app
        .call("POST", &format!("{EVENTS}/verify"))
        .bearer(&foreign)
        .send()
        .await;
    assert_eq!(theirs.expect(200)["is_intact"], true);
}

#[sqlx::test(migrations = false)]
async fn an_altered_file_of_heads_is_no_evidence(pool: PgPool) {
    let scene = Scene::start(pool).await;
    scene.app.services.audit.export_heads().await.unwrap();
    let head = super::text(&scene.heads());
    let place = head.find("\"sequence\":").unwrap() + "\"sequence\":".len();
    let mut altered = head.clone();
    altered.insert(place, '9');
    std::fs::write(scene.heads(), altered).unwrap();
    let refused = |answer: crate::harness::Answer| answer.problem(500, "audit_heads_altered");
    for tenant in [scene.app.token(&["read:audit"]).await, scene.app.foreign_token().await] {
        let call = scene.app.call("POST", &format!("{EVENTS}/verify")).bearer(&tenant);
        let answer = call.send().await;
        // The one whose head it is; the other's line stands as it was.
        if answer.status.as_u16() != 200 {
            refused(answer);
            return;
        }
    }
    panic!("the altered head was believed");
}

async fn keep(scene: &Scene) {
    sqlx::raw_sql("create table kept as select * from audit_events")
        .execute(&scene.app.database)
        .await
        .unwrap();
}

async fn restore(scene: &Scene) {
    sqlx::raw_sql("begin; delete from audit_events; insert into audit_events select * from kept; commit")
        .execute(&scene.app.database)
        .await
        .unwrap();
}
