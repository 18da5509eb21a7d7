use std::hint::black_box;

use anyhow::{Context as _, Result};
use lwm2m_codec::{ContentFormat, Lookup, Path, decode, encode};
use lwm2m_model::Registry;
use serde::{Deserialize, Serialize};

use crate::{
    measurement::{Measurement, Times},
    rival::Rival,
    stopwatch::{Clock, Work, medians_ns},
};

/// A payload and how it is to be understood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    pub content_format: u16,
    pub path: String,
    pub payload: Vec<u8>,
}

impl Case {
    /// Measures it by a clock that counts milliseconds. Values are decoded with the types that the client of a server
    /// has them with.
    pub fn measure(&self, registry: &Registry, clock: &Clock<'_>) -> Result<Measurement> {
        let model = registry.for_client(Default::default(), []);
        let format = ContentFormat(self.content_format);
        let path: Path = self.path.parse().with_context(|| self.path.clone())?;
        let payload = self.payload.as_slice();
        let lookup: &dyn Lookup = &model;
        let records = decode(format, &path, payload, lookup).context("it cannot be decoded")?;
        encode(format, &path, &records).context("it cannot be encoded")?;

        let mut decode = |rounds| {
            for _ in 0..rounds {
                black_box(decode(format, &path, black_box(payload), lookup)).ok();
            }
        };
        let mut encode = |rounds| {
            for _ in 0..rounds {
                black_box(encode(format, &path, black_box(&records))).ok();
            }
        };
        let rival = Rival::of(format);
        let mut rival_work = rival.map(|rival| rival.work(payload)).transpose()?;
        let mut works: Vec<&mut Work<'_>> = vec![&mut decode, &mut encode];
        if let Some((decode, encode)) = &mut rival_work {
            works.extend([&mut **decode, &mut **encode]);
        }
        let medians = medians_ns(&mut works, clock);
        let times =
            |at: usize| Some(Times { decode_ns: *medians.get(at)?, encode_ns: *medians.get(at + 1)? });
        Ok(Measurement { codec: times(0).context("nothing was measured")?, rival: rival.zip(times(2)) })
    }
}
