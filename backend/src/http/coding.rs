//! Which content coding a browser takes (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};

/// A coding that files of the console have a sibling in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

/// Thousandths, as many as a weight can tell.
type Weight = u16;

impl Coding {
    /// The one with the smaller files first.
    const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// As in `Content-Encoding`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the name of a sibling ends with.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }

    /// The codings that are at least as welcome as none, the most welcome first.
    pub(super) fn accepted(headers: &HeaderMap) -> Vec<Self> {
        let listed = headers.get_all(header::ACCEPT_ENCODING);
        let listed: Vec<(&str, Weight)> = listed
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(weighted)
            .collect();
        let weight = |name: &str| {
            let of_name = listed.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name));
            of_name.map(|(_, weight)| *weight)
        };
        let others = weight("*").unwrap_or(0);
        let least = weight("identity").unwrap_or(0).max(1);
        let mut accepted: Vec<(Self, Weight)> = Self::ALL
            .map(|coding| (coding, weight(coding.name()).unwrap_or(others)))
            .into_iter()
            .filter(|(_, weight)| *weight >= least)
            .collect();
        // Between equals the order stays.
        accepted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        accepted.into_iter().map(|(coding, _)| coding).collect()
    }
}

/// `br;q=0.5`. A weight that is none makes the coding unwelcome.
fn weighted(item: &str) -> (&str, Weight) {
    let (name, parameter) = item.split_once(';').map_or((item, None), |(name, rest)| (name, Some(rest)));
    let weight = parameter.map_or(Some(1000), |parameter| {
        let text = parameter.trim().strip_prefix(['q', 'Q'])?.trim().strip_prefix('=')?;
        let weight: f32 = text.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
        Some((weight * 1000.0).round() as Weight)
    });
    (name.trim(), weight.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{
        Coding::{self, Brotli, Gzip},
        *,
    };

    fn accepted(values: &[&'static str]) -> Vec<Coding> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        }
        Coding::accepted(&headers)
    }

    #[test]
    fn the_smaller_one_wins_between_equals() {
        assert_eq!(accepted(&["gzip, deflate, br, zstd"]), [Brotli, Gzip]);
        assert_eq!(accepted(&["gzip", "BR"]), [Brotli, Gzip]);
        assert_eq!(accepted(&["*"]), [Brotli, Gzip]);
        assert_eq!(accepted(&["gzip"]), [Gzip]);
        assert_eq!(accepted(&[]), []);
        assert_eq!(accepted(&["brx, gzippy"]), []);
    }

    #[test]
    fn weights_are_honoured() {
        assert_eq!(accepted(&["br;q=0.2, gzip;q=0.8"]), [Gzip, Brotli]);
        assert_eq!(accepted(&["br;q=0, gzip"]), [Gzip]);
        assert_eq!(accepted(&["br ; Q=0.001"]), [Brotli]);
        assert_eq!(accepted(&["*;q=0, br;q=1"]), [Brotli]);
        assert_eq!(accepted(&["*, br;q=0.000"]), [Gzip]);
        assert_eq!(accepted(&["identity, gzip;q=0.5"]), []);
        assert_eq!(accepted(&["identity;q=0.5, gzip;q=0.5"]), [Gzip]);
    }

    #[test]
    fn what_is_no_weight_is_not_welcome() {
        for odd in ["br;q=", "br;q=x", "br;q=2", "br;q=-1", "br;q=NaN", "br;level=1"] {
            assert_eq!(accepted(&[odd]), [], "{odd}");
        }
    }
}
