//! Bytes that people have as text: hexadecimal, base64, PEM.

use zeroize::Zeroizing;

/// Why a text is no bytes, without repeating it: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got {got}")]
pub struct Undecodable {
    pub expected: &'static str,
    pub got: String,
}

/// The bytes of a text in hexadecimal, also with `0x` before it, or base64 (either alphabet, with or without padding).
/// What can be read as hexadecimal is; a digit too few does not make base64 of it.
///
/// # Errors
/// When it is neither.
pub fn bytes_of_text(text: &str) -> Result<Zeroizing<Vec<u8>>, Undecodable> {
    let text = text.trim();
    let refused = || Undecodable {
        expected: "hexadecimal or base64",
        got: format!("a text of {} characters", text.chars().count()),
    };
    if text.is_empty() {
        return Ok(Zeroizing::default());
    }
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bytes = if is_hex { hex(digits) } else { base64(text) };
    bytes.ok_or_else(refused)
}

/// The DER of a text in PEM with one of these labels, or in base64 or hexadecimal.
///
/// # Errors
/// When it is none of them.
pub fn der_of_text(text: &str, labels: &[&str]) -> Result<Zeroizing<Vec<u8>>, Undecodable> {
    let expected = "PEM, or DER in base64 or hexadecimal";
    let text = text.trim();
    let Some(rest) = text.strip_prefix("-----BEGIN ") else {
        let flat: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
        return bytes_of_text(&flat).map_err(|error| Undecodable { expected, ..error });
    };
    let refused = |got: &str| Undecodable { expected, got: got.to_owned() };
    let (label, rest) = rest.split_once("-----").ok_or_else(|| refused("PEM without a label"))?;
    if !labels.contains(&label) {
        // A label of PEM is no secret, anything longer is no label.
        let label = if label.len() <= 32 { label } else { "something" };
        let got = format!("PEM of {label:?}, and not of {:?}", labels.first().copied().unwrap_or_default());
        return Err(refused(&got));
    }
    let (body, _) = rest.split_once("-----END ").ok_or_else(|| refused("PEM without an end"))?;
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    base64(&body).ok_or_else(|| refused("PEM whose body is not base64"))
}

fn hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|nibble| u8::try_from(nibble).ok());
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
    for pair in digits.chunks_exact(2) {
        bytes.push(nibble(pair[0])? << 4 | nibble(pair[1])?);
    }
    Some(bytes)
}

fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if digits.len() % 4 == 1 || padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() / 4 * 3 + 2));
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    // What is left over has to be nothing, so that a text has one meaning (RFC 4648, 3.5).
    (bits & ((1 << held) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<u8>> {
        bytes_of_text(text).ok().map(|bytes| bytes.to_vec())
    }

    #[test]
    fn hexadecimal_and_base64_are_read() {
        for (text, bytes) in [
            ("00ffA1", vec![0, 0xff, 0xa1]),
            ("0x00ff", vec![0, 0xff]),
            (" 00ff ", vec![0, 0xff]),
            // RFC 4648, 10.
            ("Zg==", b"f".to_vec()),
            ("Zm8=", b"fo".to_vec()),
            ("Zm8", b"fo".to_vec()),
            ("Zm9v", b"foo".to_vec()),
            ("Zm9vYmFy", b"foobar".to_vec()),
            ("-_-_", vec![0xfb, 0xff, 0xbf]),
            ("+/+/", vec![0xfb, 0xff, 0xbf]),
            ("", vec![]),
        ] {
            assert_eq!(read(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_and_it_is_not_repeated() {
        for text in ["Zh==", "Z", "Zg=", "Zm9v====", "geheim!!", "äöü", "Zm 8=", "00ff00f"] {
            let error = bytes_of_text(text).expect_err(text);
            assert!(!error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn pem_has_to_be_of_the_right_thing() {
        let pem = "-----BEGIN PUBLIC KEY-----\nZm9v\nYmFy\n-----END PUBLIC KEY-----\n";
        assert_eq!(der_of_text(pem, &["PUBLIC KEY"]).unwrap().as_slice(), b"foobar");
        assert_eq!(der_of_text("Zm9v\nYmFy", &["PUBLIC KEY"]).unwrap().as_slice(), b"foobar");
        let error = der_of_text(pem, &["CERTIFICATE"]).unwrap_err();
        assert!(error.got.contains("PUBLIC KEY") && error.got.contains("CERTIFICATE"), "{error}");
        assert!(der_of_text("-----BEGIN PUBLIC KEY-----\nZm9v", &["PUBLIC KEY"]).is_err());
        assert!(
            der_of_text("-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----", &["PUBLIC KEY"]).is_err()
        );
    }
}
