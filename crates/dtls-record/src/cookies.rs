use core::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use hmac::Mac as _;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{client_hello::ClientHello, limits::COOKIE_LENGTH, prf::keyed};

/// What a client sends back to show that it is where it says (RFC 6347 §4.2.1).
pub type Cookie = [u8; COOKIE_LENGTH];

/// Makes cookies and knows its own again, without keeping anything for a client.
pub struct Cookies {
    current: Secret,
    /// Cookies made before the secret changed are still good.
    previous: Option<Secret>,
}

type Secret = Zeroizing<[u8; 32]>;

impl Cookies {
    pub fn new(secret: [u8; 32]) -> Self {
        Self { current: Zeroizing::new(secret), previous: None }
    }

    /// From now on cookies are made with another secret. The one before still counts until the next change, so that a
    /// cookie is good for one to two of the intervals at which this is called.
    pub fn rotate(&mut self, secret: [u8; 32]) {
        self.previous = Some(core::mem::replace(&mut self.current, Zeroizing::new(secret)));
    }

    pub fn cookie(&self, from: SocketAddr, hello: &ClientHello<'_>) -> Cookie {
        cookie(&self.current, from, hello)
    }

    /// Whether the cookie in `hello` is ours for it and for its sender. Takes the same time for any wrong one.
    pub fn verify(&self, from: SocketAddr, hello: &ClientHello<'_>) -> bool {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .any(|secret| bool::from(cookie(secret, from, hello).ct_eq(hello.cookie)))
    }
}

/// HMAC(secret, client address, parameters of the hello), cut to its first half.
fn cookie(secret: &Secret, from: SocketAddr, hello: &ClientHello<'_>) -> Cookie {
    let mut mac = keyed(secret.as_slice());
    // Everything has a length in front or a fixed one, so that no two inputs are the same bytes.
    match from.ip() {
        IpAddr::V4(ip) => mac.update(&[&[4][..], &ip.octets()].concat()),
        IpAddr::V6(ip) => mac.update(&[&[6][..], &ip.octets()].concat()),
    }
    mac.update(&from.port().to_be_bytes());
    mac.update(&hello.version.to_be_bytes());
    for parameter in hello.parameters() {
        mac.update(&u32::try_from(parameter.len()).unwrap_or(u32::MAX).to_be_bytes());
        mac.update(parameter);
    }
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut half = [0; COOKIE_LENGTH];
    half.copy_from_slice(whole.split_at(COOKIE_LENGTH).0);
    half
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookies(..)")
    }
}
