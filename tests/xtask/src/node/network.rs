//! The node's network: a loopback and a bridge, cut off from the machine's. Its default route,
//! which the API server insists on, leads nowhere.

use super::NODE_ADDRESS;
use crate::error::{Doing, Result};
use crate::program;
use std::fs;
use std::process::Command;

const SETTINGS: [(&str, &str); 2] =
    [("/proc/sys/net/ipv4/ip_forward", "1"), ("/proc/sys/net/ipv4/conf/all/route_localnet", "1")];

/// Set up the interfaces and the routes.
pub fn prepare() -> Result<()> {
    let address = format!("{NODE_ADDRESS}/24");
    let commands: [&[&str]; 6] = [
        &["link", "set", "lo", "up"],
        &["link", "add", "nodebr", "type", "bridge"],
        &["address", "add", &address, "dev", "nodebr"],
        &["link", "set", "nodebr", "up"],
        &["route", "add", "default", "via", "172.30.0.1", "dev", "nodebr"],
        &["route", "add", "unreachable", "169.254.0.0/16"],
    ];
    for arguments in commands {
        program::read(Command::new("ip").args(arguments))?;
    }
    for (path, value) in SETTINGS {
        fs::write(path, value).doing(|| format!("write `{path}`"))?;
    }
    Ok(())
}
