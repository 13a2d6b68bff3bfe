//! Ten thousand ways to alter an export or the exported heads, and none goes unseen.

use super::heads::{Line, SealedRoot};
use super::{AuditEvent, Evidence, ExportError, ExportedEvent, ExportedHead, Finding, Flaw, HeadsFile, chain};
use super::{Verification, verify_export};
use crate::domain::{DeploymentId, OrgId, Random, SeededRandom, SystemRandom};
use crate::vault::{AUDIT, HmacKey, LocalKeyRing, MasterKey, Roots, Values, Vault};
use futures::executor::block_on;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const MANIPULATIONS: usize = 10_000;
/// So many events has a chain.
const EVENTS: i64 = 24;
const BEGIN: OffsetDateTime = datetime!(2026-11-21 14:02:07.310482 UTC);

/// A deployment with two organizations, what it exported of them, and chance.
struct Scene {
    random: SeededRandom,
    values: Values,
    roots: Roots,
    own: Vec<String>,
    foreign: Vec<String>,
    heads: Vec<String>,
    file: HeadsFile,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let random = SeededRandom::new(seed);
        let keys = LocalKeyRing::new(MasterKey::generate(&random), None, Arc::new(SystemRandom));
        let values = Vault::new(Arc::new(keys), Arc::new(SystemRandom)).values();
        let roots = Roots::generate(DeploymentId::from_uuid(Uuid::from_u128(7)), &random);
        let [own, foreign] = [1, 2].map(|org| events(&roots.audit, org_of(org)));
        let sealed = block_on(roots.seal(&values)).unwrap();
        let (_, sealed) = sealed.iter().find(|(purpose, _)| *purpose == AUDIT).unwrap();
        let mut heads = vec![Line::Root(SealedRoot::new(roots.deployment, sealed)).text()];
        for (org, chain) in [(1, &own), (2, &foreign)] {
            for place in [6, 14, EVENTS] {
                let event = &chain[usize::try_from(place).unwrap() - 1];
                let now = BEGIN + Duration::minutes(place);
                let head = ExportedHead::sign(&roots.audit, org_of(org), (event.sequence, event.mac), now);
                heads.push(Line::Head(head).text());
            }
        }
        let lines = |org, chain: Vec<AuditEvent>| chain.into_iter().map(|event| line(org, event)).collect();
        let name = format!("latchkey-tampering-{}-{seed}", std::process::id());
        Self {
            own: lines(org_of(1), own),
            foreign: lines(org_of(2), foreign),
            file: HeadsFile::new(std::env::temp_dir().join(name)),
            random,
            values,
            roots,
            heads,
        }
    }

    /// A number below `end`.
    fn below(&self, end: usize) -> usize {
        usize::try_from(number(&self.random) % u64::try_from(end).unwrap()).unwrap()
    }

    fn one_of<'list, T>(&self, list: &'list [T]) -> &'list T {
        &list[self.below(list.len())]
    }

    /// What verifying an export in these lines comes to, beside heads in these.
    fn verify(&self, lines: &[String], heads: &[String]) -> Result<Verification, String> {
        std::fs::write(self.file.path(), heads.join("\n")).unwrap();
        let evidence = block_on(Evidence::open(&self.file, &self.values)).map_err(|error| error.to_string())?;
        verify_beside(lines, &evidence)
    }

    /// The lines of the own organization, altered somehow; and what was done.
    fn altered(&self) -> (&'static str, Vec<String>) {
        let mut lines = self.own.clone();
        let at = self.below(lines.len());
        let what = match self.below(9) {
            0 | 1 => {
                lines[at] = self.edited(&lines[at]);
                "a field was edited"
            }
            2 => {
                lines[at] = self.with_another_letter(&lines[at]);
                "a letter was changed"
            }
            3 => {
                lines.remove(at);
                "an event was removed"
            }
            4 => {
                lines.swap(at, (at + 1 + self.below(self.own.len() - 1)) % self.own.len());
                "two events were swapped"
            }
            5 => {
                lines.truncate(at);
                "the end was cut off"
            }
            6 => {
                lines.insert(self.below(self.own.len() + 1), self.own[at].clone());
                "an event was repeated"
            }
            7 => {
                lines.insert(self.below(self.own.len() + 1), self.forged(at));
                "an event was made up"
            }
            _ => {
                self.replay(&mut lines, at);
                "another organization's event was put in"
            }
        };
        (what, lines)
    }

    /// The line with one field changed to another value of its kind.
    fn edited(&self, line: &str) -> String {
        let mut event: Value = serde_json::from_str(line).unwrap();
        let fields: Vec<_> = event.as_object().unwrap().keys().cloned().collect();
        let field = self.one_of(&fields);
        let other = match &event[field] {
            Value::Number(number) => json!(number.as_i64().unwrap() + 1 + i64::try_from(self.below(50)).unwrap()),
            Value::String(text) if self.below(4) > 0 => json!(self.with_another_letter(text)),
            Value::String(text) => json!(format!("{text}x")),
            Value::Object(_) => json!({ "name": format!("innocent {}", self.below(1_000)) }),
            Value::Null => json!(Uuid::from_u128(u128::from(number(&self.random))).to_string()),
            other => panic!("{field}: {other}"),
        };
        event[field] = other;
        serde_json::to_string(&event).unwrap()
    }

    fn with_another_letter(&self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let at = self.below(letters.len());
        let other = char::from(*self.one_of(b"0123456789abcdefABCDEF \"{}:,-TZxyz"));
        letters[at] = if letters[at] == other { '~' } else { other };
        letters.into_iter().collect()
    }

    /// An event that was never written, as good as it can be without the root: behind the event at `at`.
    fn forged(&self, at: usize) -> String {
        let (org, before) = ExportedEvent::read(&self.own[at]).unwrap().into_event();
        let event = AuditEvent {
            sequence: before.sequence + 1,
            details: json!({ "forged": self.below(1_000) }),
            previous_mac: before.mac,
            mac: chain::mac(&HmacKey::generate(&self.random), org, &before),
            ..before
        };
        line(org, event)
    }

    /// Puts another organization's event in the place of one, or beside it; as it is, or with this organization's name.
    fn replay(&self, lines: &mut Vec<String>, at: usize) {
        let mut foreign = self.foreign[at].clone();
        if self.below(2) == 0 {
            foreign = foreign.replace(&org_of(2).to_string(), &org_of(1).to_string());
        }
        if self.below(2) == 0 {
            lines[at] = foreign;
        } else {
            lines.insert(at, foreign);
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _left = std::fs::remove_file(self.file.path());
    }
}

fn verify_beside(lines: &[String], evidence: &Evidence) -> Result<Verification, String> {
    let verified = verify_export(lines.join("\n").as_bytes(), evidence, false);
    verified
        .map(|(_, verified)| verified)
        .map_err(|error| error.to_string())
}

fn number(random: &dyn Random) -> u64 {
    u64::from_be_bytes(random.bytes())
}

fn org_of(number: u128) -> OrgId {
    OrgId::from_uuid(Uuid::from_u128(number))
}

fn line(org: OrgId, event: AuditEvent) -> String {
    ExportedEvent::new(org, event).line()
}

fn events(key: &HmacKey, org: OrgId) -> Vec<AuditEvent> {
    let mut events: Vec<AuditEvent> = Vec::new();
    for sequence in 1..=EVENTS {
        let number = u128::from(sequence.unsigned_abs());
        let mut event = AuditEvent {
            sequence,
            id: Uuid::from_u128(number << 64),
            occurred_at: BEGIN + Duration::milliseconds(sequence * 731),
            event: if sequence % 3 == 0 {
                "key.replaced"
            } else {
                "key.tested"
            }
            .to_owned(),
            actor_kind: if sequence % 2 == 0 { "user" } else { "token" }.to_owned(),
            actor_id: (sequence % 5 != 0).then(|| Uuid::from_u128(number % 3)),
            client_address: (sequence % 4 != 0).then(|| "192.0.2.7".to_owned()),
            request_id: Uuid::from_u128(number << 32),
            target_kind: "provider_key".to_owned(),
            target_id: Uuid::from_u128(number % 7).to_string(),
            details: json!({ "provider": "openai", "secret_version": sequence, "note": "“ü” + = \" \\" }),
            previous_mac: events.last().map_or([0; 32], |before| before.mac),
            mac: [0; 32],
        };
        event.mac = chain::mac(key, org, &event);
        events.push(event);
    }
    events
}

#[test]
fn an_untouched_export_is_verified() {
    let scene = Scene::new(1);
    for (org, lines) in [(1, &scene.own), (2, &scene.foreign)] {
        let verified = scene.verify(lines, &scene.heads).unwrap();
        let head = verified.newest_head.clone().unwrap();
        assert_eq!((verified.events, verified.last, &verified.finding), (24, EVENTS, &None));
        assert_eq!((head.organization, head.sequence), (org_of(org), EVENTS));
    }
}

#[test]
fn ten_thousand_manipulations_are_found() {
    let seed = number(&SystemRandom);
    let scene = Scene::new(seed);
    std::fs::write(scene.file.path(), scene.heads.join("\n")).unwrap();
    let evidence = block_on(Evidence::open(&scene.file, &scene.values)).unwrap();
    let mut made = 0;
    while made < MANIPULATIONS {
        let (what, lines) = scene.altered();
        if lines == scene.own {
            continue;
        }
        made += 1;
        if let Ok(verified) = verify_beside(&lines, &evidence) {
            let lines = lines.join("\n");
            assert!(verified.finding.is_some(), "seed {seed}: {what}, unseen:\n{lines}");
        }
    }
}

#[test]
fn a_thousand_manipulations_of_heads_are_found() {
    let seed = number(&SystemRandom);
    let scene = Scene::new(seed);
    for _ in 0..1_000 {
        let mut heads = scene.heads.clone();
        let at = scene.below(heads.len());
        heads[at] = scene.with_another_letter(&heads[at]);
        let unseen = matches!(scene.verify(&scene.own, &heads), Ok(Verification { finding: None, .. }));
        assert!(!unseen, "seed {seed}: {}\nwas {}", heads[at], scene.heads[at]);
    }
}

/// What is found in the own organization's lines once they were changed.
fn found(change: impl FnOnce(&mut Vec<String>, &Scene)) -> Flaw {
    let scene = Scene::new(3);
    let mut lines = scene.own.clone();
    change(&mut lines, &scene);
    scene.verify(&lines, &scene.heads).unwrap().finding.unwrap().flaw
}

#[test]
fn findings_name_the_event_and_the_flaw() {
    let edited = found(|lines, _| lines[4] = lines[4].replace("openai", "mistral"));
    assert_eq!(edited, Flaw::Altered { sequence: 5 });
    assert_eq!(
        found(|lines, _| drop(lines.remove(4))),
        Flaw::Missing { first: 5, found: 6 }
    );
    assert_eq!(
        found(|lines, _| drop(lines.drain(..2))),
        Flaw::BeginningMissing { sequence: 3 }
    );
    assert_eq!(found(|lines, _| lines.swap(1, 2)), Flaw::Missing { first: 2, found: 3 });
    let repeated = found(|lines, _| lines.insert(2, lines[0].clone()));
    assert_eq!(repeated, Flaw::OutOfOrder { sequence: 1, behind: 2 });
    let foreign = found(|lines, scene| lines[4] = scene.foreign[4].clone());
    assert_eq!(
        foreign,
        Flaw::Foreign {
            sequence: 5,
            org: org_of(2)
        }
    );
    let cut = found(|lines, _| lines.truncate(20));
    assert!(matches!(cut, Flaw::CutOff { last: 20, head } if head.sequence == EVENTS));
}

/// Who holds the root can write genuine events; heads that were exported before tell all the same.
#[test]
fn a_chain_that_was_rewritten_with_the_root_is_found_by_a_head() {
    let scene = Scene::new(4);
    let mut chain = events(&scene.roots.audit, org_of(1));
    let mut before = [0; 32];
    for event in &mut chain {
        if event.sequence == 3 {
            event.details = json!({ "provider": "mistral" });
        }
        event.previous_mac = before;
        event.mac = chain::mac(&scene.roots.audit, org_of(1), event);
        before = event.mac;
    }
    let lines: Vec<_> = chain.into_iter().map(|event| line(org_of(1), event)).collect();
    let verified = scene.verify(&lines, &scene.heads).unwrap();
    let Some(Finding { sequence: 6, flaw }) = verified.finding else {
        panic!("{verified:?}")
    };
    assert!(matches!(flaw, Flaw::Replaced { head } if head.sequence == 6));
}

#[test]
fn a_genuine_event_in_anothers_place_does_not_follow() {
    let scene = Scene::new(5);
    let (org, mut event) = ExportedEvent::read(&scene.own[4]).unwrap().into_event();
    event.previous_mac = [9; 32];
    event.mac = chain::mac(&scene.roots.audit, org, &event);
    let mut lines = scene.own.clone();
    lines[4] = line(org, event);
    let flaw = scene.verify(&lines, &scene.heads).unwrap().finding.unwrap().flaw;
    assert_eq!(flaw, Flaw::Unlinked { sequence: 5 });
}

#[test]
fn a_filter_may_leave_events_out_and_nothing_else() {
    let scene = Scene::new(6);
    std::fs::write(scene.file.path(), scene.heads.join("\n")).unwrap();
    let evidence = block_on(Evidence::open(&scene.file, &scene.values)).unwrap();
    let some: Vec<_> = scene
        .own
        .iter()
        .filter(|line| line.contains("key.replaced"))
        .cloned()
        .collect();
    let verify = |lines: &[String], filtered| {
        let (_, verified) = verify_export(lines.join("\n").as_bytes(), &evidence, filtered).unwrap();
        verified.finding.map(|finding| finding.flaw)
    };
    assert_eq!(verify(&some, true), None);
    assert_eq!(verify(&some, false), Some(Flaw::BeginningMissing { sequence: 3 }));
    let mut edited = some.clone();
    edited[2] = edited[2].replace("192.0.2.7", "192.0.2.8");
    assert_eq!(verify(&edited, true), Some(Flaw::Altered { sequence: 9 }));
    edited = some;
    edited.swap(0, 1);
    assert_eq!(verify(&edited, true), Some(Flaw::OutOfOrder { sequence: 3, behind: 6 }));
}

#[test]
fn what_is_no_export_is_not_verified() {
    let scene = Scene::new(7);
    let evidence = Evidence::new(HmacKey::generate(&scene.random), Vec::new());
    let empty = verify_export(&b""[..], &evidence, false);
    assert!(matches!(empty, Err(ExportError::Empty)));
    let text = format!("{}\nnonsense", scene.own[0]);
    let genuine = Evidence::new(HmacKey::generate(&SeededRandom::new(8)), Vec::new());
    // Another deployment's root finds every event altered, before it comes to the line that is none.
    let (_, verified) = verify_export(text.as_bytes(), &genuine, false).unwrap();
    assert_eq!(verified.finding.unwrap().flaw, Flaw::Altered { sequence: 1 });
    let unreadable = verify_export(&b"nonsense"[..], &evidence, false);
    assert!(matches!(unreadable, Err(ExportError::Unreadable { line: 1 })));
    let missing = HeadsFile::new(PathBuf::from("/nonexistent/heads"));
    assert!(block_on(Evidence::open(&missing, &scene.values)).is_err());
}
