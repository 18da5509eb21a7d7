//! What the history promises, on files in a temporary directory.

mod crash;
mod days;
mod disk;
mod fixture;
mod model;
