//! How often somebody may try something that could be guessed, or that costs much: so many times a
//! minute from one address of the network. The engine holds each account apart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::page::Failure;

/// Tries a minute from one address.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
/// Addresses remembered before those that have rested are forgotten.
const REMEMBERED: usize = 10_000;
/// So much of an address of IPv6 is one household's or one office's.
const PREFIX: u128 = !0 << 64;

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
        let place = match from {
            Some(IpAddr::V6(address)) => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & PREFIX))
            }
            Some(address) => address,
            // Those whose address is not known share a place.
            None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        self.by_address.check_key(&place).map_err(|_| Failure::TooOften)
    }
}
