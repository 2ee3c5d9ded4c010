//! The proxy, before a server that answers with its name and what it heard.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use gantry_testbed::Proxy;

/// Long enough for anything to arrive that is not held up.
const SILENCE: Duration = Duration::from_millis(100);

/// A server that sends its name to whoever comes and then everything back; its port.
fn echo(name: u8) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            thread::spawn(move || {
                let mut back = client.try_clone().unwrap();
                back.write_all(&[name]).unwrap();
                let _ = std::io::copy(&mut client, &mut back);
                let _ = back.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    port
}

fn connect(proxy: &Proxy) -> TcpStream {
    let client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    client
}

fn hear(client: &mut TcpStream) -> u8 {
    let mut heard = [0];
    client.read_exact(&mut heard).unwrap();
    heard[0]
}

fn hears_nothing(client: &mut TcpStream) -> bool {
    client.set_read_timeout(Some(SILENCE)).unwrap();
    let heard = client.read(&mut [0]);
    client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    matches!(heard.unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[test]
fn everything_comes_through_both_ways_and_so_does_the_end() {
    let proxy = Proxy::to(echo(b'a'));
    let mut client = connect(&proxy);
    let sent: Vec<u8> = (0..4_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut heard = Vec::new();
    thread::scope(|scope| {
        let mut sender = client.try_clone().unwrap();
        let sent = &sent;
        scope.spawn(move || {
            sender.write_all(sent).unwrap();
            sender.shutdown(std::net::Shutdown::Write).unwrap();
        });
        client.read_to_end(&mut heard).unwrap();
    });
    assert_eq!(heard.first(), Some(&b'a'));
    assert!(heard[1..] == sent);
}

#[test]
fn a_cut_ends_connections_and_refuses_new_ones_until_it_is_mended() {
    let proxy = Proxy::to(echo(b'a'));
    let mut client = connect(&proxy);
    assert_eq!(hear(&mut client), b'a');
    proxy.cut();
    assert!(!matches!(client.read(&mut [0]), Ok(1..)));
    for _ in 0..3 {
        let refused = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        proxy.cut();
    }
    proxy.mend();
    assert_eq!(hear(&mut connect(&proxy)), b'a');
}

#[test]
fn a_frozen_line_is_silent_and_delivers_when_it_is_mended() {
    let proxy = Proxy::to(echo(b'a'));
    let mut client = connect(&proxy);
    assert_eq!(hear(&mut client), b'a');
    proxy.freeze();
    client.write_all(b"x").unwrap();
    assert!(hears_nothing(&mut client));
    let mut newcomer = connect(&proxy);
    assert!(hears_nothing(&mut newcomer));
    proxy.mend();
    assert_eq!(hear(&mut client), b'x');
    assert_eq!(hear(&mut newcomer), b'a');
}

#[test]
fn what_a_frozen_line_held_is_lost_when_it_is_cut() {
    let proxy = Proxy::to(echo(b'a'));
    let mut client = connect(&proxy);
    assert_eq!(hear(&mut client), b'a');
    proxy.freeze();
    client.write_all(b"x").unwrap();
    assert!(hears_nothing(&mut client));
    proxy.cut();
    assert!(!matches!(client.read(&mut [0]), Ok(1..)));
    proxy.freeze();
    let mut newcomer = connect(&proxy);
    assert!(hears_nothing(&mut newcomer));
    proxy.mend();
    assert_eq!(hear(&mut newcomer), b'a');
}

#[test]
fn a_slow_line_delays_each_direction_but_not_each_byte() {
    let delay = Duration::from_millis(60);
    let proxy = Proxy::to(echo(b'a'));
    let mut client = connect(&proxy);
    assert_eq!(hear(&mut client), b'a');
    proxy.slow(delay);
    let begin = Instant::now();
    for _ in 0..100 {
        client.write_all(b"x").unwrap();
    }
    for _ in 0..100 {
        assert_eq!(hear(&mut client), b'x');
    }
    let taken = begin.elapsed();
    assert!(taken >= 2 * delay, "{taken:?}");
    assert!(taken < 100 * delay, "{taken:?}");
}

#[test]
fn new_connections_go_where_the_proxy_aims_and_old_ones_stay() {
    let proxy = Proxy::to(echo(b'a'));
    let mut old = connect(&proxy);
    assert_eq!(hear(&mut old), b'a');
    proxy.aim(echo(b'b'));
    assert_eq!(hear(&mut connect(&proxy)), b'b');
    old.write_all(b"x").unwrap();
    assert_eq!(hear(&mut old), b'x');
}

#[test]
fn a_connection_ends_where_nobody_listens_behind_the_proxy() {
    let proxy = Proxy::to(echo(b'a'));
    let empty = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    proxy.aim(empty);
    assert!(!matches!(connect(&proxy).read(&mut [0]), Ok(1..)));
}
