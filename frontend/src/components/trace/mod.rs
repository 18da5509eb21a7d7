//! What the trace page is made of.

mod bytes;
mod record_card;
mod record_text;
mod trace_empty;
mod trace_row;
mod trace_table;
mod trace_toolbar;

pub(crate) use record_card::RecordCard;
pub(crate) use trace_empty::TraceEmpty;
pub(crate) use trace_table::TraceTable;
pub(crate) use trace_toolbar::TraceToolbar;
