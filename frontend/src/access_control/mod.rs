//! What the pages about access control are made of: what is being edited, what a drag and a key do to it, what follows
//! from it, and the words for all that. No component here.

mod columns;
mod draft;
mod drag;
mod drop;
mod edge;
mod edit;
mod effective;
mod grid;
mod limits;
mod many;
mod matrix;
mod requests;
mod rights;
mod run_following;
mod spot;
mod template;
mod tile;
mod told;
mod words;
mod writes;

pub(crate) use columns::columns;
pub(crate) use draft::Draft;
pub(crate) use drag::{Drag, Turn};
pub(crate) use drop::{Carried, dropped};
pub(crate) use edge::scroll_pace;
pub(crate) use edit::Edit;
pub(crate) use effective::{Answer, Question, answer, typical};
pub(crate) use grid::{Grid, Move};
pub(crate) use limits::{COLUMNS, NAME_CHARACTERS, OFFERED_QUESTIONS};
pub(crate) use many::{
    cancel_run, delete_template, devices_of_run, runs, save_template, start_run, start_run_now, templates,
};
pub(crate) use matrix::{Cell, Lock, Mark, Row, row, row_order};
pub(crate) use requests::{delete_draft, draft, known, name_servers, plan, read, save_draft, server_names};
pub(crate) use rights::{Rights, context, registered};
pub(crate) use run_following::follow_run;
pub(crate) use spot::Spot;
pub(crate) use template::{ruled_by, rules};
pub(crate) use tile::Tile;
pub(crate) use told::{instances_from, instances_told};
pub(crate) use words::{
    carried_told, has_ended, owner_told, rights_told, run_state_word, server_told, state_word, target_told,
};
pub(crate) use writes::{Entry, Write, named, writes};

/// The Access Control Object.
pub(crate) const ACCESS_CONTROL: u16 = 2;

/// Of the instance that is about an Object itself, and the owner that only bootstrap is.
pub(crate) const MAX_ID: u16 = u16::MAX;
