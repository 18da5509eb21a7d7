use console_api::{Board, BoardList};
use gloo_net::http::Request;

use crate::api::{Failure, answer, answer_to, done};

const BOARDS: &str = "/api/v1/boards";

pub(crate) async fn list() -> Result<BoardList, Failure> {
    answer_to(BOARDS).await
}

pub(crate) async fn one(id: u64) -> Result<Board, Failure> {
    answer_to(&format!("{BOARDS}/{id}")).await
}

/// A new one, which gets its id.
pub(crate) async fn add(board: &Board) -> Result<Board, Failure> {
    let request = Request::post(BOARDS).json(board).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

/// Refused when somebody has saved another version meanwhile.
pub(crate) async fn save(board: &Board) -> Result<Board, Failure> {
    let request = Request::put(&format!("{BOARDS}/{}", board.id));
    let request = request.json(board).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn delete(id: u64) -> Result<(), Failure> {
    done(Request::delete(&format!("{BOARDS}/{id}")).send().await.map_err(Failure::unreachable)?).await
}
