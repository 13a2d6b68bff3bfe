//! Many keys at once, from what somebody pasted: an `.env` file, a list of keys, a piece of configuration.

pub(in crate::web::rest) mod preview;
pub(in crate::web::rest) mod run;
