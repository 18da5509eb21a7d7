//! What OpenSSL alone takes for the server's part of the same handshakes, with nothing around it.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, ErrorKind, Read, Write},
    rc::Rc,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use core_bench::program::own_cpu_time;
use openssl::{
    pkey::PKey,
    ssl::{ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslStream, SslVerifyMode},
    x509::X509,
};

const HANDSHAKES: u32 = 200;
const MTU: u32 = 1_200;
/// Steps of both ends after which a handshake is complete.
const STEPS: usize = 6;

pub(super) fn psk(key: &'static [u8]) -> Result<Duration> {
    let (mut server, mut client) = (context("PSK-AES128-CCM8")?, context("PSK-AES128-CCM8")?);
    server.set_psk_server_callback(move |_, _, room| {
        room[..key.len()].copy_from_slice(key);
        Ok(key.len())
    });
    client.set_psk_client_callback(move |_, _, identity, room| {
        identity[..2].copy_from_slice(b"a\0");
        room[..key.len()].copy_from_slice(key);
        Ok(key.len())
    });
    handshakes(&server.build(), &client.build())
}

/// Both ends show the same certificate.
pub(super) fn certificates(certificate: &[u8], key: &[u8]) -> Result<Duration> {
    let (certificate, key) = (X509::from_der(certificate)?, PKey::private_key_from_der(key)?);
    let with_certificate = || -> Result<SslContext> {
        let mut context = context("ECDHE-ECDSA-AES128-CCM8")?;
        context.set_certificate(&certificate)?;
        context.set_private_key(&key)?;
        context.set_verify_callback(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT, |_, _| true);
        Ok(context.build())
    };
    handshakes(&with_certificate()?, &with_certificate()?)
}

fn context(suite: &str) -> Result<SslContextBuilder> {
    let mut context = SslContextBuilder::new(SslMethod::dtls())?;
    // The tag of eight bytes is below what OpenSSL allows by itself.
    context.set_cipher_list(&format!("{suite}:@SECLEVEL=0"))?;
    context.set_options(SslOptions::NO_QUERY_MTU);
    Ok(context)
}

/// All at once, step by step, so that the clock is seldom looked at.
fn handshakes(server: &SslContext, client: &SslContext) -> Result<Duration> {
    let (mut servers, mut clients) = (Vec::new(), Vec::new());
    for _ in 0..HANDSHAKES {
        let (up, down) = (Datagrams::default(), Datagrams::default());
        let (mut accepting, mut connecting) = (ssl(server)?, ssl(client)?);
        accepting.set_accept_state();
        connecting.set_connect_state();
        servers.push(SslStream::new(accepting, End { incoming: up.clone(), outgoing: down.clone() })?);
        clients.push(SslStream::new(connecting, End { incoming: down, outgoing: up })?);
    }
    let mut taken = Duration::ZERO;
    for _ in 0..STEPS {
        clients.iter_mut().try_for_each(step)?;
        let before = own_cpu_time()?;
        servers.iter_mut().try_for_each(step)?;
        taken += own_cpu_time()?.saturating_sub(before);
    }
    let complete = servers.iter().chain(&clients).all(|end| end.ssl().is_init_finished());
    ensure!(complete, "OpenSSL's handshake with itself is not complete");
    Ok(taken / HANDSHAKES)
}

fn ssl(context: &SslContext) -> Result<Ssl> {
    let mut ssl = Ssl::new(context)?;
    ssl.set_mtu(MTU)?;
    Ok(ssl)
}

fn step(end: &mut SslStream<End>) -> Result<()> {
    match end.do_handshake() {
        Err(error) if error.code() != ErrorCode::WANT_READ => Err(error).context("OpenSSL's handshake"),
        _ => Ok(()),
    }
}

type Datagrams = Rc<RefCell<VecDeque<Vec<u8>>>>;

/// One end of a network that loses nothing.
struct End {
    incoming: Datagrams,
    outgoing: Datagrams,
}

impl Read for End {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let datagram = self.incoming.borrow_mut().pop_front().ok_or(ErrorKind::WouldBlock)?;
        let length = datagram.len().min(buffer.len());
        buffer[..length].copy_from_slice(&datagram[..length]);
        Ok(length)
    }
}

impl Write for End {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        self.outgoing.borrow_mut().push_back(datagram.to_vec());
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
