//! `/api/v1/commands`: what was asked of clients, and what has become of it.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State as Extract, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use console_api::{CommandList, CommandQuery, CommandState, OperationResponse};
use lwm2m_core::server::{Command, OperationError};
use serde::Deserialize;

use super::{
    State,
    error::Failure,
    extract::{Asked, Author, page_limit},
    operation::{accepted_as, failure, told},
};
use crate::runtime::Order;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    endpoint: Option<String>,
    state: Option<CommandState>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<CommandList>, Failure> {
    let Which { endpoint, state: wanted, text, offset, limit } = which;
    let limit = page_limit(limit)?;
    let found = state.fleet.find_commands(CommandQuery { endpoint, state: wanted, text }).await;
    let part = found.iter().skip(offset).take(limit);
    Ok(Json(CommandList {
        total: found.len(),
        commands: part.map(|command| told(&state, command)).collect(),
    }))
}

type Id = Result<Path<u64>, PathRejection>;

pub(super) async fn one(
    Extract(state): Extract<State>,
    id: Id,
) -> Result<Json<console_api::Command<OperationResponse>>, Failure> {
    let command = known(&state, id)?;
    let mut told = told(&state, &command);
    if let Some(answer) = &mut told.answer {
        answer.explanation = state.access_control.explain(&command);
    }
    Ok(Json(told))
}

pub(super) async fn cancel(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Id,
) -> Result<StatusCode, Failure> {
    let command = known(&state, id)?;
    let endpoint = command.endpoint.clone();
    match state.operations.cancel(author, endpoint, command.id).await.ok_or_else(Failure::stopping)? {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(OperationError::NotPossible { expected, got }) => {
            let message = "only what waits can be cancelled";
            Err(Failure::new(StatusCode::CONFLICT, "not_queued", message).expected(expected, got))
        }
        Err(error) => Err(failure(&error)),
    }
}

/// The same once more, as a new command that may wait as long as the first one.
pub(super) async fn retry(
    Extract(state): Extract<State>,
    Author(author): Author,
    id: Id,
) -> Result<Response, Failure> {
    let command = known(&state, id)?;
    if !command.state.is_over() {
        let failure = Failure::new(StatusCode::CONFLICT, "not_over", "it is not over yet");
        return Err(failure.expected("a command that is over", format!("one that is {}", command.state)));
    }
    let Command { endpoint, operation, force, timeout, .. } = Command::clone(&command);
    let waited_ms = command.deadline.as_millis().saturating_sub(command.created_at.as_millis());
    let deadline = Duration::from_millis(waited_ms);
    let order = Order { endpoint, operation, author, force, timeout, deadline };
    let accepted = state.operations.command(order).await.ok_or_else(Failure::stopping)?;
    let accepted = accepted.map_err(|error| failure(&error))?;
    Ok(accepted_as(&state, &accepted.command))
}

fn known(state: &State, id: Id) -> Result<Arc<Command>, Failure> {
    let Path(id) = id.map_err(|rejection| {
        Failure::bad_request(rejection.body_text()).expected("the id of a command", "something else")
    })?;
    state.fleet.view().commands().one(id).cloned().ok_or_else(|| {
        Failure::new(StatusCode::NOT_FOUND, "unknown_command", format!("no command {id} is known"))
    })
}
