//! What the pages about bootstrap are made of: requests, words, the lines of a session, and what is typed into the
//! editor of a configuration. No component here.

mod fields;
mod payload;
mod requests;
mod resources;
mod sequence;
mod template;
mod values;
mod words;

pub(crate) use fields::{Unreadable, at, literal, number, places, title, toggled};
pub(crate) use payload::{Told, decoded};
pub(crate) use requests::{
    add, ask_check, assignment, bootstrap_now, configuration, delete, export, import, list, roll_back, save,
    versions,
};
pub(crate) use resources::{Further, further, writable};
pub(crate) use sequence::{Line, is_answer, lines};
pub(crate) use template::{fill, templates};
pub(crate) use values::{content, is_of, of_resource, put, remove, resources, value};
pub(crate) use words::{
    MODES, RIGHTS, STATES, assignment as assignment_told, because, beginning, contents, mode_title,
    operation, standing, state_chip, state_word, taken,
};

/// Sessions listed at once.
pub(crate) const PAGE: u32 = 50;
