//! Vectors as they are printed.

/// Spaces and line ends may be anywhere.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).expect("a hexadecimal digit")).unwrap())
        .collect();
    assert!(digits.len().is_multiple_of(2), "two digits a byte");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
