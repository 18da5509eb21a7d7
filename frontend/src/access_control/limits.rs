//! How much the editor keeps and shows.

/// Steps that can be undone. The oldest is forgotten.
pub(super) const UNDO_STEPS: usize = 200;

/// Servers with a column: more do not fit beside each other. Those that come after are not shown, and said to be.
pub(crate) const COLUMNS: usize = 24;

/// Operations of the device whose answers are shown unasked. Others can be typed.
pub(crate) const OFFERED_QUESTIONS: usize = 9;

/// Of the name of a server. What is typed beyond is not taken.
pub(crate) const NAME_CHARACTERS: usize = 40;
