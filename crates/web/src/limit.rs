//! How often somebody may try something that could be guessed, or that costs much: so many times a
//! minute from one address of the network. The engine holds each account apart.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::page::Failure;
use crate::peer::Peer;

/// Tries a minute from one address.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
/// Addresses remembered before those that have rested are forgotten.
const REMEMBERED: usize = 10_000;

/// The bounds.
pub(crate) struct Limits {
    by_address: RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { by_address: RateLimiter::keyed(Quota::per_minute(PER_ADDRESS)) }
    }
}

impl Limits {
    /// Counts a try; refuses it where there were too many.
    pub(crate) fn count(&self, from: Option<IpAddr>) -> Result<(), Failure> {
        if self.by_address.len() > REMEMBERED {
            self.by_address.retain_recent();
        }
        self.by_address.check_key(&Peer::place(from)).map_err(|_| Failure::TooOften)
    }
}
