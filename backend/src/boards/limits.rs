//! What is bounded, why, and what happens at the bound. What bounds one board is with its type, since the console keeps to it,
//! too.

/// Boards: more than a person tells apart. A further one is refused.
pub(super) const BOARDS: usize = 1_000;
