//! Every bound of the trace in a tab.

/// Datagrams kept; at the limit the oldest goes, and the page says how many went.
pub(crate) const ENTRIES: usize = 5000;

/// Requests and messages that later ones may belong to, kept longer than their datagrams: an observation is answered
/// for days. At the limit the older half is forgotten, and what belongs to it stands alone.
pub(crate) const ORIGINS: usize = 10_000;
