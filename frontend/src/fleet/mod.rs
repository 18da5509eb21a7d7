//! The fleet table: what it shows, in which order.

mod filter;
mod order;
mod window;

pub(crate) use filter::Filter;
pub(crate) use order::{Column, Sort, order};
pub(crate) use window::Window;

#[cfg(test)]
pub(crate) use order::tests;
