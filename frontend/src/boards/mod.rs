//! Boards as plain data: where tiles lie, how they make room, what a board for an Object has.

mod address;
mod draft;
mod grid;
mod requests;
mod series;
mod template;

pub(crate) use address::BoardAddress;
pub(crate) use draft::{BoardDraft, KeyedTile};
pub(crate) use grid::{Place, reading_order, rows};
pub(crate) use requests::{add, delete, list, one, save};
pub(crate) use series::{Wanted, series_of, title_of};
pub(crate) use template::{charted, tiles_for};
