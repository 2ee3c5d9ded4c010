//! From where a request comes, and how many come from there at once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// So much of an address of IPv6 is one household's or one office's.
const PREFIX: u128 = !0 << 64;
/// Where proxies write whom they speak for: each adds the address that it sees at the end.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the network from which a request comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Peer {
    /// Who speaks over a connection: whoever holds it, or whom a proxy that is trusted speaks for. What
    /// others write into the header is theirs to invent, so that it is read from its end, and no
    /// further than to the first address that is none of the proxies.
    pub(crate) fn of(connected: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> Peer {
        let trusted = |address: IpAddr| is_proxy(address, proxies);
        let connected = connected.to_canonical();
        if !trusted(connected) {
            return Peer(connected);
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let entries = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        let mut client = connected;
        for entry in entries {
            // What is no address ends what can be believed.
            let Some(address) = address_in(entry.trim()) else { break };
            client = address;
            if !trusted(address) {
                break;
            }
        }
        Peer(client)
    }

    /// The place of the network that counts as one.
    pub(crate) fn place(from: Option<IpAddr>) -> IpAddr {
        // An address of IPv4 may come in the form of the other.
        match from.map(|from| from.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & PREFIX))
            }
            Some(address) => address,
            // Those whose address is not known share a place.
            None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }
    }
}

/// Whether an address is one of the proxies.
pub(crate) fn is_proxy(address: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|net| net.contains(&address.to_canonical()))
}

/// An address as proxies write it: alone, with a port, in brackets.
fn address_in(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let address = text.parse().ok().or_else(|| bare?.parse().ok());
    let with_port = || text.parse().ok().map(|socket: std::net::SocketAddr| socket.ip());
    address.or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// How many are there from each place, at most so many.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    most: usize,
    there: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// Somebody who is there, as long as this is held.
#[derive(Debug)]
pub(crate) struct There {
    crowd: Crowd,
    place: IpAddr,
}

impl Crowd {
    pub(crate) fn of(most: usize) -> Crowd {
        Crowd { most, there: Arc::default() }
    }

    /// Lets one more in from a place, where there are not too many.
    pub(crate) fn enter(&self, from: Option<IpAddr>) -> Option<There> {
        let place = Peer::place(from);
        let mut there = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        let count = there.entry(place).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(There { crowd: self.clone(), place })
    }
}

impl Drop for There {
    fn drop(&mut self) {
        let mut there = self.crowd.there.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = there.entry(self.place) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(connected: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let proxies = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        Peer::of(connected.parse().unwrap(), &headers, &proxies).0.to_string()
    }

    #[test]
    fn a_proxy_that_is_trusted_says_whom_it_speaks_for_and_nobody_else_does() {
        assert_eq!(peer("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(peer("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(peer("10.0.0.1", &["203.0.113.9, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(peer("10.0.0.1", &["203.0.113.9", "198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(peer("::1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(peer("::1", &["198.51.100.1:8080"]), "198.51.100.1");
        assert_eq!(peer("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_proxy_does_not_say_is_the_proxys() {
        assert_eq!(peer("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(peer("10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(peer("10.0.0.1", &["203.0.113.9, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(peer("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn so_many_are_let_in_from_one_place_and_it_is_free_again_when_they_go() {
        let crowd = Crowd::of(2);
        let from = |text: &str| Some(text.parse().unwrap());
        let (one, two) = (crowd.enter(from("2001:db8::1")), crowd.enter(from("2001:db8::2")));
        assert!(one.is_some() && two.is_some());
        assert!(crowd.enter(from("2001:db8::3")).is_none());
        assert!(crowd.enter(from("2001:db8:0:1::3")).is_some());
        // On a socket for both, those of IPv4 are not all one.
        for address in ["::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"] {
            let there = crowd.enter(from(address));
            assert!(there.is_some(), "{address}");
            std::mem::forget(there);
        }
        assert!(crowd.enter(from("::ffff:192.0.2.1")).is_none());
        drop(one);
        assert!(crowd.enter(from("2001:db8::3")).is_some());
        drop(two);
        assert_eq!(crowd.there.lock().unwrap().len(), 2, "those who are still there");
    }
}
