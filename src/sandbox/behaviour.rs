//! What a sandbox key does.

macro_rules! behaviours {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What a sandbox key does; its word stands in the key.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Behaviour {
            $($(#[$doc])* $name,)+
        }

        impl Behaviour {
            /// Every behaviour.
            pub const EVERY: &'static [Behaviour] = &[$(Behaviour::$name,)+];

            /// The word in the key.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Behaviour::$name => $word,)+
                }
            }
        }
    };
}

behaviours! {
    /// Works.
    Valid = "valid",
    /// Refused as no key of this provider.
    Revoked = "revoked",
    /// Refused because the provider shut it (Mistral says no more than of a revoked one).
    Blocked = "blocked",
    /// Its credit or quota is spent.
    Exhausted = "exhausted",
    /// Accepted, without the permission to list models.
    Restricted = "restricted",
    /// 429, with `Retry-After: 20`.
    Limited = "limited",
    /// Works, after 1.5 s.
    Slow = "slow",
    /// Never answered.
    Hanging = "hanging",
    /// Answered 200 with a web page, and a deep test with JSON that breaks off.
    Garbage = "garbage",
    /// Refused with the whole key in the message.
    Echo = "echo",
    /// Answered 302 to a path that counts who follows.
    Redirect = "redirect",
    /// Answered 503, as by a load balancer with nothing behind it.
    Down = "down",
    /// The list works, a deep test is refused.
    ListOnly = "listonly",
    /// The list works, a model call is refused as with no key of this provider.
    ModelRefused = "modelrefused",
    /// A model call gets the head of its answer and nothing more.
    Silent = "silent",
    /// A model's answer breaks off in its middle: the connection is closed.
    Breaking = "breaking",
    /// A streamed answer ends in an error event; one that is not streamed is refused as by an overloaded
    /// provider.
    Erring = "erring",
    /// A model's answer has about 200 words; streamed, one each 50 ms.
    Long = "long",
}

impl Behaviour {
    /// What this key does; `None` for a key that is not the sandbox's.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        let (_, words) = key.split_once("sandbox-")?;
        let word = words.split('-').next()?;
        Self::EVERY.iter().copied().find(|behaviour| behaviour.word() == word)
    }
}
