//! The devices, and the programs under measurement, of all benchmarks of the whole server.

pub mod device;
pub mod load;
pub mod program;
pub mod server;
