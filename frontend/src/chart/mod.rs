//! The live chart: scales, decimation and figures are plain functions, [`draw`] puts them on a canvas.

mod decimate;
mod draw;
mod scale;
mod shown;
mod spark;

pub(crate) use decimate::decimate;
pub(crate) use draw::{Chart, Level, Palette, Series, draw};
pub(crate) use scale::{TimeScale, ValueScale};
pub(crate) use shown::{Sample, Statistics, csv, rounded};
pub(crate) use spark::spark_path;
