use anyhow::{Context as _, Result};

/// Payloads that nobody thought of, the same ones in every run.
pub(crate) struct Mutations {
    state: u64,
}

/// Bytes that mean much in one format or another: lengths, beginnings and ends of lists, the largest numbers.
const TELLING: [u8; 16] = *b"\x00\x01\x7f\x80\xff\x1a\x1b\x9f\xbf\xfb\"[{}],";

impl Mutations {
    pub(crate) const fn new() -> Self {
        Self { state: 0x4C77_4D32_4D00_0001 }
    }

    pub(crate) fn pick<'v, T>(&mut self, from: &'v [T]) -> Option<&'v T> {
        from.get(self.below(from.len()))
    }

    /// A payload with one change or two.
    pub(crate) fn mutated(&mut self, hex: &str) -> Result<String> {
        let mut bytes = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2).unwrap_or_default(), 16))
            .collect::<Result<Vec<u8>, _>>()
            .with_context(|| format!("not hexadecimal: {hex}"))?;
        for _ in 0..=self.below(2) {
            self.change(&mut bytes);
        }
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let telling = TELLING[self.below(TELLING.len())];
        match self.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, telling),
            2 if !bytes.is_empty() => bytes[at] = telling,
            3 if !bytes.is_empty() => drop(bytes.remove(at)),
            // A part of it twice.
            4 => {
                let end = at + self.below(bytes.len() - at + 1);
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            _ => bytes.push(telling),
        }
    }

    /// A number below `end`; 0 when there is none.
    fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let limit = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap_or_default()
    }
}
