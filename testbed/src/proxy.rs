//! A network between a program and its database that a test can break.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::port::Port;

/// How much is read at a time.
const PIECE: usize = 16 * 1024;
/// Pieces under way in one direction; then the sender has to wait, as on a real line.
const PIECES: usize = 64;

/// A TCP proxy on 127.0.0.1; it ends with this value, and with it its connections.
#[must_use = "it ends when it is dropped"]
pub struct Proxy {
    port: Port,
    line: Arc<Line>,
    /// Takes new connections; `None` while cut.
    door: Mutex<Option<JoinHandle<()>>>,
}

impl Proxy {
    /// A proxy whose connections go to a port of this machine.
    pub fn to(port: u16) -> Proxy {
        let state = State {
            target: port,
            fault: Fault::None,
            delay: Duration::ZERO,
            next: 0,
            open: BTreeMap::new(),
        };
        let line = Arc::new(Line { state: Mutex::new(state), changed: Condvar::new() });
        let proxy = Proxy { port: Port::reserve(), line, door: Mutex::new(None) };
        proxy.mend();
        proxy
    }

    /// The port to connect to; it stays the same through every fault.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Drops every connection and refuses new ones, until it is mended.
    pub fn cut(&self) {
        self.line.set(Fault::Cut);
        let Some(door) = locked(&self.door).take() else { return };
        // It looks up from waiting for a connection when one comes.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port()));
        let _ = door.join();
    }

    /// Lets nothing through, and closes nothing: both sides hear silence, and new connections get
    /// no answer. As on a real network, what was sent meanwhile arrives when it is mended, and is
    /// lost when it is cut.
    pub fn freeze(&self) {
        self.line.set(Fault::Freeze);
        self.open_door();
    }

    /// Takes connections and lets everything through again, with the delay that was last set.
    pub fn mend(&self) {
        self.line.set(Fault::None);
        self.open_door();
    }

    /// Delays what comes from now on by so much in each direction; zero: not at all.
    pub fn slow(&self, delay: Duration) {
        locked(&self.line.state).delay = delay;
    }

    /// Sends new connections to another port; those there are stay.
    pub fn aim(&self, port: u16) {
        locked(&self.line.state).target = port;
    }

    fn open_door(&self) {
        let mut door = locked(&self.door);
        if door.is_none() {
            let address = (Ipv4Addr::LOCALHOST, self.port());
            let listener = TcpListener::bind(address).expect("the port is reserved");
            let line = Arc::clone(&self.line);
            *door = Some(thread::spawn(move || line.take_connections(&listener)));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

/// What is wrong at present.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Cut,
    Freeze,
}

struct State {
    target: u16,
    fault: Fault,
    delay: Duration,
    /// The number of the next connection.
    next: u64,
    /// Both ends of each connection.
    open: BTreeMap<u64, [TcpStream; 2]>,
}

/// What the proxy and its threads share.
struct Line {
    state: Mutex<State>,
    changed: Condvar,
}

/// A piece of what one side sent, and when the other may have it.
type Piece = (Instant, Vec<u8>);

impl Line {
    fn set(&self, fault: Fault) {
        let mut state = locked(&self.state);
        state.fault = fault;
        if fault == Fault::Cut {
            for end in std::mem::take(&mut state.open).values().flatten() {
                let _ = end.shutdown(Shutdown::Both);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Connects whoever comes, until the line is cut.
    fn take_connections(self: &Arc<Line>, listener: &TcpListener) {
        for near in listener.incoming() {
            if locked(&self.state).fault == Fault::Cut {
                return;
            }
            // Who cannot be connected is hung up on.
            if let Ok(near) = near {
                let _ = self.connect(near);
            }
        }
    }

    fn connect(self: &Arc<Line>, near: TcpStream) -> io::Result<()> {
        let target = locked(&self.state).target;
        let far = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let ends = [near.try_clone()?, far.try_clone()?];
        let mut state = locked(&self.state);
        if state.fault == Fault::Cut {
            return Ok(());
        }
        let number = state.next;
        state.next += 1;
        state.open.insert(number, ends);
        drop(state);
        let line = Arc::clone(self);
        thread::spawn(move || {
            thread::scope(|scope| {
                scope.spawn(|| line.carry(&near, &far));
                scope.spawn(|| line.carry(&far, &near));
            });
            locked(&line.state).open.remove(&number);
        });
        Ok(())
    }

    /// Carries one direction of a connection until its sender has ended it, or the line has.
    fn carry(&self, from: &TcpStream, to: &TcpStream) {
        let (send, receive) = sync_channel(PIECES);
        thread::scope(|scope| {
            scope.spawn(move || {
                if self.deliver(&receive, to).is_err() {
                    // Nobody takes it any more: the sender hears of that.
                    let _ = from.shutdown(Shutdown::Both);
                }
            });
            self.collect(from, &send);
            drop(send);
        });
    }

    fn collect(&self, mut from: &TcpStream, send: &SyncSender<Piece>) {
        let mut buffer = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let due = Instant::now() + locked(&self.state).delay;
            let piece = buffer.get(..length).unwrap_or_default().to_vec();
            if send.send((due, piece)).is_err() {
                break;
            }
        }
    }

    fn deliver(&self, receive: &Receiver<Piece>, mut to: &TcpStream) -> io::Result<()> {
        for (due, piece) in receive {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            self.wait_while_frozen();
            to.write_all(&piece)?;
        }
        self.wait_while_frozen();
        to.shutdown(Shutdown::Write)
    }

    fn wait_while_frozen(&self) {
        let state = locked(&self.state);
        let frozen = |state: &mut State| state.fault == Fault::Freeze;
        drop(self.changed.wait_while(state, frozen).unwrap_or_else(PoisonError::into_inner));
    }
}

/// What a thread that panicked leaves is whole all the same: each change is one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
