//! The object tree as a list of rows, and how the keys move through it.

mod navigation;
mod rows;
mod view;

pub(crate) use navigation::{Move, step};
pub(crate) use rows::{Observed, Row, RowKind, rows};
pub(crate) use view::TreeView;
