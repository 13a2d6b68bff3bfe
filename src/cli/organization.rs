//! `latchkey organization …`

use super::deployment::{Deployment, Sandboxed, read_config};
use super::{Outcome, output};
use crate::domain::{Fee, MicroDollars};
use crate::service::ServiceError;
use crate::service::organizations::{Terms, TermsChange};
use clap::{Args, Subcommand, ValueEnum};
use std::str::FromStr;

/// What to do about an organization.
#[derive(Clone, Debug, Subcommand)]
pub enum OrganizationCommand {
    /// Print what it is allowed and charged
    Show(ShowOrganization),
    /// Change what it is allowed and charged; what is not named stays
    Set(SetOrganization),
}

/// The organization to show.
#[derive(Clone, Debug, Args)]
pub struct ShowOrganization {
    /// The organization
    #[arg(long, value_name = "NAME")]
    pub name: String,
}

/// The organization to change, and what.
#[derive(Clone, Debug, Args)]
pub struct SetOrganization {
    /// The organization
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Whether its projects may use the platform keys when their own cannot serve
    #[arg(long, value_name = "WHETHER")]
    pub platform_keys: Option<OnOff>,
    /// What is charged for each call that reaches a provider, in millionths of a dollar
    #[arg(long, value_name = "MICRODOLLARS", value_parser = clap::value_parser!(i64).range(0..))]
    pub fee_per_call: Option<i64>,
    /// What is charged besides, in percent of a call's cost: 2.5
    #[arg(long, value_name = "PERCENT")]
    pub fee_percent: Option<Percent>,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Hundredths of a percent, written as a percentage with at most two digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(u32);

impl FromStr for Percent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HELP: &str = "write a percentage from 0 to 1000 with at most two digits behind the point, such as 2.5";
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 4 || part.len() > 2 || !digits(whole) || !digits(part) {
            return Err(HELP);
        }
        let points = format!("{whole}{part:0<2}").parse().map_err(|_| HELP)?;
        if points > Fee::MOST_BASIS_POINTS {
            return Err(HELP);
        }
        Ok(Self(points))
    }
}

/// Does what was asked for, and prints how things are then.
pub(super) async fn run(command: OrganizationCommand) -> Outcome {
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let terms = terms(&deployment, command).await;
    deployment.close().await?;
    Ok(output::line(&described(&terms?))?)
}

async fn terms(deployment: &Deployment, command: OrganizationCommand) -> Result<Terms, ServiceError> {
    let services = &deployment.services;
    let (name, change) = match command {
        OrganizationCommand::Show(show) => (show.name, None),
        OrganizationCommand::Set(set) => (set.name.clone(), Some(change(&set))),
    };
    let actor = services.accounts.command_line(&name, deployment.request()).await?;
    match change {
        None => services.organizations.terms(&actor).await,
        Some(change) => services.organizations.change(&actor, change).await,
    }
}

fn change(set: &SetOrganization) -> TermsChange {
    TermsChange {
        allows_platform_keys: set.platform_keys.map(|keys| keys == OnOff::On),
        fee_per_call: set.fee_per_call.map(MicroDollars),
        fee_basis_points: set.fee_percent.map(|percent| percent.0),
    }
}

fn described(terms: &Terms) -> String {
    let Fee { per_call, basis_points } = terms.fee;
    format!(
        "{}\n  platform keys  {}\n  fee per call   {per_call}\n  fee in percent {}.{:02}",
        terms.name,
        if terms.allows_platform_keys { "on" } else { "off" },
        basis_points / 100,
        basis_points % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: OrganizationCommand,
    }

    #[test]
    fn percentages_are_hundredths_of_a_percent() {
        for (text, points) in [
            ("0", 0),
            ("2.5", 250),
            ("0.07", 7),
            ("12.25", 1_225),
            ("1000", 100_000),
            ("3.", 300),
        ] {
            assert_eq!(text.parse(), Ok(Percent(points)), "{text}");
        }
        for wrong in ["", ".5", "-1", "2,5", "2.555", "1000.01", "5%", "١"] {
            assert!(wrong.parse::<Percent>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_named_stays() {
        let words = "organization set --name Acme --platform-keys on --fee-percent 2.5";
        let OrganizationCommand::Set(set) = Line::try_parse_from(words.split(' ')).unwrap().command else {
            panic!("another command");
        };
        let expected = TermsChange {
            allows_platform_keys: Some(true),
            fee_per_call: None,
            fee_basis_points: Some(250),
        };
        assert_eq!(change(&set), expected);
        let negative = words.replace("--fee-percent 2.5", "--fee-per-call=-1");
        assert!(Line::try_parse_from(negative.split(' ')).is_err());
    }

    #[test]
    fn terms_are_described() {
        let terms = Terms {
            name: "Acme".to_owned(),
            allows_platform_keys: true,
            fee: Fee {
                per_call: MicroDollars(100),
                basis_points: 250,
            },
        };
        assert_eq!(
            described(&terms),
            "Acme\n  platform keys  on\n  fee per call   $0.000100\n  fee in percent 2.50"
        );
    }
}
