use std::{fmt, hint::black_box};

use anyhow::{Context as _, Result};
use lwm2m_codec::ContentFormat;
use serde::{Deserialize, Serialize};

use crate::stopwatch::Work;

/// A crate that reads the same bytes into a tree of its own, without knowing what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rival {
    SerdeJson,
    Ciborium,
}

/// Decoding and encoding.
type Works<'a> = (Box<Work<'a>>, Box<Work<'a>>);

impl Rival {
    pub(crate) fn of(format: ContentFormat) -> Option<Self> {
        match format {
            ContentFormat::JSON | ContentFormat::SENML_JSON => Some(Self::SerdeJson),
            ContentFormat::CBOR | ContentFormat::SENML_CBOR | ContentFormat::LWM2M_CBOR => {
                Some(Self::Ciborium)
            }
            _ => None,
        }
    }

    pub(crate) fn work(self, payload: &[u8]) -> Result<Works<'_>> {
        match self {
            Self::SerdeJson => serde_json_work(payload),
            Self::Ciborium => ciborium_work(payload),
        }
    }
}

fn serde_json_work(payload: &[u8]) -> Result<Works<'_>> {
    let read = |payload| serde_json::from_slice::<serde_json::Value>(payload);
    let value = read(payload).context("serde_json does not read it")?;
    let decode = move |rounds| {
        for _ in 0..rounds {
            black_box(read(black_box(payload))).ok();
        }
    };
    let encode = move |rounds| {
        for _ in 0..rounds {
            black_box(serde_json::to_vec(black_box(&value))).ok();
        }
    };
    Ok((Box::new(decode), Box::new(encode)))
}

fn ciborium_work(payload: &[u8]) -> Result<Works<'_>> {
    let read = |payload| ciborium::from_reader::<ciborium::Value, &[u8]>(payload);
    let value = read(payload).context("ciborium does not read it")?;
    let decode = move |rounds| {
        for _ in 0..rounds {
            black_box(read(black_box(payload))).ok();
        }
    };
    let encode = move |rounds| {
        for _ in 0..rounds {
            let mut written = Vec::new();
            ciborium::into_writer(black_box(&value), &mut written).ok();
            black_box(written);
        }
    };
    Ok((Box::new(decode), Box::new(encode)))
}

impl fmt::Display for Rival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SerdeJson => "serde_json",
            Self::Ciborium => "ciborium",
        })
    }
}
