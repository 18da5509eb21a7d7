//! A device is made to bootstrap: by the Bootstrap-Request Trigger, or unasked.

use std::time::Duration;

use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::StatusCode,
};
use console_api::{BeginBootstrap, BootstrapNow, BootstrapNowBy};
use lwm2m_codec::{Path, registration::LwM2mVersion};
use lwm2m_core::{
    bootstrap_server::NoSession,
    server::{CommandState, Operation, Registration},
};

use super::super::{
    State,
    error::Failure,
    extract::{Author, Endpoint, not_json},
    operation,
};
use crate::runtime::{Accepted, Order};

/// How long the answer to the trigger is waited for, to see whether the device refuses it.
const REFUSED_WITHIN: Duration = Duration::from_secs(10);

/// How long the trigger may wait for a device that sleeps: many wake once a day.
const DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a device may take to answer the trigger: MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2).
const TIMEOUT: Duration = Duration::from_secs(93);

/// Unasked, over the session that the device has with the Bootstrap-Server (LwM2M 1.0 TS §5.2.3.4).
pub(in super::super) async fn begin(
    Extract(state): Extract<State>,
    Author(author): Author,
    asked: Result<Json<BeginBootstrap>, JsonRejection>,
) -> Result<(StatusCode, Json<BootstrapNow>), Failure> {
    let Json(BeginBootstrap { endpoint }) = asked.map_err(|rejection| not_json(&rejection))?;
    let begun = unasked(&state, &author, endpoint).await?.map_err(|why| no_session(&why))?;
    Ok((StatusCode::CREATED, Json(begun)))
}

/// Execute of `/1/x/9` (LwM2M 1.1 Core §6.1.3.4). A device that does not know that, or refuses it, is bootstrapped unasked
/// where it has a session.
pub(in super::super) async fn bootstrap(
    Extract(state): Extract<State>,
    Author(author): Author,
    Endpoint(endpoint): Endpoint,
) -> Result<(StatusCode, Json<BootstrapNow>), Failure> {
    let registration = state.fleet.view().registration(&endpoint);
    let trigger = registration.as_deref().and_then(trigger);
    let Some(path) = trigger else {
        let begun = unasked(&state, &author, endpoint.clone()).await?;
        let begun = begun.map_err(|why| match registration {
            None => Failure::unknown_client(&endpoint),
            Some(_) => no_session(&why),
        })?;
        return Ok((StatusCode::CREATED, Json(begun)));
    };
    let order = Order {
        endpoint: endpoint.clone(),
        operation: Operation::Execute { path, arguments: None },
        author: author.clone(),
        force: false,
        timeout: TIMEOUT,
        deadline: DEADLINE,
    };
    let accepted = state.operations.command(order).await.ok_or_else(Failure::stopping)?;
    let Accepted { command, over } = accepted.map_err(|error| operation::failure(&error))?;
    let triggered =
        BootstrapNow { endpoint: endpoint.clone(), by: BootstrapNowBy::Trigger, id: command.id.0 };
    // One that has not answered yet may still do it.
    let Ok(Ok(command)) = tokio::time::timeout(REFUSED_WITHIN, over).await else {
        return Ok((StatusCode::ACCEPTED, Json(triggered)));
    };
    let refused = match &command.state {
        CommandState::Answered(answer) if answer.code.class() != 2 => answer.code.to_string(),
        CommandState::Failed(error) => error.to_string(),
        _ => return Ok((StatusCode::ACCEPTED, Json(triggered))),
    };
    match unasked(&state, &author, endpoint).await? {
        Ok(begun) => Ok((StatusCode::CREATED, Json(begun))),
        Err(why) => {
            let message = format!("the device did not take the Bootstrap-Request Trigger ({refused}): {why}");
            let failure = Failure::new(StatusCode::CONFLICT, "no_bootstrap", message);
            Err(failure.expected("2.04, or a session with the Bootstrap-Server", refused))
        }
    }
}

/// The Bootstrap-Request Trigger of the first account that the device tells of, if its version has one.
fn trigger(registration: &Registration) -> Option<Path> {
    if registration.version < LwM2mVersion::V1_1 {
        return None;
    }
    let server = registration.links.objects.get(&1)?;
    server.instances.first().map(|instance| Path::resource(1, *instance, 9))
}

async fn unasked(
    state: &State,
    author: &str,
    endpoint: String,
) -> Result<Result<BootstrapNow, NoSession>, Failure> {
    let Some(role) = &state.bootstrap.role else {
        let message = "this process is no Bootstrap-Server";
        let failure = Failure::new(StatusCode::CONFLICT, "no_bootstrap_server", message);
        return Err(failure.expected("--roles with bootstrap", "none"));
    };
    let begun = role.begin(endpoint.clone()).await.ok_or_else(Failure::stopping)?;
    if let Ok(session) = begun {
        let audit = store::Audit {
            at: state.clock.now(),
            author: author.to_owned(),
            what: "bootstrap".to_owned(),
            endpoint: Some(endpoint.clone()),
            details: format!("session {}", session.0),
        };
        state.operations.audit(audit).await.ok_or_else(Failure::stopping)?;
    }
    Ok(begun.map(|session| BootstrapNow { endpoint, by: BootstrapNowBy::Session, id: session.0 }))
}

fn no_session(why: &NoSession) -> Failure {
    let got = match why {
        NoSession::NotConnected => "none",
        _ => "one that cannot be used now",
    };
    Failure::new(StatusCode::CONFLICT, "no_session", why.to_string())
        .expected("a session of the device with the Bootstrap-Server", got)
}
