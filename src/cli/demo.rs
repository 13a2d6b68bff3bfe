//! `latchkey demo`

mod calls;
mod sample;

use super::deployment::{Deployment, Sandboxed, read_config_apart};
use super::{Outcome, logging, output, serve};
use crate::domain::{EndpointPolicy, ProviderSlug};
use crate::providers;
use crate::sandbox::{Behaviour, Sandbox};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the sandbox listens. Fixed, because Azure's sample key is bound to it.
const SANDBOX: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3999);

/// Serves with a sandbox in place of the providers, and sample data. Works in a data folder of its
/// own, so that no real key ever meets the sandbox.
pub(super) async fn demo() -> Outcome {
    logging::to_stderr();
    let config = read_config_apart("demo")?;
    let sandbox = Sandbox::start_on(SANDBOX)
        .await
        .map_err(|error| format!("the sandbox cannot listen on {SANDBOX}; is another demo running? ({error})"))?;
    let sandboxed = Sandboxed {
        transports: sandbox.transports(),
        policy: EndpointPolicy::with_sandbox(sandbox.address()),
        allows_platform_keys: true,
        platform_keys: Some(platform_keys()),
    };
    let deployment = Deployment::open(&config, sandboxed).await?;
    let calling = if deployment.services.accounts.is_set_up().await? {
        sample::revoke(&sandbox);
        None
    } else {
        let token = sample::fill(&deployment, &sandbox).await?;
        Some(tokio::spawn(calls::make(config.listen, token)))
    };
    greet(&config.public_url.to_string(), &sandbox);
    let served = serve::listen(&config, deployment).await;
    if let Some(calling) = calling {
        calling.abort();
    }
    sandbox.stop().await;
    served
}

/// The operator's keys, for the providers that have an address of their own.
fn platform_keys() -> BTreeMap<ProviderSlug, SecretString> {
    let own_origin = providers::catalogue()
        .iter()
        .filter(|provider| provider.origin().is_some());
    own_origin
        .filter_map(|provider| {
            let key = Sandbox::key(provider.slug(), Behaviour::Valid).replace("sandbox-", "platform-sandbox-");
            Some((provider.slug().parse().ok()?, SecretString::from(key)))
        })
        .collect()
}

fn greet(url: &str, sandbox: &Sandbox) {
    output::note(&format!(
        "Latchkey's demo is at {url}\n  sign in as {}\n  password   {}",
        sample::EMAIL,
        sample::PASSWORD
    ));
    output::note("Keys to paste, each for its provider; the word in the middle says how it behaves:");
    for provider in providers::catalogue() {
        let key = Sandbox::key(provider.slug(), Behaviour::Valid);
        output::note(&format!("  {:<14}{key}", provider.name()));
    }
    output::note(&format!(
        "In place of \"valid\" write revoked, blocked, exhausted, restricted, limited, slow or hanging.\n\
         Azure's endpoint here is {}",
        sandbox.azure_endpoint()
    ));
}
