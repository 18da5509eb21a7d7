//! `/api/v1/boards`: pages of charts and values.

use axum::{
    Json,
    extract::{
        Path, State as Extract,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use console_api::{Board, BoardList};

use super::{
    State,
    error::Failure,
    extract::{Author, not_json},
};
use crate::boards::BoardError;

type Id = Result<Path<u64>, PathRejection>;
type Body = Result<Json<Board>, JsonRejection>;

pub(super) async fn list(Extract(state): Extract<State>) -> Json<BoardList> {
    Json(state.boards.list())
}

pub(super) async fn one(Extract(state): Extract<State>, which: Id) -> Result<Json<Board>, Failure> {
    Ok(Json(state.boards.one(id(which)?)?))
}

pub(super) async fn add(
    Extract(state): Extract<State>,
    Author(author): Author,
    board: Body,
) -> Result<Response, Failure> {
    let Json(board) = board.map_err(|rejection| not_json(&rejection))?;
    let board = state.boards.add(author, board).await?;
    let address = format!("/api/v1/boards/{}", board.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], Json(board)).into_response())
}

pub(super) async fn save(
    Extract(state): Extract<State>,
    Author(author): Author,
    which: Id,
    board: Body,
) -> Result<Json<Board>, Failure> {
    let Json(board) = board.map_err(|rejection| not_json(&rejection))?;
    Ok(Json(state.boards.save(id(which)?, author, board).await?))
}

pub(super) async fn delete(
    Extract(state): Extract<State>,
    Author(author): Author,
    which: Id,
) -> Result<StatusCode, Failure> {
    state.boards.delete(id(which)?, author).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn id(id: Id) -> Result<u64, Failure> {
    let Path(id) = id.map_err(|rejection| {
        Failure::bad_request(rejection.body_text()).expected("the id of a board", "something else")
    })?;
    Ok(id)
}

impl From<BoardError> for Failure {
    fn from(error: BoardError) -> Self {
        let message = error.to_string();
        match error {
            BoardError::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "unknown_board", message),
            BoardError::Outdated { kept, got } => Self::new(StatusCode::CONFLICT, "outdated", message)
                .expected(format!("version {kept}"), format!("version {got}")),
            BoardError::Bad { expected, got, .. } => Self::bad_request(message).expected(expected, got),
            BoardError::NoRoom => Self::new(StatusCode::CONFLICT, "too_many_boards", message),
            BoardError::Document(error) => error.into(),
        }
    }
}
