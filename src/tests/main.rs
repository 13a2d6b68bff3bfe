//! The HTTP surface through the real router, with a real Postgres and the sandbox's providers.

#[cfg(test)]
mod account;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod database;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod files;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod nets;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod people;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod upgrading;
#[cfg(test)]
mod usage;
