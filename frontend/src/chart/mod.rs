//! The live chart: scales and decimation are plain functions, [`draw`] puts them on a canvas.

mod decimate;
mod draw;
mod scale;
mod spark;

pub(crate) use decimate::decimate;
pub(crate) use draw::{Chart, Palette, draw};
pub(crate) use scale::{TimeScale, ValueScale};
pub(crate) use spark::spark_path;
