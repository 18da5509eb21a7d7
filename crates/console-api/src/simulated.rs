use serde::{Deserialize, Serialize};

/// `POST /api/v1/simulated-devices`: starts devices within this server, which register like any other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SimulateDevices {
    /// 1 when absent.
    pub count: Option<u32>,
    /// `demo`, `sensor`, `meter`, …: those of the simulator.
    pub profile: Option<String>,
}

/// `GET /api/v1/simulated-devices`, and the answer to `POST`. `DELETE` stops them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulatedDevices {
    pub endpoints: Vec<String>,
}
