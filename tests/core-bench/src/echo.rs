use std::net::UdpSocket;

use anyhow::Result;

/// Sends every datagram back: the least that a server on UDP can do.
pub(crate) fn echo() -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    println!("{}", serde_json::json!({ "coap": socket.local_addr()? }));
    let mut datagram = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut datagram)?;
        socket.send_to(&datagram[..length], from)?;
    }
}
