use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroize as _;

/// The pseudorandom function of TLS 1.2 with SHA-256 (RFC 5246 §5): fills `out`.
pub(crate) fn prf(secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) {
    let keyed = keyed(secret);
    let seeded = |mut mac: Hmac<Sha256>| {
        mac.update(label);
        seed.iter().for_each(|part| mac.update(part));
        mac
    };
    // A(1) = HMAC(secret, seed), A(i + 1) = HMAC(secret, A(i))
    let mut a: [u8; 32] = seeded(keyed.clone()).finalize().into_bytes().into();
    for chunk in out.chunks_mut(a.len()) {
        let mut block: [u8; 32] = seeded(keyed.clone().chain_update(a)).finalize().into_bytes().into();
        let (wanted, _) = block.split_at(chunk.len());
        chunk.copy_from_slice(wanted);
        block.zeroize();
        a = keyed.clone().chain_update(a).finalize().into_bytes().into();
    }
    a.zeroize();
}

pub(crate) fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    /// The vector for SHA-256 that was published on the TLS working group's list (msg03416, 2009).
    #[test]
    fn prf_sha256_of_the_working_group() {
        let mut out = [0; 100];
        prf(
            &hex("9bbe436ba940f017b17652849a71db35"),
            b"test label",
            &[&hex("a0ba9f936cda311827a6f796ffd5198c")],
            &mut out,
        );
        let expected = hex("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a
            6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab
            4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66");
        assert_eq!(out.to_vec(), expected);
    }

    #[test]
    fn a_seed_in_parts_is_the_same_seed() {
        let (mut whole, mut parts) = ([0; 40], [0; 40]);
        prf(b"secret", b"label", &[b"one two"], &mut whole);
        prf(b"secret", b"label", &[b"one", b" two"], &mut parts);
        assert_eq!(whole, parts);
    }
}
