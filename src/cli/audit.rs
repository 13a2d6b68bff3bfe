//! `latchkey audit …`

use super::deployment::{Deployment, Sandboxed, read_config, vault_at_hand};
use super::{Outcome, logging, output, remote};
use crate::domain::Actor;
use crate::service::audit::{AuditFilter, Evidence, ExportedEvent, HeadsFile, Verification, verify_export};
use clap::{Args, Subcommand};
use futures::{StreamExt, pin_mut};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// What to do about the audit trail.
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AuditCommand {
    /// What to do on the database, or on files.
    #[command(subcommand)]
    pub command: Option<AuditSubcommand>,
    /// What to list from a running Latchkey.
    #[command(flatten)]
    pub list: remote::audit::Audit,
}

/// What to do about the audit trail on the database, or on files.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditSubcommand {
    /// Find out whether events were edited, removed, reordered or cut off; in the database, or in an export
    Verify(VerifyAudit),
    /// Write down the ends of all chains, to be kept elsewhere and compared later
    Heads(ExportHeads),
    /// Print an organization's events, one JSON object a line, to be kept elsewhere and verified later
    Export(ExportAudit),
}

/// What to verify.
#[derive(Clone, Debug, Args)]
pub struct VerifyAudit {
    /// Only this organization; without it, all of them
    #[arg(long, value_name = "NAME", conflicts_with = "export")]
    pub organization: Option<String>,
    /// Exported heads to compare with; in the database those of this server's data folder are compared besides
    #[arg(long, value_name = "FILE")]
    pub heads: Option<PathBuf>,
    /// Verify this export instead of the database; it takes the master key and exported heads, and nothing else
    #[arg(long, value_name = "FILE", requires = "heads")]
    pub export: Option<PathBuf>,
    /// The export was made under a filter: events that are not in it are no failure
    #[arg(long, requires = "export")]
    pub filtered: bool,
}

/// Where to write heads to.
#[derive(Clone, Debug, Args)]
pub struct ExportHeads {
    /// Add those that changed to this file; without it all are printed
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What to export.
#[derive(Clone, Debug, Args)]
pub struct ExportAudit {
    /// The organization
    #[arg(long, value_name = "NAME")]
    pub organization: String,
}

/// Something is wrong with a chain.
#[derive(Debug, thiserror::Error)]
#[error("{broken} of {all} audit chains cannot be trusted; see above")]
struct Broken {
    broken: usize,
    all: usize,
}

/// Does what was asked for.
pub(super) async fn run(audit: AuditCommand) -> Outcome {
    match audit.command {
        None => Ok(remote::audit::run(audit.list).await?),
        Some(AuditSubcommand::Verify(verify)) => match &verify.export {
            Some(export) => verify_file(export, &verify).await,
            None => verify_database(&verify).await,
        },
        Some(AuditSubcommand::Heads(heads)) => export_heads(heads).await,
        Some(AuditSubcommand::Export(export)) => export_events(&export).await,
    }
}

async fn verify_database(verify: &VerifyAudit) -> Outcome {
    logging::to_stderr();
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let verified = verify_each(&deployment, verify).await;
    deployment.close().await?;
    verified
}

async fn verify_each(deployment: &Deployment, verify: &VerifyAudit) -> Outcome {
    let names = if let Some(name) = &verify.organization {
        vec![name.clone()]
    } else {
        let subjects = deployment.services.audit.subjects().await?;
        subjects.into_iter().map(|subject| subject.name).collect()
    };
    let file = verify.heads.clone().map(HeadsFile::new);
    let mut broken = 0;
    for name in &names {
        let actor = command_line(deployment, name).await?;
        let audit = &deployment.services.audit;
        let verified = match &file {
            Some(file) => audit.verify_with(&actor, file).await?,
            None => audit.verify(&actor).await?,
        };
        broken += usize::from(verified.finding.is_some());
        output::line(&format!("{name}: {}", described(&verified)))?;
    }
    concluded(broken, names.len())
}

/// Without a database: the file, the heads and the master key tell.
async fn verify_file(export: &Path, verify: &VerifyAudit) -> Outcome {
    let heads = HeadsFile::new(verify.heads.clone().unwrap_or_default());
    let vault = vault_at_hand(&read_config()?)?;
    let evidence = Evidence::open(&heads, &vault.values()).await?;
    let file = File::open(export).map_err(|error| format!("{}: {error}", export.display()))?;
    let (org, verified) = verify_export(BufReader::new(file), &evidence, verify.filtered)?;
    output::line(&format!("Organization {org}: {}", described(&verified)))?;
    concluded(usize::from(verified.finding.is_some()), 1)
}

async fn export_heads(heads: ExportHeads) -> Outcome {
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let audit = &deployment.services.audit;
    let done = match &heads.out {
        None => audit.head_lines().await.map(|lines| lines.trim_end().to_owned()),
        Some(path) => {
            let file = HeadsFile::new(path.clone());
            let count = audit.export_heads_to(&file).await;
            count.map(|count| format!("Heads added to {}: {count}.", path.display()))
        }
    };
    deployment.close().await?;
    Ok(output::line(&done?)?)
}

async fn export_events(export: &ExportAudit) -> Outcome {
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let done = print_events(&deployment, &export.organization).await;
    deployment.close().await?;
    done
}

async fn print_events(deployment: &Deployment, organization: &str) -> Outcome {
    let actor = command_line(deployment, organization).await?;
    let pages = deployment.services.audit.export(&actor, AuditFilter::default()).await?;
    pin_mut!(pages);
    while let Some(page) = pages.next().await {
        let lines: Vec<_> = page?.iter().map(ExportedEvent::line).collect();
        output::line(&lines.join("\n"))?;
    }
    Ok(())
}

async fn command_line(deployment: &Deployment, organization: &str) -> Result<Actor, crate::service::ServiceError> {
    let accounts = &deployment.services.accounts;
    accounts.command_line(organization, deployment.request()).await
}

fn concluded(broken: usize, all: usize) -> Outcome {
    if broken == 0 {
        Ok(())
    } else {
        Err(Broken { broken, all }.into())
    }
}

fn described(verified: &Verification) -> String {
    if let Some(finding) = &verified.finding {
        return finding.to_string();
    }
    let head = verified.newest_head.as_ref().map_or_else(
        || "no exported head to compare with".to_owned(),
        |head| {
            format!(
                "the newest exported head (event {}, {}) is part of it",
                head.sequence,
                head.time_as_signed()
            )
        },
    );
    format!("{} events verified, unbroken; {head}.", verified.events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        audit: AuditCommand,
    }

    fn parse(words: &str) -> Result<AuditCommand, clap::Error> {
        Line::try_parse_from(words.split(' ')).map(|line| line.audit)
    }

    #[test]
    fn without_a_subcommand_a_running_latchkey_is_asked() {
        let listed = parse("audit --event key.replaced").unwrap();
        assert!(listed.command.is_none());
        assert_eq!(listed.list.event.as_deref(), Some("key.replaced"));
        assert!(parse("audit --event key.replaced verify").is_err());
    }

    #[test]
    fn an_export_is_verified_with_heads_or_not_at_all() {
        let verify = parse("audit verify --export events.jsonl --heads heads.jsonl --filtered").unwrap();
        assert!(matches!(
            verify.command,
            Some(AuditSubcommand::Verify(VerifyAudit { filtered: true, .. }))
        ));
        for wrong in [
            "audit verify --export events.jsonl",
            "audit verify --filtered",
            "audit verify --export e --heads h --organization Acme",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
