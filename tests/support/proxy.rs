//! Proxies between the program and a server: HTTP's `CONNECT` and SOCKS 5, just as much of both as a
//! client needs. Wherever one asks to be connected to, it is connected to one server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Http,
    Socks,
    /// SOCKS 5 for the user `me` with the password `secret@word`.
    Login,
    /// HTTP, but it answers with this status.
    Refusing(u16),
}

/// A proxy. It listens as long as the test program runs.
pub struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn new(kind: Kind, server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let own = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = Arc::clone(&own);
                thread::spawn(move || serve(stream, kind, server, &asked));
            }
        });
        Self { address, asked }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked to connect to, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// A listener that answers each connection in its own way, and its address.
pub fn listener(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer(stream));
        }
    });
    address
}

fn serve(
    mut stream: TcpStream,
    kind: Kind,
    server: SocketAddr,
    asked: &Mutex<Vec<String>>,
) -> Option<()> {
    let place = match kind {
        Kind::Socks => socks(&mut stream, 0).ok()?,
        Kind::Login => socks(&mut stream, 2).ok()?,
        Kind::Http | Kind::Refusing(_) => connect(&mut stream).ok()?,
    };
    asked.lock().expect("no panic").push(place);
    match kind {
        Kind::Refusing(status) => {
            let answer = format!("HTTP/1.1 {status} no\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).ok()?;
            return None;
        }
        Kind::Http => stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?,
        Kind::Socks | Kind::Login => stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?,
    }
    let there = TcpStream::connect(server).ok()?;
    let (mut from, mut to) = (stream.try_clone().ok()?, there.try_clone().ok()?);
    let forth = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let _ = io::copy(&mut { there }, &mut stream);
    let _ = stream.shutdown(Shutdown::Both);
    forth.join().ok()
}

/// The place that a client of an HTTP proxy names.
fn connect(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    Ok(head.split(' ').nth(1).unwrap_or_default().to_owned())
}

/// The place that a client of SOCKS 5 names (RFC 1928), after a login if the method is 2 (RFC 1929).
fn socks(stream: &mut TcpStream, method: u8) -> io::Result<String> {
    let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
    let methods = bytes(stream, 2)?[1];
    if !bytes(stream, methods.into())?.contains(&method) {
        stream.write_all(&[5, 0xff])?;
        return Err(denied());
    }
    stream.write_all(&[5, method])?;
    if method == 2 {
        let [_, length] = bytes(stream, 2)?[..] else { return Err(denied()) };
        let user = bytes(stream, length.into())?;
        let length = bytes(stream, 1)?[0];
        let word = bytes(stream, length.into())?;
        let is_known = user == b"me" && word == b"secret@word";
        stream.write_all(&[1, u8::from(!is_known)])?;
        if !is_known {
            return Err(denied());
        }
    }
    let mut bytes = |count: usize| bytes(stream, count);
    let host = match bytes(4)?[3] {
        1 => bytes(4)?.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
        _ => {
            let length = bytes(1)?[0];
            String::from_utf8_lossy(&bytes(length.into())?).into_owned()
        }
    };
    let port = bytes(2)?;
    Ok(format!("{host}:{}", u16::from_be_bytes([port[0], port[1]])))
}

fn bytes(stream: &mut TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).map(|()| bytes)
}
