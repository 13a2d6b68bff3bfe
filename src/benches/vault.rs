//! Sealing and opening one provider key, beside the cipher's own work.

use crate::Failure;
use latchkey::domain::{
    Clock, DeploymentId, Endpoint, KeyId, OrgId, ProjectId, Random, SealContext, SystemClock, SystemRandom,
};
use latchkey::vault::{LocalKeyRing, MasterKey, Vault};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Instant;

const ROUNDS: u32 = 20_000;

pub(crate) async fn seal_and_open() -> Result<(), Failure> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let ring = LocalKeyRing::new(MasterKey::generate(&*random), None, random.clone());
    let vault = Vault::new(Arc::new(ring), random.clone());
    let clock: &dyn Clock = &SystemClock;
    let context = SealContext {
        deployment: DeploymentId::new(clock, &*random),
        org: OrgId::new(clock, &*random),
        project: ProjectId::new(clock, &*random),
        provider: "openai".parse()?,
        endpoint: Endpoint::of_catalogue("https://api.openai.com"),
        key: KeyId::new(clock, &*random),
        secret_version: 1,
    };
    let secret = SecretString::from(format!("sk-proj-FAKE{}", "x".repeat(150)));
    let (seals, opens) = (vault.sealer(), vault.opener());
    let started = Instant::now();
    for _ in 0..ROUNDS {
        let sealed = seals.seal(&context, &secret).await?;
        opens.open(&context, &sealed).await?;
    }
    let micros = started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    println!("\nseal + open of one key                                 {micros:>8.1} µs");
    Ok(())
}
