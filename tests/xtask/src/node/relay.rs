//! Connections to a port of the machine's loopback are carried to the API server in the node. Bytes
//! pass unchanged and each direction closes by itself, so watches and log streams work.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::{io, thread};

/// Where the API server listens inside of the node.
pub const API: (&str, u16) = ("127.0.0.1", 6443);

/// Serve the listener for the life of the process.
pub fn start(listener: TcpListener) {
    thread::spawn(move || {
        // A connection that fails is the client's to repeat.
        for outside in listener.incoming().flatten() {
            thread::spawn(move || carry(outside));
        }
    });
}

fn carry(outside: TcpStream) -> io::Result<()> {
    let inside = TcpStream::connect(API)?;
    outside.set_nodelay(true)?;
    inside.set_nodelay(true)?;
    let (from, to) = (inside.try_clone()?, outside.try_clone()?);
    let back = thread::spawn(move || one_way(from, to));
    one_way(outside, inside);
    let _ = back.join();
    Ok(())
}

fn one_way(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
