//! `/api/v1/simulated-devices`

use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::StatusCode,
};
use console_api::{SimulateDevices, SimulatedDevices};
use lwm2m_simulator::Profile;

use super::{State, error::Failure, extract::json};
use crate::simulated::{DEVICES, SimulationError};

pub(super) async fn list(Extract(state): Extract<State>) -> Json<SimulatedDevices> {
    Json(SimulatedDevices { endpoints: state.simulation.endpoints() })
}

/// Without a body one device of the mixed profile.
pub(super) async fn start(
    Extract(state): Extract<State>,
    asked: Result<Option<Json<SimulateDevices>>, JsonRejection>,
) -> Result<(StatusCode, Json<SimulatedDevices>), Failure> {
    let SimulateDevices { count, profile } = json(asked)?.unwrap_or_default();
    let count = count.unwrap_or(1);
    if count == 0 || count > DEVICES {
        return Err(Failure::bad_request("count is out of range")
            .expected(format!("1 to {DEVICES}"), count.to_string()));
    }
    let profile = match profile {
        None => Profile::default(),
        Some(name) => Profile::named(&name).ok_or_else(|| {
            Failure::bad_request("there is no such profile").expected(Profile::names().join(", "), name)
        })?,
    };
    let registry = state.objects.registry();
    let simulation = state.simulation;
    let started = tokio::task::spawn_blocking(move || simulation.start(profile, count, registry)).await;
    match started.map_err(|error| Failure::failed(&error))? {
        Ok(endpoints) => Ok((StatusCode::CREATED, Json(SimulatedDevices { endpoints }))),
        Err(error @ SimulationError::Full { room }) => {
            let failure = Failure::new(StatusCode::CONFLICT, "too_many_devices", error.to_string());
            Err(failure.expected(format!("at most {room}"), count.to_string()))
        }
        Err(error @ SimulationError::NoServer) => {
            let failure = Failure::new(StatusCode::CONFLICT, "no_server", error.to_string());
            Err(failure.expected("--roles with server", "none"))
        }
        Err(error) => Err(Failure::failed(&error)),
    }
}

pub(super) async fn stop(Extract(state): Extract<State>) -> Result<StatusCode, Failure> {
    let simulation = state.simulation;
    let stopped = tokio::task::spawn_blocking(move || simulation.stop()).await;
    stopped.map_err(|error| Failure::failed(&error))?;
    Ok(StatusCode::NO_CONTENT)
}
