//! What operators have asked of clients, and what has become of it: kept beside the role, which forgets a command
//! when it is over.

mod limits;
mod list;
mod told;

pub(crate) use list::{Filter, List};
pub(crate) use told::{api_error, in_words, location, summary, to_command, why_not_answered};
