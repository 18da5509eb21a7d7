use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    ops::Range,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::device::Device;

/// Devices that have a datagram under way at the same time.
pub const AT_ONCE: usize = 256;

/// After this time a datagram counts as lost and is sent again; the answer to both is the same.
const LOST_AFTER: Duration = Duration::from_secs(2);
const TRIES: u32 = 5;

/// A socket for one device, on an address of its own: to a server without security, that is what a peer is.
pub fn socket(number: usize, server: SocketAddr) -> Result<UdpSocket> {
    let [_, high, middle, low] = (number as u32 + 1).to_be_bytes();
    let socket = UdpSocket::bind((Ipv4Addr::new(127, 1 + high, middle, low), 0))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(LOST_AFTER))?;
    Ok(socket)
}

/// Devices of those numbers, at most [`AT_ONCE`], that have registered.
pub fn register(server: SocketAddr, numbers: Range<usize>) -> Result<(Vec<Device>, Vec<UdpSocket>)> {
    let sockets = numbers.clone().map(|number| socket(number, server)).collect::<Result<Vec<_>>>()?;
    let mut devices: Vec<_> = numbers.map(Device::new).collect();
    let datagrams = devices.iter_mut().map(Device::register).collect::<Result<Vec<_>>>()?;
    let answers = exchange(&sockets, &datagrams)?;
    for (device, answer) in devices.iter_mut().zip(&answers) {
        device.registered(answer)?;
    }
    Ok((devices, sockets))
}

/// Sends every datagram, then waits for the answer to each.
pub fn exchange(sockets: &[UdpSocket], datagrams: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    for (socket, datagram) in sockets.iter().zip(datagrams) {
        socket.send(datagram)?;
    }
    sockets.iter().zip(datagrams).map(|(socket, datagram)| answer(socket, datagram)).collect()
}

fn answer(socket: &UdpSocket, datagram: &[u8]) -> Result<Vec<u8>> {
    let mut buffer = [0; 2048];
    for _ in 0..TRIES {
        if let Ok(length) = socket.recv(&mut buffer) {
            return Ok(buffer[..length].to_vec());
        }
        socket.send(datagram)?;
    }
    let length = socket.recv(&mut buffer).context("the program does not answer")?;
    Ok(buffer[..length].to_vec())
}
