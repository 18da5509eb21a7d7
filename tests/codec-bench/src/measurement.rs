use serde::{Deserialize, Serialize};

use crate::rival::Rival;

/// How long one payload takes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Measurement {
    pub codec: Times,
    /// The same bytes with another crate, where there is one for them.
    pub rival: Option<(Rival, Times)>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Times {
    pub decode_ns: f64,
    pub encode_ns: f64,
}
