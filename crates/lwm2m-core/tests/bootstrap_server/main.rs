//! Bootstrap interface, Bootstrap-Server side (LwM2M 1.0 TS §5.2; 1.2 Core §6.1). Rows of the conformance table by
//! number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod any_device;
mod commands;
mod finish;
mod pair;
mod requests;
mod returning;
mod worked_example;
mod world;
mod writes;
