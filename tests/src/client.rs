//! A client of HTTP/1.1 that is just enough: one connection, one request after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value as Json;

/// Nothing takes as long; a test that hangs says nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection, with a token.
pub struct Client {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

/// What is asked: method, path, key of idempotency, body.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// The path, with its query.
    pub path: String,
    /// The key of idempotency.
    pub once: Option<String>,
    /// A body of JSON.
    pub body: Option<Vec<u8>>,
}

impl Asked {
    /// To be read.
    pub fn get(path: impl Into<String>) -> Asked {
        Asked { method: "GET", path: path.into(), once: None, body: None }
    }

    /// To be done with a body of JSON.
    pub fn send(method: &'static str, path: impl Into<String>, body: &Json) -> Asked {
        let body = Some(body.to_string().into_bytes());
        Asked { method, path: path.into(), once: None, body }
    }

    /// To be done once, however often it is asked.
    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Asked {
        self.once = Some(key.into());
        self
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Client {
    /// Connects, within a bounded time.
    pub fn connect(address: SocketAddr, token: &str) -> io::Result<Client> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Client { stream: BufReader::new(stream), address, token: token.to_owned() })
    }

    /// Asks, and waits for the answer. An error means that nobody knows whether it was done.
    pub fn ask(&mut self, asked: &Asked) -> io::Result<Answer> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n",
            asked.method, asked.path, self.address, self.token
        );
        if let Some(key) = &asked.once {
            head.push_str("Idempotency-Key: ");
            head.push_str(key);
            head.push_str("\r\n");
        }
        if let Some(body) = &asked.body {
            head.push_str("Content-Type: application/json\r\nContent-Length: ");
            head.push_str(&body.len().to_string());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        request.extend_from_slice(asked.body.as_deref().unwrap_or_default());
        self.stream.get_mut().write_all(&request)?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let body = String::from_utf8(body).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Answer { status, head, body })
    }
}
