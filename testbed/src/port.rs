//! Ports of this machine that nobody else takes while their owner is away.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that outgoing connections get, so that none of them can take one of these while
/// a server is down, or connect to itself.
const FIRST: u16 = 12_000;
const COUNT: u16 = 18_000;

/// A port on 127.0.0.1, reserved as long as this lives.
///
/// The same number is held for UDP, which nobody here speaks: so other test beds pass it by, and
/// it is free again when the process has gone, however it went.
pub(crate) struct Port {
    number: u16,
    _held: UdpSocket,
}

impl Port {
    /// A port that is free now.
    pub(crate) fn reserve() -> Port {
        static TAKEN: AtomicU16 = AtomicU16::new(0);
        // Processes that run at once begin far apart; which port it is does not matter.
        let begin = process::id().wrapping_mul(97) % u32::from(COUNT);
        let begin = u16::try_from(begin).expect("below the count");
        let reserved = (0..COUNT).find_map(|_| {
            let step = TAKEN.fetch_add(1, Ordering::Relaxed) % COUNT;
            let number = FIRST + (begin + step) % COUNT;
            let held = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
            TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
            Some(Port { number, _held: held })
        });
        reserved.expect("a port is free")
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_to_one_owner_at_a_time() {
        let ports: Vec<Port> = (0..50).map(|_| Port::reserve()).collect();
        let mut numbers: Vec<u16> = ports.iter().map(Port::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ports.len());
        for number in numbers {
            assert!(UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).is_err());
            assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok());
        }
    }
}
